"""Codestreams of arrays, one function for each codec."""

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
