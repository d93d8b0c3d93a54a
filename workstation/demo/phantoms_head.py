"""The head CT: an invented head with skull, folded cortex, ventricles, orbits and one bleeding.

Coordinates: x to the patient's left, y to the back, z to the head, mm; origin between the
commissures of the brain.
"""

from dataclasses import dataclass

import numpy as np

from workstation.demo.phantoms_kernels import FAR, Floats, draw_tubes, expand
from workstation.demo.phantoms_shapes import (
    Array,
    Point,
    ellipsoid,
    flat_tube,
    joined,
    mirrored,
    rotation,
    smooth_noise,
    tube,
)

STEP = 2.0
START = np.array([-98.0, -118.0, -102.0])
SHAPE = (102, 120, 99)
"""Samples along z, y, x."""
LESION: Point = (25.0, -2.0, 7.0)
LESION_DIAMETER = 11.0

FIELDS = 9
SKIN, OUTER, INNER, FOLD, FOLIA, CELLS, FINE, DEEP, MUSCLE = range(FIELDS)
PLANES = 7
WATER, BONE, STEM, NERVE, AIR, CISTERN, ORBIT = range(PLANES)

_Grid = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Head:
    """Everything that ``paint`` needs."""

    fields: Floats
    tubes: dict[int, Floats]

    def paint(self, shape: tuple[int, int], first: Point, spacing: float) -> Floats:
        """Give HU of the axial plane whose first sample is ``first``, without noise."""
        x0, y0, z = first
        near = np.full((*shape, PLANES), FAR, np.float32)
        for plane, tubes in self.tubes.items():
            draw_tubes(tubes, z, x0, y0, spacing, spacing, 8.0, near, plane)
        frame = np.array([x0, y0, z, spacing, spacing])
        f = np.empty((*shape, FIELDS), np.float32)
        expand(self.fields, START, STEP, frame, f)
        x = (x0 + spacing * np.arange(shape[1], dtype=np.float32))[None, :]
        y = (y0 + spacing * np.arange(shape[0], dtype=np.float32))[:, None]
        hu = np.asarray(-1000.0 + 940.0 * _holder(x, y), np.float32)
        inside = f[..., SKIN] < 1
        if not inside.any():
            return hu
        rows, columns = (np.flatnonzero(inside.any(axis)) for axis in (1, 0))
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        f, near = (np.ascontiguousarray(np.moveaxis(a[box], -1, 0)) for a in (f, near))
        hu[box] = _compose(hu[box], f, near, x[:, box[1]], y[box[0]], z)
        return hu


def build_head(seed: int = 7) -> Head:
    """Make the head."""
    rng = np.random.default_rng(seed)
    z, y, x = (
        (START[2 - a] + STEP * np.arange(n)).astype(np.float32).reshape(
            tuple(n if b == a else 1 for b in range(3))
        )
        for a, n in enumerate(SHAPE)
    )  # fmt: skip
    grid = (x, y, z)
    fields = np.empty((*SHAPE, FIELDS), np.float32)
    skin, muscle = _soft(grid)
    fields[..., SKIN], fields[..., MUSCLE] = skin, muscle
    fields[..., OUTER], fields[..., INNER] = _skull(grid)
    fields[..., FOLD] = _sheets(smooth_noise(rng, SHAPE, 2))
    fields[..., FOLIA] = _sheets(smooth_noise(rng, SHAPE, 1) + z * 0.55 + 0.02 * y * y / 10)
    fields[..., CELLS] = _sheets(smooth_noise(rng, SHAPE, 1))
    fields[..., FINE] = smooth_noise(rng, SHAPE, 1)
    fields[..., DEEP] = _deep(grid)
    return Head(fields, _tubes())


