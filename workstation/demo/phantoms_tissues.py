"""The compiled loop that paints one plane of the chest: tissues over one another, in HU."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from workstation.demo.phantoms_kernels import COARSER, Floats, cover, sample_plane

FIELDS = 12
BODY, MUSCLE, CAGE, LUNG, HEART, LIVER, SPLEEN, STOMACH, KIDNEY, BELOW, FINE, COARSE = range(FIELDS)

PLANES = 10
BONE, CARTILAGE, BLOOD, GULLET, VESSEL, AIRWAY, LUMEN, FAT, LIVER_VEIN, NODULE = range(PLANES)

_RAMP = 0.9


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def _over(value: float, tissue: float, share: float) -> float:
    return value + (tissue - value) * share


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def _bone(value: float, distance: float, cortex: float, texture: float) -> float:
    deep = cover(distance + cortex, 1.0)
    inner = 180.0 + 22.0 * texture
    return _over(value, _over(820.0, inner, deep), cover(distance, _RAMP))


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def _vertebra(value: float, x: float, y: float, z: float, spine: Floats, texture: float) -> float:
    """Paint vertebral body or disc, canal and cord; ``spine`` rows: centre z, y, half height."""
    if abs(x) > 30.0 or y < 0.0:
        return value
    k = 0
    for i in range(spine.shape[0]):
        if abs(z - spine[i, 0]) < abs(z - spine[k, 0]):
            k = i
    dz = z - spine[k, 0]
    dy = y - spine[k, 1]
    if dy < -24.0 or dy > 40.0:
        return value
    size = spine[k, 3]
    canal = np.sqrt((x / 1.2) ** 2 + (dy - 23.5) ** 2) - 8.0
    value = _over(value, 5.0, cover(canal, 1.2))
    value = _over(value, 38.0, cover(np.sqrt((x / 1.25) ** 2 + (dy - 23.5) ** 2) - 4.6, 1.5))
    waist = 1.5 * (1.0 - (dz / spine[k, 2]) ** 2)
    rim = (np.abs(x / 1.18) ** 2.4 + np.abs(dy + 0.1 * size) ** 2.4) ** (1.0 / 2.4) - (size - waist)
    hollow = 15.0 - np.sqrt((x * 0.8) ** 2 + (dy - 26.0) ** 2)
    rim = max(rim, hollow)
    disc = _over(value, 85.0, cover(rim + 1.0, 1.2))
    body = max(rim, abs(dz) - spine[k, 2])
    return _bone(disc, body, 0.9, texture) if abs(dz) < spine[k, 2] + 1.0 else disc


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def paint_chest(
    fields: Floats,
    start: NDArray[np.float64],
    step: float,
    spine: Floats,
    planes: Floats,
    turn: NDArray[np.float64],
    shift: NDArray[np.float64],
    frame: NDArray[np.float64],
    erect: bool,
    around: Floats,
    out: Floats,
) -> None:
    """Paint the plane ``frame`` = (x0, y0, z, dx, dy) of a scan into ``out`` in HU.

    A scan point p is at turn·p + shift of the body; ``fields[z, y, x, tissue]`` hold distances
    on a grid from ``start`` by ``step``; ``planes[row, column]`` hold distances of this plane;
    ``around`` is the HU where there is no body.
    """
    rows, columns = out.shape
    wide, high = columns // COARSER + 2, rows // COARSER + 2
    coarse = np.empty((high, wide, FIELDS), np.float32)
    sample_plane(fields, start, step, turn, shift, frame, coarse)
    line = np.empty((wide, FIELDS), np.float32)
    f = np.empty(FIELDS, np.float32)
    for i in range(rows):
        ys = frame[1] + i * frame[4]
        ty = np.float32((i % COARSER) / COARSER)
        upper, lower = coarse[i // COARSER], coarse[i // COARSER + 1]
        for j in range(wide):
            for k in range(FIELDS):
                line[j, k] = upper[j, k] + ty * (lower[j, k] - upper[j, k])
        for j in range(columns):
            xs = frame[0] + j * frame[3]
            air = around[i, j]
            out[i, j] = air
            left, tx = j // COARSER, np.float32((j % COARSER) / COARSER)
            skin = line[left, BODY] + tx * (line[left + 1, BODY] - line[left, BODY])
            if skin > 1.0:
                continue
            for k in range(FIELDS):
                f[k] = line[left, k] + tx * (line[left + 1, k] - line[left, k])
            x = turn[0, 0] * xs + turn[0, 1] * ys + turn[0, 2] * frame[2] + shift[0]
            y = turn[1, 0] * xs + turn[1, 1] * ys + turn[1, 2] * frame[2] + shift[1]
            z = turn[2, 0] * xs + turn[2, 1] * ys + turn[2, 2] * frame[2] + shift[2]
            value = _tissue(f, planes, i, j, x, y, z, spine, erect)
            out[i, j] = _over(air, value, cover(f[BODY], _RAMP))


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def _tissue(
    f: Floats,
    planes: Floats,
    i: int,
    j: int,
    x: float,
    y: float,
    z: float,
    spine: Floats,
    erect: bool,
) -> float:
    """Give HU of one point of the body, without its skin's edge."""
    value = 0.0
    if f[LUNG] > -1.0:
        value = _flesh(f, x, y, z, erect, planes, i, j)
    if f[CAGE] < 1.5 or z > 90.0:
        value = _chest(value, f, x, y, z, planes, i, j)
    if f[LUNG] > 2.0:
        value = _vertebra(value, x, y, z, spine, f[FINE])
        if planes[i, j, CARTILAGE] < 1.0:
            value = _over(value, 115.0, cover(planes[i, j, CARTILAGE], _RAMP))
        if planes[i, j, BONE] < 1.0:
            value = _bone(value, planes[i, j, BONE], 1.25, f[FINE])
    return value


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def _flesh(
    f: Floats, x: float, y: float, z: float, erect: bool, planes: Floats, i: int, j: int
) -> float:
    """Give skin, fat, wall muscles and the organs of the upper abdomen."""
    value = -106.0 + 9.0 * f[FINE] + 5.0 * f[COARSE]
    value = _over(value, 25.0, cover(-1.7 - f[BODY], _RAMP))
    muscle = 54.0 + 9.0 * f[FINE]
    wall = cover(f[MUSCLE] + 0.6 * f[FINE], _RAMP)
    depth = f[CAGE]
    if depth > 8.5:
        seam = abs(depth - 12.5 - f[COARSE]) - 0.35 - 0.45 * f[COARSE]
        seam = min(seam, abs(depth - 24.0 - 2.0 * f[COARSE]) - 0.2 - 0.7 * f[COARSE])
        seam = min(seam, abs(x) - 0.7 if y > 0 else 99.0)
        muscle = _over(muscle, -80.0, cover(seam, 1.4))
    elif depth > 4.0:
        muscle = muscle - 22.0 - 22.0 * f[COARSE]
    value = _over(value, muscle, wall)
    within = cover(depth, _RAMP)
    if within == 0.0:
        return value
    value = _over(value, -98.0 + 9.0 * f[FINE], within)
    value = _over(value, 48.0, cover(abs(f[BELOW] + 1.6) - 1.6, _RAMP) * within)
    value = _over(value, 60.0 + 3.0 * f[FINE] + 2.0 * f[COARSE], cover(f[LIVER], _RAMP))
    vein = cover(planes[i, j, LIVER_VEIN], 1.6) * cover(f[LIVER] + 2.0, 2.0)
    value = _over(value, 44.0, vein)
    value = _over(value, 49.0 + 3.0 * f[FINE], cover(f[SPLEEN], _RAMP))
    value = _over(value, 33.0 + 3.0 * f[FINE], cover(f[KIDNEY], _RAMP))
    value = _over(value, 42.0, cover(f[STOMACH], _RAMP))
    level = z + 142.0 if erect else -26.0 - y
    food = _over(22.0 + 14.0 * f[FINE], -1000.0, cover(-level, 1.0))
    return _over(value, food, cover(f[STOMACH] + 4.0 + 0.8 * f[FINE], _RAMP))


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def _chest(
    value: float, f: Floats, x: float, y: float, z: float, planes: Floats, i: int, j: int
) -> float:
    """Paint heart, vessels, lungs and airways."""
    lung = cover(f[LUNG], _RAMP)
    if lung < 1.0:
        value = _over(value, 43.0 + 2.0 * f[FINE], cover(f[HEART], _RAMP))
        if planes[i, j, FAT] < 1.0:
            value = _over(value, -85.0, cover(planes[i, j, FAT], 1.4))
        value = _over(value, 43.0 + 1.5 * f[FINE], cover(planes[i, j, BLOOD], _RAMP))
        if planes[i, j, GULLET] < 1.0:
            value = _over(value, 36.0 + 5.0 * f[FINE], cover(planes[i, j, GULLET], _RAMP))
    if lung > 0.0:
        value = _over(value, _air(f, x, y, z), lung)
    if planes[i, j, VESSEL] < 1.0:
        value = _over(value, 44.0, cover(planes[i, j, VESSEL], _RAMP))
    if planes[i, j, AIRWAY] < 1.0:
        value = _over(value, 5.0, cover(planes[i, j, AIRWAY], _RAMP))
        value = _over(value, -998.0, cover(planes[i, j, LUMEN], _RAMP))
    elif planes[i, j, LUMEN] < 1.0:
        value = _over(value, -998.0, cover(planes[i, j, LUMEN], _RAMP))
    if planes[i, j, NODULE] < 1.0:
        value = _over(value, 38.0 + 4.0 * f[FINE], cover(planes[i, j, NODULE], 1.0))
    return value


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def _air(f: Floats, x: float, y: float, z: float) -> float:
    """Give aerated lung, denser at the back, with the fissures between its lobes."""
    air = -862.0 + 0.38 * y + 11.0 * f[FINE] + 14.0 * f[COARSE]
    side = 1.0 if x > 0 else -1.0
    oblique = (y - 18.0) * 0.78 + (z - 10.0 + 8.0 * side) * 0.62 + 4.0 * f[COARSE]
    rift = abs(oblique)
    if side < 0 and oblique < 0:
        rift = min(rift, abs(z + 12.0 - 0.16 * y + 1.5 * f[COARSE]))
    return _over(air, -640.0, cover(rift - 0.25, 1.3))
