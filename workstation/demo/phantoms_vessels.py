"""Airways and vessels of the chest: the named ones by hand, the branching ones grown by a rule."""

from dataclasses import dataclass

import numpy as np

from workstation.demo.phantoms_kernels import Floats
from workstation.demo.phantoms_shapes import Array, segments, tube


def great_vessels() -> Floats:
    """Give the aorta with its branches, the caval veins, the pulmonary trunk and its branches."""
    return np.vstack([*_aorta(), *_veins(), *_pulmonary()])


def central_groups() -> list[Floats]:
    """Give the named structures between the lungs, each on its own."""
    return [*_aorta(), *_veins(), *_pulmonary(), oesophagus(), *_airways()[:7]]


def _aorta() -> list[Floats]:
    return [
        tube(
            [
                (4, -20, -52, 15),
                (-7, -30, -24, 16.5),
                (-10, -29, 8, 16),
                (-7, -18, 32, 15),
                (6, 4, 41, 14),
                (23, 26, 32, 13.5),
                (30, 38, 8, 12.5),
                (29, 41, -50, 12),
                (23, 38, -110, 11.5),
                (12, 26, -180, 10.5),
                (7, 16, -260, 9),
            ],
            parts=8,
        ),
        tube([(-6, -12, 42, 7.5), (-14, -8, 62, 7), (-20, -6, 78, 6)]),
        tube([(-20, -6, 78, 4.5), (-24, -6, 120, 4), (-26, -4, 185, 4)]),
        tube([(-20, -6, 78, 5), (-48, -4, 97, 4.5), (-95, -8, 96, 4)]),
        tube([(4, 2, 44, 4.5), (13, -1, 75, 4), (23, -4, 120, 4), (26, -4, 185, 4)]),
        tube([(15, 16, 44, 5.5), (24, 13, 78, 5), (46, 2, 97, 4.5), (95, -8, 96, 4)]),
    ]


def _veins() -> list[Floats]:
    return [
        tube([(-26, -24, 52, 8.5), (-35, -17, 14, 9), (-35, -15, -14, 9.5), (-29, -18, -42, 11)]),
        tube([(-26, -24, 52, 8), (-33, -26, 80, 7), (-38, -22, 125, 6), (-36, -12, 185, 6)]),
        tube([(-26, -24, 52, 7), (0, -38, 52, 6.5), (26, -34, 66, 6.5), (38, -22, 125, 6)]),
        tube([(38, -22, 125, 6), (36, -12, 185, 6)]),
        tube([(-24, 2, -88, 11), (-24, 10, -130, 11), (-22, 14, -260, 11)]),
        tube(
            [
                (-9, 34, -200, 3),
                (-10, 38, -60, 4),
                (-14, 34, -4, 4.5),
                (-24, 18, 6, 4.5),
                (-33, -8, 6, 4.5),
            ]
        ),
    ]


def _pulmonary() -> list[Floats]:
    return [
        tube([(14, -42, -44, 14), (19, -30, -22, 14.5), (22, -12, -10, 13.5)]),
        tube([(22, -12, -10, 12), (36, 8, -8, 11), (46, 20, -20, 9), (50, 27, -40, 7)]),
        tube([(20, -12, -14, 11), (-8, -7, -17, 11), (-34, 2, -20, 10), (-42, 12, -38, 7.5)]),
        tube([(-34, 2, -20, 6), (-46, 2, -2, 5)]),
        tube([(46, 20, -20, 5), (52, 6, 0, 4.5)]),
        tube([(-20, 6, -42, 7), (-48, -10, -28, 5.5)]),
        tube([(-18, 16, -58, 7), (-46, 28, -64, 5.5)]),
        tube([(34, 6, -42, 7), (54, -10, -30, 5.5)]),
        tube([(32, 18, -56, 7), (52, 32, -62, 5.5)]),
    ]


def oesophagus() -> Floats:
    """Give the oesophagus, wall and content alike."""
    return tube(
        [(5, 26, 185, 7), (6, 28, 90, 7), (3, 33, 0, 7), (10, 28, -80, 7.5), (26, 2, -140, 8)]
    )


def crura() -> Floats:
    """Give the crura of the diaphragm beside the lower spine."""
    return np.vstack([tube([(s * 15, 24, -140, 4), (s * 14, 24, -262, 6.5)]) for s in (-1, 1)])