def _soft(grid: _Grid) -> tuple[Floats, Floats]:
    """Give the skin, and the muscles outside the skull."""
    x, y, z = grid
    vault = ellipsoid(x, y, z, (0, 2, 0), (77, 97, 89))
    face = ellipsoid(x, y, z, (0, -48, -72), (62, 56, 66))
    nose = ellipsoid(x, y, z, (0, -100, -58), (13, 20, 22), rotation((-25, 0, 0)))
    neck = np.asarray(np.maximum(np.hypot(x / 1.08, y - 22) - 58, z + 30), np.float32)
    ears = ellipsoid(np.abs(x), y, z, (82, 10, -38), (5, 15, 28), rotation((0, 0, 25)))
    skin = joined(joined(joined(vault, face, 30), neck, 40), nose, 12)
    skin = np.minimum(skin, ears)
    temporal = ellipsoid(np.abs(x), y, z, (68, -28, -16), (8, 34, 44))
    nuchal = ellipsoid(np.abs(x), y, z, (22, 66, -88), (26, 26, 46))
    masseter = ellipsoid(np.abs(x), y, z, (56, -34, -88), (9, 20, 28))
    inner_neck = np.asarray(np.maximum(np.hypot(x, y - 22) - 50, z + 62), np.float32)
    muscle = np.minimum(np.minimum(temporal, nuchal), np.minimum(masseter, inner_neck))
    return skin, np.asarray(np.maximum(muscle, skin + 4), np.float32)


def _skull(grid: _Grid) -> tuple[Floats, Floats]:
    """Give the outer table and the inner one; the inner is closed by the floor of the fossae."""
    x, y, z = grid
    outer = ellipsoid(x, y, z, (0, 2, 0), (71, 91, 83))
    outer = np.maximum(outer, -76 - z)
    side = np.abs(x)
    inner = ellipsoid(x, y, z, (0, 2, 0), (64.5, 84, 76))
    floor = _floor(side, y)
    crest = 3.0 * np.exp(-((x / 5) ** 2)) * np.exp(-(((np.abs(y) - 80) / 14) ** 2))
    inner = np.maximum(inner + crest, floor - z)
    return outer, np.asarray(inner, np.float32)


def _floor(side: Floats, y: Floats) -> Floats:
    """Give the height of the base of the skull."""
    front = 1 / (1 + np.exp((y + 32) / 3))
    rear = 1 / (1 + np.exp((14 + 0.35 * side - y) / 4))
    middle = -47 + 26 * np.exp(-((side / 15) ** 2))
    roof = -20 - 5 * np.exp(-((side / 14) ** 2))
    basin = -63 + 0.004 * (y - 42) ** 2
    height = front * roof + (1 - front) * ((1 - rear) * middle + rear * basin)
    ridge = 20 * np.exp(-(((y - 12 - 0.35 * side) / 7) ** 2)) * np.exp(-(((side - 38) / 22) ** 2))
    hole = -60 * np.exp(-(((side / 14) ** 2 + ((y - 30) / 16) ** 2) ** 3))
    return np.asarray(height + ridge + hole, np.float32)


def _sheets(noise: Floats) -> Floats:
    """Give about the distance in mm to the zero surface of a noise."""
    slope = np.sqrt(sum((g**2 for g in np.gradient(noise, STEP)), np.float32(0)))
    return np.asarray(np.clip(noise / (slope + 0.35 * slope.mean()), -12, 12), np.float32)


def _deep(grid: _Grid) -> Floats:
    """Give the distance to the grey matter inside: caudate, lentiform nucleus, thalamus."""
    x, y, z = grid
    side = np.abs(x)
    caudate = ellipsoid(side, y, z, (14, -22, 13), (6, 11, 9))
    thalamus = ellipsoid(side, y, z, (11, 9, 10), (9, 15, 10), rotation((0, 0, -18)))
    lentiform = ellipsoid(side, y, z, (25, -4, 6), (7, 18, 11), rotation((0, 0, 12)))
    return np.minimum(np.minimum(caudate, thalamus), lentiform)


