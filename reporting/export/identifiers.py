"""What must come out the same in every form of a report: identifiers, code systems, numbers."""

import uuid
from collections.abc import Mapping

from viewer.model.measurement import MeasurementId

SCHEMES: Mapping[str, str] = {
    "http://loinc.org": "LN",
    "http://snomed.info/sct": "SCT",
    "http://www.radlex.org": "RADLEX",
    "http://radlex.org": "RADLEX",
    "http://dicom.nema.org/resources/ontology/DCM": "DCM",
}
"""Coding Scheme Designator by FHIR code system."""
_MEASUREMENTS = uuid.UUID("5f0c4bb5-6a0e-5f43-9d55-0c0a6f9a3c61")


def tracking_uid(measurement: MeasurementId) -> str:
    """Give the UID under which a measurement is followed from one report to the next."""
    return f"2.25.{uuid.uuid5(_MEASUREMENTS, measurement).int}"


def shown(value: float) -> float:
    """Round as every form of the report states it: two decimals, below 1 four digits.

    An apparent diffusion coefficient of 0.00123 mm²/s must not be told as 0.
    """
    if value == 0 or abs(value) >= 1:
        return round(value, 2)
    return float(f"{value:.4g}")
