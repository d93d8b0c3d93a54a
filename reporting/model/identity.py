"""Whose images these are, as the images themselves say it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageIdentity:
    """Identity attributes of one DICOM file of the study; empty where the file has none."""

    patient_id: str
    patient_name: str
    """DICOM PN form, all component groups."""
    birth_date: str
    """YYYY-MM-DD or empty."""
    sex: str
    study_uid: str
    accession: str
