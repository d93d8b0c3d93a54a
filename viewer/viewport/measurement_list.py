"""The measurements of a case in the order of its studies, series and images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from viewer.hanging.images import CaseImages
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation
from viewer.model.refs import FrameRef
from viewer.model.study import Study
from viewer.viewport.findings import order
from viewer.viewport.words import date_text


@dataclass(frozen=True, slots=True)
class Row:
    """One annotation and where it is, for a reader: 'Series 3, image 142'; empty: not here."""

    annotation: Annotation
    image: str
    before: Annotation | None = None
    """The measurement of the same finding on the newest prior that has one."""
    since: str = ""
    """The date of that prior."""


@dataclass(frozen=True, slots=True)
class FindingRows:
    """The measurements of one finding within one study."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The measurements of one study; without ``study`` those whose images are not here.

    ``rows`` belong to no finding.
    """

    study: Study | None
    title: str
    rows: tuple[Row, ...]
    findings: tuple[FindingRows, ...] = ()

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """Every measurement, those of no finding first."""
        return (*self.rows, *(row for finding in self.findings for row in finding.rows))


@dataclass(frozen=True, slots=True)
class _Place:
    order: tuple[int, int]
    image: str


def grouped(images: CaseImages | None, annotations: Sequence[Annotation]) -> tuple[Group, ...]:
    """Group by study, the current one first, then the priors; within it by finding.

    Measurements of no finding come first, findings in the order of the reader. Within each stands
    what is on an earlier series and image first; of one image as they were made.
    """
    places = _places(images, frozenset(a.on for a in annotations))
    findings = order(annotations)
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
            groups.append(_group(study, _title(study, prior=number > 0), rows, findings))
    if images is not None and groups and groups[0].study is images.current:
        groups[0] = _followed(groups[0], groups[1:])
    if lost:
        rows = tuple(Row(a, "") for a in lost)
        groups.append(_group(None, "Images that are not here", rows, findings))
    return tuple(groups)


def _group(study: Study | None, title: str, rows: Sequence[Row], findings: Sequence[str]) -> Group:
    of = {name: tuple(row for row in rows if row.annotation.finding == name) for name in findings}
    alone = tuple(row for row in rows if not row.annotation.finding)
    return Group(
        study, title, alone, tuple(FindingRows(name, own) for name, own in of.items() if own)
    )


def _followed(current: Group, priors: Sequence[Group]) -> Group:
    """The current study with what each measurement of a finding was before."""
    return replace(
        current,
        findings=tuple(
            replace(finding, rows=tuple(_with_before(row, finding, priors) for row in finding.rows))
            for finding in current.findings
        ),
    )


def _with_before(row: Row, finding: FindingRows, priors: Sequence[Group]) -> Row:
    """Where the finding has one measurement of the kind now and one then: else it is uncertain
    which belongs to which.
    """
    kind = row.annotation.kind
    if sum(other.annotation.kind is kind for other in finding.rows) != 1:
        return row
    for prior in priors:
        then = [
            other.annotation
            for other_finding in prior.findings
            if other_finding.name == finding.name
            for other in other_finding.rows
            if other.annotation.kind is kind
        ]
        if then:
            since = date_text(prior.study.date) if prior.study else ""
            return replace(row, before=then[0], since=since) if len(then) == 1 else row
    return row


def name_of(annotation: Annotation) -> str:
    """What the reader called it, else what kind it is."""
    return annotation.text or KINDS[annotation.kind].title


def spoken_name(annotation: Annotation) -> str:
    """The name, led by that of its finding: what other programs tell it from others by."""
    name = name_of(annotation)
    return f"{annotation.finding}: {name}" if annotation.finding else name


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
