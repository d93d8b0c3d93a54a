"""What a pane is told of the review of its neighbours: cine, links, lines and points."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Review:
    """What stands in or on one pane besides its own image."""

    playing: str = ""
    """How its cine plays, in words."""
    links: str = ""
    """How it is tied to other panes, in words."""


NOTHING = Review()
