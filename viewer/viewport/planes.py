"""The planes of a reconstruction: three at right angles through one crosshair (F44, F45).

No Qt and no pixels. Everything is millimetres in the patient; a plane is a picture of square pixels
that lies in the patient like any other image, so letters, ruler and lengths need nothing new.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.sample_grid import SampleGrid
from viewer.model.volume_geometry import Index, VolumeGeometry
from viewer.viewport.transform import PanePoint, PaneTransform

_PATIENT = (PointLps(1.0, 0.0, 0.0), PointLps(0.0, 1.0, 0.0), PointLps(0.0, 0.0, 1.0))
_ALONG_SLICES = 1 - 1e-9
"""Least cosine between a plane's normal and that of the slices at which it is one of them."""


class PlaneName(StrEnum):
    """The three planes by the patient's plane that each is nearest to."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


PLANES = tuple(PlaneName)


@dataclass(frozen=True, slots=True)
class Axes:
    """Three unit vectors at right angles: nearly to the left, to the back and to the head."""

    left: PointLps
    back: PointLps
    head: PointLps

    @classmethod
    def of(cls, directions: Sequence[PointLps]) -> "Axes":
        """Straighten three directions and name each after the patient's axis it is nearest to."""
        first = _unit(directions[0])
        second = _unit(_rejected(directions[1], first))
        given = (first, second, first.cross(second))

        def fit(order: tuple[int, ...]) -> float:
            return sum(abs(given[n].dot(_PATIENT[axis])) for axis, n in enumerate(order))

        order = max(itertools.permutations(range(3)), key=fit)
        left = _towards(given[order[0]], _PATIENT[0])
        back = _towards(given[order[1]], _PATIENT[1])
        return cls(left, back, left.cross(back))

    def across(self, name: PlaneName) -> tuple[PointLps, PointLps]:
        """The directions to the right and down on the screen: seen from the feet, front or left."""
        return {
            PlaneName.AXIAL: (self.left, self.back),
            PlaneName.CORONAL: (self.left, turned_back(self.head)),
            PlaneName.SAGITTAL: (self.back, turned_back(self.head)),
        }[name]

    def normal(self, name: PlaneName) -> PointLps:
        """The unit normal of a plane: right × down."""
        right, down = self.across(name)
        return right.cross(down)

    def turned(self, about: PointLps, angle: float) -> "Axes":
        """Turn all three about a unit vector by radians; they stay unit vectors at right angles."""
        left = _unit(_rotated(self.left, about, angle))
        back = _unit(_rejected(_rotated(self.back, about, angle), left))
        return Axes(left, back, left.cross(back))


@dataclass(frozen=True, slots=True)
class Cut:
    """One plane as a picture: ``middle`` lies in the middle of ``rows`` × ``columns`` pixels."""

    middle: PointLps
    right: PointLps
    down: PointLps
    pixel: float
    """Edge of a pixel, mm."""
    rows: int
    columns: int

    @property
    def plane(self) -> ImagePlane:
        """Where the picture lies in the patient, like any other image."""
        across, below = (self.columns - 1) / 2 * self.pixel, (self.rows - 1) / 2 * self.pixel
        first = self.middle.plus(self.right, -across).plus(self.down, -below)
        return ImagePlane(first, self.right, self.down, Spacing(self.pixel, self.pixel))

    @property
    def normal(self) -> PointLps:
        """The unit normal: right × down."""
        return self.right.cross(self.down)

    def grid(self, place: PaneTransform, parts: float = 1.0) -> SampleGrid:
        """Sample points for the whole pane, ``parts`` of them along a device pixel's edge."""
        return pane_grid(self.plane, place, parts)


