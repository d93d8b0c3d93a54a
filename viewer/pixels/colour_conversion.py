"""What littlecms makes of every colour; loaded in a fenced process only, as profiles are foreign.

PS3.3 C.11.15, F18, R21.
"""

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from viewer.pixels.colour_table import LEVELS


class UnusableProfile(Exception):
    """The colour library refuses a profile; the text says why."""


def fill_table(source: bytes, target: bytes, out: NDArray[np.uint8]) -> None:
    """Write the entries of a ColourTable into ``out`` (256 · 256 · 256, 3).

    Empty bytes stand for sRGB. The rendering intent is the one that the source states.
    UnusableProfile.
    """
    intent = _intent(source)
    try:
        transform = ImageCms.buildTransform(_opened(source), _opened(target), "RGB", "RGB", intent)
        part = np.empty((LEVELS, LEVELS, 3), np.uint8)
        part[..., 1], part[..., 2] = np.indices((LEVELS, LEVELS), np.uint8)
        for red, plane in enumerate(out.reshape(LEVELS, LEVELS, LEVELS, 3)):
            part[..., 0] = red
            plane[...] = np.asarray(ImageCms.applyTransform(Image.fromarray(part), transform))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise UnusableProfile(" ".join(str(error).split())[:120]) from error


def _opened(data: bytes) -> ImageCms.ImageCmsProfile:
    if not data:
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    return ImageCms.ImageCmsProfile(io.BytesIO(data))


def _intent(data: bytes) -> ImageCms.Intent:
    stated = struct.unpack_from(">I", data, 64)[0] if len(data) >= 68 else 0
    return ImageCms.Intent(stated) if stated <= 3 else ImageCms.Intent.PERCEPTUAL