def _tubes() -> dict[int, Floats]:
    horn = [
        (5, -33, 10, 5.5),
        (10, -16, 21, 5),
        (14, 8, 25, 5.5),
        (24, 36, 16, 8),
        (23, 60, 9, 3.5),
    ]
    temporal = [(25, 34, 10, 6), (34, 14, -12, 3.5), (30, -8, -20, 2)]
    sylvian = [(34, -22, -8, 2.6), (42, -6, 2, 2.2), (47, 10, 10, 2), (54, 22, 18, 1.8)]
    third = flat_tube([(0, -12, 2, 2.2), (0, 15, 3, 2.0)], wide=4.0, thin_axis=(1.0, 0.0, 0.0))
    fourth = flat_tube([(0, 37, -24, 4), (0, 38, -38, 5)], wide=1.8, thin_axis=(0.0, 1.0, 0.0))
    orbit = tube([(34, -88, -38, 15), (32, -70, -38, 18), (24, -48, -36, 13), (14, -32, -32, 4)])
    stem = tube([(0, 12, -6, 13), (0, 14, -26, 15), (0, 22, -50, 9), (0, 30, -102, 7)])
    around = tube([(0, 11, -12, 16), (0, 14, -26, 18.5), (0, 22, -50, 13), (0, 30, -102, 11)])
    sylvian_tube = flat_tube(sylvian, wide=2.5, thin_axis=(0.8, 0.2, 0.5))
    throat = tube([(0, -40, -70, 11), (0, -22, -102, 9)])
    basal, above = tube([(0, -16, -20, 11), (0, 4, -16, 16)]), tube([(0, 30, -4, 6), (0, 38, 2, 5)])
    paired = np.vstack([tube(horn), tube(temporal), sylvian_tube])
    return {
        WATER: np.vstack([mirrored(paired), third, fourth]),
        BONE: np.vstack([mirrored(np.vstack(_bones())), *_middle_bones()]),
        STEM: stem,
        NERVE: mirrored(np.vstack(_nerves())),
        AIR: np.vstack([mirrored(np.vstack(_sinuses())), throat]),
        CISTERN: np.vstack([basal, around, above]),
        ORBIT: mirrored(orbit),
    }


def _bones() -> list[Floats]:
    arch = tube([(46, -74, -62, 6), (62, -52, -56, 3.6), (69, -30, -54, 3), (68, -4, -52, 4)])
    ramus = flat_tube([(50, -14, -62, 4), (52, -24, -102, 4)], wide=3.5, thin_axis=(1.0, 0.0, 0.0))
    petrous = tube([(66, 24, -48, 11), (44, 16, -44, 10), (22, 2, -42, 7)])
    mastoid = tube([(62, 30, -52, 14), (60, 28, -72, 9)])
    rim = tube([(14, -84, -26, 4), (34, -90, -20, 3.5), (54, -74, -28, 5), (50, -70, -56, 5)])
    ptery = tube([(16, -32, -56, 4), (18, -34, -84, 3)])
    atlas = tube([(16, 12, -86, 6), (24, 26, -86, 6), (16, 46, -86, 4), (0, 52, -86, 4)])
    return [arch, ramus, petrous, mastoid, rim, ptery, atlas]


def _middle_bones() -> list[Floats]:
    clivus = tube([(0, -6, -32, 7), (0, 8, -58, 6)])
    sphenoid = flat_tube(
        [(-22, -30, -38, 9), (22, -30, -38, 9)], wide=1.2, thin_axis=(0.0, 1.0, 0.0)
    )
    septum = flat_tube(
        [(0, -88, -52, 0.9), (0, -42, -48, 0.9)], wide=20.0, thin_axis=(1.0, 0.0, 0.0)
    )
    palate = flat_tube([(0, -84, -92, 3), (0, -46, -92, 3)], wide=6.0, thin_axis=(0.0, 0.0, 1.0))
    front = flat_tube([(-16, -85, -6, 6), (16, -85, -6, 6)], wide=2.4, thin_axis=(0.0, 1.0, 0.0))
    dens = tube([(0, 12, -76, 5), (0, 14, -102, 8)])
    return [clivus, sphenoid, septum, palate, front, dens]


def _nerves() -> list[Floats]:
    nerve = tube([(32, -62, -38, 2.4), (26, -46, -36, 2.2), (14, -30, -32, 2.2)])
    muscles = [
        tube(
            [(32 + a, -74, -38 + b, 1.4), (29 + a, -58, -37 + b, 2.6), (18 + a / 3, -36, -33, 1.2)]
        )
        for a, b in ((11, 0), (-11, 0), (0, 10), (0, -10))
    ]
    return [nerve, *muscles]


