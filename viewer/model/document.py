"""Documents that came among the images: what they say, in lines, and which images they name."""

from dataclasses import dataclass

from viewer.model.refs import SopUid


@dataclass(frozen=True, slots=True)
class ImageLink:
    """An image that a line names; ``frame`` counts from 0, as everywhere here."""

    sop: SopUid
    frame: int = 0


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

    @property
    def links(self) -> tuple[ImageLink, ...]:
        """Every image that is named, each once, in reading order."""
        return tuple(dict.fromkeys(link for line in self.lines for link in line.links))


@dataclass(frozen=True, slots=True)
class PageDocument:
    """An encapsulated file of pages; its bytes are foreign and drawn in a process apart."""

    title: str
    data: bytes