@dataclass(frozen=True, slots=True)
class Crosshair:
    """Where the three planes meet and how they stand; ``cuts`` all run through ``centre``."""

    centre: PointLps
    axes: Axes
    cuts: tuple[Cut, Cut, Cut]
    """In the order of ``PLANES``."""

    @classmethod
    def through(cls, geometry: VolumeGeometry) -> "Crosshair":
        """The crosshair of a volume: along its own voxels, in the voxel at its middle."""
        plane = geometry.plane
        axes = Axes.of((plane.row, plane.column))
        shape = (geometry.columns, geometry.rows, geometry.slices)
        whole = box(geometry)
        half = Index(*((n - 1) / 2 for n in shape))
        middle = _mean(whole)
        cuts = tuple(
            _framing(axes.across(name), middle, whole, min(plane.spacing)) for name in PLANES
        )
        centre = geometry.to_lps(Index(*(float(math.floor(n)) for n in half)))
        made = cls(middle, axes, (cuts[0], cuts[1], cuts[2]))
        return made.moved(centre)

    def cut(self, name: PlaneName) -> Cut:
        """One plane."""
        return self.cuts[PLANES.index(name)]

    def moved(self, to: PointLps) -> "Crosshair":
        """Move the centre; each plane goes along its normal only, so that its picture stays."""
        way = to - self.centre

        def follow(cut: Cut) -> Cut:
            normal = cut.normal
            return replace(cut, middle=cut.middle.plus(normal, normal.dot(way)))

        a, b, c = (follow(cut) for cut in self.cuts)
        return Crosshair(to, self.axes, (a, b, c))

    def turned(self, name: PlaneName, angle: float) -> "Crosshair":
        """Turn the two other planes about the normal of one by radians, clockwise on its screen.

        The plane itself keeps its picture; the others turn about the centre with all they show.
        ``axes`` turn as a whole, so a picture's own directions may differ from them in its plane.
        """
        about = self.axes.normal(name)
        axes = self.axes.turned(about, angle)

        def follow(other: PlaneName) -> Cut:
            cut = self.cut(other)
            if other is name:
                return cut
            normal = axes.normal(other)
            right = _unit(_rejected(_rotated(cut.right, about, angle), normal))
            middle = _about(cut.middle, self.centre, about, angle)
            return replace(cut, middle=middle, right=right, down=normal.cross(right))

        a, b, c = (follow(other) for other in PLANES)
        return Crosshair(self.centre, axes, (a, b, c))

    def within(self, geometry: VolumeGeometry) -> "Crosshair":
        """The same directions through the same centre, as pictures that hold this volume."""
        middle, home = _mean(box(geometry)), Crosshair.through(geometry)

        def fit(cut: Cut, other: Cut) -> Cut:
            there = middle.plus(cut.normal, cut.normal.dot(self.centre - middle))
            return replace(
                cut, middle=there, pixel=other.pixel, rows=other.rows, columns=other.columns
            )

        a, b, c = (fit(*pair) for pair in zip(self.cuts, home.cuts, strict=True))
        return replace(self, cuts=(a, b, c))

    def line(self, on: PlaneName, of: PlaneName) -> PointLps:
        """The unit direction in which one plane cuts the picture of another."""
        return _unit(self.cut(of).normal.cross(self.cut(on).normal))

    def tilt(self, name: PlaneName) -> tuple[PlaneName, float]:
        """The patient's plane that a plane is nearest to, and their angle, degrees."""
        normal = self.cut(name).normal
        patient = (PlaneName.SAGITTAL, PlaneName.CORONAL, PlaneName.AXIAL)
        cosine, nearest = max(
            (abs(part), plane) for part, plane in zip(normal, patient, strict=True)
        )
        return nearest, math.degrees(math.acos(min(cosine, 1.0)))


def pane_grid(plane: ImagePlane, place: PaneTransform, parts: float = 1.0) -> SampleGrid:
    """Where the device pixels of a pane lie in the patient while it shows an image of ``plane``.

    ``parts`` sample points lie along a device pixel's edge.
    """
    step = 1 / parts

    def at(x: float, y: float) -> PointLps:
        return plane.to_lps(place.to_pixel(PanePoint(x, y)))

    origin = at(step / 2, step / 2)
    return SampleGrid(
        origin,
        at(step * 1.5, step / 2) - origin,
        at(step / 2, step * 1.5) - origin,
        max(math.ceil(place.pane.height * parts), 1),
        max(math.ceil(place.pane.width * parts), 1),
    )


def step_length(geometry: VolumeGeometry, direction: PointLps) -> float:
    """One voxel along a unit direction, mm: no voxel on the way is passed over."""
    plane = geometry.plane
    moving = (
        abs(direction.dot(plane.row)) / plane.spacing.column,
        abs(direction.dot(plane.column)) / plane.spacing.row,
        abs(direction.dot(geometry.normal)) / geometry.step,
    )
    return 1 / max(moving)


