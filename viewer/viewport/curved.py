"""A drawn path through a volume, and the pane in which the volume stands straight along it (F44).

Every column of the picture is one point of the path, every row one distance from the plane on which
the path was drawn, along the normal of that plane; both in true millimetres.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from viewer.model.display_set import DisplaySet
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.presentation import CENTRED, Presentation
from viewer.model.refs import FrameRef, SopUid
from viewer.model.sample_grid import Slab
from viewer.model.study import Instance
from viewer.model.volume_geometry import VolumeGeometry
from viewer.viewport.letters import of_direction, opposite
from viewer.viewport.plane_overlay import slab_text
from viewer.viewport.planes import Cut, PlaneName, reach, turned_back
from viewer.viewport.reformat import PlaneState, PlaneViewport, Reformat
from viewer.viewport.transform import PanePoint

Points = NDArray[np.float64]
"""(n, 3): places in the patient, mm."""
_FINE = 512
"""Pieces of the way from point to point, for its length."""
_SAME = 1e-6
"""Points closer than this are one, mm."""
_BENDS = 400
"""Places along a path at which its bend is looked at."""


@dataclass(frozen=True, slots=True)
class CurvedPath:
    """A smooth line through points of the patient, known by the length along it.

    Cubic between neighbours, with the slope of the parabola through a point and its two neighbours
    (Catmull-Rom), the parameter growing with the square root of the distance: it makes no loop of
    its own, and points on one line give that line.
    """

    points: tuple[PointLps, ...]
    down: PointLps
    """The unit normal of the plane on which it was drawn: downwards in the picture."""
    _knots: Points = field(repr=False, compare=False)
    _slopes: Points = field(repr=False, compare=False)
    _at: Points = field(repr=False, compare=False)
    """Parameters of a fine line along it, and ``_way``: how far along each lies, mm."""
    _way: Points = field(repr=False, compare=False)

    @classmethod
    def through(cls, points: Sequence[PointLps], down: PointLps) -> "CurvedPath":
        """Take the points in order; ValueError unless two of them lie apart."""
        kept: list[PointLps] = []
        for point in points:
            if not kept or (point - kept[-1]).norm > _SAME:
                kept.append(point)
        if len(kept) < 2:
            raise ValueError("a path needs two points that lie apart")
        places = np.array(kept, dtype=np.float64)
        chords = np.linalg.norm(np.diff(places, axis=0), axis=1)
        knots = np.concatenate([[0.0], np.cumsum(np.sqrt(chords))])
        slopes = (
            np.gradient(places, knots, axis=0, edge_order=2)
            if len(kept) > 2
            else np.gradient(places, knots, axis=0)
        )
        steps = np.arange(_FINE * (len(kept) - 1) + 1) / _FINE
        at = np.interp(steps, np.arange(len(kept)), knots)
        fine = _hermite(places, knots, slopes, at)
        pieces = np.linalg.norm(np.diff(fine, axis=0), axis=1)
        way = np.concatenate([[0.0], np.cumsum(pieces)])
        return cls(tuple(kept), down, knots, slopes, at, way)

    @property
    def length(self) -> float:
        """Length along the path, mm."""
        return float(self._way[-1])

    @property
    def ends(self) -> Points:
        """(points,): how far along the path each of its points lies, mm."""
        return np.asarray(np.interp(self._knots, self._at, self._way), np.float64)

    @property
    def tightest(self) -> float:
        """The smallest radius in which the path bends, mm; infinite where it is straight."""
        ways = self.directions(np.linspace(0.0, self.length, _BENDS + 1))
        turned = 2 * np.arcsin(np.clip(np.linalg.norm(np.diff(ways, axis=0), axis=1) / 2, 0, 1))
        sharpest = float(turned.max())
        return self.length / _BENDS / sharpest if sharpest > _SAME else math.inf

    def places(self, along: Points) -> Points:
        """(n, 3): the points so many mm along the path, mm; the ends stand for what is beyond."""
        return _hermite(np.array(self.points), self._knots, self._slopes, self._parameters(along))

    def directions(self, along: Points) -> Points:
        """(n, 3): unit vectors along the path so many mm along it."""
        t = np.clip(self._parameters(along), self._knots[0], self._knots[-1])
        step = (self._knots[-1] - self._knots[0]) * 1e-6
        where = np.array(self.points)
        ends = (np.clip(t + by, self._knots[0], self._knots[-1]) for by in (step, -step))
        after, before = (_hermite(where, self._knots, self._slopes, end) for end in ends)
        way = after - before
        return np.asarray(way / np.linalg.norm(way, axis=1, keepdims=True))

    def _parameters(self, along: Points) -> Points:
        return np.asarray(np.interp(along, self._way, self._at), np.float64)


def _hermite(places: Points, knots: Points, slopes: Points, at: Points) -> Points:
    k = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, knots.size - 2)
    span = (knots[k + 1] - knots[k])[:, None]
    t = (at - knots[k])[:, None] / span
    value = places[k] * ((1 + 2 * t) * (1 - t) ** 2) + places[k + 1] * (t * t * (3 - 2 * t))
    value += span * (slopes[k] * (t * (1 - t) ** 2) - slopes[k + 1] * (t * t * (1 - t)))
    return np.asarray(value, np.float64)


def downwards(normal: PointLps) -> PointLps:
    """The one of the two unit normals of a plane that has head, front or right above it."""
    named = ((abs(normal.x), normal.x), (abs(normal.y), normal.y), (abs(normal.z), -normal.z))
    return normal if max(named)[1] > 0 else turned_back(normal)


@dataclass(frozen=True, slots=True)
class CurvedSheet:
    """The straightened picture of a path: which millimetres its pixels stand for."""

    path: CurvedPath
    pixel: float
    """Edge of a pixel, mm."""
    first: float
    """Upper edge of the picture, mm from the path along ``path.down``."""
    rows: int
    columns: int

    @classmethod
    def of(cls, path: CurvedPath, geometry: VolumeGeometry, pixel: float) -> "CurvedSheet":
        """The whole path, and all of the volume on both sides of the plane it was drawn on."""
        low, high = reach(geometry, path.down)
        here = path.points[0].dot(path.down)
        rows = max(math.ceil((high - low) / pixel - 1e-6) + 1, 1)
        first = (low + high) / 2 - here - rows * pixel / 2
        return cls(path, pixel, first, rows, max(math.ceil(path.length / pixel - 1e-6), 1))

    def along(self, columns: Points) -> Points:
        """Millimetres along the path of picture columns; 0.0 is the CENTRE of the first one."""
        return np.asarray((columns + 0.5) * self.pixel)

    def offsets(self, rows: Points) -> Points:
        """Millimetres from the path, downwards, of picture rows."""
        return np.asarray(self.first + (rows + 0.5) * self.pixel)

    @property
    def cut(self) -> Cut:
        """The picture's own pixels; it lies on no plane of the patient."""
        right = PointLps(*(float(n) for n in self.path.directions(np.zeros(1))[0]))
        return Cut(self.path.points[0], right, self.path.down, self.pixel, self.rows, self.columns)

    def millimetres(self, pixel: PixelPoint) -> tuple[float, float]:
        """How far along the path and how far below it a place of the picture lies, mm."""
        along = min(max((pixel.column + 0.5) * self.pixel, 0.0), self.path.length)
        return along, self.first + (pixel.row + 0.5) * self.pixel

    def to_lps(self, pixel: PixelPoint) -> PointLps:
        """The point of the patient at a place of the picture."""
        along, below = self.millimetres(pixel)
        here = PointLps(*(float(n) for n in self.path.places(np.array([along]))[0]))
        return here.plus(self.path.down, below)

    def words(self, slab: Slab | None = None) -> str:
        """What the picture is, how thick, and what lies towards its upper edge."""
        above = opposite(of_direction(self.path.down)[:1])
        told = f"CURVED along the path · {above} above · {self.path.length:.1f} mm · trilinear"
        if slab is None:
            return told
        wide = slab.thickness / 2 > self.path.tightest
        return f"{told} · {slab_text(slab)}{' WIDER THAN THE BEND' if wide else ''}"