def _sinuses() -> list[Floats]:
    maxillary = tube([(30, -74, -72, 12), (31, -58, -74, 15), (30, -52, -74, 12)])
    sphenoid = tube([(8, -34, -40, 7), (8, -24, -40, 7)])
    frontal = flat_tube([(4, -86, -8, 3), (15, -84, -10, 2.5)], wide=2.6, thin_axis=(0.0, 1.0, 0.0))
    ethmoid = flat_tube([(7, -76, -40, 4.5), (7, -44, -42, 5)], wide=2.6, thin_axis=(1.0, 0.0, 0.0))
    nasal = flat_tube([(6, -90, -72, 4), (7, -44, -72, 5)], wide=3.0, thin_axis=(1.0, 0.0, 0.0))
    canal = tube([(84, 6, -46, 3.5), (56, 10, -46, 3)])
    return [maxillary, sphenoid, frontal, ethmoid, nasal, canal]


def _cover(distance: Floats | Array, ramp: float = 0.7) -> Floats:
    return np.asarray(np.clip(0.5 - distance / ramp, 0, 1), np.float32)


def _over(value: Floats, tissue: Floats | float, share: Floats) -> Floats:
    return np.asarray(value + (tissue - value) * share, np.float32)


def _compose(air: Floats, f: Floats, near: Floats, x: Floats, y: Floats, z: float) -> Floats:
    value = _outside(f)
    value = _over(value, _vault(f), _cover(_shell(f)))
    if z < 8:
        value = _face(value, f, near, x, y, z)
    if z > -74:
        value = _over(value, _brain(f, near, x, y, z), _cover(f[INNER]))
    inside = _cover(f[SKIN])
    if z < 8:
        value = _gas(value, f, near, x, y, z, inside)
    return _over(air, value, inside)


def _outside(f: Floats) -> Floats:
    value = np.asarray(-98 + 10 * f[FINE], np.float32)
    deep = np.clip((-f[SKIN] - 6) / 8, 0, 1) * (f[OUTER] > 2)
    strands = np.clip(np.abs(f[CELLS]) - 0.6, 0.25, 0.95)
    value = _over(value, 46 + 3 * f[FINE], (strands * deep).astype(np.float32))
    value = _over(value, 54 + 2.5 * f[FINE], _cover(f[MUSCLE], 1.5))
    return _over(value, 38, _cover(-2.0 - f[SKIN]))


def _shell(f: Floats) -> Floats:
    base = f[INNER] > 7.5
    return np.asarray(np.where(base, np.maximum(f[OUTER], f[INNER] - 8.5), f[OUTER]))


def _vault(f: Floats) -> Floats:
    tables = np.minimum(-f[OUTER], np.maximum(f[INNER], 0))
    diploe = np.clip((tables - 1.6) / 1.2, 0, 1)
    return np.asarray(1050 - (480 - 60 * f[FINE]) * diploe, np.float32)


def _face(value: Floats, f: Floats, near: Floats, x: Floats, y: Floats, z: float) -> Floats:
    value = _over(value, 1150, _cover(np.abs(near[ORBIT]) - 1.0) * (y > -82))
    marrow = np.clip((-near[BONE] - 1.5) / 1.0, 0, 1)
    bone = np.asarray(900 - 330 * marrow + 50 * f[FINE], np.float32)
    value = _over(value, bone, _cover(near[BONE]))
    value = _over(value, -85 + 6 * f[FINE], _cover(near[ORBIT]))
    value = _over(value, 40, _cover(near[NERVE]))
    side = np.abs(x)
    d = np.sqrt((side - 33) ** 2 + (y + 75) ** 2 + np.float32(z + 38) ** 2)
    value = _over(value, 42, _cover(d - 12.3))
    value = _over(value, 9, _cover(d - 11.2))
    lens = np.sqrt((side - 33.5) ** 2 + ((y + 84) * 2) ** 2 + np.float32(z + 38) ** 2)
    value = _over(value, 75, _cover(lens - 4.4))
    thin = _cover(np.abs(near[AIR]) - 0.7) * (y > -84) * (side < 50)
    return _over(value, 420, thin * np.float32(z < -26))


