"""The PET/CT study: the body model on one couch for both, with uptake where it belongs."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np

from workstation.demo.phantoms_dicom import Injection, pet_header, pet_image, write
from workstation.demo.phantoms_kernels import Floats
from workstation.demo.phantoms_scan import ChestModel, ChestScan, write_chest, write_truth
from workstation.demo.phantoms_shapes import Point, blurred
from workstation.demo.phantoms_thorax import Nodule, Placed
from workstation.demo.seed_plan import CasePlan, StudyPlan

SLICES = 104
"""Of the CT and of the PET."""
TUMOUR = Nodule("right upper lobe", (-70.0, -22.0, 38.0), 24.0)
SCAN = ChestScan(
    np.eye(3),
    np.zeros(3),
    (TUMOUR, Nodule("lingula", (82.0, -48.0, -34.0), 10.0)),
    SLICES,
    112.0,
    3.0,
    0.9,
    18.0,
    4,
)
INJECTION = Injection(dose=240e6, weight=68.0, height=1.66, minutes=62.0)
_CELL, _SIDE = 4.0, 120
_NODE: Point = (10.0, 18.0, -8.0)
_HOT: tuple[tuple[str, Point, float, float], ...] = (
    (TUMOUR.name, TUMOUR.centre, 13.0, 11.0),
    ("lymph node below the carina", _NODE, 9.0, 7.0),
)
"""Name, place, radius in mm and SUV in the middle; the nodule of the lingula takes up nothing."""
_EDGES = (-900.0, -500.0, -200.0, 20.0, 120.0)
_UPTAKE = (0.02, 0.35, 0.5, 1.1, 1.6, 1.0)
"""SUV of air, lung, fat, watery, soft and bony tissue, by the HU between them."""


def write_pet_ct(
    model: ChestModel,
    plan: CasePlan,
    study: StudyPlan,
    folder: Path,
    *,
    seeded: datetime,
    written: Callable[[], None],
) -> None:
    """Write the CT, the PET on the same frame of reference, and the truth."""
    write_chest(model, SCAN, plan, study, folder, seeded=seeded, written=written)
    placed = model.body.placed(SCAN.turn, SCAN.shift, SCAN.nodules)
    series = study.series[1]
    header = pet_header(plan, study, series, study.begun(seeded), INJECTION)
    half = _CELL * (_SIDE - 1) / 2
    first = (-half, 12.0 - half)
    heights = [SCAN.z(k) for k in range(SLICES)]
    home = folder / "002"
    home.mkdir()
    for index, suv in enumerate(_suv(placed, first, heights)):
        activity = suv / INJECTION.suv_factor
        pet_image(header, activity, (*first, heights[index]), (_CELL, SCAN.step), index)
        write(header, series.instances[index], index + 1, home / f"{index + 1:04d}.dcm")
        written()
    truth = json.loads((folder / "truth.json").read_text())
    truth["uptake"] = [
        {"name": name, "centre_lps": list(place), "suv": most} for name, place, _, most in _HOT
    ]
    write_truth(folder, truth)


def _suv(body: Placed, first: tuple[float, float], heights: list[float]) -> Floats:
    """Uptake by tissue and in lesions, as blurred and as noisy as a scanner gives it."""
    shape = (_SIDE, _SIDE)
    hu = np.stack([body.paint(shape, (*first, z), (_CELL, _CELL)) for z in heights])
    suv = np.array(_UPTAKE, np.float32)[np.digitize(hu, _EDGES)]
    random = np.random.default_rng(5).normal(1, 0.6, suv.shape).astype(np.float32)
    suv = blurred(suv * random, 1, 1)
    x, y = (start + _CELL * np.arange(_SIDE, dtype=np.float32) for start in first)
    z = np.array(heights, np.float32)[:, None, None]
    for _, (cx, cy, cz), radius, most in _HOT:
        away = (z - cz) ** 2 + (y[:, None] - cy) ** 2 + (x - cx) ** 2
        suv = np.maximum(suv, most * np.exp(-away / (2 * (radius / 1.2) ** 2)))
    return np.asarray(np.maximum(suv, 0), np.float32)
