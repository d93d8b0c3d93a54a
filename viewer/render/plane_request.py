"""From a volume and a plane to finished device pixels, by the same table as any other image."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.calibration.display import DisplayProfile
from viewer.loading.volume import Volume
from viewer.model.presentation import Presentation
from viewer.model.sample_grid import SampleGrid, Slab
from viewer.model.study import Photometric, StoredFormat
from viewer.pixels.pipeline import Levels, PixelPipeline, as_index
from viewer.render.bands import THREADS, Bands
from viewer.render.reslice import Reslicer
from viewer.render.sampler import Sampled
from viewer.viewport.planes import Cut, step_length
from viewer.viewport.transform import PaneSize, PaneTransform

_MOST_PARTS = 8
_SHARE = 100_000
"""Samples below which a further thread costs more than it saves."""
_BLUNT = 0.25
"""A device pixel this much larger than a voxel still needs one sample."""
COARSE, COARSEST = 2, 6
"""How coarse a picture may be while dragging: device pixels along an edge that share a sample, and
voxels that a slab's samples are apart."""
_SMOOTH = 0.03
"""Seconds that the rows of a picture may take while dragging."""


@dataclass(frozen=True, slots=True)
class PlaneRequest:
    """Everything that one picture of a plane is a function of.

    While dragging so many device pixels along an edge share a sample as ``coarse`` says. Where
    there is nothing (outside, gaps, padding) the picture is black, whatever window and polarity.
    """

    reslicer: Reslicer = field(repr=False, compare=False)
    subject: Hashable
    photometric: Photometric
    cut: Cut
    slab: Slab | None
    look: Presentation
    pane: PaneSize
    coarse: int = 1
    bits: int = 8
    display: DisplayProfile | None = None
    _bands: Bands = field(default_factory=Bands, repr=False, compare=False)

    def give_up(self) -> None:
        """Stop at the next band of rows; a coarse picture is worth finishing."""
        if self.coarse == 1:
            self._bands.stop()

    @property
    def helpers(self) -> int:
        """How many more threads make ``sample`` faster."""
        return helpers_for(self.pane, self.slab, self.reslicer)

    @property
    def seconds(self) -> float:
        """How long its rows took, once they are drawn."""
        return self._bands.seconds

    def help(self) -> None:
        """Do a share of the rows, on another thread."""
        self._bands.help()

    def transform(self) -> PaneTransform:
        """Where the plane's picture lies in the pane."""
        return PaneTransform.of(self.cut.rows, self.cut.columns, 1.0, self.pane, self.look)

    def same_place(self, other: object) -> bool:
        """Whether what ``sample`` gives is the same for both."""
        return (
            isinstance(other, PlaneRequest)
            and self.reslicer is other.reslicer
            and self.cut == other.cut
            and self.slab == other.slab
            and self.coarse == other.coarse
            and self.transform() == other.transform()
        )

    def sample(self) -> Sampled:
        """Voxel values on every device pixel: trilinear; reduced, a mean over the pixel (F54)."""
        parts = self._parts()
        if self.coarse > 1:
            found = self._values(self.cut.grid(self.transform(), 1 / self.coarse))
            found = spread(found, self.coarse, self.pane)
        else:
            found = self._values(self.cut.grid(self.transform(), float(parts)))
            if parts > 1:
                found = mean_of_parts(found, parts, self.reslicer.volume.spare)
        return Sampled(np.ascontiguousarray(found), 0, 0)

    def only_table(self) -> Levels | None:
        """The table that is all that lies between samples and levels; None where there is more."""
        volume, pipeline = self.reslicer.volume, self._pipeline()
        if volume.spare is None or not pipeline.takes(volume.voxels):
            return None
        return pipeline.table(self.look, bits=self.bits, fallback=value_range_of(volume))

    def _pipeline(self) -> PixelPipeline:
        volume = self.reslicer.volume
        stored = stored_format(volume, self.photometric)
        return PixelPipeline(stored, volume.rescale, self.display)

    def compose(self, sampled: Sampled) -> Levels:
        """Finished device pixels, (height, width) grey."""
        values, pipeline = sampled.values, self._pipeline()
        fallback = value_range_of(self.reslicer.volume)
        if not pipeline.takes(values):
            return pipeline.driving_levels(values, self.look, bits=self.bits, fallback=fallback)
        from viewer.render import kernels  # the compiler loads here, on the thread that draws

        table = pipeline.table(self.look, bits=self.bits, fallback=fallback)
        canvas = np.empty(values.shape, dtype=table.dtype)
        kernels.look_up(as_index(values), table, canvas, 0, 0)
        return canvas

    def _parts(self) -> int:
        """Samples along a device pixel's edge, so that no voxel is passed over."""
        geometry, across = self.reslicer.volume.geometry, self.cut.pixel / self.transform().zoom
        voxel = min(step_length(geometry, way) for way in (self.cut.right, self.cut.down))
        return parts_for(across, voxel)

    def _values(self, grid: SampleGrid) -> NDArray[Any]:
        volume = self.reslicer.volume
        whole = volume.spare is not None
        background = float(volume.spare) if volume.spare is not None else np.nan
        out = np.empty((grid.rows, grid.columns), volume.voxels.dtype if whole else np.float32)
        in_bands(self.reslicer, grid, self.slab, out, self._bands, background, coarse=self.coarse)
        return out


