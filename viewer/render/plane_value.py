"""The value of a reconstruction at a point of the patient, in words."""

import math

import numpy as np

from viewer.model.fusion import Fusion
from viewer.model.geometry import PointLps
from viewer.model.quantities import ReadoutKind
from viewer.model.sample_grid import SampleGrid, Slab
from viewer.model.study import Instance
from viewer.pixels.measured import readout_named
from viewer.render.reslice import Reslicer
from viewer.viewport.planes import Cut


def plane_value(reslicer: Reslicer, cut: Cut, point: PointLps, slab: Slab | None) -> float | None:
    """Modality value of a plane at a point; None where there is nothing."""
    return value_at(reslicer, point, (cut.right, cut.down), slab)


def value_at(
    reslicer: Reslicer, point: PointLps, across: tuple[PointLps, PointLps], slab: Slab | None
) -> float | None:
    """As ``plane_value``, for a plane by its directions to the right and down.

    One sample by the slow path: it never waits for a compiler.
    """
    out = np.empty((1, 1), np.float64)
    grid = SampleGrid(point, *across, 1, 1)
    reslicer.sample(grid, slab, out, reference=True)
    rescale = reslicer.volume.rescale
    value = float(out[0, 0]) * rescale.slope + rescale.intercept
    return value if math.isfinite(value) else None


def plane_value_text(value: float | None, unit: str, instance: Instance, readout: str = "") -> str:
    """A value with its unit, as uptake where that is how the image is read (F51)."""
    if value is None:
        return "no value"
    chosen = readout_named(instance, readout)
    if chosen.kind is ReadoutKind.SUV:
        return f"{chosen.name} {_number(value * chosen.factor)} {chosen.unit}".strip()
    return f"{_number(value)} {unit}".strip()


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def fused_value_text(value: float | None, fusion: Fusion) -> str:
    """The value of the volume that is laid over, as it is read: 'PT SUVbw 3.2 g/ml'."""
    if value is None:
        return f"{fusion.modality} no value"
    readout = fusion.readout
    name = readout.name if readout.kind is ReadoutKind.SUV else ""
    words = (fusion.modality, name, _number(value * readout.factor), readout.unit)
    return " ".join(word for word in words if word)
