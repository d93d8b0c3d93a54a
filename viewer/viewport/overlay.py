"""What stands above the image, as a display list that any painter can draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from viewer.measure.gaps import Rows, gap_text
from viewer.measure.registry import Ground, read
from viewer.model.annotation import Annotation, AnnotationId
from viewer.model.geometry import PixelPoint
from viewer.model.refs import FrameRef
from viewer.model.study import Instance, Series, Study
from viewer.pixels.pipeline import stands_on_zero
from viewer.viewport.corners import Corner, LineRule, TextLine, fill_corners
from viewer.viewport.cross_lines import CrossLine
from viewer.viewport.cross_reference import PointMark, ReferenceLine
from viewer.viewport.data_notes import badge, more_notes
from viewer.viewport.fusion_words import fusion_note, fusion_text
from viewer.viewport.graphics import Graphic, graphics
from viewer.viewport.kept_shapes import KeptShapes
from viewer.viewport.letters import EdgeLetters, letters
from viewer.viewport.patient_mark import patient_mark
from viewer.viewport.planes import PlaneName
from viewer.viewport.review import NOTHING, Review
from viewer.viewport.ruler import Ruler, ruler
from viewer.viewport.shapes import Read, Shape
from viewer.viewport.side import side_conflict
from viewer.viewport.softcopy import drawn_of
from viewer.viewport.state_drawing import drawn_live
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.true_size import size_text
from viewer.viewport.viewport import ViewState
from viewer.viewport.volume_box import VolumeMarks
from viewer.viewport.words import (
    age_text,
    colours_text,
    covers_text,
    date_text,
    image_text,
    mask_text,
    position_text,
    state_text,
    time_text,
    turned_text,
    window_text,
    zoom_text,
)

_MASKS = frozenset({"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"})
"""Segmentation and Label Map Segmentation Storage."""
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


@dataclass(frozen=True, slots=True)
class PaneIdentity:
    """The patient of the open case as shown on every image: the case's words, not the header's."""

    name: str
    id: str
    birth_date: str
    sex: str
    origin: str = ""
    """Where the images are from, where that must stand on each of them."""


@dataclass(frozen=True, slots=True)
class PaneContext:
    """Whose image it is and how it stands to the others on the screen."""

    identity: PaneIdentity
    study: Study
    series: Series
    prior: bool = False
    compared: bool = False
    """Whether a prior can be on the screen, so that the current study is marked too."""
    pointed: str = ""
    """The value under the pointer."""
    notes: tuple[str, ...] = ()
    """What must be told of the image's data, one sentence each."""
    key: str = ""
    """As what a key object selection points this image out."""
    rejected: str = ""
    """Why a key object selection says that this image shall not be used."""
    missing: Rows = ()
    """Rows of the frame without data (F4)."""
    review: Review = NOTHING
    display: str = ""
    """Why nothing may be diagnosed on this screen."""
    whole: int = 0
    """Images of the series, where the pane shows a part of them only."""
    hidden: int = 0
    """Measurements of the image that the reader has hidden."""
    said: Mapping[str, str] | None = None
    """``said_fields`` of the frame, where they are known already."""


def part_text(state: ViewState, whole: int) -> str:
    """That the pane leaves images of its series out; empty where it shows all."""
    return loud("ONLY KEY IMAGES", f"{state.count} of {whole}") if whole else ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows without data: four corners in device pixels of the pane, and the words for them."""

    corners: tuple[PanePoint, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """Everything above the image; all in screen space, so nothing is ever mirrored (F57)."""

    corners: Mapping[Corner, tuple[TextLine, ...]]
    letters: EdgeLetters
    ruler: Ruler | None
    shapes: tuple[Shape, ...]
    notes: tuple[str, ...] = ()
    """All that can be told of the image's data; the corner has room for the first alone."""
    graphics: tuple[Graphic, ...] = ()
    """What a presentation state draws, lowest first."""
    line: ReferenceLine | None = None
    """Where the image of the active pane cuts this one."""
    box: tuple[PanePoint, PanePoint] | None = None
    """The box from which a window is being taken."""
    point: PointMark | None = None
    """Where the point of the 3D cursor lies."""
    gaps: tuple[Gap, ...] = ()
    """What is hatched because there is no data."""
    crosshair: tuple[CrossLine, ...] = ()
    """Where the planes of a reconstruction cut this picture."""
    plane: PlaneName | None = None
    """Which plane of a reconstruction this picture is."""
    volume: VolumeMarks | None = None
    """Cube, crop box and drawn line above a volume in 3D."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The annotations of the shown frame and what is being done to them."""

    held: Sequence[Annotation] = ()
    preview: Annotation | None = None
    selected: AnnotationId | None = None
    read: Read | None = None
    """What annotations say; None takes what the header alone gives."""
    line: Annotation | None = None
    """The reader's calibration of the image (F37)."""
    point: int | None = None
    """The handle of the selected one that keys move."""
    kept: KeptShapes = field(default_factory=KeptShapes)
    """Shapes as they were drawn before."""
    foreign: Sequence[Annotation] = ()
    """Imported from another source: drawn apart, without handles."""