@dataclass(frozen=True, slots=True)
class CurvedState(PlaneState):
    """A plane's state with the path along which it is straightened."""

    sheet: CurvedSheet | None = None

    @property
    def cut(self) -> Cut | None:
        """The picture's own pixels."""
        return self.sheet.cut if self.sheet is not None else None


class CurvedViewport(PlaneViewport):
    """The pane of a straightened path: windowed, zoomed, and thick on its own.

    It has no plane, so nothing is pointed at or exported as one. Since its path lies on a plane and
    its rows are upright on that, it was bent straight without stretching: its millimetres are those
    of the surface that it shows.
    """

    def __init__(self, name: PlaneName, reformat: Reformat, sheet: CurvedSheet) -> None:
        """Show a path that was drawn on the plane of this name."""
        super().__init__(name, reformat)
        self._state = CurvedState(name=name)
        self._sheet = sheet

    def know(
        self, target: DisplaySet, instances: Mapping[SopUid, Instance], look: Presentation
    ) -> None:
        """Know the images and how they look at first."""
        self.begin(instances, replace(look, zoom=None, offset=CENTRED))
        self.put(
            target=target,
            nearest=self.reformat.nearest(),
            crosshair=self.reformat.crosshair,
            steps=1,
            slab=None,
            words=self._sheet.words(),
            sheet=self._sheet,
        )

    def renew(self, target: DisplaySet, instances: Mapping[SopUid, Instance]) -> None:
        """Show the same path through a volume that has more slices; ``take`` follows."""
        self._know(instances)
        geometry = self.reformat.geometry
        self._sheet = CurvedSheet.of(self._sheet.path, geometry, self._sheet.pixel)
        self.put(target=target, nearest=self.reformat.nearest(), sheet=self._sheet)

    def take(self, here: int, extremes: tuple[float, float]) -> None:
        """Know how much of the volume is here, and between which modality values it lies."""
        self.put(here=here, fallback=extremes)

    def straighten(self, sheet: CurvedSheet) -> None:
        """Show another path, e.g. after a point of it was moved; look and slab stay."""
        self._sheet = sheet
        self.put(sheet=sheet, words=sheet.words(self.state.slab))

    def set_slab(self, slab: Slab | None) -> None:
        """Make it so thick, across the path; None is a single surface."""
        self.put(slab=slab, words=self._sheet.words(slab))

    def follow(self) -> None:
        """Know where the crosshair is now."""
        self.put(crosshair=self.reformat.crosshair)

    @property
    def state(self) -> CurvedState:
        """The state as it is now."""
        return cast(CurvedState, self._state)

    @property
    def plane(self) -> ImagePlane | None:
        """It lies on no plane."""
        return None

    def plane_of(self, _frame: FrameRef) -> ImagePlane | None:
        """It lies on no plane."""
        return None

    def point_at(self, _place: PanePoint) -> PointLps | None:
        """No place of it is pointed at."""
        return None

    def scroll(self, _steps: int) -> None:
        """There is one picture."""

    def go_to_index(self, _index: int) -> None:
        """There is one picture."""

    def go_to(self, _frame: FrameRef) -> bool:
        """It is of no single image."""
        return False

    def reset(self) -> None:
        """Return to the first look."""
        self.look_home()
