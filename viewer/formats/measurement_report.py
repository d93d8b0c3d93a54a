"""All measurements of a case as a DICOM structured report: TID 1500, Comprehensive 3D SR.

PS3.16 TID 1500, 1501, 300; PS3.3 A.35.13. It is what a reader measured, not what was signed.
"""

import importlib.metadata
import io
import math
import re
import uuid
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import numpy as np
from highdicom.sr import (
    CodedConcept,
    Comprehensive3DSR,
    CoordinatesForMeasurement,
    CoordinatesForMeasurement3D,
    GraphicTypeValues,
    GraphicTypeValues3D,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    SourceImageForRegion,
    TrackingIdentifier,
)
from highdicom.sr import (
    Measurement as Number,
)
from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID, generate_uid

from viewer.calibration.spacing import pixel_aspect
from viewer.errors import HeaderError
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.model.measurement import Measurement, Ucum, Unit
from viewer.model.refs import SopUid
from viewer.model.study import Instance

_TRACKING = uuid.UUID("5f0c4bb5-6a0e-5f43-9d55-0c0a6f9a3c61")
"""As in the reports that are signed: the same measurement has the same tracking UID in both."""
_OWN = "99LIGHTBOX"
_UNITS: Mapping[str, str] = {
    Unit.MILLIMETRE: "millimeter",
    Unit.MILLIMETRE_2: "square millimeter",
    Unit.MILLILITRE: "milliliter",
    Unit.DEGREE: "degree",
    Unit.HOUNSFIELD: "Hounsfield unit",
    Unit.SUV_BW: "Standardized Uptake Value body weight",
    Unit.SUV_LBM: "Standardized Uptake Value lean body mass",
    Unit.SUV_BSA: "Standardized Uptake Value body surface area",
    Unit.ONE: "no units",
    Unit.PIXEL: "pixels",
    Unit.PIXEL_2: "square pixels",
}
_DATE = r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?"
_NAME = r"[^\\=\x00-\x1f]{0,64}(=[^\\=\x00-\x1f]{0,64}){0,2}"
_UID = r"(?=.{1,64}$)(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+"
_IDENTITY = {
    "PatientName": _NAME,
    "PatientID": r"[^\\\x00-\x1f]{0,64}",
    "PatientBirthDate": _DATE,
    "PatientSex": "[MFO]",
    "StudyDate": _DATE,
    "StudyTime": _TIME,
    "StudyID": r"[^\\\x00-\x1f]{0,16}",
    "AccessionNumber": r"[^\\\x00-\x1f]{0,16}",
    "ReferringPhysicianName": _NAME,
}
"""Written empty where the header holds nothing usable."""
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One annotation with its numbers, and the lines that are drawn for it, in pixels."""

    annotation: Annotation
    name: str
    numbers: tuple[Measurement, ...]
    paths: tuple[tuple[PixelPoint, ...], ...]


class _Document(Comprehensive3DSR):
    """Measurements with their places in image and patient."""

    def copy_patient_and_study_information(self, dataset: Dataset) -> None:
        """Copy the checked identity; highdicom would look the image's class up in its tables."""
        for element in dataset:
            if element.keyword not in _UIDS:
                self[element.tag] = element


def measurement_report(
    recorded: Sequence[Recorded],
    instances: Mapping[SopUid, Instance],
    source: BinaryIO,
    *,
    author: str,
    at: datetime,
) -> bytes:
    """Write a DICOM file for the study of ``source``, one of its images; times are of ``at``.

    ``instances`` holds every image that was measured on. Values are stored as float64. What has
    no number is left out. Raises HeaderError where the source is no DICOM, or nothing has a number.
    """
    told = [one for one in recorded if one.numbers and one.annotation.on.sop in instances]
    if not told:
        raise HeaderError("No measurement has a number that could be written.")
    for one in told:
        _refuse_bad_identifiers(instances[one.annotation.on.sop])
    identity = _identity(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote names
        document = _Document(
            evidence=[identity, *_evidence(told, instances)],
            content=_content(told, instances, author),
            series_instance_uid=generate_uid(prefix=None),
            series_number=9903,
            sop_instance_uid=generate_uid(prefix=None),
            instance_number=1,
            manufacturer="Lightbox",
            manufacturer_model_name="Lightbox workstation",
            software_versions=_version(),
            device_serial_number="0",
            series_description="Measurements",
            is_complete=True,
            is_final=False,
            is_verified=False,
        )
    document.SpecificCharacterSet = "ISO_IR 192"
    document.TimezoneOffsetFromUTC = at.strftime("%z")[:5]
    for day in ("ContentDate", "InstanceCreationDate"):
        setattr(document, day, at.strftime("%Y%m%d"))
    for time in ("ContentTime", "InstanceCreationTime"):
        setattr(document, time, at.strftime("%H%M%S"))
    out = io.BytesIO()
    document.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _content(
    recorded: Sequence[Recorded], instances: Mapping[SopUid, Instance], author: str
) -> Dataset:
    report = MeasurementReport(
        observation_context=ObservationContext(
            observer_person_context=ObserverContext(
                observer_type=CodedConcept("121006", "DCM", "Person"),
                observer_identifying_attributes=PersonObserverIdentifyingAttributes(
                    name=_person(author)
                ),
            )
        ),
        procedure_reported=CodedConcept("363679005", "SCT", "Imaging"),
        imaging_measurements=[_group(one, instances[one.annotation.on.sop]) for one in recorded],
    )
    content: Dataset = report[0]
    return content


def _group(one: Recorded, image: Instance) -> MeasurementsAndQualitativeEvaluations:
    held = one.annotation
    frames = [held.on.frame + 1] if image.frames > 1 else None
    calibration = one.numbers[0].calibration.value
    tracking = f"2.25.{uuid.uuid5(_TRACKING, held.id).int}"
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid=tracking, identifier=_line(one.name)),
        measurements=[
            _number(number, _coordinates(one, at, image, frames))
            for at, number in enumerate(one.numbers)
        ],
        qualitative_evaluations=[
            QualitativeEvaluation(
                CodedConcept("calibration", _OWN, "Calibration"),
                CodedConcept(calibration, _OWN, calibration),
            )
        ],
        source_images=[SourceImageForMeasurementGroup(image.sop_class, image.ref.sop, frames)],
    )