def overlay(
    state: ViewState,
    instance: Instance,
    transform: PaneTransform,
    context: PaneContext,
    rules: Sequence[LineRule],
    marks: Marks,
) -> Overlay:
    """Compose the display list of one pane."""
    frame = state.frame.frame if state.frame else 0
    plane = instance.planes[frame] if frame < len(instance.planes) else None
    fields = corner_fields(state, instance, transform, context)
    return Overlay(
        corners=fill_corners(rules, fields, instance.modality, context.review.level),
        letters=letters(plane, instance.patient_orientation, transform),
        ruler=ruler(Ground(instance, line=marks.line).scale(frame), transform),
        shapes=tuple(_shapes(state.frame, instance, transform, marks)),
        notes=(*context.notes, *more_notes(instance)),
        graphics=_graphics(state, instance, transform, marks),
        line=context.review.line,
        point=context.review.point,
        box=context.review.box,
        gaps=tuple(_gap(rows, transform) for rows in context.missing),
    )


def with_crosshair(made: Overlay, lines: tuple[CrossLine, ...]) -> Overlay:
    """The same display list with the planes of a reconstruction in it."""
    return replace(made, crosshair=lines)


def corner_fields(
    state: ViewState, instance: Instance, transform: PaneTransform, context: PaneContext
) -> dict[str, str]:
    """The value of every field that corner texts may name; empty where there is none."""
    frame = state.frame.frame if state.frame else 0
    said = context.said
    if said is None:
        said = said_fields(instance, frame, context.identity, context.study, context.series)
    drawn = _drawn(state, instance)
    return {
        **said,
        "view.image": image_text(state),
        "view.window": window_text(
            state.look,
            grey=bool(instance.format and instance.format.is_grey),
            profile=drawn.colour_profile is not None,
            screen=state.screen_colours.name if state.screen_colours else "",
            from_zero=stands_on_zero(instance),
        ),
        "view.pointer": context.pointed,
        "view.cine": context.review.playing,
        "view.zoom": zoom_text(transform.zoom, transform.aspect),
        "mark.display": loud("NOT DIAGNOSTIC", context.display),
        "mark.rejected": loud("REJECTED", context.rejected),
        "mark.key": loud("KEY IMAGE", context.key),
        "mark.part": part_text(state, context.whole),
        "mark.hidden": f"MEASUREMENTS HIDDEN · {context.hidden}" if context.hidden else "",
        "mark.current": "CURRENT" if context.compared and not context.prior else "",
        "mark.prior": f"PRIOR {date_text(context.study.date)}".strip() if context.prior else "",
        "mark.state": state_text(state),
        "mark.covers": covers_text(state.look, drawn, frame),
        "mark.turned": turned_text(state.look),
        **_sizes(state, instance, transform),
        "mark.mask": mask_text(state),
        "mark.colours": colours_text(state.look, profiles=_converts(state, instance)),
        "mark.fusion": fusion_text(state.fusion),
        "mark.fusion_note": fusion_note(state.fusion),
        "mark.link": context.review.links,
        "mark.data": badge(context.notes),
        "mark.warning": (
            state.target.warnings[0] if state.target and state.target.warnings else ""
        ),
    }


