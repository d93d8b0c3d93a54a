"""On which images a shape in the patient lies: the nearest one of each series (PS3.3 C.18.9)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.refs import FrameOfReferenceUid, FrameRef, SeriesUid, SopUid
from viewer.model.study import Instance

_EXACT = 0.01
"""mm; what writers round away."""
_LONE = 1.0
"""mm; how near a shape must be to an image that stands alone."""
_SAME = 0.999
"""Cosine from which two normals are parallel."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A frame with the points on it; ``off`` is the largest distance from its plane, mm."""

    on: FrameRef
    pixels: tuple[PixelPoint, ...]
    off: float


@dataclass(frozen=True, slots=True, eq=False)
class _Stack:
    """The planes of one series: positions and normals, shape (n, 3) each, float64."""

    planes: tuple[tuple[FrameRef, ImagePlane, tuple[int, int]], ...]
    positions: NDArray[np.float64]
    normals: NDArray[np.float64]


class Planes:
    """Every plane of the case by Frame of Reference and series: made once, asked for each shape."""

    def __init__(self, instances: Mapping[SopUid, Instance]) -> None:
        """Index the images that have a plane."""
        by: dict[
            tuple[FrameOfReferenceUid, SeriesUid],
            list[tuple[FrameRef, ImagePlane, tuple[int, int]]],
        ] = defaultdict(list)
        for image in instances.values():
            if image.frame_of_reference is None or image.format is None:
                continue
            size = (image.format.rows, image.format.columns)
            for number, plane in enumerate(image.planes):
                if plane is not None:
                    ref = image.ref
                    on = FrameRef(ref.study, ref.series, ref.sop, number)
                    by[image.frame_of_reference, ref.series].append((on, plane, size))
        self._stacks: dict[FrameOfReferenceUid, list[_Stack]] = defaultdict(list)
        for (space, _), planes in by.items():
            positions = np.array([plane.position for _, plane, _ in planes], np.float64)
            normals = np.array([plane.normal for _, plane, _ in planes], np.float64)
            self._stacks[space].append(_Stack(tuple(planes), positions, normals))

    def spots(
        self, space: FrameOfReferenceUid | None, points: Sequence[PointLps]
    ) -> tuple[Spot, ...]:
        """Where a shape is shown, nearest first; one frame of each series at the most."""
        if space is None:
            return ()
        found = [spot for stack in self._stacks.get(space, ()) if (spot := _spot(stack, points))]
        return tuple(sorted(found, key=lambda spot: spot.off))

    def nearest(
        self, space: FrameOfReferenceUid | None, point: PointLps
    ) -> tuple[FrameRef, ImagePlane] | None:
        """The frame nearest to a place of a Frame of Reference, however far away it is."""
        found = [
            (abs(plane.distance(point)), on, plane)
            for stack in (self._stacks.get(space, ()) if space else ())
            for on, plane, _ in (stack.planes[_at(stack, np.array(point))],)
        ]
        if not found:
            return None
        _, on, plane = min(found, key=lambda one: one[0])
        return on, plane


def _at(stack: _Stack, point: NDArray[np.float64]) -> int:
    """The number of the plane that is nearest to a point."""
    return int(np.argmin(np.abs(((point - stack.positions) * stack.normals).sum(axis=1))))


def _spot(stack: _Stack, points: Sequence[PointLps]) -> Spot | None:
    places = np.array(points, np.float64)
    at = _at(stack, places.mean(axis=0))
    on, plane, (rows, columns) = stack.planes[at]
    off = float(np.abs((places - stack.positions[at]) @ stack.normals[at]).max())
    if off > max(_EXACT, _reach(stack, at)):
        return None
    pixels = tuple(plane.to_pixel(point) for point in points)
    centre = np.mean(np.array(pixels), axis=0)
    if not (-0.5 <= centre[0] <= columns - 0.5 and -0.5 <= centre[1] <= rows - 0.5):
        return None
    return Spot(on, pixels, off)


def _reach(stack: _Stack, at: int) -> float:
    """Half the way to the next parallel plane."""
    normal = stack.normals[at]
    steps = np.abs((stack.positions - stack.positions[at]) @ normal)
    parallel = np.abs(stack.normals @ normal) > _SAME
    others = steps[parallel & (steps > _EXACT)]
    return float(others.min()) / 2 if others.size else _LONE
