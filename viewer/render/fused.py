"""A second volume in colour over a picture: taken at the same millimetres, mixed in at the end."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from viewer.model.fusion import Fusion
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.presentation import Presentation
from viewer.model.sample_grid import SampleGrid, Slab
from viewer.model.study import Photometric, StoredFormat
from viewer.pixels.pipeline import Levels, PixelPipeline
from viewer.render.bands import Bands
from viewer.render.compositor import RenderRequest
from viewer.render.graphics import paint
from viewer.render.plane_request import (
    PlaneRequest,
    helpers_for,
    in_bands,
    mean_of_parts,
    parts_for,
    spread,
)
from viewer.render.reslice import Reslicer
from viewer.render.sampler import Mask, Sampled
from viewer.viewport.planes import pane_grid, step_length
from viewer.viewport.transform import PaneSize


@dataclass(frozen=True, slots=True)
class Layer:
    """Where a second volume is cut: in the plane of the picture below it, as thick as that is."""

    reslicer: Reslicer = field(repr=False, compare=False)
    plane: ImagePlane
    slab: Slab | None = None
    coarse: int = 1

    def same_place(self, other: "Layer") -> bool:
        """Whether the samples of both are the same, where their panes are."""
        return (
            self.reslicer is other.reslicer
            and self.plane == other.plane
            and (self.slab, self.coarse) == (other.slab, other.coarse)
        )


@dataclass(frozen=True, slots=True)
class FusedRequest:
    """Everything that one fused picture is a function of.

    The picture below is drawn by its own request and table. Where the second volume has nothing
    (outside, gaps, padding) it stays as it is, and everywhere at 0 percent.
    """

    base: RenderRequest | PlaneRequest
    layer: Layer
    fusion: Fusion
    _bands: Bands = field(default_factory=Bands, repr=False, compare=False)

    @property
    def subject(self) -> Hashable:
        """Which series lies below."""
        return self.base.subject

    @property
    def pane(self) -> PaneSize:
        """Size of the picture in device pixels."""
        return self.base.pane

    def give_up(self) -> None:
        """Stop at the next band of rows; a coarse picture is worth finishing."""
        self.base.give_up()
        if self.layer.coarse == 1:
            self._bands.stop()

    @property
    def helpers(self) -> int:
        """How many more threads make sampling the second volume or the first faster."""
        own = helpers_for(self.pane, self.layer.slab, self.layer.reslicer)
        return max(own, self.base.helpers)

    @property
    def seconds(self) -> float:
        """How long the rows of both took, once they are drawn."""
        return self.base.seconds + self._bands.seconds

    def help(self) -> None:
        """Do a share of the picture below, then of the second volume."""
        if self.base.helpers:
            self.base.help()
        self._bands.help()

    def same_place(self, other: object) -> bool:
        """Whether what ``sample`` gives is the same for both."""
        return (
            isinstance(other, FusedRequest)
            and self.base.same_place(other.base)
            and self.layer.same_place(other.layer)
        )

    def sample(self) -> Sampled:
        """The samples of the picture below, and voxel values of the second volume."""
        return replace(self.base.sample(), layer=self._values())

    def compose(self, sampled: Sampled) -> Levels:
        """Finished device pixels: (height, width, 3), or those of the picture below at 0 percent.

        Neither what a shutter hides nor overlays are coloured.
        """
        values, percent = sampled.layer, self.fusion.percent
        if values is None or percent == 0:
            return self.base.compose(sampled)
        from viewer.render.blend import blend  # the compiler loads here, on the thread that draws

        picture = self._below(sampled)
        there = np.isfinite(values)
        if sampled.hidden is not None:
            there &= ~_over_pane(sampled.hidden, sampled, self.pane)
        table = np.frombuffer(self.fusion.colours.entries, np.uint8).reshape(256, 3)
        blend(picture, self._levels(values), there, table, percent)
        for one in sampled.stencils:
            paint(picture, one)
        return picture

    def _below(self, sampled: Sampled) -> NDArray[np.uint8]:
        found = self.base.compose(replace(sampled, stencils=()))
        if found.dtype != np.uint8:
            found = np.asarray(found >> (self.base.bits - 8), np.uint8)
        grey = np.asarray(found, np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2) if grey.ndim == 2 else grey

    def _levels(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """P-values of 8 bits, by the pipeline of any other grey image."""
        rows, columns = values.shape
        stored = StoredFormat(
            rows, columns, 1, Photometric.MONOCHROME2, 32, 32, 31, signed=True, floating=True
        )
        pipeline = PixelPipeline(stored, self.layer.reslicer.volume.rescale)
        look, fallback = Presentation(voi=self.fusion.window), self.fusion.extremes
        levels = pipeline.driving_levels(values, look, bits=8, fallback=fallback)
        return np.asarray(levels, np.uint8)

    def _values(self) -> NDArray[np.float32]:
        layer, place = self.layer, self.base.transform()
        once = pane_grid(layer.plane, place)
        if layer.coarse > 1:
            found = self._sampled(pane_grid(layer.plane, place, 1 / layer.coarse))
            return spread(found, layer.coarse, place.pane)
        geometry = layer.reslicer.volume.geometry
        parts = max(
            parts_for(way.norm, step_length(geometry, _unit(way)))
            for way in (once.right, once.down)
        )
        found = self._sampled(pane_grid(layer.plane, place, float(parts)))
        return found if parts == 1 else mean_of_parts(found, parts, None)

    def _sampled(self, grid: SampleGrid) -> NDArray[np.float32]:
        out = np.empty((grid.rows, grid.columns), np.float32)
        layer = self.layer
        in_bands(layer.reslicer, grid, layer.slab, out, self._bands, coarse=layer.coarse)
        return out


def over(
    base: RenderRequest | PlaneRequest, fusion: Fusion | None, layer: Layer | None
) -> RenderRequest | PlaneRequest | FusedRequest:
    """The picture with a second volume over it, where there is one."""
    return base if fusion is None or layer is None else FusedRequest(base, layer, fusion)


def _over_pane(mask: Mask, at: Sampled, pane: PaneSize) -> Mask:
    whole = np.zeros((pane.height, pane.width), np.bool_)
    height, width = mask.shape
    whole[at.top : at.top + height, at.left : at.left + width] = mask
    return whole


def _unit(vector: PointLps) -> PointLps:
    length = math.hypot(*vector)
    return PointLps(*(part / length for part in vector))
