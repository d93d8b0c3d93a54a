"""The native codecs behind one signature each; imported in decoder workers only.

imagecodecs first; RLE and JPEG 2000 also have a plug-in of pylibjpeg for builds without them.
"""

from typing import Any

import imagecodecs
import numpy as np
import openjpeg.utils
import rle as rle_plugin
from numpy.typing import NDArray

Samples = NDArray[Any]


def rle(data: bytes, dtype: np.dtype[Any], count: int) -> Samples:
    """PackBits segments (PS3.5 G) → ``count`` samples, plane after plane."""
    if not imagecodecs.DICOMRLE.available:
        return _rle_plugin(data, dtype, count)
    out = bytearray(count * dtype.itemsize)
    decoded = imagecodecs.dicomrle_decode(data, dtype, out=out)
    if len(decoded) != len(out):
        raise ValueError(f"{len(decoded)} of {len(out)} bytes")
    return np.frombuffer(decoded, dtype)


def _rle_plugin(data: bytes, dtype: np.dtype[Any], count: int) -> Samples:
    decoded = rle_plugin.rle.decode_frame(data, count, dtype.itemsize * 8, "<")
    return np.frombuffer(decoded, dtype)


def jpeg(data: bytes, colour: str | None) -> Samples:
    """JPEG with DCT of 8 or 12 bits (processes 1, 2, 4); colour as RGB from ``colour``."""
    if colour is None:
        return _array(imagecodecs.jpeg8_decode(data))
    return _array(imagecodecs.jpeg8_decode(data, colorspace=colour, outcolorspace="RGB"))


def jpeg_ls(data: bytes) -> Samples:
    """JPEG-LS, lossless and near-lossless."""
    return _array(imagecodecs.jpegls_decode(data))


def jpeg_2000(data: bytes, threads: int = 1) -> Samples:
    """JPEG 2000 and HTJ2K, both wavelets, by OpenJPEG, which refuses what is cut and clips."""
    if not imagecodecs.JPEG2K.available:
        return openjpeg.utils.decode(data, j2k_format=0)
    return _array(imagecodecs.jpeg2k_decode(data, numthreads=threads))


def high_throughput(data: bytes, threads: int, reversible: bool) -> Samples:
    """HTJ2K by OpenJPEG and, where the wavelet is exact, by OpenJPH too.

    Each passes over damage that the other sees: ValueError when they do not agree (R26).
    """
    pixels = jpeg_2000(data, threads)
    if reversible and imagecodecs.HTJ2K.available:
        other = _array(imagecodecs.htj2k_decode(data))
        if other.shape != pixels.shape or not np.array_equal(
            other.view(pixels.dtype) if other.itemsize == pixels.itemsize else other, pixels
        ):
            raise ValueError("two decoders do not agree on it")
    return pixels


def lower_level(data: bytes, halvings: int) -> Samples:
    """HTJ2K at a lower resolution, by OpenJPH, which wraps what leaves the range."""
    return _array(imagecodecs.htj2k_decode(data, skipres=halvings))


def _array(decoded: object) -> Samples:
    return np.asarray(decoded)
