"""Identifiers that must come out the same in every form of a report."""

import uuid

from viewer.model.measurement import MeasurementId

_MEASUREMENTS = uuid.UUID("5f0c4bb5-6a0e-5f43-9d55-0c0a6f9a3c61")


def tracking_uid(measurement: MeasurementId) -> str:
    """Give the UID under which a measurement is followed from one report to the next."""
    return f"2.25.{uuid.uuid5(_MEASUREMENTS, measurement).int}"