def stepped(
    geometry: VolumeGeometry, centre: PointLps, direction: PointLps, steps: int
) -> PointLps:
    """Go voxel by voxel along a unit direction and stay in the volume.

    Along the slices one step is one slice, wherever uneven slices lie.
    """
    along = direction.dot(geometry.normal)
    if abs(along) >= _ALONG_SLICES:
        at = geometry.to_index(centre)
        k = math.floor(at.k + 0.5) + (steps if along > 0 else -steps)
        place = geometry.places[min(max(k, 0), geometry.slices - 1)]
        here = (centre - geometry.positions[0]).dot(geometry.normal)
        return centre.plus(geometry.normal, place - here)
    low, high = reach(geometry, direction)
    here = centre.dot(direction)
    there = here + steps * step_length(geometry, direction)
    return centre.plus(direction, min(max(there, low), high) - here)


def reach(geometry: VolumeGeometry, direction: PointLps) -> tuple[float, float]:
    """The first and the last mm along a direction at which voxels lie."""
    shape = (geometry.columns, geometry.rows, geometry.slices)
    ends = [
        geometry.to_lps(Index(*corner)).dot(direction)
        for corner in itertools.product(*((0.0, n - 1.0) for n in shape))
    ]
    return min(ends), max(ends)


def box(geometry: VolumeGeometry) -> list[PointLps]:
    """The eight outer corners of a volume, half a voxel beyond the outermost centres."""
    shape = (geometry.columns, geometry.rows, geometry.slices)
    corners = itertools.product(*((-0.5, n - 0.5) for n in shape))
    return [geometry.to_lps(Index(*corner)) for corner in corners]


def voxel_at(geometry: VolumeGeometry, point: PointLps) -> PointLps:
    """The centre of the voxel that holds a point; the nearest one for a point outside."""
    shape = (geometry.columns, geometry.rows, geometry.slices)
    at = geometry.to_index(point)
    whole = (min(max(math.floor(x + 0.5), 0), n - 1) for x, n in zip(at, shape, strict=True))
    return geometry.to_lps(Index(*(float(x) for x in whole)))


def turned_back(vector: PointLps) -> PointLps:
    """The opposite direction."""
    return PointLps(-vector.x + 0.0, -vector.y + 0.0, -vector.z + 0.0)


def _framing(
    across: tuple[PointLps, PointLps], middle: PointLps, whole: Sequence[PointLps], pixel: float
) -> Cut:
    """The picture that holds all of a volume."""
    right, down = across
    columns, rows = (max(math.ceil(_extent(whole, way) / pixel - 1e-6), 1) for way in (right, down))
    return Cut(middle, right, down, pixel, rows, columns)


def _extent(points: Sequence[PointLps], way: PointLps) -> float:
    along = [point.dot(way) for point in points]
    return max(along) - min(along)


def _mean(points: Sequence[PointLps]) -> PointLps:
    n = len(points)
    return PointLps(*(sum(point[axis] for point in points) / n for axis in range(3)))


def _unit(vector: PointLps) -> PointLps:
    return PointLps(*(part / vector.norm for part in vector))


def _rejected(vector: PointLps, unit: PointLps) -> PointLps:
    return vector.plus(unit, -vector.dot(unit))


def _towards(vector: PointLps, axis: PointLps) -> PointLps:
    return vector if vector.dot(axis) >= 0 else turned_back(vector)


def _rotated(vector: PointLps, about: PointLps, angle: float) -> PointLps:
    """Rodrigues' formula; positive turns as a right-handed screw along ``about``."""
    cosine, sine = math.cos(angle), math.sin(angle)
    side = about.cross(vector)
    along = about.dot(vector) * (1 - cosine)
    return PointLps(
        *(v * cosine + s * sine + a * along for v, s, a in zip(vector, side, about, strict=True))
    )


def _about(point: PointLps, centre: PointLps, about: PointLps, angle: float) -> PointLps:
    return centre.plus(_rotated(point - centre, about, angle))
