"""Codestreams of arrays, one function for each codec."""

import struct
from typing import Any, Literal

import imagecodecs
from numpy.typing import NDArray
from pydicom.pixels.encoders.base import RLELosslessEncoder

Pixels = NDArray[Any]


def jpeg_ls(frame: Pixels) -> bytes:
    """JPEG-LS, lossless."""
    return bytes(imagecodecs.jpegls_encode(frame))


def jpeg_2000(frame: Pixels, form: Literal["j2k", "jp2"] = "j2k") -> bytes:
    """JPEG 2000 with the reversible wavelet, bare or as a JP2 file."""
    return bytes(imagecodecs.jpeg2k_encode(frame, codecformat=form, reversible=True, level=0))


def htj2k(frame: Pixels) -> bytes:
    """High-throughput JPEG 2000, lossless."""
    return bytes(imagecodecs.htj2k_encode(frame, reversible=True))


def jpeg_lossless(frame: Pixels, bits: int) -> bytes:
    """JPEG process 14."""
    return bytes(imagecodecs.ljpeg_encode(frame, bitspersample=bits))


def jpeg(frame: Pixels, space: str | None = None) -> bytes:
    """JPEG baseline; ``space`` is what the three components are and stay."""
    return bytes(imagecodecs.jpeg8_encode(frame, level=95, colorspace=space, outcolorspace=space))


def rle(frame: Pixels) -> bytes:
    """RLE Lossless of a grey frame."""
    return RLELosslessEncoder.encode(
        frame.tobytes(), rows=frame.shape[0], columns=frame.shape[1], samples_per_pixel=1,
        bits_allocated=frame.itemsize * 8, bits_stored=frame.itemsize * 8, pixel_representation=0,
        number_of_frames=1, photometric_interpretation="MONOCHROME2", byteorder="<",
    )  # fmt: skip


def jpeg_lossless_of(frame: Pixels, bits: int, predictor: int, *, restart_rows: int = 0) -> bytes:
    """JPEG process 14 with any predictor and restarts, written literally (ISO/IEC 10918-1 H).

    Every difference category has a code of 5 bits, so no statistics are needed.
    """
    rows, columns = frame.shape
    out = bytearray(b"\xff\xd8\xff\xc3\x00\x0b")
    out += struct.pack(">BHHB", bits, rows, columns, 1) + b"\x01\x11\x00"
    out += b"\xff\xc4\x00\x24\x00" + bytes([0, 0, 0, 0, 17, *[0] * 11]) + bytes(range(17))
    if restart_rows:
        out += b"\xff\xdd\x00\x04" + struct.pack(">H", restart_rows * columns)
    out += b"\xff\xda\x00\x08\x01\x01\x00" + bytes([predictor, 0, 0])
    values = frame.astype(int).tolist()
    step = restart_rows or rows
    for number, first in enumerate(range(0, rows, step)):
        if number:
            out += bytes([0xFF, 0xD0 + (number - 1) % 8])
        bits_out = "".join(
            _lossless_code(values, row, column, first, predictor, 1 << (bits - 1))
            for row in range(first, min(first + step, rows))
            for column in range(columns)
        )
        bits_out += "1" * (-len(bits_out) % 8)
        packed = int(bits_out, 2).to_bytes(len(bits_out) // 8, "big")
        out += packed.replace(b"\xff", b"\xff\x00")
    return bytes(out + b"\xff\xd9")


def _lossless_code(
    values: list[list[int]], row: int, column: int, first: int, predictor: int, half: int
) -> str:
    predicted = half
    if row > first and column == 0:
        predicted = values[row - 1][0]
    elif row == first and column:
        predicted = values[row][column - 1]
    elif column:
        a, b, c = values[row][column - 1], values[row - 1][column], values[row - 1][column - 1]
        predicted = (a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1)[
            predictor - 1
        ]
    difference = (values[row][column] - predicted + 32768) % 65536 - 32768
    size = abs(difference).bit_length() if difference != -32768 else 16
    code = f"{size:05b}"
    if size in {0, 16}:
        return code
    raised = difference if difference > 0 else difference + (1 << size) - 1
    return code + f"{raised:0{size}b}"