def _gas(
    value: Floats, f: Floats, near: Floats, x: Floats, y: Floats, z: float, inside: Floats
) -> Floats:
    """Give the sinuses, the nose and the cells of the mastoids."""
    side = np.abs(x)
    gas = _cover(near[AIR]) * inside
    cells = _cover(near[BONE] + 4) * _cover(0.9 - np.abs(f[CELLS])) * (side > 46) * (y > 14)
    value = _over(value, -1000, np.maximum(gas, cells))
    septa = gas * _cover(np.abs(f[CELLS]) - 0.35) * (side < 15)
    return _over(value, 140, septa * np.float32(z > -60))


def _brain(f: Floats, near: Floats, x: Floats, y: Floats, z: float) -> Floats:
    depth, side, water, far = -f[INNER], np.abs(x), 6.0, np.float32(99)
    small = (y > 16 + 0.2 * side) & (z < -14 - 0.25 * (y - 30))
    fold = np.abs(np.where(small, f[FOLIA] * np.float32(1.3), f[FOLD]))
    open_ = np.clip(0.75 - depth / 40, 0, 0.8) * (1 - np.float32(0.5) * small)
    ribbon = np.minimum(fold - open_ - 2.9, depth - 4.6)
    ribbon = np.where(depth < 30, ribbon, depth - 4.6)
    if z > 12:
        ribbon = np.minimum(ribbon, np.maximum(side - 4, depth - 34))
    value = np.float32(29) + np.float32(0.5) * f[FINE]
    value = _over(value, 37.0, _cover(ribbon, 2.4))
    value = _over(value, 38.0, _cover(f[DEEP], 2.0))
    value = _over(value, 31.0, _cover(near[STEM], 1.2))
    sulcus = np.maximum(np.where(depth < 30, fold - open_, far), 0.9 - depth)
    value = _over(value, water, _cover(sulcus, 1.6))
    value = _over(value, water, _cover(depth - 2.2 - 0.5 * np.abs(f[FINE]), 1.5))
    value = _over(value, water, _cover(np.maximum(near[CISTERN], -near[STEM]), 1.2))
    value = _over(value, water, _cover(near[WATER], 1.0))
    return _lesion(_falx(value, depth, x, y, z), x, y, z)


def _falx(value: Floats, depth: Floats, x: Floats, y: Floats, z: float) -> Floats:
    """Give the fissure between the hemispheres, the falx in it and the sinus along its edge."""
    reach = ((y - 4) / 48) ** 2 + np.float32((z - 6) / 32) ** 2
    apart = np.clip((reach - 1) * 8, 0, 1) * np.float32(z > -16)
    front = np.float32(1) - np.float32(0.6) * (y > 30)
    value = _over(value, 7, _cover(np.abs(x) - 1.3 * front, 1.2) * apart)
    value = _over(
        value, 52, _cover(np.abs(x) - 0.6, 0.9) * apart * np.clip((reach - 1.25) * 6, 0, 1)
    )
    sinus = np.hypot(x, depth - 2.5) - 3.2
    return _over(value, 55, _cover(sinus, 1.0) * (y > -20) * np.float32(z > -10))


def _lesion(value: Floats, x: Floats, y: Floats, z: float) -> Floats:
    rise = np.float32(z - LESION[2])
    d = np.sqrt((x - LESION[0]) ** 2 + (y - LESION[1]) ** 2 + rise**2) - LESION_DIAMETER / 2
    value = _over(value, 18, np.clip(1 - d / 5, 0, 1) * np.float32(0.9))
    return _over(value, 70, _cover(d, 1.0))


def _holder(x: Floats, y: Floats) -> Floats:
    """Give the thin shell of the head rest."""
    ring = np.abs(np.hypot(x / 1.0, (y - 4) / 1.12) - 96) - 1.0
    return _cover(ring) * (y > 20)
