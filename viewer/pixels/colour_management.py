"""Colours as their profile means them, on an sRGB screen, by littlecms (PS3.3 C.11.15, F18)."""

import io
import struct
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from viewer.model.colour import ColourProfile

Rgb = NDArray[np.uint8]

_ROWS = 512
"""Rows that are converted at a time, so that a large picture needs little more memory."""


class UnusableProfile(Exception):
    """The colour library refuses a profile; the text says why."""


def on_srgb(rgb: Rgb, profile: ColourProfile | None) -> Rgb:
    """RGB (rows, columns, 3) in the colours of a profile as sRGB; without one it is sRGB already.

    The rendering intent is the one that the profile states. UnusableProfile.
    """
    if profile is None or not rgb.size:
        return rgb
    transform = transform_to_srgb(profile.data)
    out = np.empty_like(rgb)
    for row in range(0, len(rgb), _ROWS):
        part = Image.fromarray(np.ascontiguousarray(rgb[row : row + _ROWS]))
        out[row : row + _ROWS] = np.asarray(ImageCms.applyTransform(part, transform))
    return out


@lru_cache(maxsize=8)
def transform_to_srgb(data: bytes) -> ImageCms.ImageCmsTransform:
    """The conversion that a profile asks for; UnusableProfile."""
    (stated,) = struct.unpack_from(">I", data, 64)
    intent = ImageCms.Intent(stated) if stated <= 3 else ImageCms.Intent.PERCEPTUAL
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(data))
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        return ImageCms.buildTransform(source, target, "RGB", "RGB", intent)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise UnusableProfile(" ".join(str(error).split())[:120]) from error
