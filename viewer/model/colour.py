"""Colours that a header brings along: palettes and the profile its colours are meant in."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Palette:
    """Three tables of as many 8-bit values; stored values beyond its ends take the end's colour.

    PS3.3 C.7.6.3.1.5 and .6; segmented tables are expanded already.
    """

    first: int
    """The stored value of the first entry."""
    red: bytes = field(repr=False)
    green: bytes = field(repr=False)
    blue: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse tables that do not belong together."""
        if not len(self.red) == len(self.green) == len(self.blue) >= 1:
            raise ValueError("a palette needs three tables of the same length")


@dataclass(frozen=True, slots=True)
class SupplementalPalette:
    """Colours for the stored values from ``palette.first`` upwards (PS3.3 C.8.16.2.1.1, F16)."""

    palette: Palette
    frames: frozenset[int] | None = None
    """Frames that are shown in colour, counted from 0; None: all of them."""

    def colours(self, frame: int) -> bool:
        """Whether a frame is shown in colour."""
        return self.frames is None or frame in self.frames


@dataclass(frozen=True, slots=True)
class ColourProfile:
    """An ICC profile of RGB colours whose outline was checked (PS3.3 C.11.15, F18)."""

    data: bytes = field(repr=False)
    space: str = ""
    """Color Space (0028,2002), e.g. SRGB or ADOBERGB; empty when the header does not say."""


@dataclass(frozen=True, slots=True)
class ScreenColours:
    """The profile of a screen, chosen by the reader, and what it is called (F18)."""

    profile: ColourProfile
    name: str
