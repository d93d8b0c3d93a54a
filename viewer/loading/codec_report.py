"""Which decoder reads each transfer syntax, and which of them this installation has (F3)."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType

_KINDS = {
    "RLE": (("imagecodecs", "DICOMRLE"), ("rle", "")),
    "JPEG baseline and extended": (("imagecodecs", "JPEG8"),),
    "JPEG lossless": (("numba", ""),),
    "JPEG-LS": (("imagecodecs", "JPEGLS"),),
    "JPEG 2000": (("imagecodecs", "JPEG2K"), ("openjpeg", "")),
    "HTJ2K": (("imagecodecs", "JPEG2K"), ("openjpeg", "")),
}

_TREE = "1.2.840.10008.1.2."
CHOSEN: Mapping[str, str] = MappingProxyType(
    {
        f"{_TREE}5": "imagecodecs packbits, each segment measured here",
        **dict.fromkeys(
            (f"{_TREE}4.{n}" for n in (50, 51, 53, 55)), "libjpeg-turbo, its code checked here"
        ),
        **dict.fromkeys((f"{_TREE}4.{n}" for n in (57, 70)), "Lightbox"),
        **dict.fromkeys((f"{_TREE}4.{n}" for n in (80, 81)), "CharLS"),
        **dict.fromkeys((f"{_TREE}4.{n}" for n in (90, 91)), "OpenJPEG"),
        **dict.fromkeys((f"{_TREE}4.{n}" for n in (201, 202, 203)), "OpenJPEG beside OpenJPH"),
    }
)
"""The decoder of each transfer syntax; another one may give other pixels where there is loss."""


def available_codecs() -> dict[str, list[str]]:
    """Give for each kind the modules that can decode it, best first."""
    return {
        kind: list(dict.fromkeys(module for module, name in makers if _has(module, name)))
        for kind, makers in _KINDS.items()
    }


def _has(module: str, name: str) -> bool:
    if find_spec(module) is None:
        return False
    if not name:
        return True
    constants = getattr(import_module(module), name, None)
    return bool(getattr(constants, "available", False))