def main_airways() -> Floats:
    """Give the lumen of trachea, main and lobar bronchi."""
    return np.vstack(_airways())


def _airways() -> list[Floats]:
    carina = (2, 18, 0)
    return [
        tube([(0, 6, 190, 8), (0, 7, 110, 8.5), (0, 14, 50, 8.5), (*carina, 9)]),
        tube([(*carina, 7.5), (-22, 16, -17, 7)]),
        tube([(-22, 16, -15, 5), (-46, 12, -5, 4.5)]),
        tube([(-22, 16, -17, 6), (-30, 17, -46, 5.5)]),
        tube([(-30, 17, -46, 4), (-48, -8, -58, 3.2)]),
        tube([(-30, 17, -46, 4.8), (-44, 30, -74, 4)]),
        tube([(*carina, 6.8), (37, 20, -31, 6)]),
        tube([(37, 20, -31, 5), (56, 4, -24, 4.2)]),
        tube([(37, 20, -31, 5), (48, 32, -64, 4.2)]),
    ]


ARTERY_ROOTS = {
    -1: ((-44, 12, -36), (-46, 2, -4), (-46, 10, -20)),
    1: ((50, 27, -40), (52, 6, -2), (50, 16, -16)),
}
VEIN_ROOTS = {-1: ((-48, -10, -28), (-46, 28, -64)), 1: ((54, -10, -30), (52, 32, -62))}


@dataclass(frozen=True, slots=True)
class Tree:
    """A grown tree: one segment per node to its parent, with radii by Murray's law."""

    first: Array
    last: Array
    radius: Array

    def tubes(self, least: float = 0.0) -> Floats:
        """Give the segments whose radius is at least ``least``."""
        keep = self.radius >= least
        r = self.radius[keep]
        return segments(self.first[keep], self.last[keep], r, np.maximum(r * 0.93, 0.3))


def grow(roots: tuple[tuple[float, float, float], ...], leaves: Array, tip: float) -> Tree:
    """Connect all leaves to the roots, each to the node that makes its way short (after Cuntz)."""
    nodes = np.vstack([np.asarray(roots, float), leaves])
    n, known = len(nodes), len(roots)
    parent = np.full(n, -1)
    way = np.zeros(n)
    best = np.full(n, np.inf)
    closest = np.zeros(n, int)
    for k in range(known):
        _offer(nodes, way, best, closest, k)
    open_ = np.ones(n, bool)
    open_[:known] = False
    order = []
    for _ in range(n - known):
        k = int(np.argmin(np.where(open_, best, np.inf)))
        parent[k] = closest[k]
        way[k] = way[parent[k]] + float(np.linalg.norm(nodes[k] - nodes[parent[k]]))
        open_[k] = False
        order.append(k)
        _offer(nodes, way, best, closest, k)
    flow = np.zeros(n)
    for k in reversed(order):
        flow[k] += tip**2.7
        flow[parent[k]] += flow[k]
    own = np.asarray(order)
    return Tree(nodes[parent[own]], nodes[own], flow[own] ** (1 / 2.7))


def _offer(nodes: Array, way: Array, best: Array, closest: np.ndarray, k: int) -> None:
    d = np.sqrt(((nodes - nodes[k]) ** 2).sum(1))
    cost = d + 0.35 * (way[k] + d)
    better = cost < best
    best[better] = cost[better]
    closest[better] = k


def beside(tree: Tree, least: float) -> tuple[Floats, Floats]:
    """Give bronchi (outer wall, lumen) that run beside the arteries thicker than ``least``."""
    keep = tree.radius >= least
    a, b, r = tree.first[keep], tree.last[keep], tree.radius[keep]
    inward = np.array([-np.sign(a[:, 0].mean()), 0.5, 0.3])
    along = b - a
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    aside = inward - along * (along @ inward)[:, None]
    aside /= np.linalg.norm(aside, axis=1, keepdims=True) + 1e-9
    lumen = 0.78 * r
    wall = 0.45 + 0.16 * r
    shift = aside * (r + lumen + wall)[:, None]
    return segments(a + shift, b + shift, lumen + wall, lumen + wall), segments(
        a + shift, b + shift, lumen, lumen
    )
