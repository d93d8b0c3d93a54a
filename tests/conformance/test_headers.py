"""Headers say what pydicom says of the same files: names, geometry, looks (F14, F39)."""

import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.loading.headers import read_header
from viewer.model.presentation import Rescale

WHEEL = Path(pydicom.__file__).parent / "data"
CHARSETS = sorted((WHEEL / "charset_files").glob("*.dcm"))


def _first_representation(value: object) -> str:
    groups = (group.strip().rstrip("^ ") for group in str(value).split("="))
    return next((group for group in groups if group), "")


@pytest.mark.parametrize("file", CHARSETS, ids=lambda f: f.name)
def test_names_in_every_character_set(file: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = pydicom.dcmread(file)
        expected = _first_representation(ds.get("PatientName", ""))
    with file.open("rb") as data:
        read = read_header(data, name=file.name)
    assert read.study.patient.name == expected


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "MR_small_bigendian.dcm",
                                  "MR_small_implicit.dcm", "MR_small_expb.dcm"])  # fmt: skip
def test_geometry_and_looks_of_classic_images(name: str) -> None:
    ds = pydicom.dcmread(WHEEL / "test_files" / name)
    with (WHEEL / "test_files" / name).open("rb") as data:
        instance = read_header(data, name=name).instance
    (plane,) = instance.planes
    assert plane is not None
    assert list(plane.position) == ds.ImagePositionPatient
    np.testing.assert_allclose([*plane.row, *plane.column], ds.ImageOrientationPatient, atol=1e-6)
    assert list(plane.spacing) == ds.PixelSpacing
    assert instance.ref.sop == ds.SOPInstanceUID
    assert instance.format is not None
    assert (instance.format.rows, instance.format.columns) == (ds.Rows, ds.Columns)
    if "RescaleSlope" in ds:
        assert isinstance(instance.modality_lut, Rescale)
        assert instance.modality_lut.intercept == ds.RescaleIntercept
    if "WindowCenter" in ds:
        assert instance.windows[0].centre == ds.WindowCenter


def test_enhanced_and_classic_twins_lie_at_the_same_places(shared_dicom: Path) -> None:
    (file,) = (shared_dicom / "enhanced" / "philips-1901-enhanced").glob("*.dcm")
    with file.open("rb") as data:
        enhanced = read_header(data, name=file.name).instance
    classic = set()
    for part in (shared_dicom / "enhanced" / "philips-1901-classic").glob("*.dcm"):
        with part.open("rb") as data:
            (plane,) = read_header(data, name=part.name).instance.planes
        assert plane is not None
        classic.add(tuple(np.round([*plane.position, *plane.row, *plane.column], 3)))
    ours = {
        tuple(np.round([*plane.position, *plane.row, *plane.column], 3))
        for plane in enhanced.planes
        if plane is not None
    }
    assert len(ours) == 40
    assert ours == classic
