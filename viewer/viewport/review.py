"""What a pane is told of the review of its neighbours: cine, links, lines and points."""

from dataclasses import dataclass

from viewer.viewport.corners import TextLevel
from viewer.viewport.cross_reference import PointMark, ReferenceLine
from viewer.viewport.transform import PanePoint


@dataclass(frozen=True, slots=True)
class Review:
    """What stands in or on one pane besides its own image."""

    playing: str = ""
    """How its cine plays, in words."""
    links: str = ""
    """How it is tied to other panes, in words."""
    line: ReferenceLine | None = None
    """Where the active image cuts this one."""
    point: PointMark | None = None
    """Where the point of the 3D cursor lies."""
    box: tuple[PanePoint, PanePoint] | None = None
    """The box that is being drawn in it."""
    level: TextLevel = TextLevel.ALL
    """Which corner texts the reader wants."""


NOTHING = Review()
