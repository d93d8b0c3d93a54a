"""F2: sign and precision of a JPEG 2000 codestream give way to the header, and that is told."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK
from numpy.typing import NDArray

from tests.kit import codestreams, dicom_files, pydicom_oracle
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline
from viewer.model.study import Instance

WHEEL = Path(pydicom.__file__).parent / "data" / "test_files"
J2K, HTJ2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"
FULL = np.random.default_rng(2).integers(0, 1 << 16, (16, 24), np.uint16)
SIZE: dict[str, Any] = {"Rows": 16, "Columns": 24}


def _read(data: bytes) -> tuple[Instance, Decoded]:
    instance = read_header(io.BytesIO(data), name="file").instance
    cut = cut_frame(outline(PlainBytes(data), where="file"), 0, instance)
    return instance, decode_frame(cut)


@pytest.mark.parametrize("name", ["693_J2KI.dcm", "J2K_pixelrep_mismatch.dcm"])
def test_f02_two_real_files_equal_pydicom_and_simple_itk(name: str) -> None:
    file = WHEEL / name
    instance, found = _read(file.read_bytes())
    assert instance.format is not None
    ds = pydicom_oracle.dataset(file)
    theirs = pydicom_oracle.frames(ds, instance.format, 1)[0]
    np.testing.assert_array_equal(found.pixels, theirs)
    values = found.pixels.astype(float) * float(ds.get("RescaleSlope", 1))
    values += float(ds.get("RescaleIntercept", 0))
    itk = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(file)))
    np.testing.assert_array_equal(values, itk.reshape(values.shape))
    (note,) = found.notes
    assert note.startswith("The codestream holds ")
    assert note.endswith("; the header is followed.")


@pytest.mark.parametrize("name", ["TOSHIBA_J2K_SIZ0_PixRep1.dcm", "TOSHIBA_J2K_SIZ1_PixRep0.dcm"])
def test_f02_two_files_of_one_maker_that_err_both_ways(shared_dicom: Path, name: str) -> None:
    file = shared_dicom / "transfer-syntaxes" / "edge" / name
    instance, found = _read(file.read_bytes())
    assert instance.format is not None
    theirs = pydicom_oracle.frames(pydicom_oracle.dataset(file), instance.format, 1)[0]
    np.testing.assert_array_equal(found.pixels, theirs)
    assert len(found.notes) == 1


def _coded(pixels: NDArray[Any], syntax: str, *, signed: bool, stored: int) -> Decoded:
    make = codestreams.jpeg_2000 if syntax == J2K else codestreams.htj2k
    data = dicom_files.encoded(
        [make(pixels)], syntax, PixelRepresentation=int(signed), BitsStored=stored,
        HighBit=stored - 1, **SIZE,
    )  # fmt: skip
    return _read(data)[1]


@pytest.mark.parametrize("syntax", [J2K, HTJ2K])
def test_f02_an_unsigned_codestream_under_a_signed_header(syntax: str) -> None:
    found = _coded(FULL, syntax, signed=True, stored=16)
    np.testing.assert_array_equal(found.pixels, FULL.view(np.int16))
    assert found.notes == (
        "The codestream holds unsigned 16-bit values, the header says signed 16-bit; "
        "the header is followed.",
    )


@pytest.mark.parametrize("syntax", [J2K, HTJ2K])
def test_f02_a_signed_codestream_under_an_unsigned_header(syntax: str) -> None:
    found = _coded(FULL.view(np.int16), syntax, signed=False, stored=16)
    np.testing.assert_array_equal(found.pixels, FULL)
    assert "holds signed 16-bit" in found.notes[0]


def test_f02_a_codestream_of_more_bits_than_are_stored() -> None:
    found = _coded(FULL, J2K, signed=True, stored=12)
    np.testing.assert_array_equal(found.pixels, (FULL << 4).view(np.int16) >> 4)
    assert "unsigned 16-bit values, the header says signed 12-bit" in found.notes[0]


@pytest.mark.parametrize("syntax", [J2K, HTJ2K])
def test_f02_nothing_is_told_where_nothing_contradicts(syntax: str) -> None:
    assert _coded(FULL, syntax, signed=False, stored=16).notes == ()
    assert _coded(FULL.view(np.int16), syntax, signed=True, stored=16).notes == ()
