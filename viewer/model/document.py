"""Documents that came among the images: what they say, in lines, and which images they name."""

from dataclasses import dataclass

from viewer.model.image_link import ImageLink
from viewer.model.study import Patient

__all__ = ["DocumentLine", "ImageLink", "PageDocument", "TextDocument"]


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line of a document; ``level`` counts from 0 for the outermost."""

    level: int
    label: str
    text: str = ""
    links: tuple[ImageLink, ...] = ()
    heading: bool = False


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A structured report or key object selection as readable text."""

    title: str
    facts: tuple[tuple[str, str], ...]
    """What must be known before it is read: state, verification, author, dates."""
    lines: tuple[DocumentLine, ...]
    is_key_objects: bool = False
    patient: Patient | None = None
    """Whom the document itself names."""
    cautions: tuple[str, ...] = ()
    """What a reader must see before trusting it: not verified, partial."""

    @property
    def links(self) -> tuple[ImageLink, ...]:
        """Every image that is named, each once, in reading order."""
        return tuple(dict.fromkeys(link for line in self.lines for link in line.links))


@dataclass(frozen=True, slots=True)
class PageDocument:
    """An encapsulated file of pages; its bytes are foreign and drawn in a process apart."""

    title: str
    data: bytes
    facts: tuple[tuple[str, str], ...] = ()
    patient: Patient | None = None
    """Whom the object around the file names."""
    cautions: tuple[str, ...] = ()
