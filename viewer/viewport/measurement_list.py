"""The measurements of a case in the order of its studies, series and images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viewer.hanging.images import CaseImages
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation
from viewer.model.refs import FrameRef
from viewer.model.study import Study
from viewer.viewport.words import date_text


@dataclass(frozen=True, slots=True)
class Row:
    """One annotation and where it is, for a reader: 'Series 3, image 142'; empty: not here."""

    annotation: Annotation
    image: str


@dataclass(frozen=True, slots=True)
class Group:
    """The measurements of one study; without ``study`` those whose images are not here."""

    study: Study | None
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    order: tuple[int, int]
    image: str


def grouped(images: CaseImages | None, annotations: Sequence[Annotation]) -> tuple[Group, ...]:
    """Group by study, the current one first, then the priors; within it by series and image.

    Measurements of one image stay in the order in which they were made.
    """
    places = _places(images, frozenset(a.on for a in annotations))
    found: dict[str, list[tuple[_Place, Annotation]]] = {}
    lost: list[Annotation] = []
    for one in annotations:
        place = places.get(one.on)
        if place is None:
            lost.append(one)
        else:
            found.setdefault(one.on.study, []).append((place, one))
    groups = []
    for number, study in enumerate((images.current, *images.priors) if images else ()):
        held = sorted(found.get(study.uid, ()), key=lambda pair: pair[0].order)
        if held:
            rows = tuple(Row(one, place.image) for place, one in held)
            groups.append(Group(study, _title(study, prior=number > 0), rows))
    if lost:
        groups.append(Group(None, "Images that are not here", tuple(Row(a, "") for a in lost)))
    return tuple(groups)


def name_of(annotation: Annotation) -> str:
    """What the reader called it, else what kind it is."""
    return annotation.text or KINDS[annotation.kind].title


def value_of(annotation: Annotation, reading: Reading) -> str:
    """All numbers with units and calibration as the label has them, or why there are none."""
    lines = reading.lines[1:] if annotation.text else reading.lines
    return ", ".join(lines) or " ".join(reading.notes)


def _places(images: CaseImages | None, wanted: frozenset[FrameRef]) -> Mapping[FrameRef, _Place]:
    """Where frames are: each frame of the case is looked at once, however many are wanted."""
    places: dict[FrameRef, _Place] = {}
    if images is None or not wanted:
        return places
    series = {frame.series for frame in wanted}
    for number, entry in enumerate(images.in_order()):
        if entry.series.uid not in series:
            continue
        name = "Series" if entry.series.number is None else f"Series {entry.series.number}"
        for at, frame in enumerate(entry.target.frames):
            if frame in wanted:
                places.setdefault(frame, _Place((number, at), f"{name}, image {at + 1}"))
    return places


def _title(study: Study, *, prior: bool) -> str:
    kind = "Prior" if prior else "Current study"
    return " · ".join(part for part in (kind, date_text(study.date), study.description) if part)
