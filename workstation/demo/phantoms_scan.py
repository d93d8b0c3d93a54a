"""The chest CT studies: the body model scanned today and a year ago, with their truth."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from workstation.demo.phantoms_dicom import CtLook, ct_header, ct_image, write
from workstation.demo.phantoms_kernels import Floats
from workstation.demo.phantoms_shapes import Array, Point, blurred, rotation
from workstation.demo.phantoms_thorax import Nodule, Placed, Thorax, build_thorax, couch
from workstation.demo.seed_plan import CasePlan, StudyPlan

Paint = Callable[[float], Floats]
"""HU of the plane at height z."""

SIZE = 512
WORKERS = 2

NODULES = (
    Nodule("right upper lobe", (-70.0, -22.0, 38.0), 8.0),
    Nodule("lingula", (82.0, -48.0, -34.0), 10.0),
    Nodule("left lower lobe", (84.0, 46.0, -72.0), 5.0),
)
PRIOR_NODULES = (
    Nodule("right upper lobe", (-70.0, -22.0, 38.0), 6.0),
    *NODULES[1:],
)
LANDMARKS: dict[str, Point] = {
    "carina": (2.0, 18.0, 0.0),
    "centre of T8": (0.0, 54.5, -77.0),
    "tip of the coracoid, left": (132.0, -8.0, 98.0),
}

_WINDOWS = (("SOFT TISSUE", 40.0, 400.0), ("LUNG", -600.0, 1500.0))


@dataclass(frozen=True, slots=True)
class ChestScan:
    """How and when the body lay on the couch: a body point b is at turn·b + shift of the scan."""

    turn: Array
    shift: Array
    nodules: tuple[Nodule, ...]
    slices: int
    top: float
    step: float
    spacing: float
    noise: float
    seed: int

    @property
    def first(self) -> tuple[float, float]:
        """x and y of the first pixel of every slice."""
        half = self.spacing * (SIZE - 1) / 2
        return -half, 12.0 - half

    def z(self, index: int) -> float:
        """Height of a slice, from the head down."""
        return self.top - self.step * index

    def place(self, point: Point) -> list[float]:
        """Where a body point lies in the scan, LPS mm."""
        return [float(c) for c in self.turn @ np.asarray(point) + self.shift]


CURRENT = ChestScan(np.eye(3), np.zeros(3), NODULES, 320, 112.0, 1.0, 0.7, 12.0, 1)
PRIOR = ChestScan(
    rotation((1.2, -0.9, 2.0)),
    np.array([7.0, 2.5, 16.0]),
    PRIOR_NODULES,
    200,
    110.0,
    1.5,
    0.74,
    15.0,
    2,
)


class ChestModel:
    """The body that both scans and the radiographs look at, made when it is first needed."""

    def __init__(self) -> None:
        self._body: Thorax | None = None

    @property
    def body(self) -> Thorax:
        """The body; about 100 MB."""
        if self._body is None:
            self._body = build_thorax(NODULES)
        return self._body

    def forget(self) -> None:
        """Free the memory; the next use makes the body anew."""
        self._body = None


class Grain:
    """Noise of a scanner: smooth within the plane, stronger in its middle, new in every plane."""

    def __init__(self, seed: int, deviation: float, size: int = SIZE) -> None:
        rng = np.random.default_rng(seed)
        self._sheets = [self._sheet(rng, size) for _ in range(6)]
        r = np.linspace(-1, 1, size, dtype=np.float32)
        self._map = (deviation * (1.1 - 0.45 * (r[:, None] ** 2 + r[None] ** 2))).astype(np.float32)
        self._seed = seed

    def add(self, hu: Floats, index: int) -> None:
        """Add the noise of plane ``index``."""
        rng = np.random.default_rng((self._seed, index))
        a, b = rng.choice(len(self._sheets), 2, replace=False)
        rows, columns = rng.integers(0, len(self._map), 2)
        sheet = np.roll(self._sheets[a], (rows, columns), (0, 1)) + self._sheets[b]
        hu += sheet * self._map * np.float32(np.sqrt(0.5))

    @staticmethod
    def _sheet(rng: np.random.Generator, size: int) -> Floats:
        white = rng.standard_normal((size, size), dtype=np.float32)
        soft = white + 1.6 * blurred(white, 1, 1)
        return np.asarray(soft / soft.std(), np.float32)


def planes(paint: Paint, heights: list[float]) -> Iterator[Floats]:
    """Give the planes in order, painted by ``WORKERS`` threads that run a little ahead."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="phantom") as pool:
        ahead: list[Future[Floats]] = []
        for height in heights:
            ahead.append(pool.submit(paint, height))
            if len(ahead) > 2 * WORKERS:
                yield ahead.pop(0).result()
        for future in ahead:
            yield future.result()


def write_chest(
    model: ChestModel,
    scan: ChestScan,
    plan: CasePlan,
    study: StudyPlan,
    folder: Path,
    *,
    seeded: datetime,
    written: Callable[[], None],
) -> None:
    """Write one chest CT and its truth."""
    series = study.series[0]
    look = CtLook(scan.spacing, scan.step, _WINDOWS, "Chest without contrast", "B30", 120, 160)
    header = ct_header(plan, study, series, study.begun(seeded), look)
    placed = model.body.placed(scan.turn, scan.shift, scan.nodules)
    grain = Grain(scan.seed, scan.noise)
    home = folder / "001"
    home.mkdir()
    heights = [scan.z(k) for k in range(scan.slices)]
    painted = planes(chest_painter(placed, scan), heights)
    for index, hu in enumerate(painted):
        grain.add(hu, index)
        ct_image(header, hu, (*scan.first, heights[index]))
        write(header, series.instances[index], index + 1, home / f"{index + 1:04d}.dcm")
        written()
    write_truth(folder, chest_truth(scan))


def chest_painter(placed: Placed, scan: ChestScan) -> Paint:
    """Give what paints a plane of the scan, without noise."""
    spacing = (scan.spacing, scan.spacing)
    around = couch((SIZE, SIZE), scan.first, scan.spacing)
    return lambda z: placed.paint((SIZE, SIZE), (*scan.first, z), spacing, around=around)


def chest_truth(scan: ChestScan) -> dict[str, Any]:
    """Give the known truth of a scan; all points are LPS of that scan, mm."""
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = scan.turn, scan.shift
    return {
        "synthetic": True,
        "nodules": [
            {"name": n.name, "centre_lps": scan.place(n.centre), "diameter_mm": n.diameter}
            for n in scan.nodules
        ],
        "landmarks": {name: scan.place(p) for name, p in LANDMARKS.items()},
        "current_to_this": matrix.tolist(),
    }


def write_truth(folder: Path, truth: dict[str, Any]) -> None:
    """Write what is known about a study beside its images."""
    (folder / "truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")
