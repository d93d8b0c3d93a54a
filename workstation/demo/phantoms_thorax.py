"""The body model of the chest: where each tissue of an invented adult lies, with its truth.

Body coordinates: x to the patient's left, y to the back, z to the head, mm; carina at z = 0.
"""

from dataclasses import dataclass, field

import numpy as np

from workstation.demo import phantoms_skeleton as skeleton
from workstation.demo import phantoms_tissues as tissues
from workstation.demo import phantoms_vessels as vessels
from workstation.demo.phantoms_kernels import FAR, SEGMENT, Floats, draw_tubes
from workstation.demo.phantoms_shapes import (
    Array,
    Point,
    blurred,
    ellipsoid,
    flat_tube,
    joined,
    moved,
    rotation,
    segments,
    smooth_noise,
    tube,
)

STEP = 3.0
START = np.array([-201.0, -150.0, -264.0])
SHAPE = (152, 101, 135)
"""Samples along z, y, x."""
_MARGIN = 3.0


@dataclass(frozen=True, slots=True)
class Nodule:
    """A sphere in the lung."""

    name: str
    centre: Point
    diameter: float


@dataclass(frozen=True, slots=True)
class Thorax:
    """Everything that ``paint`` needs to draw a plane of the chest."""

    fields: Floats
    spine: Floats
    tubes: dict[int, Floats]
    step: float = STEP
    start: Array = field(default_factory=lambda: START)

    def placed(self, turn: Array, shift: Array, nodules: tuple[Nodule, ...]) -> "Placed":
        """Put the body into a scan: a body point b is at turn·b + shift of the scan."""
        tubes = {k: moved(t, turn, shift) for k, t in self.tubes.items()}
        if nodules:
            centres = np.array([n.centre for n in nodules]) @ turn.T + shift
            radii = np.array([n.diameter / 2 for n in nodules])
            tubes[tissues.NODULE] = segments(centres, centres, radii, radii)
        return Placed(self, tubes, np.ascontiguousarray(turn.T), -turn.T @ shift)


@dataclass(frozen=True, slots=True)
class Placed:
    """A body in the coordinates of one scan."""

    body: Thorax
    tubes: dict[int, Floats]
    turn: Array
    shift: Array

    def paint(
        self,
        shape: tuple[int, int],
        first: Point,
        spacing: tuple[float, float],
        *,
        around: Floats | None = None,
    ) -> Floats:
        """Give HU of the plane of ``shape`` whose first sample is ``first``; spacing is (x, y).

        ``around`` is the HU of what lies around the body; without it the body stands in air.
        """
        planes = np.full((*shape, tissues.PLANES), FAR, np.float32)
        x0, y0, z = first
        dx, dy = spacing
        for plane, tubes in self.tubes.items():
            draw_tubes(tubes, z, x0, y0, dx, dy, _MARGIN, planes, plane)
        out = np.empty(shape, np.float32)
        frame = np.array([x0, y0, z, dx, dy])
        tissues.paint_chest(
            self.body.fields,
            self.body.start,
            self.body.step,
            self.body.spine,
            planes,
            self.turn,
            self.shift,
            frame,
            around is None,
            np.full(shape, -1000, np.float32) if around is None else around,
            out,
        )
        return out


def couch(shape: tuple[int, int], first: tuple[float, float], spacing: float) -> Floats:
    """Give HU of the scanner's couch, whose upper shell is an arc under the patient."""
    x = first[0] + spacing * np.arange(shape[1], dtype=np.float32)[None]
    y = first[1] + spacing * np.arange(shape[0], dtype=np.float32)[:, None]
    upper, lower = y - (127.5 - x * x / 1200), y - (158 - x * x / 700)
    shell = np.clip(0.5 - np.minimum(np.abs(upper), np.abs(lower)) + 0.9, 0, 1)
    inside = np.clip(0.5 + upper, 0, 1) * np.clip(0.5 - lower, 0, 1)
    return np.asarray(-1000 + 60 * inside * (1 - shell) + 850 * shell, np.float32)


