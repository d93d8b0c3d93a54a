"""The report as FHIR R4 in the shape of IHE RAD IMR; sole owner of what is sent as a report."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from reporting.errors import ExportFailed
from reporting.model.report import ReportContext, ReportDraft


def fhir_report(
    draft: ReportDraft,
    context: ReportContext,
    *,
    signed_at: datetime,
    html: bytes,
    pdf: bytes,
    objects: Sequence[bytes] = (),
    version: int = 1,
) -> dict[str, object]:
    """Give the DiagnosticReport that is signed as canonical JSON.

    ``pdf`` is the signed PDF and ``objects`` are the DICOM files (SR, measurement SR): they go in
    by their SHA-256, so that one JWS covers every form.
    """
    raise ExportFailed("The report could not be written as FHIR.")


def transaction(
    draft: ReportDraft,
    context: ReportContext,
    *,
    report: Mapping[str, object],
    payload: bytes,
    jws: str,
    pdf: bytes,
    signed_at: datetime,
) -> dict[str, object]:
    """Give the FHIR transaction without its Task entry.

    ``report`` is what ``fhir_report`` gave, ``payload`` its canonical bytes, ``jws`` the detached
    signature over them.
    """
    raise ExportFailed("The report could not be written as FHIR.")
