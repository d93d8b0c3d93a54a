"""The value under the pointer, from stored pixels: modality, real-world or uptake value."""

import math
from typing import Any

from numpy.typing import NDArray

from viewer.calibration.regions import axis_values
from viewer.measure.gaps import Rows, in_gap
from viewer.model.geometry import PixelPoint
from viewer.model.quantities import ReadoutKind
from viewer.model.study import Instance
from viewer.pixels.measured import measured_values, readout_named
from viewer.pixels.pipeline import PixelPipeline


def value_text(
    pixels: NDArray[Any], instance: Instance, at: PixelPoint, readout: str = "", missing: Rows = ()
) -> str:
    """Value with unit and the pixel it belongs to, counted from 1; empty outside the image.

    ``readout`` names the values to read, '' is the image's default (F15); ``missing`` are rows
    without data.
    """
    column, row = math.floor(at.column + 0.5), math.floor(at.row + 0.5)
    rows, columns = pixels.shape[:2]
    if not (0 <= row < rows and 0 <= column < columns) or instance.format is None:
        return ""
    place = f"column {column + 1}, row {row + 1}"
    if in_gap(at, missing):
        return f"no data · {place}"
    one = pixels[row : row + 1, column : column + 1]
    if not instance.format.is_grey:
        red, green, blue = (int(v) for v in one.reshape(-1)[:3])
        return f"R {red} G {green} B {blue} · {place}"
    pipeline = PixelPipeline.of(instance)
    if pipeline.is_padding(one).any():
        return f"no pixel · {place}"
    chosen = readout_named(instance, readout)
    name = "" if chosen.kind is ReadoutKind.MODALITY else chosen.name
    value = float(measured_values(one, instance, chosen).values[0, 0])
    if not math.isfinite(value):
        text = "no value" if chosen.mapping is None else "not mapped"
        return f"{name} {text}".strip() + f" · {place}"
    number = f"{value:.6g}".replace("-", "−")
    return f"{name} {number} {chosen.unit}".strip() + f" · {place}"


def region_text(instance: Instance, frame: int, at: PixelPoint) -> str:
    """What lies at a place along the axes of its ultrasound region: 'depth 3.42 cm'; else empty."""
    values = axis_values(instance, frame, at)
    return " · ".join(f"{v.name} {v.value:.3g} {v.unit}".replace("-", "−") for v in values)