def build_thorax(nodules: tuple[Nodule, ...], seed: int = 20) -> Thorax:
    """Make the body; vessels keep clear of the ``nodules``."""
    rng = np.random.default_rng(seed)
    z, y, x = (
        (START[2 - a] + STEP * np.arange(n, dtype=np.float32)).reshape(
            tuple(n if b == a else 1 for b in range(3))
        ).astype(np.float32)
        for a, n in enumerate(SHAPE)
    )  # fmt: skip
    grid = (x, y, z)
    fields = np.empty((*SHAPE, tissues.FIELDS), np.float32)
    cage, angle = _cage(grid)
    below = _below(grid)
    heart = _heart(grid)
    fields[..., tissues.CAGE] = cage
    fields[..., tissues.BODY], fields[..., tissues.MUSCLE] = _outlines(grid, cage, angle)
    fields[..., tissues.BELOW] = below
    fields[..., tissues.HEART] = np.maximum(heart, -below + 1)
    _abdomen(grid, cage, below, fields)
    lung = np.maximum(cage + 2.0, -below)
    fields[..., tissues.LUNG] = np.maximum(lung, -_mediastinum(grid, heart))
    fields[..., tissues.FINE] = smooth_noise(rng, SHAPE, 1)
    fields[..., tissues.COARSE] = smooth_noise(rng, SHAPE, 4)
    tubes = _tubes(fields[..., tissues.LUNG], nodules, rng)
    tubes[tissues.LIVER_VEIN] = _liver_veins(fields[..., tissues.LIVER], rng)
    return Thorax(fields, _spine(), tubes)


def _cage(grid: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats]:
    x, y, z = grid
    angle = np.arctan2(y, x)
    radius = skeleton.cage_radius(angle.astype(np.float64), z.astype(np.float64))
    distance = (np.hypot(x, y) - radius).astype(np.float32)
    slope = np.gradient(radius, STEP, axis=0)
    flat = np.maximum(1.0, np.hypot(1, np.minimum(np.abs(slope), 2.0)))
    return (distance / flat).astype(np.float32), np.broadcast_to(angle, SHAPE)


def _outlines(
    grid: tuple[Floats, Floats, Floats], cage: Floats, angle: Floats
) -> tuple[Floats, Floats]:
    """Give skin and the outer surface of the muscles."""
    x, y, z = grid
    shoulder = ellipsoid(np.abs(x), y, z, (146, 8, 78), (62, 58, 50))
    neck = np.asarray(np.maximum(np.hypot(x / 1.05, y - 8) - 55, 60 - z), np.float32)
    skin = joined(joined(_torso(grid), shoulder, 45), neck, 60)
    thick = _wall(grid, angle)
    deltoid = ellipsoid(np.abs(x), y, z, (148, 10, 74), (54, 46, 44))
    muscle = joined(np.asarray(cage - thick, np.float32), np.minimum(deltoid, neck + 9), 20)
    muscle = np.maximum(muscle, skin + 5.5)
    return skin, blurred(np.asarray(muscle, np.float32), 1, 1)


def _wall(grid: tuple[Floats, Floats, Floats], angle: Floats) -> Floats:
    """Give how far ribs and muscles reach outward from the inner surface of the cage."""
    x, _, z = grid
    side = np.abs(x)
    back, front = np.maximum(np.sin(angle), 0), np.maximum(-np.sin(angle), 0)
    degrees = np.degrees(np.arcsin(np.clip(np.sin(angle), -1, 1)))
    pectoral = 19 * _bump(z, 28, 48) * _bump(side, 72, 40) * (front > 0.15)
    lateral = 7 * np.cos(angle) ** 2 * (z < 90)
    dorsal = 11 * _bump(degrees, 32, 24) * _bump(z, -50, 85)
    scapular = 31 * _bump(degrees, 38, 30) * _bump(z, 30, 62)
    erector = 33 * np.exp(-((x / 40) ** 4)) * back**2
    trapezius = 8 * back * _bump(z, 40, 90)
    belly = 6 * front * _bump(z, -190, 90)
    parts = (pectoral, lateral, dorsal, scapular, erector, trapezius, belly)
    return np.asarray(sum(parts, np.float32(10.5)), np.float32)


def _bump(values: Floats, centre: float, width: float) -> Floats:
    return np.asarray(np.exp(-(((values - centre) / width) ** 2)), np.float32)


def _torso(grid: tuple[Floats, Floats, Floats]) -> Floats:
    x, y, z = grid
    half = _smooth(z, [-264, -180, -60, 30, 75, 105, 190], [160, 164, 166, 162, 150, 95, 50])
    front = _smooth(z, [-264, -180, -90, 0, 40, 80, 190], [116, 122, 122, 109, 94, 62, 40])
    rear = _smooth(z, [-264, -180, -60, 20, 80, 120, 190], [112, 116, 122, 120, 104, 78, 60])
    depth = np.where(y > 0, rear, front)
    n = 2.5
    groove = 5 * np.exp(-((x / 16) ** 2)) * (y > 0)
    e = (np.abs(x / half) ** n + np.abs(y / depth) ** n) ** (1 / n)
    radius = np.hypot(x, y) / np.maximum(e, 1e-3)
    return np.asarray(np.hypot(x, y) - radius + groove, np.float32)


def _smooth(z: Floats, heights: list[float], values: list[float]) -> Floats:
    steps = np.interp(z.ravel(), heights, values).astype(np.float32)
    return blurred(steps, 7, 2).reshape(z.shape)


def _below(grid: tuple[Floats, Floats, Floats]) -> Floats:
    """Give the distance to the diaphragm, negative beneath it."""
    x, y, z = grid

    def dome(peak: float, cx: float, cy: float, wide: float, deep: float) -> Floats:
        front = np.where(y < cy, 0.62, 1.0)
        u = ((x - cx) / wide) ** 2 + front * ((y - cy) / deep) ** 2
        return np.asarray(peak - 92 * (1 - np.sqrt(np.maximum(1 - 0.985 * np.minimum(u, 1), 0)))
                          - 60 * np.maximum(u - 1, 0), np.float32)  # fmt: skip

    top = -joined(-dome(-84, -66, -4, 76, 92), -dome(-100, 68, 0, 74, 90), 12)
    top = -joined(-top, -dome(-113, 6, -46, 70, 95), 16)
    slope = np.hypot(*np.gradient(top[0], STEP))
    return np.asarray((z - top) / np.sqrt(1 + np.minimum(slope, 3.0) ** 2), np.float32)


def _heart(grid: tuple[Floats, Floats, Floats]) -> Floats:
    x, y, z = grid
    tilt = rotation((0, 32, -38))
    left = ellipsoid(x, y, z, (36, -26, -84), (50, 37, 37), tilt)
    right = ellipsoid(x, y, z, (6, -46, -84), (44, 28, 36), rotation((0, 20, -25)))
    atrium = ellipsoid(x, y, z, (-24, -20, -64), (25, 30, 36))
    behind = ellipsoid(x, y, z, (6, 8, -50), (32, 18, 22))
    return joined(joined(left, right, 10), joined(atrium, behind, 10), 10)


def _abdomen(
    grid: tuple[Floats, Floats, Floats], cage: Floats, below: Floats, fields: Floats
) -> None:
    x, y, z = grid
    under = np.maximum(below + 0.8, cage + 2.5)
    right = ellipsoid(x, y, z, (-66, -2, -175), (80, 88, 104))
    left = ellipsoid(x, y, z, (4, -58, -146), (66, 34, 38), rotation((0, 12, 0)))
    spine_gap = 34 - np.hypot(x - 2, y - 46)
    vein_gap = 10.5 - np.hypot(x + 23, y - 12)
    liver = np.maximum(joined(right, left, 22), under)
    fields[..., tissues.LIVER] = np.maximum(np.maximum(liver, spine_gap), vein_gap)
    spleen = ellipsoid(x, y, z, (100, 36, -158), (30, 46, 54), rotation((0, 0, 25)))
    fields[..., tissues.SPLEEN] = np.maximum(spleen, under)
    stomach = joined(
        ellipsoid(x, y, z, (64, -14, -150), (42, 44, 48)),
        ellipsoid(x, y, z, (44, -44, -190), (48, 34, 32)),
        30,
    )
    stomach = np.maximum(stomach, np.maximum(below + 1.8, cage + 3.5))
    stomach = np.maximum(stomach, -fields[..., tissues.SPLEEN] + 3)
    fields[..., tissues.STOMACH] = np.maximum(stomach, -fields[..., tissues.LIVER] + 3)
    kidneys = np.minimum(
        ellipsoid(x, y, z, (-58, 46, -236), (29, 27, 54), rotation((8, 0, 0))),
        ellipsoid(x, y, z, (58, 48, -222), (29, 27, 54), rotation((8, 0, 0))),
    )
    fields[..., tissues.KIDNEY] = np.maximum(kidneys, -fields[..., tissues.LIVER] + 2)


def _mediastinum(grid: tuple[Floats, Floats, Floats], heart: Floats) -> Floats:
    """Give the distance to what keeps the lungs apart: vessels, heart, spine and their fat."""
    x, y, z = grid
    spine = skeleton.spine_y(z.astype(np.float64))
    flare = np.clip(0.45 * (y - spine), 0, 9)
    column = np.hypot(x / 1.12, np.minimum(y - spine, 0)) - 19 - flare
    column = np.maximum(column, spine - 24 - y)
    core = tube(
        [(0, 2, 100, 15), (2, 4, 50, 17), (4, 4, 0, 20), (4, 14, -40, 16), (12, 22, -130, 14)]
    )
    wide = 7.0
    total = np.exp(-np.minimum(column, 60) / wide) + np.exp(-np.minimum(heart, 60) / wide)
    near = np.empty(SHAPE, np.float32)
    apron = tube([(-6, -34, -112, 15), (22, -40, -116, 15)])
    for group in (*vessels.central_groups(), core, apron, _midline()):
        near.fill(45.0)
        for k in range(SHAPE[0]):
            height = float(START[2] + STEP * k)
            draw_tubes(group, height, START[0], START[1], STEP, STEP, 40.0, near[k][..., None], 0)
        total += np.exp(-near / wide)
    return blurred(np.asarray(-wide * np.log(total), np.float32), 1, 1) - 2.5


