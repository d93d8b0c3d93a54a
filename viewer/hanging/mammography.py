"""The four views of a mammography: right beside left, chest walls touching, at one scale (F57).

Sides and places come from the header (Image Laterality, view, Patient Orientation), never from
pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from viewer.calibration.spacing import pixel_aspect, scale_of
from viewer.hanging.images import CaseImages, Hung
from viewer.model.geometry import Spacing
from viewer.model.presentation import Area, ImageEdge, Presentation
from viewer.model.study import Instance

_PROCESSING = "1.2.840.10008.5.1.4.1.1.1.2.1"
"""Not meant to be looked at (PS3.4 B.5)."""
_VIEWS = ("CC", "MLO")
_SIDES = ("R", "L")
_OPPOSITE = {"L": "R", "R": "L", "P": "A", "A": "P", "H": "F", "F": "H"}


@dataclass(frozen=True, slots=True)
class View:
    """One of the four views: in which row and column it stands, and how it begins to look."""

    entry: Hung
    row: int
    column: int
    look: Presentation
    why: str


def four_views(images: CaseImages, entries: Sequence[Hung]) -> tuple[View, ...]:
    """CC above MLO, right breast on the left; fewer where there are fewer, none below two."""
    chosen: list[tuple[Hung, Instance, int, int]] = []
    for row, view in enumerate(_VIEWS):
        for column, side in enumerate(_SIDES):
            fitting = [
                (entry, images.instances[entry.target.frames[0].sop])
                for entry in entries
                if len(entry.target.frames) == 1
            ]
            named = [
                (e, i)
                for e, i in fitting
                if i.laterality.upper() == side and i.view_position.upper() == view
            ]
            if named:
                entry, instance = min(named, key=lambda n: n[1].sop_class == _PROCESSING)
                chosen.append((entry, instance, row, column))
    if len(chosen) < 2:
        return ()
    areas = _common_areas([instance for _, instance, _, _ in chosen])
    first = min(row for _, _, row, _ in chosen)
    return tuple(
        View(
            entry,
            row - first,
            column,
            replace(_upright(instance, _SIDES[column], _VIEWS[row]), area=area),
            f"{_SIDES[column]} {_VIEWS[row]} of the current study",
        )
        for (entry, instance, row, column), area in zip(chosen, areas, strict=True)
    )


def _upright(instance: Instance, side: str, view: str) -> Presentation:
    """Turned as breasts are read: chest walls inside, MLO with the axilla up, CC lateral up.

    As sent where Patient Orientation does not tell how it lies.
    """
    row, column = (_first(text) for text in instance.patient_orientation or ("", ""))
    inside = "P" if side == "R" else "A"
    down = "F" if view == "MLO" else ("L" if side == "R" else "R")
    for turns in (0, 2, 1, 3):
        for flip in (False, True):
            if _seen(row, column, turns, flip) == (inside, down):
                edge = _wall(row, column)
                return Presentation(quarter_turns=turns, flip_horizontal=flip, edge=edge)
    return Presentation(edge=_wall(row, column))


def _seen(row: str, column: str, turns: int, flip: bool) -> tuple[str, str]:
    """What lies to the right of and below an image that was flipped, then turned clockwise."""
    right, down = (_OPPOSITE.get(row, "") if flip else row), column
    for _ in range(turns):
        right, down = _OPPOSITE.get(down, ""), right
    return right, down


def _wall(row: str, column: str) -> ImageEdge | None:
    """The edge of the image at which the chest wall, which is posterior, lies."""
    found = {
        ("P", 0): ImageEdge.RIGHT, ("A", 0): ImageEdge.LEFT,
        ("P", 1): ImageEdge.BOTTOM, ("A", 1): ImageEdge.TOP,
    }  # fmt: skip
    return found.get((row, 0)) or found.get((column, 1))


def _first(text: str) -> str:
    return text.strip().upper()[:1]


def _common_areas(instances: Sequence[Instance]) -> list[Area | None]:
    """For each image the same area in millimetres, holding the largest; None without a scale."""
    spacings = [scale_of(i).spacing for i in instances]
    kinds = {scale_of(i).calibration for i in instances}
    sizes = [
        (i.format.rows * s.row, i.format.columns * s.column)
        for i, s in zip(instances, spacings, strict=True)
        if i.format is not None and s is not None
    ]
    if len(sizes) < len(instances) or len(kinds) > 1:
        return [None] * len(instances)
    height, width = max(h for h, _ in sizes), max(w for _, w in sizes)
    return [_area(i, s, height, width) for i, s in zip(instances, spacings, strict=True) if s]


def _area(instance: Instance, spacing: Spacing, height: float, width: float) -> Area | None:
    form = instance.format
    if form is None or abs(pixel_aspect(instance) - spacing.row / spacing.column) > 1e-6:
        return None
    rows, columns = height / spacing.row, width / spacing.column
    left, top = (form.columns - columns) / 2, (form.rows - rows) / 2
    return Area(left, top, left + columns, top + rows)
