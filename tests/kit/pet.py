"""PET headers made in code: one plausible scan, with whatever a test says differs."""

from typing import Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.kit.dicom_files import dataset

PET = "1.2.840.10008.5.1.4.1.1.128"
HALF_LIFE = 6586.2


def injection(**values: Any) -> Dataset:
    """One item of Radiopharmaceutical Information Sequence; None leaves a value out."""
    item = Dataset()
    stated: dict[str, Any] = {
        "RadiopharmaceuticalStartDateTime": "20260101090000",
        "RadiopharmaceuticalStartTime": "090000",
        "RadionuclideTotalDose": 370e6,
        "RadionuclideHalfLife": HALF_LIFE,
    }
    for keyword, value in (stated | values).items():
        if value is not None:
            setattr(item, keyword, value)
    return item


def pet(number: int = 1, *, injected: dict[str, Any] | None = None, **values: Any) -> Dataset:
    """A PET slice of an hour after the injection; ``injected`` are changes of that item."""
    ds = dataset(number, SOPClassUID=PET, Modality="PT")
    stated: dict[str, Any] = {
        "Units": "BQML",
        "CorrectedImage": ["DECY", "ATTN", "SCAT"],
        "DecayCorrection": "START",
        "SeriesDate": "20260101",
        "SeriesTime": "100000",
        "AcquisitionDate": "20260101",
        "AcquisitionTime": "100000",
        "PatientWeight": 70,
        "PatientSize": 1.75,
        "PatientSex": "M",
        "RescaleSlope": 1,
        "RescaleIntercept": 0,
        "RadiopharmaceuticalInformationSequence": Items([injection(**(injected or {}))]),
    }
    for keyword, value in (stated | values).items():
        if value is None:
            if keyword in ds:
                delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds
