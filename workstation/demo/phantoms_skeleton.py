"""The bones of the chest as tubes: where vertebrae, ribs, sternum and shoulder girdle lie.

Body coordinates: x to the patient's left, y to the back, z to the head, mm; carina at z = 0.
"""

import numpy as np

from workstation.demo.phantoms_kernels import Floats
from workstation.demo.phantoms_shapes import Array, flat_tube, mirrored, segments, spline, tube

LEVELS = np.array(
    [147, 131, 115, 98, 80, 60, 39, 17, -6, -29, -53, -77, -102, -128, -155, -183, -213, -245.0]
)
"""z of the centres of the vertebral bodies C4 to L2."""
FIRST_RIB = 4
"""Index of T1 in LEVELS."""

_CAGE_Z = np.array([-260, -230, -160, -100, -40, 20, 50, 75, 90, 98, 104, 190.0])
_CAGE_A = np.array([124, 128, 135, 136, 130, 114, 96, 74, 54, 34, 8, 8.0])
_CAGE_FRONT = np.array([84, 88, 96, 97, 90, 74, 62, 47, 34, 20, 6, 6.0])
_CAGE_BACK = np.array([76, 79, 86, 90, 90, 85, 78, 66, 52, 36, 10, 10.0])
_BONE_END = (-62, -58, -56, -54, -52, -48, -42, -32, -22, -14, 5, 35)
_DROP = (42, 56, 60, 62, 62, 62, 68, 74, 74, 72, 48, 24)


def spine_y(z: Array | float) -> Array:
    """Give y of the centre of the vertebral bodies at height z."""
    return np.asarray(
        np.interp(z, [-260, -200, -120, -40, 30, 80, 120, 190], [36, 42, 52, 56, 50, 40, 30, 24])
    )


def cage_radius(theta: Array, z: Array) -> Array:
    """Give the inner radius of the rib cage at angle theta (0 left, π/2 back) and height z."""
    a = np.interp(z, _CAGE_Z, _CAGE_A)
    sine, cosine = np.sin(theta), np.cos(theta)
    b = np.where(sine > 0, np.interp(z, _CAGE_Z, _CAGE_BACK), np.interp(z, _CAGE_Z, _CAGE_FRONT))
    n = 2.35
    return np.asarray((np.abs(cosine / a) ** n + np.abs(sine / b) ** n) ** (-1 / n))


def on_cage(degrees: Array | float, z: Array | float, outward: Array | float) -> Array:
    """Give points ``outward`` mm outside the inner surface of the cage; shape (…, 3)."""
    theta, height = np.broadcast_arrays(
        np.radians(np.asarray(degrees, float)), np.asarray(z, float)
    )
    r = cage_radius(theta, height) + outward
    return np.stack([r * np.cos(theta), r * np.sin(theta), height], axis=-1)


def bones() -> Floats:
    """Give all bones but the vertebral bodies, which are no tubes."""
    left = [*(_rib(i) for i in range(12)), _clavicle(), *_scapula(), _humerus()]
    left += [_arch(z) for z in LEVELS]
    return np.vstack([mirrored(np.vstack(left)), _sternum(), *(_spinous(z) for z in LEVELS)])


def cartilages() -> Floats:
    """Give the costal cartilages of ribs 1 to 10."""
    return mirrored(np.vstack([_cartilage(i) for i in range(10)]))


def _rib_line(index: int) -> Array:
    z = LEVELS[FIRST_RIB + index]
    end = _BONE_END[index]
    angles = np.linspace(66, end, 28)
    share = (66 - angles) / (66 + 60)
    heights = z + 3 - _DROP[index] * share**1.15
    shaft = on_cage(angles, heights, 4.5)
    y = float(spine_y(z))
    head = [[17, y + 9, z + 9], [30, min(y + 24, shaft[0, 1] + 4), z + 6]]
    return np.vstack([head, shaft])


def _rib(index: int) -> Floats:
    line = _rib_line(index)
    radial = line[:-1] * [1, 1, 0]
    radial /= np.linalg.norm(radial, axis=1, keepdims=True)
    thin = np.full(len(line), 3.3)
    thin[:2] = 3.0
    return segments(line[:-1], line[1:], thin[:-1], thin[1:], wide=1.75, thin_axis=radial)


