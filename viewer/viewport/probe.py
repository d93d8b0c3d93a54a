"""The value under the pointer: from stored pixels through the frame's own modality step."""

import math
from typing import Any

from numpy.typing import NDArray

from viewer.model.geometry import PixelPoint
from viewer.model.study import Instance
from viewer.pixels.pipeline import PixelPipeline


def value_text(pixels: NDArray[Any], instance: Instance, at: PixelPoint) -> str:
    """Value with unit and the pixel it belongs to, counted from 1; empty outside the image."""
    column, row = math.floor(at.column + 0.5), math.floor(at.row + 0.5)
    rows, columns = pixels.shape[:2]
    if not (0 <= row < rows and 0 <= column < columns) or instance.format is None:
        return ""
    place = f"column {column + 1}, row {row + 1}"
    one = pixels[row : row + 1, column : column + 1]
    if not instance.format.is_grey:
        red, green, blue = (int(v) for v in one.reshape(-1)[:3])
        return f"R {red} G {green} B {blue} · {place}"
    pipeline = PixelPipeline.of(instance)
    if pipeline.is_padding(one).any():
        return f"no pixel · {place}"
    value = float(pipeline.modality_values(one)[0, 0])
    if not math.isfinite(value):
        return f"no value · {place}"
    number = f"{value:.6g}".replace("-", "−")
    return f"{number} {instance.modality_lut.unit}".strip() + f" · {place}"
