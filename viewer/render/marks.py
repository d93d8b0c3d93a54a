"""Words that must stay with a picture when it leaves the program, drawn into it (F55)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_LETTERS = 14
_MARGIN = 4


def marked(picture: NDArray[Any], words: str) -> NDArray[Any]:
    """A picture with words on a black ground in its lower left corner; itself without words.

    Grey of 8 or 16 bits (height, width) or RGB of 8 (height, width, 3); words that do not fit are
    made smaller, never left out.
    """
    if not words:
        return picture
    height, width = picture.shape[:2]
    for size in range(_LETTERS, 5, -1):
        mask = _letters(words, size)
        if mask.shape[1] <= width and mask.shape[0] <= height:
            break
    mask = mask[:height, :width]
    out = picture.copy()
    top = np.iinfo(picture.dtype).max
    levels = np.floor(mask.astype(np.float64) / 255 * top + 0.5).astype(picture.dtype)
    box = out[height - mask.shape[0] :, : mask.shape[1]]
    box[...] = levels if picture.ndim == 2 else levels[..., None]
    return out


def _letters(words: str, size: int) -> NDArray[np.uint8]:
    """White letters on black, as small as they go."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(words))
    margin = _MARGIN if size > 8 else 1
    image = Image.new("L", (right - left + 2 * margin, bottom - top + 2 * margin))
    ImageDraw.Draw(image).text((margin - left, margin - top), words, fill=255, font=font)
    return np.asarray(image)
