"""Limits hold before anything is parsed or allocated (reliability R23, S8)."""

import io
import time
import tracemalloc

import pytest

from tests.kit import dicom_files
from viewer.errors import HeaderError, NotDicom
from viewer.loading.guard import MIB, FileBytes, Limits, PlainBytes, check_shape
from viewer.loading.headers import read_header
from viewer.loading.outline import outline


def _read(data: bytes, limits: Limits | None = None) -> None:
    read_header(io.BytesIO(data), name="file", limits=limits)


def test_nesting_is_allowed_to_the_limit() -> None:
    _read(dicom_files.nested(32))


def test_deeper_nesting_is_refused() -> None:
    with pytest.raises(HeaderError, match="nested more than 32 deep"):
        _read(dicom_files.nested(33))
    with pytest.raises(HeaderError, match="nested more than 32 deep"):
        _read(dicom_files.nested(5000))


def test_a_deflate_bomb_is_refused_early() -> None:
    data = dicom_files.bomb(100)
    tracemalloc.start()
    begin = time.perf_counter()
    with pytest.raises(HeaderError, match="deflated data grows beyond"):
        _read(data)
    taken = time.perf_counter() - begin
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 2
    assert peak < 200 * MIB


def test_too_many_elements_are_refused() -> None:
    with pytest.raises(HeaderError, match="more than 10 elements"):
        _read(dicom_files.file(), Limits(elements=10))


def test_a_file_beyond_the_size_limit_is_refused() -> None:
    data = dicom_files.file()
    with pytest.raises(HeaderError, match="more than"):
        _read(data, Limits(file_bytes=len(data) - 1))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rows": 65535, "columns": 65535}, "4294836225 pixels"),
        ({"rows": 0}, "5 columns by 0 rows"),
        ({"samples": 2}, "Samples per Pixel is 2"),
        ({"bits": 12}, "Bits Allocated is 12"),
        ({"frames": 1_000_000}, "Number of Frames is 1000000"),
        ({"frames": 0}, "Number of Frames is 0"),
        ({"rows": 10000, "columns": 10000, "bits": 64}, "512 MiB"),
        ({"rows": 5000, "columns": 5000, "bits": 16, "frames": 20000}, "4 GiB"),
    ],
)
def test_shapes_that_nothing_may_allocate(values: dict[str, int], sentence: str) -> None:
    shape = {"rows": 4, "columns": 5, "samples": 1, "bits": 16, "frames": 1, **values}
    with pytest.raises(HeaderError, match=sentence) as caught:
        check_shape(**shape, limits=Limits(), where="1.2.3")
    assert caught.value.where == "1.2.3"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04" + bytes(400), b"hello", bytes(200)])
def test_what_is_not_dicom_is_said_so(data: bytes) -> None:
    with pytest.raises(NotDicom):
        _read(data)


def test_a_length_beyond_the_end_allocates_nothing() -> None:
    tail = b"\x73\x00\x01\x10OB\0\0\xf0\xff\xff\x7f"
    file = FileBytes(io.BytesIO(dicom_files.file(PixelData=None) + tail))
    tracemalloc.start()
    found = outline(file, where="file")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * MIB
    assert any("cut or corrupt" in repair for repair in found.repairs)


def test_bulky_values_are_left_out_of_the_header() -> None:
    ds = dicom_files.dataset(PixelData=None)
    ds.add_new(0x00420011, "OB", bytes(3 * MIB))
    found = outline(PlainBytes(dicom_files.written(ds)), where="file")
    assert 0x00420011 not in found.fields
    assert found.fields.text(0x00100020) == "T-1"