def _cartilage(index: int) -> Floats:
    end = _rib_line(index)[-1]
    z_sternum = (40, 4, -20, -40, -58, -74, -86, -92, -94, -96)[index]
    x = (24, 17, 17, 18, 18, 17, 15, 18, 26, 36)[index]
    target_angle = -90 + np.degrees(np.arcsin(x / 95))
    target = on_cage(target_angle, z_sternum, 4.0)
    start_angle = np.degrees(np.arctan2(end[1], end[0]))
    turn = 0.75 if index > 5 else 1.0
    steps = np.linspace(0, 1, 9)
    angles = start_angle + (target_angle - start_angle) * steps
    heights = end[2] + (target[2] - end[2]) * steps**turn - 10 * np.sin(np.pi * steps) * (index > 4)
    line = on_cage(angles, heights, 4.0)
    line[0] = end
    radial = line[:-1] * [1, 1, 0]
    radial /= np.linalg.norm(radial, axis=1, keepdims=True)
    return segments(line[:-1], line[1:], 3.6, 3.6, wide=1.6, thin_axis=radial)


def _sternum() -> Floats:
    def front(z: float) -> float:
        return float(on_cage(-90, z, 5.0)[1])

    axis = (0.0, 1.0, 0.15)
    manubrium = [(0, front(z), z, 5.5) for z in (42, 26, 10)]
    body = [(0, front(z), z, 5.0) for z in (0, -25, -50, -78)]
    xiphoid = [(0, front(z) + 1, z, 3.0) for z in (-90, -108)]
    return np.vstack(
        [
            flat_tube(manubrium, wide=4.0, thin_axis=axis),
            flat_tube(body, wide=3.3, thin_axis=axis),
            flat_tube(xiphoid, wide=2.2, thin_axis=axis),
        ]
    )


def _clavicle() -> Floats:
    inner = float(on_cage(-90, 42, 6.0)[1])
    return tube(
        [(15, inner - 2, 50, 8), (45, inner - 6, 60, 6), (95, -32, 82, 5.5), (150, -2, 104, 6)],
        parts=8,
    )


def _scapula() -> list[Floats]:
    heights = np.linspace(78, -42, 60)
    share = np.linspace(0, 1, 60)
    medial = on_cage(51 - 4 * share, heights, 17)
    lateral = on_cage(12 + 26 * share**0.8, heights, 20 + 10 * (1 - share))
    lateral[0] = (138, 30, 78)
    blade = [
        segments(spline([m, (m + e) / 2 + [2, 3, 0], e], 5)[:-1],
                 spline([m, (m + e) / 2 + [2, 3, 0], e], 5)[1:], 1.7, 1.7)
        for m, e in zip(medial, lateral, strict=True)
    ]  # fmt: skip
    border = segments(lateral[:-1], lateral[1:], 4.2, 3.6)
    inner = segments(medial[:-1], medial[1:], 2.6, 2.6)
    ridge = flat_tube(
        [(*(medial[10] + [2, 4, 0]), 3), (122, 76, 80, 3.5), (150, 48, 104, 4), (166, 10, 112, 4)],
        wide=2.2,
        thin_axis=(0.1, 0.35, 0.93),
    )
    socket = tube([(134, 34, 80, 9), (146, 18, 84, 13)])
    coracoid = tube([(140, 20, 92, 6), (132, -8, 98, 5)])
    return [*blade, border, inner, ridge, socket, coracoid]


def _humerus() -> Floats:
    return tube([(168, 12, 88, 23), (178, 12, 76, 20), (192, 14, 40, 12), (206, 16, -60, 11)])


def _arch(z: float) -> Floats:
    y = float(spine_y(z))
    pedicle = segments(
        np.array([[9.5, y + 10, z + 5]]), np.array([[11, y + 23, z + 3]]), 3.4, 3.2, wide=1.7
    )
    lamina = segments(
        np.array([[11, y + 23, z + 1]]),
        np.array([[0, y + 36, z - 4]]),
        3.0,
        3.2,
        wide=2.8,
        thin_axis=(0.7, 0.7, 0.1),
    )
    reach = float(np.interp(z, [-183, -128, 80, 98, 131], [20, 30, 36, 28, 22]))
    transverse = tube([(11, y + 22, z + 3, 4.6), (reach, y + 24 + reach / 4, z + 2, 4.8)])
    facet = tube([(13, y + 24, z + 12, 4.2), (13, y + 26, z - 12, 4.2)])
    return np.vstack([pedicle, lamina, transverse, facet])


def _spinous(z: float) -> Floats:
    y = float(spine_y(z))
    slope = float(np.interp(z, [-213, -155, -50, 60, 120], [4, 8, 20, 16, 6]))
    return segments(
        np.array([[0, y + 36, z - 4]]),
        np.array([[0, y + 53, z - 6 - slope]]),
        3.0,
        3.4,
        wide=2.2,
        thin_axis=(1.0, 0.0, 0.0),
    )
