"""The crop box and the cube of letters as lines in the pane, without a painter."""

import itertools
from dataclasses import dataclass

from viewer.model.geometry import PointLps
from viewer.model.volume_geometry import Index
from viewer.viewport.camera import SIDES, Camera
from viewer.viewport.transform import PanePoint
from viewer.viewport.volume_view import CropBox, VolumeState, VolumeViewport

_FACING = 0.02
"""Cosine above which a side of the cube is seen."""


@dataclass(frozen=True, slots=True)
class BoxFace:
    """One face of a crop box: its handle, and the way of one voxel along its axis, in the pane."""

    axis: int
    high: bool
    at: PanePoint
    step: PanePoint
    near: bool
    """Whether it is turned to the reader."""


@dataclass(frozen=True, slots=True)
class CubeSide:
    """One side of the cube that is seen; the cube is one wide, its middle is the origin."""

    letter: str
    corners: tuple[tuple[float, float], ...]
    middle: tuple[float, float]
    facing: float
    """1 where it is seen square on."""


@dataclass(frozen=True, slots=True)
class VolumeMarks:
    """What is drawn above a volume, in the pane."""

    cube: tuple[CubeSide, ...]
    edges: tuple[tuple[PanePoint, PanePoint], ...] = ()
    faces: tuple[BoxFace, ...] = ()
    line: tuple[PanePoint, ...] = ()


def volume_marks(viewport: VolumeViewport, state: VolumeState) -> VolumeMarks:
    """The marks of a state."""
    boxed = state.boxed
    return VolumeMarks(
        cube_of(state.camera),
        edges_of(viewport, state) if boxed else (),
        faces_of(viewport, state) if boxed else (),
        state.line,
    )


def cube_of(camera: Camera) -> tuple[CubeSide, ...]:
    """The sides of the patient that are turned to the reader."""
    seen = []
    for letter, side in SIDES.items():
        normal = side.into
        facing = normal.dot(camera.into)
        if facing <= _FACING:
            continue
        corners = []
        for a, b in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
            corner = _scaled(normal, -0.5).plus(side.right, a).plus(side.down, b)
            corners.append((corner.dot(camera.right), corner.dot(camera.down)))
        middle = _scaled(normal, -0.5)
        at = (middle.dot(camera.right), middle.dot(camera.down))
        seen.append(CubeSide(letter, tuple(corners), at, facing))
    return tuple(seen)


def edges_of(
    viewport: VolumeViewport, state: VolumeState
) -> tuple[tuple[PanePoint, PanePoint], ...]:
    """The twelve edges of the crop box."""
    box = state.crop or viewport.whole
    edges = []
    for axis in range(3):
        others = [n for n in range(3) if n != axis]
        for one, two in itertools.product((box.low, box.high), repeat=2):
            start = [0.0, 0.0, 0.0]
            start[others[0]], start[others[1]] = one[others[0]], two[others[1]]
            end = list(start)
            start[axis], end[axis] = box.low[axis], box.high[axis]
            edges.append(
                (_project(viewport, state, Index(*start)), _project(viewport, state, Index(*end)))
            )
    return tuple(edges)


def faces_of(viewport: VolumeViewport, state: VolumeState) -> tuple[BoxFace, ...]:
    """The six handles of the crop box, those turned to the reader first."""
    box = state.crop or viewport.whole
    faces = [
        _face(viewport, state, box, axis, high=high) for axis in range(3) for high in (False, True)
    ]
    return tuple(sorted(faces, key=lambda face: not face.near))


def _face(
    viewport: VolumeViewport, state: VolumeState, box: CropBox, axis: int, *, high: bool
) -> BoxFace:
    middle = [(a + b) / 2 for a, b in zip(box.low, box.high, strict=True)]
    middle[axis] = box.high[axis] if high else box.low[axis]
    onward = list(middle)
    onward[axis] += 1.0
    here, there = viewport.slices.to_lps(*middle), viewport.slices.to_lps(*onward)
    at, next_ = viewport.project(here, state), viewport.project(there, state)
    away = (there - here).dot(state.camera.into) * (1 if high else -1)
    step = PanePoint(next_.x - at.x, next_.y - at.y)
    return BoxFace(axis, high, at, step, near=away < 0)


def _project(viewport: VolumeViewport, state: VolumeState, at: Index) -> PanePoint:
    return viewport.project(viewport.slices.to_lps(*at), state)


def _scaled(vector: PointLps, factor: float) -> PointLps:
    return PointLps(vector.x * factor, vector.y * factor, vector.z * factor)
