"""Which flat shapes a plane meets, found for all of them at once: planes are painted often."""

from collections.abc import Callable, Sequence

import numpy as np

from viewer.measure.kinds import KINDS
from viewer.measure.quantity import Metric
from viewer.model.annotation import Annotation
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.refs import FrameRef

PlaneOf = Callable[[FrameRef], ImagePlane | None]


class PlaneIndex:
    """The points of all flat shapes as one array, made anew when one of them is another."""

    def __init__(self, plane_of: PlaneOf) -> None:
        """Take the planes of images from ``plane_of``; None where an image is not here."""
        self._plane_of = plane_of
        self._of: tuple[Annotation, ...] = ()
        self._flat: list[Annotation] = []
        self._points = np.zeros((0, 3))
        self._starts = np.zeros(0, np.int64)

    def meeting(
        self, annotations: tuple[Annotation, ...], plane: ImagePlane, near: float
    ) -> list[Annotation]:
        """Those that reach to within ``near`` mm of a plane, or lie on both of its sides."""
        self._take(annotations)
        if not self._flat:
            return []
        normal = plane.normal
        off = self._points @ np.array(normal) - plane.position.dot(normal)
        low = np.minimum.reduceat(off, self._starts)
        high = np.maximum.reduceat(off, self._starts)
        return [self._flat[n] for n in np.flatnonzero((low <= near) & (high >= -near))]

    def _take(self, annotations: tuple[Annotation, ...]) -> None:
        same = len(annotations) == len(self._of)
        if same and all(a is b for a, b in zip(annotations, self._of, strict=True)):
            return
        self._of = annotations
        self._flat = [
            one for one in annotations if one.points and not (one.kind.in_space or one.hidden)
        ]
        paths = [(*one.points, *drawn_path(one, self._plane_of)) for one in self._flat]
        counts = [len(path) for path in paths]
        self._starts = np.cumsum([0, *counts[:-1]])
        self._points = np.array([p for path in paths for p in path], np.float64).reshape(-1, 3)


def drawn_path(one: Annotation, plane_of: PlaneOf) -> Sequence[PointLps]:
    """The first line that is drawn of a shape, in the patient; none where its plane is unknown."""
    plane = one.plane or plane_of(one.on)
    if plane is None:
        return ()
    lines = KINDS[one.kind].draw(one.pixels, Metric(plane.spacing, plane.spacing))
    return tuple(plane.to_lps(p) for line in lines[:1] for p in line)
