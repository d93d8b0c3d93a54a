"""A volume seen from all sides: maximum projections about the axis of its slices (rotating MIP)."""

import math
import threading

import numpy as np
from numpy.typing import NDArray

from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.volume_geometry import Index
from viewer.render.rotation_rays import Rays, ray_samples
from viewer.render.upright import upright
from viewer.viewport.planes import Axes, Cut, turned_back

VIEWS, FEWER_VIEWS = 60, 36
"""Views of a whole turn: one each six degrees, or ten where they take long."""
_MANY = 50_000_000
"""Samples of one view from which on there are fewer."""
_NO_PADDING = (1.0, 0.0)


class Rotation:
    """The views of one volume, made one by one on other threads; view 0 is from the front.

    View n has turned by n / ``views`` of a whole turn, so that the patient's left comes to face the
    reader first. Each is an image of one row per slice, in voxel values; a volume whose slices are
    not axial is taken as axial ones of the same voxels.
    """

    def __init__(self, volume: Volume, views: int = 0) -> None:
        """Find the axis and how far to look from it; GeometryError says why there is none.

        Without a number of ``views`` there are as many as can be had in reasonable time.

        Looks at every voxel: not for the GUI thread.
        """
        self.here = sum(volume.held)
        """How many images of the volume, as it was acquired, are in it."""
        self.volume = volume = upright(volume)
        geometry = volume.geometry
        plane = geometry.plane
        self._axes = Axes.of((plane.row, plane.column))
        self.pixel = min(plane.spacing)
        middle = Index((geometry.columns - 1) // 2, (geometry.rows - 1) // 2, 0.0)
        self._foot = geometry.to_lps(middle)
        """Where the axis goes through the first slice: a voxel centre, mm."""
        self._centres = np.array(
            [
                self._in_pixels(self._foot.plus(geometry.normal, place) - position)
                for place, position in zip(geometry.places, geometry.positions, strict=True)
            ]
        )
        first, last = volume.padding or _NO_PADDING
        self._padding = (float(first), float(last))
        self.half = self._reach()
        many = geometry.slices * (2 * self.half + 1) ** 2 > _MANY
        self.views = views or (FEWER_VIEWS if many else VIEWS)
        self._made: dict[int, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    @property
    def made(self) -> int:
        """How many views are here."""
        with self._lock:
            return len(self._made)

    @property
    def next(self) -> int | None:
        """The first view that is not here; None when all are."""
        with self._lock:
            return next((n for n in range(self.views) if n not in self._made), None)

    @property
    def depth(self) -> float:
        """How thick the slab is that a view is the maximum of, mm."""
        return (2 * self.half + 1) * self.pixel

    def view(self, number: int) -> NDArray[np.float32] | None:
        """Voxel values of one view, (slices, 2 · half + 1); None while it is not here."""
        with self._lock:
            return self._made.get(number)

    def make(self, number: int) -> NDArray[np.float32]:
        """Compute one view; takes long."""
        from viewer.render.rotation_kernels import project  # compiles on the thread that draws

        out = np.empty((self.volume.geometry.slices, 2 * self.half + 1), np.float32)
        plain = not self.volume.has_padding
        project(self.volume.voxels, self.rays(number), self._padding, out, plain=plain)
        out.flags.writeable = False
        with self._lock:
            self._made[number] = out
        return out

    def cut(self, number: int) -> Cut:
        """Where a view stands in the patient: through the axis, facing the reader."""
        geometry, normal = self.volume.geometry, self.volume.geometry.normal
        low, high = geometry.places[0], geometry.places[-1]
        right, _through = self.directions(number)
        rows = max(math.ceil((high - low + geometry.step) / self.pixel - 1e-6), 1)
        middle = self._foot.plus(normal, (low + high) / 2)
        return Cut(middle, right, turned_back(self._axes.head), self.pixel, rows, 2 * self.half + 1)

    def directions(self, number: int) -> tuple[PointLps, PointLps]:
        """Unit vectors of a view: to the right on the screen, and away from the reader."""
        turn = 2 * math.pi * number / self.views
        cosine, sine = math.cos(turn), math.sin(turn)
        left, back = self._axes.left, self._axes.back
        right = PointLps(*(a * cosine + b * sine for a, b in zip(left, back, strict=True)))
        through = PointLps(*(b * cosine - a * sine for a, b in zip(left, back, strict=True)))
        return right, through

    def place(self, point: PointLps, number: int) -> tuple[float, float]:
        """Of a point: which column of a view it is seen in, and mm from the first slice."""
        way = point - self._foot
        right, _through = self.directions(number)
        return way.dot(right) / self.pixel + self.half, way.dot(self.volume.geometry.normal)

    def strongest(self, point: PointLps, number: int) -> tuple[PointLps, float] | None:
        """The sample that a view shows in front of or behind a point: where it lies, its value.

        That of the nearest slice and ray, by the slow path: it never waits for a compiler. None
        where there is nothing.
        """
        geometry = self.volume.geometry
        column, place = self.place(point, number)
        places = np.array(geometry.places)
        k = int(np.argmin(np.abs(places - place)))
        u = math.floor(column + 0.5) - self.half
        if abs(u) > self.half or abs(places[k] - place) > geometry.step or not self.volume.held[k]:
            return None
        rays = self.rays(number)
        (found,) = ray_samples(self.volume.voxels[k], rays, k, self._padding, np.array([float(u)]))
        if np.isnan(found).all():
            return None
        t = int(np.nanargmax(found) if rays.largest else np.nanargmin(found))
        right, through = self.directions(number)
        axis = self._foot.plus(geometry.normal, geometry.places[k])
        where = axis.plus(right, u * self.pixel).plus(through, (t - self.half) * self.pixel)
        rescale = self.volume.rescale
        return where, float(found[t]) * rescale.slope + rescale.intercept

    def rays(self, number: int) -> Rays:
        """The rays of a view in the slices' pixels."""
        right, through = self.directions(number)
        return Rays(
            self._centres,
            np.array(self._in_pixels(right)) * self.pixel,
            np.array(self._in_pixels(through)) * self.pixel,
            self.half,
            np.array(self.volume.held),
            self.volume.rescale.slope >= 0,
        )

    def _in_pixels(self, vector: PointLps) -> tuple[float, float]:
        plane = self.volume.geometry.plane
        across, down = vector.dot(plane.row), vector.dot(plane.column)
        return across / plane.spacing.column, down / plane.spacing.row

    def _reach(self) -> int:
        """Rays to either side within which every voxel lies that is more than the least."""
        geometry, spacing = self.volume.geometry, self.volume.geometry.plane.spacing
        occupied = self._occupied()
        i, j = np.arange(geometry.columns), np.arange(geometry.rows)[:, None]
        reach = 0.0
        for column, row in self._centres[[0, -1]]:
            away = np.hypot((i - column) * spacing.column, (j - row) * spacing.row)
            reach = max(reach, float(np.where(occupied, away, 0.0).max()))
        return max(math.ceil(reach / self.pixel) + 1, 1)

    def _occupied(self) -> NDArray[np.bool_]:
        """Where any slice holds more than the least value of the volume, (rows, columns)."""
        volume = self.volume
        low, high = volume.extremes or (0.0, 0.0)
        least = low if volume.rescale.slope >= 0 else high
        first, last = self._padding
        found = np.zeros(volume.voxels.shape[1:], np.bool_)
        for pixels, held in zip(volume.voxels, volume.held, strict=True):
            if not held:
                continue
            padded = np.isnan(pixels) | ((pixels >= first) & (pixels <= last))
            found |= (pixels != least) & ~padded
        return found if found.any() else np.ones_like(found)
