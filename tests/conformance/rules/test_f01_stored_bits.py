"""F1: a stored value is Bits Stored bits that end at High Bit, sign extended; the rest is noise."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit import codestreams, dicom_files
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline

LITTLE, BIG, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2"
RLE = "1.2.840.10008.1.2.5"
ROWS, COLUMNS = 16, 24


def stored_signed(raw: NDArray[Any], stored: int, high: int, *, signed: bool) -> NDArray[np.int64]:
    """PS3.5 8.1.1 literally, value by value."""
    found = []
    for value in raw.ravel().tolist():
        kept = (value >> (high + 1 - stored)) % 2**stored
        found.append(kept - 2**stored if signed and kept >= 2 ** (stored - 1) else kept)
    return np.array(found, np.int64).reshape(raw.shape)


def _decoded(data: bytes) -> NDArray[Any]:
    instance = read_header(io.BytesIO(data), name="file").instance
    cut = cut_frame(outline(PlainBytes(data), where="file"), 0, instance)
    return decode_frame(cut).pixels


def _noise(allocated: int, seed: int) -> NDArray[Any]:
    dice = np.random.default_rng(seed)
    return dice.integers(0, 1 << allocated, (ROWS, COLUMNS), np.uint64)


def _layouts() -> list[tuple[int, int, int]]:
    """Allocated, stored and high bit: every depth, at both ends and once in between."""
    found = []
    for allocated in (8, 16, 32):
        for stored in {*range(1, min(allocated, 16) + 1), allocated, allocated - 3}:
            highs = {stored - 1, allocated - 1, (stored - 1 + allocated - 1) // 2}
            found += [(allocated, stored, high) for high in sorted(highs)]
    return sorted(set(found))


@pytest.mark.parametrize("syntax", [LITTLE, IMPLICIT, BIG], ids=["little", "implicit", "big"])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_f01_every_layout_of_bits_in_native_pixels(syntax: str, signed: bool) -> None:
    order = ">" if syntax == BIG else "<"
    for allocated, stored, high in _layouts():
        raw = _noise(allocated, allocated * 100 + stored)
        ds = dicom_files.dataset(
            BitsAllocated=allocated, BitsStored=stored, HighBit=high,
            PixelRepresentation=int(signed), Rows=ROWS, Columns=COLUMNS,
        )  # fmt: skip
        ds["PixelData"].VR = "OB" if allocated == 8 and syntax != IMPLICIT else "OW"
        ds.PixelData = raw.astype(f"{order}u{allocated // 8}").tobytes()
        np.testing.assert_array_equal(
            _decoded(dicom_files.written(ds, syntax)),
            stored_signed(raw, stored, high, signed=signed),
            err_msg=f"{allocated} {stored} {high}",
        )


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_f01_every_layout_of_bits_in_rle(signed: bool) -> None:
    """What lies beyond the stored bits is coded along and masked as in native pixels."""
    for allocated, stored, high in [case for case in _layouts() if case[0] < 32]:
        raw = _noise(allocated, stored).astype(f"u{allocated // 8}")
        data = dicom_files.encoded(
            [codestreams.rle(raw)], RLE, BitsAllocated=allocated, BitsStored=stored, HighBit=high,
            PixelRepresentation=int(signed), Rows=ROWS, Columns=COLUMNS,
        )  # fmt: skip
        np.testing.assert_array_equal(
            _decoded(data), stored_signed(raw, stored, high, signed=signed)
        )


def test_f01_overlay_bits_above_the_stored_ones_are_no_value() -> None:
    """An embedded overlay in bit 15 of a 12-bit image was read as 61440 by others."""
    ds = dicom_files.dataset(
        BitsAllocated=16, BitsStored=12, HighBit=11, Rows=1, Columns=2,
        PixelData=np.array([0xF123, 0x0FFF], "<u2").tobytes(),
    )  # fmt: skip
    assert _decoded(dicom_files.written(ds)).tolist() == [[0x123, 0xFFF]]
