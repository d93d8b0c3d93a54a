"""Which decoders this installation has, by kind of codestream."""

from importlib import import_module
from importlib.util import find_spec

_KINDS = {
    "RLE": (("imagecodecs", "DICOMRLE"), ("rle", "")),
    "JPEG baseline and extended": (("imagecodecs", "JPEG8"),),
    "JPEG lossless": (("imagecodecs", "JPEG8"), ("imagecodecs", "JPEGSOF3")),
    "JPEG-LS": (("imagecodecs", "JPEGLS"),),
    "JPEG 2000": (("imagecodecs", "JPEG2K"), ("openjpeg", "")),
    "HTJ2K": (("imagecodecs", "JPEG2K"), ("openjpeg", "")),
}


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
