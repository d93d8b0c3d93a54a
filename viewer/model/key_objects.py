"""Images that somebody pointed out or rejected, as key object selections say (PS3.3 A.35.4)."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.model.image_link import ImageLink
from viewer.model.refs import FrameRef, InstanceRef


class Purpose(StrEnum):
    """What a selection says of the images that it names, by its title (CID 7010)."""

    KEY = "key"
    REJECTED = "rejected"
    """For quality, for safety, for a wrong worklist entry, or because its time is over."""
    LISTING = "listing"
    """A manifest or a group for display: what is named is not pointed out."""


@dataclass(frozen=True, slots=True)
class KeyObjects:
    """One key object selection."""

    ref: InstanceRef
    title: str
    purpose: Purpose
    links: tuple[ImageLink, ...]
    reasons: tuple[str, ...] = ()
    """Document title modifiers, such as the reasons of a rejection (CID 7011)."""
    description: str = ""
    """What was written to the images, on one line."""

    @property
    def words(self) -> str:
        """Title, reasons and description."""
        more = filter(None, (*self.reasons, self.description))
        return ": ".join(filter(None, (self.title, ", ".join(more))))

    def names(self, frame: FrameRef) -> bool:
        """Whether a frame is among the images that are named."""
        return any(
            link.sop == frame.sop and (not link.frame_alone or link.frame == frame.frame)
            for link in self.links
        )
