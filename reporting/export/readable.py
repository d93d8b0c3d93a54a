"""What every readable form of a report shows, once: PDF and HTML carry the same words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reporting.export.text import person_name, section_words, visible
from reporting.model.finding import Finding
from reporting.model.report import ReportContext, ReportDraft, StudyIdentity
from reporting.model.signed import SignerIdentity
from viewer.model.measurement import CalibrationKind

_CALIBRATION: Mapping[CalibrationKind, str] = {
    CalibrationKind.PATIENT: "true size in the patient",
    CalibrationKind.DETECTOR: "size at the detector, larger than in the patient",
    CalibrationKind.MAGNIFIED: "corrected by the stated magnification",
    CalibrationKind.FIDUCIAL: "scaled by an object of known size",
    CalibrationKind.US_REGION: "by the calibration of the ultrasound region",
    CalibrationKind.USER: "calibrated by the reader",
    CalibrationKind.NONE: "not calibrated: no length can be stated",
}
_SEX = {"M": "male", "F": "female", "O": "other"}


@dataclass(frozen=True, slots=True)
class Field:
    """A label and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ReadSection:
    """A titled part of the report and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """One row of the table of measurements."""

    label: str
    name: str
    image: str
    calibration: str


@dataclass(frozen=True, slots=True)
class Readable:
    """A report as it is read; every string is safe to show and none is markup."""

    letterhead: str
    title: str
    state: str
    author: str
    patient: tuple[Field, ...]
    study: tuple[Field, ...]
    sections: tuple[ReadSection, ...]
    measurements: tuple[MeasurementRow, ...]
    signature: tuple[Field, ...]
    running: str
    """Stands on every page: patient name, ID and birth date, accession."""
    dated: datetime


def readable(
    draft: ReportDraft,
    context: ReportContext,
    *,
    signed_at: datetime | None = None,
    signer: SignerIdentity | None = None,
) -> Readable:
    """Put a draft (``signed_at`` None) or a report about to be signed into words."""
    patient, study, order = context.patient, context.study, context.order
    name, identifier = person_name(patient.name), visible(patient.id, lines=False)
    accession = visible(study.accession or order.accession, lines=False)
    return Readable(
        letterhead=visible(context.reader.organization, lines=False),
        title="Radiology report",
        state="Final report" if signed_at is not None else "Draft, not signed",
        author=visible(context.reader.display, lines=False),
        patient=_fields(
            ("Patient", name),
            ("Patient ID", _with_issuer(identifier, patient.id_issuer)),
            ("Birth date", patient.birth_date or "not known"),
            ("Sex", _SEX.get(patient.sex, "not known")),
        ),
        study=_fields(
            ("Accession", accession),
            ("Study", _study(study)),
            ("Compared with", "; ".join(_study(s) for s in context.comparisons) or "none"),
            ("Images received", _images(context)),
            ("Referred by", order.referrer),
            ("Clinical question", order.question),
            ("History", order.history),
        ),
        sections=tuple(_section(s.title, section_words(s, draft)) for s in draft.sections),
        measurements=tuple(_row(finding) for finding in draft.findings),
        signature=_signature(context, signed_at, signer),
        running=" · ".join(
            part for part in (name, identifier, patient.birth_date, accession) if part
        ),
        dated=signed_at or draft.edited_at,
    )


def stamp(moment: datetime) -> str:
    """A moment with its offset: '2026-11-24 12:01:07 +09:00'."""
    return moment.isoformat(sep=" ", timespec="seconds").replace("+", " +")


def _fields(*pairs: tuple[str, str]) -> tuple[Field, ...]:
    return tuple(Field(label, visible(value.strip())) for label, value in pairs if value.strip())


def _with_issuer(identifier: str, issuer: str) -> str:
    return f"{identifier} ({issuer})" if issuer else identifier


def _study(study: StudyIdentity) -> str:
    when = " ".join(part for part in (study.date, study.time) if part)
    return ", ".join(part for part in (study.description or study.modality, when) if part)


def _images(context: ReportContext) -> str:
    held, expected = context.complete
    if not expected:
        return ""
    return f"{held} of {expected}" + ("" if held >= expected else " (incomplete study)")


def _section(title: str, words: str) -> ReadSection:
    return ReadSection(visible(title, lines=False), tuple(words.split("\n")) if words else ())


def _row(finding: Finding) -> MeasurementRow:
    return MeasurementRow(
        label=visible(finding.label, lines=False),
        name=visible(finding.measurement.name.meaning, lines=False),
        image=visible(finding.image, lines=False),
        calibration=_CALIBRATION[finding.measurement.calibration],
    )


def _signature(
    context: ReportContext, signed_at: datetime | None, signer: SignerIdentity | None
) -> tuple[Field, ...]:
    if signed_at is None:
        return ()
    reader = context.reader
    who = ", ".join(p for p in (reader.display, reader.registration, reader.organization) if p)
    fields = [("Signed by", who), ("Signed at", stamp(signed_at))]
    if signer is not None:
        validity = f"valid until {signer.not_after.date().isoformat()}"
        fields += [
            ("Certificate", f"{signer.common_name}, serial {signer.serial}, {validity}"),
            ("Issued by", signer.issuer),
        ]
    return _fields(*fields)
