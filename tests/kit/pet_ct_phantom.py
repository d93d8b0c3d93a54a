"""An invented patient in a PET/CT: the chest of the demo's phantom, and uptake where it belongs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.kit.fusion import Arrays
from tests.kit.viewer import AXIAL, ct_instance, grey_format, series_of, study_of
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.presentation import Rescale
from viewer.model.quantities import Suv, SuvScale
from viewer.model.study import Instance, Study
from workstation.demo.phantoms_scan import CURRENT, NODULES, ChestModel, chest_painter, planes
from workstation.demo.phantoms_shapes import blurred
from workstation.demo.phantoms_thorax import Placed

_STEP, _CELL, _SIDE = 3.0, 4.0, 112
_SLICES = 104
_SLOPE, _FACTOR = 2.0, 0.0005
_HOT = ((PointLps(10.0, 18.0, -8.0), 11.0, 7.0), (PointLps(-58.0, 10.0, -150.0), 22.0, 3.4))
"""Further places of uptake: where, radius in mm, SUV (a node in the mediastinum, the liver's dome).
"""


def pet_ct_phantom() -> tuple[Study, Arrays]:
    """Both series and their stored values; the CT takes some seconds to paint."""
    body = ChestModel().body.placed(CURRENT.turn, CURRENT.shift, NODULES)
    heights = [CURRENT.top - _STEP * n for n in range(_SLICES)]
    painted = np.stack(list(planes(chest_painter(body, CURRENT), heights)))
    scans = [_scan(n, z) for n, z in enumerate(heights)]
    uptake = [_uptake(n, z) for n, z in enumerate(heights)]
    arrays: Arrays = {}
    noise = np.random.default_rng(7).normal(0, 12, painted.shape).astype(np.float32)
    for one, hu in zip(scans, painted + noise, strict=True):
        arrays[(one.ref.sop, 0)] = np.clip(np.rint(hu) + 1024, 0, 4095).astype(np.int16)
    for one, suv in zip(uptake, _suv(body, heights), strict=True):
        stored = np.clip(np.rint(suv / _FACTOR / _SLOPE), 0, 32767)
        arrays[(one.ref.sop, 0)] = stored.astype(np.int16)
    study = study_of(
        series_of(scans, number=2, description="CT low dose"),
        series_of(uptake, number=3, description="PET body AC", body_part="CHEST"),
    )
    return study, arrays


def _scan(n: int, z: float) -> Instance:
    x, y = CURRENT.first
    plane = ImagePlane(PointLps(x, y, z), *AXIAL, Spacing(CURRENT.spacing, CURRENT.spacing))
    return ct_instance("1.2.1", n, rows=512, columns=512, planes=(plane,))


def _first() -> tuple[float, float]:
    half = _CELL * (_SIDE - 1) / 2
    return -half, 12.0 - half


def _uptake(n: int, z: float) -> Instance:
    x, y = _first()
    plane = ImagePlane(PointLps(x, y, z), *AXIAL, Spacing(_CELL, _CELL))
    return ct_instance(
        "1.2.5",
        n,
        format=grey_format(_SIDE, _SIDE),
        planes=(plane,),
        modality="PT",
        sop_class="1.2.840.10008.5.1.4.1.1.128",
        modality_lut=Rescale(_SLOPE, 0.0, "Bq/ml"),
        windows=(),
        suv=Suv((SuvScale("SUVbw", _FACTOR, "g/ml"),)),
    )


def _suv(body: Placed, heights: list[float]) -> NDArray[np.float32]:
    """Uptake by tissue and around the nodules, as blurred and noisy as a scanner gives it."""
    first, shape = _first(), (_SIDE, _SIDE)
    hu = np.stack([body.paint(shape, (*first, z), (_CELL, _CELL)) for z in heights])
    steps: tuple[Any, ...] = (-900, -500, -200, 20, 120)
    suv = np.array([0.02, 0.35, 0.5, 0.9, 1.4, 1.1], np.float32)[np.digitize(hu, steps)]
    x = first[0] + _CELL * np.arange(_SIDE)
    y = first[1] + _CELL * np.arange(_SIDE)
    hot = [(PointLps(*n.centre), max(n.diameter, 12.0) / 2 + 2, 9.0) for n in NODULES]
    for centre, radius, most in (*hot, *_HOT):
        away = (
            (np.array(heights)[:, None, None] - centre.z) ** 2
            + (y[:, None] - centre.y) ** 2
            + (x - centre.x) ** 2
        )
        suv = np.maximum(suv, most * np.exp(-away / (2 * (radius / 1.2) ** 2)).astype(np.float32))
    random = np.random.default_rng(5).normal(1, 0.6, suv.shape).astype(np.float32)
    return np.maximum(blurred(suv * random, 1, 1), 0)
