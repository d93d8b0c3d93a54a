"""Lower resolutions of HTJ2K: only where values can be told from overshoots, never as the frame."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.kit import codestreams, dicom_files
from viewer.loading.headers import read_header
from viewer.loading.pool import DecodePool
from viewer.loading.previews import enlarged, may_preview
from viewer.model.study import Instance, Photometric

HTJ2K, J2K = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.90"
ROWS, COLUMNS = 1030, 1021


def _steps(low: int, high: int) -> Any:
    """Fields of black and white, whose edges make every wavelet overshoot."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    return np.where((x // 37 + y // 53) % 2, low, high)


def _file(pixels: Any, *, signed: bool, stored: int, syntax: str = HTJ2K) -> bytes:
    make = codestreams.htj2k if syntax == HTJ2K else codestreams.jpeg_2000
    return dicom_files.encoded(
        [make(pixels)], syntax, Rows=ROWS, Columns=COLUMNS, BitsStored=stored, HighBit=stored - 1,
        PixelRepresentation=int(signed),
    )  # fmt: skip


def _instance(data: bytes) -> Instance:
    return read_header(io.BytesIO(data), name="file").instance


@pytest.mark.parametrize(
    ("low", "high", "signed", "stored"), [(0, 4095, False, 12), (-2048, 2047, True, 12)]
)
def test_a_preview_stays_in_the_range_of_the_image(
    low: int, high: int, signed: bool, stored: int
) -> None:
    whole = _steps(low, high).astype(np.int16 if signed else np.uint16)
    data = _file(whole, signed=signed, stored=stored)
    instance = _instance(data)
    pool = DecodePool(1)
    reduced = pool.preview(data, 0, instance)
    np.testing.assert_array_equal(pool.decode(data, 0, instance).pixels, whole)
    pool.close()
    assert reduced is not None
    assert reduced.shape == (-(-ROWS // 4), -(-COLUMNS // 4))
    assert (reduced.min(), reduced.max()) == (low, high)
    assert instance.format is not None
    large = enlarged(reduced, instance.format)
    assert (large.shape, large.dtype) == (whole.shape, whole.dtype)
    assert (np.abs(large.astype(int) - whole) < (high - low) // 4).mean() > 0.8


def test_other_codecs_and_formats_have_no_preview() -> None:
    data = _file(_steps(0, 4095).astype(np.uint16), signed=False, stored=12)
    instance = _instance(data)
    assert may_preview(instance)
    assert instance.format is not None
    for change in (
        {"bits_stored": 16, "high_bit": 15},
        {"high_bit": 14},
        {"bits_allocated": 8, "bits_stored": 8, "high_bit": 7},
        {"rows": 100},
        {"samples": 3, "photometric": Photometric.RGB},
    ):
        changed = replace(instance, format=replace(instance.format, **change))
        assert not may_preview(changed), change
    assert not may_preview(replace(instance, transfer_syntax=J2K))
    assert not may_preview(replace(instance, format=None))


def test_a_codestream_without_levels_has_none() -> None:
    pixels = _steps(0, 4095).astype(np.uint16)
    stream = codestreams.htj2k(pixels)
    cod = stream.index(b"\xff\x52")
    assert stream[cod + 9] >= 2
    flat = stream[: cod + 9] + b"\x01" + stream[cod + 10 :]
    data = dicom_files.encoded([flat], HTJ2K, Rows=ROWS, Columns=COLUMNS, BitsStored=12, HighBit=11)
    pool = DecodePool(1)
    assert pool.preview(data, 0, _instance(data)) is None
    pool.close()
