"""What stands in a pane that shows a document: its head, and its lines with links that lead on."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from viewer.hanging.images import CaseImages, Hung
from viewer.loading.pages import Pdf
from viewer.model.document import DocumentLine, TextDocument
from viewer.model.image_link import ImageLink
from viewer.model.refs import FrameRef
from viewer.model.study import Patient
from viewer.viewport.overlay import PaneIdentity, loud
from viewer.viewport.patient_mark import patient_mark
from viewer.viewport.words import date_text, time_text

_ABSENT = "not in this case"


@dataclass(frozen=True, slots=True)
class Head:
    """Whose document it is and what must be seen before it is read."""

    patient: tuple[str, ...]
    study: tuple[str, ...]
    mark: str
    """CURRENT or PRIOR with its date; empty where there is nothing to compare with."""
    prior: bool
    title: str
    kind: str
    alarm: str = ""
    """That the document names another patient than the case, or that the screen failed its test."""
    cautions: tuple[str, ...] = ()
    """Why it must not be read as finished and whole."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph; with ``link`` it leads to an image."""

    text: str
    link: FrameRef | None = None
    absent: bool = False
    """Names an image that is not in this case."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line; ``level`` counts from 0 for the outermost."""

    level: int
    label: str
    runs: tuple[Run, ...] = ()
    heading: bool = False


def head(
    identity: PaneIdentity,
    entry: Hung,
    found: TextDocument | Pdf | None,
    *,
    compared: bool,
    kind: str,
    display: str = "",
) -> Head:
    """Compose the head; ``found`` is None while the document is not read or cannot be.

    ``display`` is why nothing may be diagnosed on this screen.
    """
    study = entry.study
    title = _title(found) or entry.target.label
    when = " ".join(filter(None, (date_text(study.date), time_text(study.time))))
    mark = "CURRENT" if compared else ""
    if entry.prior:
        mark = f"PRIOR {date_text(study.date)}".strip()
    said, cautions = _said(found)
    return Head(
        tuple(
            filter(
                None,
                (
                    identity.name,
                    identity.id,
                    " ".join(filter(None, (identity.birth_date, identity.sex))),
                ),
            )
        ),
        tuple(filter(None, (study.description, when, study.accession))),
        mark,
        entry.prior,
        title,
        kind,
        " · ".join(
            filter(
                None,
                (
                    patient_mark(identity, said or study.patient, "DOCUMENT"),
                    identity.origin,
                    loud("NOT DIAGNOSTIC", display),
                ),
            )
        ),
        cautions,
    )


def paragraphs(document: TextDocument, images: CaseImages) -> Iterator[Paragraph]:
    """Facts first, then every line; links lead where their image is in the case."""
    for label, text in document.facts:
        yield Paragraph(0, label, (Run(text),))
    if document.facts and document.lines:
        yield Paragraph(0, "")
    for alike, group in groupby(document.lines, key=lambda line: _nowhere(line, images)):
        lines = list(group)
        if alike is not None and len(lines) > 1:
            runs = (Run(f"{len(lines)} × {lines[0].text}, "), Run(_ABSENT, absent=True))
            yield Paragraph(lines[0].level, lines[0].label, runs)
            continue
        for line in lines:
            yield Paragraph(line.level, line.label, tuple(_runs(line, images)), line.heading)
    if not document.lines:
        yield Paragraph(0, "", (Run("The document has no content that can be read."),))


def target_of(link: ImageLink, images: CaseImages) -> FrameRef | None:
    """The frame that a link leads to; None where it is not in this case."""
    instance = images.instances.get(link.sop)
    if instance is None or not 0 <= link.frame < instance.frames:
        return None
    ref = instance.ref
    frame = FrameRef(ref.study, ref.series, ref.sop, link.frame)
    return frame if images.holding(frame) is not None else None


def _nowhere(line: DocumentLine, images: CaseImages) -> tuple[int, str, str] | None:
    """What lines have in common that do nothing but name something that is not in this case."""
    if len(line.links) != 1 or target_of(line.links[0], images) is not None:
        return None
    return line.level, line.label, line.text


def _runs(line: DocumentLine, images: CaseImages) -> Iterator[Run]:
    """The text, then each link; a link that leads to an image stands for the word image."""
    targets = [target_of(link, images) for link in line.links]
    text = line.text.rstrip()
    if text and not (targets and all(targets)):
        yield Run(f"{text}, " if targets else text)
    for number, frame in enumerate(targets):
        if number:
            yield Run(", ")
        if frame is None:
            yield Run(_ABSENT, absent=True)
        else:
            yield Run(_place(frame, images), link=frame)


def _place(frame: FrameRef, images: CaseImages) -> str:
    entry = images.holding(frame)
    if entry is None or images.has_pixels(entry):
        return images.place(frame)
    return entry.target.label


def _title(found: TextDocument | Pdf | None) -> str:
    if isinstance(found, Pdf):
        return found.document.title
    return found.title if found is not None else ""


def _said(found: TextDocument | Pdf | None) -> tuple[Patient | None, tuple[str, ...]]:
    """Whom the document names and what it says against being believed."""
    if found is None:
        return None, ()
    document = found.document if isinstance(found, Pdf) else found
    return document.patient, document.cautions
