"""Bodies in air with known places, and a process that draws them where OpenGL can be had."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.planes import volume_study
from tests.kit.viewer import set_of
from tests.kit.volumes import geometry, planes, turned, volume
from viewer.loading.even_slices import EvenSlices
from viewer.loading.process import Serve
from viewer.loading.volume import Volume, VolumeSource
from viewer.model.geometry import PointLps, Spacing
from viewer.model.presentation import Rescale
from viewer.model.volume_geometry import Index, VolumeGeometry
from viewer.pixels.volume_presets import Light, Tint, VolumeKind, VolumePreset
from viewer.render import volume3d
from viewer.render.bands import Overtaken
from viewer.render.volume3d import Look
from viewer.render.volume_picture import aim_of, prisms_of
from viewer.render.volume_process import Aim, Held, NoVolumeRendering, Stop, VolumeProcess
from viewer.viewport.transform import PaneSize
from viewer.viewport.volume_view import VolumeViewport

AIR, BONE = -1000, 1500
SOLID = Look(((0.0, 0.0, 1.0, 1.0, 1.0), (250.0, 0.5, 1.0, 1.0, 1.0), (251.0, 1.0, 1.0, 1.0, 1.0)))
"""White from 250 on, which is half-way between air and bone: the edge of a body of bone."""

_WHITE = VolumePreset(
    "white",
    "White",
    VolumeKind.SHADED,
    (Tint(0, 0, 1, 1, 1), Tint(250, 0.5, 1, 1, 1), Tint(251, 1, 1, 1, 1)),
    "HU",
    Light(0.0, 1.0, 0.0),
)


def box_geometry(
    size: tuple[int, int, int] = (48, 60, 72),
    *,
    degrees: float = 0.0,
    about_x: float = 0.0,
    along: PointLps | None = None,
    step: float = 1.5,
) -> VolumeGeometry:
    """A geometry of (slices, rows, columns), somewhere in the patient."""
    slices, rows, columns = size
    where = planes(
        [step * k for k in range(slices)],
        directions=turned(degrees, about_x),
        spacing=Spacing(1.2, 0.9),
        along=along,
        start=PointLps(-31.0, 17.0, 140.0),
    )
    return geometry(where, rows, columns)


def places(where: VolumeGeometry) -> NDArray[np.float64]:
    """(slices, rows, columns, 3): where each voxel's centre lies, mm."""
    out = np.empty((where.slices, where.rows, where.columns, 3))
    for k in range(where.slices):
        first = np.array(where.to_lps(Index(0, 0, k)))
        right = np.array(where.to_lps(Index(1, 0, k))) - first
        down = np.array(where.to_lps(Index(0, 1, k))) - first
        i, j = np.arange(where.columns), np.arange(where.rows)
        out[k] = first + i[None, :, None] * right + j[:, None, None] * down
    return out


def sphere(where: VolumeGeometry, centre: PointLps, radius: float, *, unit: str = "HU") -> Volume:
    """A ball of bone in air whose edge lies, interpolated, at its radius to a tenth of a voxel."""
    away = np.linalg.norm(places(where) - np.array(centre), axis=-1)
    share = np.clip(0.5 + (radius - away) / 2.0, 0, 1)
    voxels = np.round(AIR + share * (BONE - AIR)).astype(np.int16)
    return volume(where, voxels, rescale=Rescale(1.0, 0.0, unit))


def held(given: Volume) -> Held:
    """The whole of a volume, nothing cut."""
    return Held(given, EvenSlices.of(given.geometry))


