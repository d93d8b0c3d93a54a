"""How documents name an image: by its object, and by a frame where they say so."""

from dataclasses import dataclass

from viewer.model.refs import SopUid


@dataclass(frozen=True, slots=True)
class ImageLink:
    """An image that a line names; ``frame`` counts from 0, as everywhere here."""

    sop: SopUid
    frame: int = 0
    frame_alone: bool = False
    """Whether the line names this frame, not the whole object."""
