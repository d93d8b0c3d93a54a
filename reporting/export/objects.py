"""How one DICOM object that we write refers to another."""

from dataclasses import dataclass

from reporting.errors import ExportFailed


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """A SOP Instance with its class and where it lies."""

    study: str
    series: str
    sop: str
    sop_class: str


def reference_to(data: bytes) -> ObjectReference:
    """Read how to refer to a DICOM file; raises ExportFailed."""
    raise ExportFailed("The DICOM object cannot be read.")