def silhouette(pixels: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Centre (x, y) and extent (wide, high) of what is not black, in pixels from the corner."""
    lit = pixels.max(axis=2) > 24
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    return (left + right) / 2, (top + bottom) / 2, float(right - left), float(bottom - top)


def aim_at(
    focus: PointLps,
    into: PointLps,
    up: PointLps,
    *,
    pitch: float = 0.5,
    size: tuple[int, int] = (200, 160),
    look: Look = SOLID,
    box: tuple[float, float, float, float, float, float] | None = None,
) -> Aim:
    """A camera on a point."""
    wide, high = size
    return Aim(wide, high, focus, into, up, pitch, look, box)


@contextmanager
def drawing(*, serve: Serve = volume3d.serve) -> Iterator[VolumeProcess]:
    """A process that draws; the test is skipped, with the reason, where there is no OpenGL."""
    process = VolumeProcess(most=10**9, serve=serve)
    try:
        probe = sphere(box_geometry((4, 4, 4)), PointLps(-30, 18, 142), 2)
        process.draw(
            held(probe),
            aim_at(PointLps(-30, 18, 142), PointLps(0, 0, 1), PointLps(0, -1, 0), size=(8, 8)),
        )
    except NoVolumeRendering as refusal:
        process.close()
        pytest.skip(refusal.sentence)
    try:
        yield process
    finally:
        process.close()


def unit(x: float, y: float, z: float) -> PointLps:
    """A direction."""
    length = math.sqrt(x * x + y * y + z * z)
    return PointLps(x / length, y / length, z / length)


@dataclass
class FakeProcess:
    """Takes what it is asked to draw down, and gives a flat picture or the failure it is told."""

    most: int
    background: bool = False
    software: bool = True
    seconds: float = 0.05
    failure: str = ""
    drawn: list[tuple[Held, Aim, int]] = field(default_factory=list)
    started: int = 0
    killed: int = 0
    closed: int = 0

    def start(self) -> None:
        """Count."""
        self.started += 1

    def draw(
        self, held: Held, aim: Aim, *, coarseness: int = 1, stop: Stop | None = None
    ) -> NDArray[np.uint8]:
        """Take it down."""
        if self.failure:
            raise NoVolumeRendering(self.failure, where="")
        if stop is not None and stop.is_set:
            raise Overtaken
        self.drawn.append((held, aim, coarseness))
        return np.full((aim.height, aim.width, 3), 90 if self.background else 40, np.uint8)

    def kill(self) -> None:
        """Count."""
        self.killed += 1

    def release(self) -> None:
        """Count."""
        self.closed += 1


class PhantomPane:
    """A pane of a study whose volume holds one ball of bone, aside of its middle."""

    radius = 7.0

    def __init__(self) -> None:
        """Make the study; nothing is drawn."""
        study = volume_study(count=24)
        instances = {one.ref.sop: one for one in study.series[0].instances}
        target = set_of(study.series[0])
        where = VolumeSource(target, instances).geometry
        self.centre = where.to_lps(Index(15.0, 23.0, 13.0))
        self.volume = sphere(where, self.centre, self.radius)
        self.viewport = VolumeViewport(target, instances, EvenSlices.of(where), None, (_WHITE,))
        self.viewport.resize(PaneSize(240, 200))

    def draw(self, process: VolumeProcess) -> NDArray[np.uint8]:
        """Draw the viewport as it is."""
        state, slices = self.viewport.state, self.viewport.slices
        cuts = prisms_of(state, slices, self.viewport)
        aim = aim_of(self.viewport, state, self.volume)
        return process.draw(Held(self.volume, slices, cuts), aim)


class Workshop:
    """Makes fake processes and keeps them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.made: list[FakeProcess] = []
        self.failure = ""

    def __call__(self, *, most: int, background: bool = False) -> VolumeProcess:
        """One more."""
        self.made.append(FakeProcess(most, background, failure=self.failure))
        return cast(VolumeProcess, self.made[-1])

    def make(self, most: int, background: bool) -> VolumeProcess:
        """One more."""
        return self(most=most, background=background)

    @property
    def quick(self) -> FakeProcess:
        """The last one that draws what moves."""
        return [one for one in self.made if not one.background][-1]

    @property
    def whole(self) -> FakeProcess:
        """The last one that draws what stands."""
        return [one for one in self.made if one.background][-1]
