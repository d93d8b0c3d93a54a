"""Codestreams of the benches' own files, found by their marks: what a codec alone is given."""

from pathlib import Path

import imagecodecs
import numpy as np
from numpy.typing import NDArray

_ITEM = b"\xfe\xff\x00\xe0"
_PIXELS = b"\xe0\x7f\x10\x00"


def read(name: str) -> tuple[str, bytes]:
    """Transfer syntax and codestream of a file."""
    data = Path(name).read_bytes()
    at = data.index(b"\x02\x00\x10\x00UI") + 8
    syntax = data[at : at + int.from_bytes(data[at - 2 : at], "little")].decode().rstrip("\0")
    pixels = data.index(_PIXELS)
    if data[pixels + 8 : pixels + 12] != b"\xff\xff\xff\xff":
        return syntax, data[pixels + 12 :]
    table = data.index(_ITEM, pixels)
    item = table + 8 + int.from_bytes(data[table + 4 : table + 8], "little")
    length = int.from_bytes(data[item + 4 : item + 8], "little")
    return syntax, data[item + 8 : item + 8 + length]


def decode(encoded: tuple[str, bytes]) -> NDArray[np.uint16]:
    """The image, 512 × 512 where the codestream does not say."""
    syntax, data = encoded
    if syntax.endswith("1.2.1"):
        return np.frombuffer(data, "<u2").reshape(512, 512)
    if syntax.endswith("1.2.5"):
        flat = imagecodecs.dicomrle_decode(data, np.dtype("<u2"), out=bytearray(512 * 512 * 2))
        return np.frombuffer(flat, "<u2").reshape(512, 512)
    if syntax.endswith("4.80"):
        return np.asarray(imagecodecs.jpegls_decode(data))
    return np.asarray(imagecodecs.jpeg2k_decode(data))
