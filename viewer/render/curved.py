"""A volume straightened along a drawn path, each sample at its exact millimetre (F44)."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.geometry import PointLps
from viewer.model.sample_grid import SampleGrid, Slab
from viewer.pixels.pipeline import Levels
from viewer.render.bands import Bands
from viewer.render.plane_picture import PlanePicture
from viewer.render.plane_request import (
    PlaneRequest,
    helpers_for,
    mean_of_parts,
    parts_for,
    spread,
)
from viewer.render.reslice import Reslicer
from viewer.render.sampler import Sampled
from viewer.render.scheduler import DrawRequest
from viewer.viewport.curved import CurvedPath, CurvedSheet, CurvedState
from viewer.viewport.reformat import PlaneState
from viewer.viewport.transform import PanePoint, PaneSize

Places = NDArray[np.float64]


def sample_along(
    reslicer: Reslicer,
    path: CurvedPath,
    along: Places,
    offsets: Places,
    out: NDArray[Any],
    *,
    slab: Slab | None = None,
    background: float = np.nan,
    reference: bool = False,
    coarse: int = 1,
    bands: Bands | None = None,
) -> None:
    """Voxel values into ``out`` (along, offsets): trilinear, by the sampler of all planes.

    ``along`` are mm along the path, ``offsets`` mm from it along ``path.down``, evenly spaced. A
    ``slab`` reaches across the path on the plane on which it lies, half of it to either side.
    Beyond the ends of the path, outside the volume, in gaps and padding stands ``background``.
    ``reference`` takes the slow numpy path.
    """
    there = (along >= 0) & (along <= path.length)
    places, ways = path.places(along), path.directions(along)
    step = float(offsets[1] - offsets[0]) if offsets.size > 1 else 1.0
    across = _times(path.down, step)
    whole = out.dtype.kind in "iu"

    def act(first: int, end: int) -> None:
        for n in range(first, end):
            if not there[n]:
                out[n] = background
                continue
            start = PointLps(*places[n].tolist()).plus(path.down, float(offsets[0]))
            grid = SampleGrid(start, across, PointLps(*ways[n].tolist()), 1, offsets.size)
            draw = reslicer.drawing(
                grid,
                slab,
                whole=whole,
                background=background,
                reference=reference,
                coarse=coarse,
            )
            draw(0, out[n : n + 1])

    (bands or Bands()).over(along.size, act)


@dataclass(frozen=True, slots=True)
class CurvedRequest:
    """Everything that one picture of a straightened path is a function of."""

    base: PlaneRequest
    """Volume, look and pane; its plane is the picture's own pixels."""
    sheet: CurvedSheet
    _bands: Bands = field(default_factory=Bands, repr=False, compare=False)

    @property
    def subject(self) -> Hashable:
        """Which series the picture shows, and that it is along a path."""
        return (self.base.subject, "curved")

    @property
    def pane(self) -> PaneSize:
        """Size of the picture in device pixels."""
        return self.base.pane

    @property
    def helpers(self) -> int:
        """One thread does for single samples: their time goes into the columns one by one."""
        base = self.base
        return 0 if base.slab is None else helpers_for(base.pane, base.slab, base.reslicer)

    @property
    def seconds(self) -> float:
        """How long its columns took, once they are drawn."""
        return self._bands.seconds

    def help(self) -> None:
        """Do a share of the columns, on another thread."""
        self._bands.help()

    def give_up(self) -> None:
        """Stop at the next band of columns; a coarse picture is worth finishing."""
        if self.base.coarse == 1:
            self._bands.stop()

    def same_place(self, other: object) -> bool:
        """Whether what ``sample`` gives is the same for both."""
        return (
            isinstance(other, CurvedRequest)
            and self.sheet == other.sheet
            and self.base.same_place(other.base)
        )

    def sample(self) -> Sampled:
        """Voxel values on every device pixel: trilinear; reduced, a mean over the pixel (F54)."""
        volume, pane, coarse = self.base.reslicer.volume, self.base.pane, self.base.coarse
        geometry, sheet, spare = volume.geometry, self.sheet, volume.spare
        finest = min(*geometry.plane.spacing, geometry.step)
        parts = parts_for(sheet.pixel / self.base.transform().zoom, finest) if coarse == 1 else 1
        columns, rows = self._pixels(parts / coarse)
        kind = volume.voxels.dtype if spare is not None else np.dtype(np.float32)
        found = np.empty((columns.size, rows.size), kind)
        sample_along(
            self.base.reslicer,
            sheet.path,
            sheet.along(columns),
            sheet.offsets(rows),
            found,
            slab=self.base.slab,
            background=float(spare) if spare is not None else np.nan,
            coarse=coarse,
            bands=self._bands,
        )
        picture = np.ascontiguousarray(found.T)
        if coarse > 1:
            return Sampled(spread(picture, coarse, pane), 0, 0)
        return Sampled(picture if parts == 1 else mean_of_parts(picture, parts, spare), 0, 0)

    def _pixels(self, parts: float) -> tuple[Places, Places]:
        """Columns and rows of the picture at the samples, ``parts`` of them to a device pixel."""
        place = self.base.transform()
        corner, next_one = place.to_pixel(PanePoint(0, 0)), place.to_pixel(PanePoint(1, 1))
        xs, ys = ((np.arange(math.ceil(n * parts)) + 0.5) / parts for n in self.base.pane)
        columns = corner.column + xs * (next_one.column - corner.column)
        rows = corner.row + ys * (next_one.row - corner.row)
        return np.asarray(columns, np.float64), np.asarray(rows, np.float64)

    def compose(self, sampled: Sampled) -> Levels:
        """Finished device pixels, (height, width) grey, by the same table as the planes."""
        return self.base.compose(sampled)


class CurvedPicture(PlanePicture):
    """The picture of a straightened path."""

    def _request(
        self, state: PlaneState, reslicer: Reslicer, coarse: int = 1
    ) -> DrawRequest | None:
        base = super()._request(state, reslicer, coarse)
        sheet = state.sheet if isinstance(state, CurvedState) else None
        if not isinstance(base, PlaneRequest) or sheet is None:
            return None
        return CurvedRequest(base, sheet)


def _times(vector: PointLps, by: float) -> PointLps:
    return PointLps(vector.x * by, vector.y * by, vector.z * by)
