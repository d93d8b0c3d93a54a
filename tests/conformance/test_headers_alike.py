"""Reading headers one after the other gives what reading each alone gives."""

import io
from pathlib import Path
from typing import Any

import pytest

from tests.kit import dicom_files
from viewer.errors import ViewerError
from viewer.loading.alike import Alike
from viewer.loading.headers import read_header
from viewer.loading.outline import load_compiled_walk


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    load_compiled_walk()


def _read(data: bytes, alike: Alike | None) -> object:
    try:
        return read_header(io.BytesIO(data), name="x", alike=alike)
    except ViewerError as error:
        return str(error)


def test_real_headers_in_any_company(shared_dicom: Path) -> None:
    files = sorted(p for p in shared_dicom.rglob("*") if p.is_file())
    few = [p for p in files if p.stat().st_size < 1_500_000][::3]
    alike = Alike()
    for path in few:
        data = path.read_bytes()
        assert _read(data, alike) == _read(data, None), path


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientName", "Other^Patient"), ("PatientID", None), ("StudyDescription", "later"),
        ("SpecificCharacterSet", "ISO_IR 192"), ("RescaleSlope", "3"), ("WindowWidth", "0"),
        ("PixelSpacing", None), ("Rows", 5), ("Laterality", "L"), ("KVP", "80"),
        ("PixelRepresentation", 1), ("SeriesInstanceUID", "1.2.3"), ("BodyPartExamined", "HEAD"),
        ("FrameOfReferenceUID", "1.9"), ("PixelPaddingValue", 0), ("Modality", "PT"),
    ],
)  # fmt: skip
def test_what_changes_from_header_to_header_is_read_anew(keyword: str, value: object) -> None:
    plain: dict[str, Any] = {"WindowCenter": "40", "WindowWidth": "400", "PatientComments": "äöü"}
    changed = {**plain, keyword: value}
    if "Rows" in changed:
        changed["PixelData"] = bytes(50)
    files = [
        dicom_files.file(1, **plain),
        dicom_files.file(2, **changed),
        dicom_files.file(3, **plain),
    ]
    alike = Alike()
    for data in files:
        assert _read(data, alike) == _read(data, None)
