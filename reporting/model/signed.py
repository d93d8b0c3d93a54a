"""The report once signed: bytes that never change again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reporting.model.report import ReportId


@dataclass(frozen=True, slots=True)
class SignerIdentity:
    """Whose key signed: what is shown before the passphrase and by verify."""

    common_name: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class SignedReport:
    """All forms of one signed report. Nothing in it is made again after signing."""

    id: ReportId
    case: str
    version: int
    signed_at: datetime
    signer: SignerIdentity
    pdf: bytes
    """PAdES-signed PDF."""
    sr: bytes
    """DICOM SR file (TID 2000), verified."""
    objects: tuple[bytes, ...]
    """Further DICOM files that the SR refers to (TID 1500 measurement SR)."""
    html: bytes
    payload: bytes
    """Canonical JSON that the JWS signs: the FHIR report with the digests of PDF and SR."""
    jws: str
    """Detached JWS (PS256, x5c) over ``payload``."""
    bundle: Mapping[str, object]
    """FHIR transaction without its Task entry: DiagnosticReport, Observations, Provenance."""
    sha256: str
    """Of ``payload``, hex."""
