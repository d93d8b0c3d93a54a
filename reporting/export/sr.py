"""The report as a DICOM structured report (TID 2000, Enhanced SR)."""

from datetime import datetime

from reporting.errors import ExportFailed
from reporting.export.objects import ObjectReference
from reporting.model.report import ReportContext, ReportDraft


def report_sr(
    draft: ReportDraft,
    context: ReportContext,
    *,
    signed_at: datetime,
    measurement_sr_ref: ObjectReference | None = None,
) -> bytes:
    """Write the report as a DICOM file, complete and verified; raises ExportFailed."""
    raise ExportFailed("The report could not be written as DICOM.")