def _number(
    one: Measurement, places: list[CoordinatesForMeasurement | CoordinatesForMeasurement3D]
) -> Number:
    of = one.derivation
    derived = None if of is None else CodedConcept(of.value, of.scheme, _line(of.meaning))
    return Number(
        name=CodedConcept(one.name.value, one.name.scheme, _line(one.name.meaning)),
        value=float(one.value),
        unit=_unit(one.unit),
        derivation=derived,
        referenced_coordinates=places or None,
    )


def _coordinates(
    one: Recorded, at: int, image: Instance, frames: list[int] | None
) -> list[CoordinatesForMeasurement | CoordinatesForMeasurement3D]:
    """Where a number was taken: the first has all lines, long and short axis each its own.

    SCOORD counts from the corner of the first pixel, we from its centre (PS3.3 C.18.6).
    """
    held = one.annotation
    own = held.kind is AnnotationKind.BIDIRECTIONAL
    lines = _longest_first(one, image) if own else one.paths
    paths = lines[at : at + 1] if own else lines if at == 0 else ()
    found: list[CoordinatesForMeasurement | CoordinatesForMeasurement3D] = []
    for path in paths:
        corner = np.array([(p.column + 0.5, p.row + 0.5) for p in path])
        if corner.min() >= 0:
            region = SourceImageForRegion(image.sop_class, image.ref.sop, frames)
            kind = GraphicTypeValues.POINT if len(path) == 1 else GraphicTypeValues.POLYLINE
            found.append(CoordinatesForMeasurement(kind, corner, region))
    if at == 0 and held.points and held.space and paths == (held.pixels,):
        single = len(held.points) == 1
        kind_3d = GraphicTypeValues3D.POINT if single else GraphicTypeValues3D.POLYLINE
        found.append(CoordinatesForMeasurement3D(kind_3d, np.array(held.points), held.space))
    return found


def _longest_first(one: Recorded, image: Instance) -> tuple[tuple[PixelPoint, ...], ...]:
    """The axes as their numbers are: the longer one first, whichever was drawn first."""
    aspect = pixel_aspect(image, one.annotation.on.frame)

    def length(path: tuple[PixelPoint, ...]) -> float:
        a, b = path[0], path[-1]
        return math.hypot(b.column - a.column, (b.row - a.row) * aspect)

    return tuple(sorted(one.paths, key=length, reverse=True))


def _evidence(recorded: Sequence[Recorded], instances: Mapping[SopUid, Instance]) -> list[Dataset]:
    items = []
    for sop in dict.fromkeys(one.annotation.on.sop for one in recorded):
        ref, item = instances[sop].ref, Dataset()
        item.StudyInstanceUID, item.SeriesInstanceUID = ref.study, ref.series
        item.SOPInstanceUID, item.SOPClassUID = ref.sop, instances[sop].sop_class
        items.append(item)
    return items


def _refuse_bad_identifiers(image: Instance) -> None:
    """Nothing can refer to an image whose UIDs are none (PS3.5 9.1)."""
    ref = image.ref
    if not all(re.fullmatch(_UID, uid) for uid in (ref.study, ref.series, ref.sop)):
        raise HeaderError(
            f"A measured image has an identifier that is no valid UID: {_line(ref.sop)}.",
            where=ref.sop,
        )


def _identity(source: BinaryIO) -> Dataset:
    """Patient and study, value by value: what is not well formed is left empty."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = dcmread(source, stop_before_pixels=True)
            identity = Dataset()
            for keyword in _UIDS:
                setattr(identity, keyword, UID(_value(header, keyword, _UID)))
            for keyword, pattern in _IDENTITY.items():
                setattr(identity, keyword, _value(header, keyword, pattern))
    except (InvalidDicomError, OSError, ValueError, LookupError, TypeError) as error:
        raise HeaderError("The header of the measured study cannot be read.") from error
    if not all(identity.get(keyword) for keyword in _UIDS):
        raise HeaderError("The header of the measured study lacks one of its identifiers.")
    return identity


def _value(header: Dataset, keyword: str, pattern: str) -> str:
    text = str(header.get(keyword) or "").strip(" \0")
    return text if re.fullmatch(pattern, text) else ""


def _version() -> str:
    try:
        return importlib.metadata.version("lightbox-workstation")
    except importlib.metadata.PackageNotFoundError:
        return "0.1.0"  # a source tree


def _unit(of: Unit | Ucum) -> CodedConcept:
    return CodedConcept(str(of), "UCUM", _line(_UNITS.get(of, of)))


def _line(text: str) -> str:
    """Text as LO takes it: one line of at most 64 characters, no backslash (PS3.5 6.2)."""
    plain = "".join(c if c.isprintable() else " " for c in text).replace("\\", "/")
    return " ".join(plain.split())[:64].strip()


def _person(name: str) -> str:
    """A name as PN takes it; one of a single part ends in '^', to say that it is meant so."""
    told = _line(name).replace("=", " ") or "Unknown"
    return told if "^" in told else f"{told[:63]}^"
