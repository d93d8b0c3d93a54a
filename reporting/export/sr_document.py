"""What both structured reports have in common: who verified them, what they belong to."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from highdicom.sr import Comprehensive3DSR, EnhancedSR
from pydicom import Dataset
from pydicom.uid import generate_uid

from reporting.errors import ExportFailed
from reporting.export import sr_words
from reporting.export.objects import UIDS, Source, software_version, written
from reporting.model.report import ReportContext


class _Identified:
    """Takes over patient and study as they were checked, whatever the class of the image."""

    def copy_patient_and_study_information(self, dataset: Dataset) -> None:
        """Copy the checked identity; highdicom would look the image's class up in its tables."""
        for element in dataset:
            if element.keyword not in UIDS:
                self[element.tag] = element  # type: ignore[index]  # the other base is a Dataset


class ReportDocument(_Identified, EnhancedSR):
    """Text with codes and numbers."""


class MeasurementDocument(_Identified, Comprehensive3DSR):
    """Measurements with their places in image and patient."""


@contextmanager
def told_in_one_sentence(what: str) -> Iterator[None]:
    """Turn what the SR library refuses into ExportFailed.

    Its warnings are dropped: they quote names, and a name without '^' is no fault of ours.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ExportFailed(f"{what} could not be written as DICOM.") from None


def verified(
    kind: type[ReportDocument] | type[MeasurementDocument],
    content: Dataset,
    evidence: Sequence[Dataset],
    context: ReportContext,
    source: Source,
    *,
    series: tuple[int, str],
    signed_at: datetime,
    **more: Any,
) -> bytes:
    """Give the DICOM file: complete, final, verified by the reader at the time of signing.

    ``series`` is number and description of the new series.
    """
    document = kind(
        evidence=[source.identity, *evidence],
        content=content,
        series_instance_uid=generate_uid(prefix=None),
        series_number=series[0],
        sop_instance_uid=generate_uid(prefix=None),
        instance_number=1,
        manufacturer="Lightbox",
        manufacturer_model_name="Lightbox workstation",
        software_versions=software_version(),
        device_serial_number="0",
        series_description=series[1],
        is_complete=True,
        is_final=True,
        is_verified=True,
        verifying_observer_name=sr_words.person(context.reader.name),
        verifying_organization=sr_words.long_string(context.reader.organization),
        specific_character_set=None,
        **more,
    )
    return written(document, source, signed_at=signed_at)