def said_fields(
    instance: Instance, frame: int, identity: PaneIdentity, study: Study, series: Series
) -> dict[str, str]:
    """Those of ``corner_fields`` that headers and the case give, however the frame is looked at."""
    plane = instance.planes[frame] if frame < len(instance.planes) else None
    thickness = instance.corner.get("SliceThickness", "")
    fields = {f"header.{keyword}": _number(value) for keyword, value in instance.corner.items()}
    return fields | {
        "patient.name": identity.name,
        "patient.id": identity.id,
        "patient.birth_date": identity.birth_date,
        "patient.sex": identity.sex,
        "patient.age": age_text(
            identity.birth_date or study.patient.birth_date,
            study.date,
            instance.corner.get("PatientAge", ""),
        ),
        "study.description": study.description,
        "study.date": date_text(study.date),
        "study.time": time_text(study.time),
        "study.accession": study.accession,
        "study.institution": study.institution,
        "series.title": series_title(series),
        "image.thickness": f"{_number(thickness)} mm thick" if thickness else "",
        "image.position": position_text(plane),
        "image.laterality": instance.at(frame).laterality,
        "image.view": instance.view_position,
        "mark.side": loud("SIDE CONFLICT", side_conflict(instance, frame, study, series)),
        "mark.identity": patient_mark(identity, study.patient, "IMAGE"),
        "mark.origin": identity.origin,
        "mark.lossy": f"LOSSY {instance.lossy}" if instance.lossy else "",
        "mark.derived": _derived_mark(instance, frame),
    }


def series_title(series: Series) -> str:
    """Number and description of a series."""
    number = "" if series.number is None else f"Series {series.number}"
    return " ".join(part for part in (number, series.description or series.protocol) if part)


def loud(word: str, why: str) -> str:
    """REJECTED · why, without saying rejected twice."""
    if not why:
        return ""
    rest = why[len(word) :].lstrip() if why.casefold().startswith(word.casefold()) else why
    return f"{word} · {rest}" if rest is why else f"{word} {rest}".strip()


def _converts(state: ViewState, instance: Instance) -> bool:
    """Whether the profile of a colour image or of the screen would change its colours (F18)."""
    if instance.format is None or instance.format.is_grey:
        return False
    own = _drawn(state, instance).colour_profile
    return own is not None or state.screen_colours is not None


def _derived_mark(instance: Instance, frame: int) -> str:
    if instance.sop_class in _MASKS:
        facts = instance.per_frame[frame] if instance.per_frame else instance
        segment = facts.split_keys.get("Segment", "")
        return f"SEGMENTATION · segment {segment}" if segment else "SEGMENTATION"
    if instance.sop_class.startswith(_SECONDARY_CAPTURE):
        return "Secondary capture"
    if instance.image_type[:1] == ("DERIVED",):
        return "Derived image"
    return ""


def _sizes(state: ViewState, instance: Instance, transform: PaneTransform) -> dict[str, str]:
    size = size_text(state, instance, transform.zoom)
    checked = state.screen_checked
    return {
        "view.size": size if checked else "",
        "mark.size": f"{size} · screen not checked" if size and not checked else "",
    }


@lru_cache(maxsize=1024)
def _number(text: str) -> str:
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


def _drawn(state: ViewState, instance: Instance) -> Instance:
    if not state.governed or state.frame is None:
        return instance
    return drawn_of(state.applied, state.frame, instance)


def _graphics(
    state: ViewState, instance: Instance, transform: PaneTransform, marks: Marks
) -> tuple[Graphic, ...]:
    """What a state draws; not once more what is drawn above it as a measurement."""
    if not state.governed or state.applied is None or state.frame is None:
        return ()
    ground = Ground(instance, line=marks.line)
    live = [one for one in marks.held if marks.preview is None or one.id != marks.preview.id]
    again = drawn_live(state.applied, state.frame, live, ground, marks.read or _by(ground))
    return graphics(state.applied, state.frame, transform, again)


def _by(ground: Ground) -> Read:
    return lambda annotation: read(annotation, ground)


def _gap(rows: tuple[int, int], transform: PaneTransform) -> Gap:
    """Half a row more on each side, which drawing blends with what is not there."""
    top, bottom = max(rows[0] - 1.0, -0.5), min(rows[1], transform.rows - 0.5)
    left, right = -0.5, transform.columns - 0.5
    places = ((left, top), (right, top), (right, bottom), (left, bottom))
    corners = tuple(transform.to_pane(PixelPoint(column, row)) for column, row in places)
    return Gap(corners, f"No data: {gap_text((rows,))}")


def _shapes(
    frame: FrameRef | None, instance: Instance, transform: PaneTransform, marks: Marks
) -> list[Shape]:
    preview = marks.preview
    shown = [a for a in marks.held if preview is None or a.id != preview.id]
    if preview is not None and preview.on == frame:
        shown.append(preview)
    ground = Ground(instance, line=marks.line)
    return [
        marks.kept.shape(
            annotation,
            transform,
            ground,
            marks.read or _by(ground),
            selected=annotation.id == marks.selected,
            drawing=annotation is preview,
            held=marks.point,
            foreign=number >= len(shown),
        )
        for number, annotation in enumerate((*shown, *marks.foreign))
    ]
