"""Invented drafts, contexts and signers for the tests of reporting."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from reporting.model.finding import Finding, FindingId
from reporting.model.report import (
    Order,
    Person,
    Reader,
    ReportContext,
    ReportDraft,
    ReportId,
    Section,
    SectionId,
    StudyIdentity,
)
from reporting.model.signed import SignerIdentity
from viewer.model.annotation import AnnotationId
from viewer.model.measurement import CalibrationKind, Measurement, MeasurementId, Unit
from viewer.model.refs import Code, FrameRef, SeriesUid, SopUid, StudyUid

RESOURCES = Path(__file__).parents[2] / "resources"
STUDY = "2.25.1001"
PRIOR = "2.25.1002"
NOW = datetime(2026, 11, 24, 12, 1, 7, tzinfo=timezone(timedelta(hours=9)))
LENGTH = Code("410668003", "SCT", "Length")


def frame(number: int = 141, study: str = STUDY) -> FrameRef:
    """A frame of the current study, or of another."""
    return FrameRef(StudyUid(study), SeriesUid(f"{study}.3"), SopUid(f"{study}.3.{number}"))


def finding(
    name: str = "m1",
    value: float = 8.0,
    *,
    calibration: CalibrationKind = CalibrationKind.PATIENT,
    on: FrameRef | None = None,
) -> Finding:
    """A length as a finding; in pixels when there is no calibration."""
    where = on or frame()
    unit = Unit.PIXEL if calibration is CalibrationKind.NONE else Unit.MILLIMETRE
    measurement = Measurement(
        MeasurementId(name), AnnotationId(name), where, LENGTH, value, unit, calibration
    )
    label = f"{value:.1f} " + ("px" if unit is Unit.PIXEL else "mm")
    return Finding(FindingId(f"f-{name}"), measurement, label, "Series 3, image 142", (where,))


def context(**changes: object) -> ReportContext:
    """A chest CT with one prior, complete."""
    made = ReportContext(
        case="case-1",
        patient=Person("4711", "Harbour Hospital", "DOE^JANE", "1972-03-04", "F"),
        study=StudyIdentity(STUDY, "A-123", "2026-11-24", "08:30:00", "CT chest", "CT", "CHEST"),
        comparisons=(StudyIdentity(PRIOR, "A-99", "2025-11-20", "", "CT chest", "CT", "CHEST"),),
        reader=Reader(
            "ITO^KEIKO",
            "Dr. Keiko Ito",
            "Night Reads",
            "PractitionerRole/dr-ito",
            "Organization/nightreads",
            "MD-17",
        ),
        order=Order(
            "A-123",
            "Nodule growth?",
            "Known nodule, 30 pack-years.",
            ("http://loinc.org", "24627-2", "CT Chest"),
            "ServiceRequest/order-1",
            "Patient/p1",
            "Dr. R. Hill",
        ),
        complete=(320, 320),
    )
    return replace(made, **changes)  # type: ignore[arg-type] # a test names what it changes


def draft(
    findings_text: str = "An {{m:m1}} nodule in the right upper lobe.",
    impression_text: str = "Right upper lobe nodule.",
    *findings: Finding,
) -> ReportDraft:
    """A draft of the chest CT; with no finding given, the finding m1."""
    return ReportDraft(
        id=ReportId("6f1f0a52-0000-4000-8000-000000000001"),
        case="case-1",
        revision=1,
        template="ct-chest",
        sections=(
            Section(SectionId.TECHNIQUE, "Technique", "CT of the chest."),
            Section(SectionId.FINDINGS, "Findings", findings_text),
            Section(SectionId.IMPRESSION, "Impression", impression_text),
        ),
        findings=findings or (finding(),),
        edited_at=NOW,
        author="Dr. Keiko Ito",
    )


def signer_identity() -> SignerIdentity:
    """The certificate of the invented reader."""
    return SignerIdentity(
        "Keiko Ito",
        "Lightbox demo signing CA",
        "4D2A",
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2028, 1, 1, tzinfo=UTC),
    )


class FakeSigner:
    """Signs with a digest: enough to see what was signed, worth nothing."""

    def __init__(self, identity: SignerIdentity | None = None) -> None:
        """Sign as the invented reader."""
        self.identity = identity or signer_identity()
        self.certificate_chain = (b"certificate",)
        self.signed: list[bytes] = []

    def sign(self, data: bytes) -> bytes:
        """A digest of the data."""
        self.signed.append(data)
        return hashlib.sha256(data).digest()

    def sign_pdf(self, pdf: bytes, *, reason: str, location: str, signed_at: datetime) -> bytes:
        """The PDF with a line that says it was signed."""
        self.signed.append(pdf)
        return pdf + f"\n% {reason} {location} {signed_at.isoformat()}\n".encode()

    def sign_sr(self, sr: bytes, *, signed_at: datetime) -> bytes:
        """The file as it is."""
        self.signed.append(sr)
        return sr
