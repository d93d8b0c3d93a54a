"""P-values and colour as PNG files: untagged, never through a display's table (F60)."""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin


def write_png(path: Path | BinaryIO, picture: NDArray[Any], comment: str = "") -> None:
    """Write grey of 8 or 16 bits (height, width) or RGB of 8 (height, width, 3) as a PNG file.

    ``comment`` goes into a text chunk of that name. OSError when the file cannot be written.
    """
    grey = picture.ndim == 2 and picture.dtype in (np.uint8, np.uint16)
    colour = picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype == np.uint8
    if not (grey or colour):
        raise ValueError(f"no PNG holds {picture.dtype} of shape {picture.shape}")
    told = PngImagePlugin.PngInfo()
    if comment:
        told.add_text("Comment", comment)
    Image.fromarray(np.ascontiguousarray(picture)).save(path, format="PNG", pnginfo=told)