def _midline() -> Floats:
    heights = (95, 60, 30, 0, -40, -80, -120)
    y = [float(skeleton.on_cage(-90, h, 0)[1]) for h in heights]
    thin = (12, 14, 9, 4, 4, 6, 9)
    line = [(0, a + 4, h, r) for a, h, r in zip(y, heights, thin, strict=True)]
    return flat_tube(line, wide=1.7, thin_axis=(0.0, 1.0, 0.0))


def _spine() -> Floats:
    z = skeleton.LEVELS
    gap = np.abs(np.gradient(z))
    size = np.interp(z, [-245, -128, 17, 80, 98, 147], [17, 15.5, 13.5, 12.5, 11, 10])
    half = gap / 2 - np.interp(z, [-245, 80, 147], [4.0, 2.2, 2.6])
    return np.stack([z, skeleton.spine_y(z), half, size], axis=1).astype(np.float32)


def _tubes(
    lung: Floats, nodules: tuple[Nodule, ...], rng: np.random.Generator
) -> dict[int, Floats]:
    branches, walls, lumens = [], [], []
    for side in (-1, 1):
        own = _inside(lung, side, nodules, rng, 2200)
        arteries = _clear(vessels.grow(vessels.ARTERY_ROOTS[side], own[:1300], 0.42), nodules)
        veins = _clear(vessels.grow(vessels.VEIN_ROOTS[side], own[1300:], 0.42), nodules)
        branches += [arteries.tubes(), veins.tubes()]
        wall, lumen = vessels.beside(arteries, 1.15)
        walls.append(wall)
        lumens.append(lumen)
    central = vessels.main_airways()
    wall = central.copy()
    wall[:, 6:8] += 1.4
    gas = tube([(5, 25, 150, 2), (3, 32, 20, 2.2)])
    return {
        tissues.BONE: skeleton.bones(),
        tissues.CARTILAGE: skeleton.cartilages(),
        tissues.BLOOD: np.vstack([vessels.great_vessels(), *_coronaries(1.7)]),
        tissues.GULLET: np.vstack([vessels.oesophagus(), vessels.crura()]),
        tissues.VESSEL: np.vstack(branches),
        tissues.AIRWAY: np.vstack([wall, *walls]),
        tissues.LUMEN: np.vstack([central, *lumens, gas]),
        tissues.FAT: np.vstack(_coronaries(4.2)),
        tissues.NODULE: np.empty((0, SEGMENT), np.float32),
    }


def _liver_veins(liver: Floats, rng: np.random.Generator) -> Floats:
    deep = np.argwhere(liver < -9)[:, ::-1]
    points = (START + STEP * deep)[rng.permutation(len(deep))[:90]]
    return vessels.grow(((-24, 2, -128), (-30, -10, -190)), points, 1.15).tubes()


def _coronaries(radius: float) -> list[Floats]:
    right = [(-12, -44, -46), (-24, -58, -66), (-22, -52, -98), (4, -20, -116)]
    front = [(16, -42, -44), (36, -62, -62), (52, -64, -92), (62, -52, -112)]
    round_ = [(22, -26, -44), (48, -8, -56), (52, 8, -76)]
    return [tube([(*p, radius) for p in line]) for line in (right, front, round_)]


def _inside(
    lung: Floats, side: int, nodules: tuple[Nodule, ...], rng: np.random.Generator, count: int
) -> Array:
    """Give ``count`` points of one lung, evenly spread, off its surface and off the nodules."""
    deep = np.argwhere(lung < -2.5)[:, ::-1]
    points = START + STEP * (deep + rng.uniform(-0.5, 0.5, deep.shape))
    points = points[points[:, 0] * side > 4]
    for nodule in nodules:
        away = np.linalg.norm(points - nodule.centre, axis=1) > nodule.diameter / 2 + 7
        points = points[away]
    return np.asarray(points[rng.permutation(len(points))[:count]])


def _clear(tree: vessels.Tree, nodules: tuple[Nodule, ...]) -> vessels.Tree:
    """Drop the segments that would touch a nodule."""
    keep = np.ones(len(tree.radius), bool)
    for nodule in nodules:
        a, d = tree.first, tree.last - tree.first
        t = ((nodule.centre - a) * d).sum(1) / np.maximum((d * d).sum(1), 1e-9)
        near = a + np.clip(t, 0, 1)[:, None] * d
        gap = np.linalg.norm(near - nodule.centre, axis=1) - tree.radius - nodule.diameter / 2
        keep &= gap > 2.5
    return vessels.Tree(tree.first[keep], tree.last[keep], tree.radius[keep])
