"""Finished pixels as a QImage, without a change of any value."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def as_image(pixels: NDArray[Any]) -> QImage:
    """Copy (height, width) grey or (height, width, 3) RGB, uint8, into an image of its own."""
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    whole = np.ascontiguousarray(pixels, dtype=np.uint8)
    return QImage(whole.data, width, height, whole.strides[0], kind).copy()