def in_bands(
    reslicer: Reslicer,
    grid: SampleGrid,
    slab: Slab | None,
    out: NDArray[Any],
    bands: Bands,
    background: float = np.nan,
    *,
    coarse: int = 1,
) -> None:
    """Sample a grid into ``out`` band by band; ``Overtaken`` as soon as ``bands`` are stopped."""
    draw = reslicer.drawing(
        grid,
        slab,
        whole=out.dtype.kind in "iu",
        background=background,
        coarse=coarse,
    )
    bands.over(grid.rows, lambda first, end: draw(first, out[first:end]))


def helpers_for(pane: PaneSize, slab: Slab | None, reslicer: Reslicer) -> int:
    """How many more threads are worth the while for a picture of this size and depth."""
    deep = 1.0 if slab is None else 1.0 + slab.thickness / reslicer.volume.geometry.step
    return min(int(pane.width * pane.height * deep / _SHARE), THREADS - 1)


def spread(found: NDArray[Any], coarse: int, pane: PaneSize) -> NDArray[Any]:
    """A coarse picture at the size of its pane."""
    found = np.repeat(np.repeat(found, coarse, axis=0), coarse, axis=1)
    return np.ascontiguousarray(found[: pane.height, : pane.width])


def coarse_enough(coarse: int, seconds: float) -> int:
    """How coarse the next picture should be when one so coarse took so long.

    A slab's samples become fewer in all three directions.
    """
    wanted = math.ceil(coarse * math.cbrt(seconds / _SMOOTH))
    return min(max(wanted, COARSE), COARSEST)


def parts_for(across: float, voxel: float) -> int:
    """Samples along a device pixel's edge of ``across`` mm, so that no voxel is passed over."""
    return min(max(math.ceil(across / voxel - _BLUNT), 1), _MOST_PARTS)


def stored_format(volume: Volume, photometric: Photometric) -> StoredFormat:
    """How the voxels of a volume are stored, for the grey pipeline; ``spare`` is no pixel."""
    rows, columns = volume.voxels.shape[1:]
    kind = volume.voxels.dtype.kind
    padding = volume.padding
    if padding is None and volume.spare is not None:
        padding = (volume.spare, volume.spare)
    return StoredFormat(
        rows,
        columns,
        1,
        photometric,
        16,
        16,
        15,
        signed=kind == "i",
        padding=padding,
        floating=kind == "f",
    )


def value_range_of(volume: Volume) -> tuple[float, float]:
    """Lowest and highest modality value of a volume as far as it is here (F12)."""
    low, high = volume.extremes or (0.0, 0.0)
    rescale = volume.rescale
    ends = [rescale.slope * value + rescale.intercept for value in (low, high)]
    return min(ends), max(ends)


def mean_of_parts(fine: NDArray[Any], parts: int, spare: int | None) -> NDArray[Any]:
    """The mean of ``parts`` × ``parts`` samples; what is nothing takes no part in it."""
    rows, columns = fine.shape[0] // parts, fine.shape[1] // parts
    blocks = fine.reshape(rows, parts, columns, parts)
    real = np.isfinite(blocks) if spare is None else blocks != spare
    count = real.sum(axis=(1, 3))
    total = np.where(real, blocks, 0).sum(axis=(1, 3), dtype=np.float64)
    mean = total / np.maximum(count, 1)
    if spare is None:
        return np.where(count > 0, mean, np.nan).astype(np.float32)
    return np.where(count > 0, np.floor(mean + 0.5), spare).astype(fine.dtype)
