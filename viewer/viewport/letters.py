"""Orientation letters at the edges of a pane: from geometry, or the header's own words (F45)."""

from dataclasses import dataclass
from functools import lru_cache

from viewer.model.geometry import ImagePlane, PointLps
from viewer.viewport.transform import PaneTransform

_LEAST_COSINE = 1e-3
_OPPOSITE = {"L": "R", "R": "L", "P": "A", "A": "P", "H": "F", "F": "H"}


@dataclass(frozen=True, slots=True)
class EdgeLetters:
    """What lies towards each edge of the pane; empty where it is not known."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""


def letters(
    plane: ImagePlane | None, orientation: tuple[str, str] | None, transform: PaneTransform
) -> EdgeLetters:
    """Letters for an image as it is turned and flipped in the pane.

    ``orientation`` is Patient Orientation (0020,0020), of the row then of the column; it counts
    only where there is no plane. Terms of quadrupeds are not shown.
    """
    if plane is not None:
        along_row, along_column = of_direction(plane.row), of_direction(plane.column)
    elif orientation is not None:
        along_row, along_column = (_known(text) for text in orientation)
    else:
        return EdgeLetters()
    a, b, c, d = transform.matrix()
    right = _pick(a, b, along_row, along_column)
    bottom = _pick(c, d, along_row, along_column)
    return EdgeLetters(opposite(right), right, opposite(bottom), bottom)


@lru_cache(maxsize=256)
def of_direction(direction: PointLps) -> str:
    """Up to three letters by falling cosine (PS3.3 C.7.6.1.1.1)."""
    named = (
        (abs(direction.x), "L" if direction.x > 0 else "R"),
        (abs(direction.y), "P" if direction.y > 0 else "A"),
        (abs(direction.z), "H" if direction.z > 0 else "F"),
    )
    kept = sorted((n for n in named if n[0] > _LEAST_COSINE), key=lambda n: -n[0])
    return "".join(letter for _, letter in kept)


def opposite(text: str) -> str:
    """Give the letters of the opposite direction."""
    return "".join(_OPPOSITE[letter] for letter in text)


def _known(text: str) -> str:
    upper = text.strip().upper()
    return upper if all(letter in _OPPOSITE for letter in upper) else ""


def _pick(by_column: float, by_row: float, along_row: str, along_column: str) -> str:
    """Letters towards growing x (or y): the image axis that runs along it, with its sign."""
    if abs(by_column) > abs(by_row):
        return along_row if by_column > 0 else opposite(along_row)
    return along_column if by_row > 0 else opposite(along_column)
