"""A DICOM header becomes frozen facts: one Instance with what its study and series say."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from viewer.calibration.suv import with_suv
from viewer.errors import HeaderError
from viewer.loading import tags
from viewer.loading.alike import Alike
from viewer.loading.colour_profile import read_profile
from viewer.loading.decoders import why_undecodable
from viewer.loading.fields import Fields
from viewer.loading.frame_facts import (
    frame_facts,
    one_frame_meaning,
    orientation_letters,
    split_keys,
)
from viewer.loading.functional_groups import Groups, planes
from viewer.loading.guard import Bytes, FileBytes, Limits
from viewer.loading.image_format import PixelElement, frame_count, stored_format
from viewer.loading.lossy import codestream_says, lossy_mark
from viewer.loading.object_facts import (
    acquired,
    aspect,
    body_part,
    patient,
    person_name,
    projection,
    shows_planes,
    stated_sides,
    view,
)
from viewer.loading.outline import Outline, outline
from viewer.loading.overlays import overlay_planes
from viewer.loading.palette import supplemental_palette
from viewer.loading.pet_facts import pet_facts
from viewer.loading.shutters import read_shutter
from viewer.loading.timing import frame_times, usual
from viewer.model.refs import FrameOfReferenceUid, InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Instance, Patient, Photometric, Series, StoredFormat, Study

_DIRECTORY = "1.2.840.10008.1.3.10"
_LIMITS = Limits()
_CHANGES_OFTEN = frozenset({
    "AcquisitionTime", "ContentTime", "Exposure", "ExposureTime", "ImageComments", "SeriesTime",
    "SliceLocation", "XRayTubeCurrent",
})  # fmt: skip
_STEADY_CORNER = {k: tag for k, tag in tags.CORNER.items() if k not in _CHANGES_OFTEN}
_CHANGING_CORNER = {k: tag for k, tag in tags.CORNER.items() if k in _CHANGES_OFTEN}


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What one instance says of its study."""

    uid: StudyUid
    patient: Patient
    date: str
    time: str
    description: str
    accession: str
    institution: str
    referring_physician: str


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What one instance says of its series."""

    uid: SeriesUid
    number: int | None
    modality: str
    description: str
    body_part: str
    protocol: str


@dataclass(frozen=True, slots=True)
class HeaderRead:
    """One instance with the study and series that it says it belongs to."""

    instance: Instance
    study: StudyFacts
    series: SeriesFacts


def read_header(
    data: BinaryIO, *, name: str, limits: Limits | None = None, alike: Alike | None = None
) -> HeaderRead:
    """Read one header; ``name`` (file or SOP) goes into errors: NotDicom, HeaderError.

    Of pixel data only the beginning of the first codestream is looked at. What had to be tolerated
    is in ``repairs``. ``alike`` makes a series of headers faster to read and changes nothing else.
    """
    return header_of(FileBytes(data), name=name, limits=limits, alike=alike)


def header_of(
    data: Bytes, *, name: str, limits: Limits | None = None, alike: Alike | None = None
) -> HeaderRead:
    """As ``read_header``, of bytes that are read at any place."""
    limits, alike = limits or _LIMITS, alike or Alike()
    found = outline(data, where=name, limits=limits)
    alike.turn_to(found.fields)
    repairs = list(found.repairs)
    ref, sop_class = _identity(found, repairs, name)
    fields = found.fields
    frames = frame_count(fields, repairs)
    pixels = PixelElement.of(found.pixels, found.data.size)
    stored = alike.of(
        "format",
        lambda f, told: stored_format(f, pixels, frames, told, where=ref.sop, limits=limits),
        repairs,
        pixels,
        frames,
        limits,
    )
    facts: dict[str, Any] = {}
    if pixels is not None:
        why = why_undecodable(found.transfer_syntax, native=not found.encapsulated)
        repairs += [why] if why else []
    if stored is not None:
        facts = _image_facts(alike, fields, frames, stored, sop_class, repairs)
        facts |= _appearance(alike, found, frames, stored, ref.sop, repairs)
    instance = Instance(
        ref=ref,
        sop_class=sop_class,
        transfer_syntax=found.transfer_syntax,
        modality=fields.text(tags.MODALITY),
        number=fields.integer(tags.INSTANCE_NUMBER),
        frames=frames if stored is not None else 1,
        format=stored,
        image_type=fields.texts(tags.IMAGE_TYPE),
        acquired=acquired(fields),
        corner=_corner(alike, fields, repairs),
        **facts,
        repairs=tuple(dict.fromkeys(repairs)),
    )
    return HeaderRead(
        instance,
        alike.of("study", lambda f, _: _study_facts(f, ref.study), repairs, ref.study),
        alike.of("series", lambda f, _: _series_facts(f, ref.series), repairs, ref.series),
    )


def _corner(alike: Alike, fields: Fields, repairs: list[str]) -> dict[str, str]:
    """Texts for the corners; those that often change from slice to slice are read apart."""
    texts = dict(alike.of("corner", lambda f, _: _texts(f, _STEADY_CORNER), repairs))
    return texts | _texts(fields, _CHANGING_CORNER)


def _texts(fields: Fields, wanted: Mapping[str, int]) -> dict[str, str]:
    return {keyword: text for keyword, tag in wanted.items() if (text := fields.text(tag))}


def _identity(found: Outline, repairs: list[str], name: str) -> tuple[InstanceRef, str]:
    fields, meta = found.fields, found.meta
    sop_class = fields.uid(tags.SOP_CLASS) or meta.get(0x00020002, "")
    if sop_class == _DIRECTORY:
        raise HeaderError(
            "It is a directory file (DICOMDIR), not an image; the images that it lists are read "
            "from their own files.",
            where=name,
        )
    sop = fields.uid(tags.SOP_INSTANCE)
    if not sop and (sop := meta.get(0x00020003, "")):
        repairs.append("SOP Instance UID was taken from the file meta information.")
    image = found.pixels is not None and tags.ROWS in fields
    if not sop and not image:
        raise HeaderError("The object has no SOP Instance UID.", where=name)
    sop = sop or _made_uid(found, name, "SOP", repairs)
    study = fields.uid(tags.STUDY) or _made_uid(found, sop, "Study", repairs)
    series = fields.uid(tags.SERIES) or _made_uid(found, sop, "Series", repairs)
    for what, uid in (("SOP", sop), ("Study", study), ("Series", series)):
        if len(uid) > 64 or not set(uid) <= set("0123456789."):
            repairs.append(f"The {what} Instance UID is not a valid UID.")
    if not sop_class:
        repairs.append("The object does not say its SOP Class.")
    return InstanceRef(StudyUid(study), SeriesUid(series), SopUid(sop)), sop_class


def _made_uid(found: Outline, seed: str, what: str, repairs: list[str]) -> str:
    """A UID for an object that lacks one, always the same for the same bytes and name."""
    repairs.append(f"The object has no {what} Instance UID; one was made for this display only.")
    digest = hashlib.sha256(f"{what} {seed} ".encode() + found.data.read_at(0, 4096)).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def _image_facts(
    alike: Alike,
    fields: Fields,
    frames: int,
    stored: StoredFormat,
    sop_class: str,
    repairs: list[str],
) -> dict[str, Any]:
    """Where each frame lies and what its values mean."""
    groups = Groups.of(fields)
    if groups:
        per_frame = frame_facts(groups, frames, stored, repairs)
    else:
        meaning = alike.of(
            "meaning",
            lambda f, told: one_frame_meaning(Groups.of(f), stored, told),
            repairs,
            stored,
        )
        keys = alike.of("split", lambda f, _: split_keys(Groups.of(f), 0), repairs)
        per_frame = (replace(meaning, split_keys=keys),) * frames
    first = per_frame[0]
    placed = (None,) * frames
    return {
        "planes": planes(groups, frames, repairs) if shows_planes(sop_class) else placed,
        "pixel_spacing": first.pixel_spacing,
        "modality_lut": first.modality_lut,
        "windows": first.windows,
        "voi_luts": first.voi_luts,
        "laterality": first.laterality,
        "split_keys": first.split_keys,
        "per_frame": () if all(facts == first for facts in per_frame) else per_frame,
        "real_world": first.real_world,
        "regions": first.regions,
        **alike.of("object", lambda f, told: _object_facts(f, frames, told), repairs, frames),
    }


def _object_facts(fields: Fields, frames: int, repairs: list[str]) -> dict[str, Any]:
    """What holds for the object as a whole."""
    groups = Groups.of(fields)
    times = frame_times(groups, frames, repairs)
    uid = fields.uid(tags.FRAME_OF_REFERENCE)
    return {
        "pixel_aspect": aspect(fields),
        "projection": projection(fields),
        "frame_of_reference": FrameOfReferenceUid(uid) if uid else None,
        "patient_orientation": orientation_letters(fields),
        "view_position": view(fields),
        "stated_sides": stated_sides(fields),
        "frame_time_ms": usual(times),
        "frame_times_ms": times,
        "pet": pet_facts(fields),
        "dimension_index": _dimension_index(groups, frames),
    }


def _dimension_index(groups: Groups, frames: int) -> tuple[tuple[int, ...], ...]:
    """Dimension Index Values of every frame; empty unless each frame has its own."""
    values = [groups.dimension_index(frame) for frame in range(frames)]
    return tuple(values) if all(values) and len(set(values)) == frames else ()


def _appearance(
    alike: Alike,
    found: Outline,
    frames: int,
    stored: StoredFormat,
    sop: SopUid,
    repairs: list[str],
) -> dict[str, Any]:
    """What lies on the picture, what its colours mean, and whether something was lost in it."""
    fields = found.fields
    says = codestream_says(found, stored, frames)
    if says.note:
        repairs.append(says.note)
    return {
        "lossy": lossy_mark(fields, found.transfer_syntax, stored, says, repairs),
        "colour_profile": None if stored.is_grey else read_profile(found, repairs),
        **alike.of(
            "covers", lambda f, told: _covers(f, frames, stored, sop, told), repairs, frames, stored
        ),
    }


def _covers(
    fields: Fields, frames: int, stored: StoredFormat, sop: SopUid, repairs: list[str]
) -> dict[str, Any]:
    supplement = None
    if stored.photometric is Photometric.MONOCHROME2:
        supplement = supplemental_palette(
            Groups.of(fields), frames, signed=stored.signed, repairs=repairs, where=sop
        )
    return {
        "overlays": overlay_planes(fields, stored.bits_allocated, repairs),
        "shutter": read_shutter(fields, repairs),
        "supplemental": supplement,
    }


def _study_facts(fields: Fields, uid: StudyUid) -> StudyFacts:
    return StudyFacts(
        uid=uid,
        patient=patient(fields),
        date=fields.text(tags.STUDY_DATE),
        time=fields.text(tags.STUDY_TIME),
        description=fields.text(tags.STUDY_DESCRIPTION),
        accession=fields.text(tags.ACCESSION),
        institution=fields.text(tags.INSTITUTION),
        referring_physician=person_name(fields, tags.REFERRING_PHYSICIAN),
    )


def _series_facts(fields: Fields, uid: SeriesUid) -> SeriesFacts:
    return SeriesFacts(
        uid=uid,
        number=fields.integer(tags.SERIES_NUMBER),
        modality=fields.text(tags.MODALITY),
        description=fields.text(tags.SERIES_DESCRIPTION),
        body_part=body_part(fields),
        protocol=fields.text(tags.PROTOCOL),
    )


def assemble(reads: Iterable[HeaderRead], *, complete: bool = True) -> tuple[Study, ...]:
    """Put instances into series and studies, in order of arrival; ``complete``: nothing is to come.

    The first instance of a study or series speaks for it; of two reads of one SOP Instance the
    first is kept. A study whose instances name different patients says so in a repair of each.
    """
    studies: dict[StudyUid, StudyFacts] = {}
    series: dict[tuple[StudyUid, SeriesUid], SeriesFacts] = {}
    instances: dict[tuple[StudyUid, SeriesUid], dict[SopUid, Instance]] = {}
    for read in reads:
        key = (read.study.uid, read.series.uid)
        first = studies.setdefault(read.study.uid, read.study)
        series.setdefault(key, read.series)
        instance = read.instance
        if first.patient != read.study.patient:
            sentence = "This image names another patient than the first image of its study."
            instance = replace(instance, repairs=(*instance.repairs, sentence))
        instances.setdefault(key, {}).setdefault(instance.ref.sop, instance)
    return tuple(
        _study(facts, [(s, instances[k]) for k, s in series.items() if k[0] == uid], complete)
        for uid, facts in studies.items()
    )


def _study(
    facts: StudyFacts,
    series: Iterable[tuple[SeriesFacts, dict[SopUid, Instance]]],
    complete: bool,
) -> Study:
    return Study(
        uid=facts.uid,
        patient=facts.patient,
        date=facts.date,
        time=facts.time,
        description=facts.description,
        accession=facts.accession,
        institution=facts.institution,
        referring_physician=facts.referring_physician,
        series=tuple(
            Series(
                uid=s.uid,
                number=s.number,
                modality=s.modality,
                description=s.description,
                body_part=s.body_part,
                protocol=s.protocol,
                instances=with_suv(tuple(held.values()), complete=complete),
            )
            for s, held in series
        ),
    )
