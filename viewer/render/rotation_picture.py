"""One view of a turning volume as finished device pixels: an image like any other, enlarged."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.calibration.display import DisplayProfile
from viewer.errors import ViewerError
from viewer.loading.volume import Volume
from viewer.model.presentation import Presentation
from viewer.model.sample_grid import SampleGrid
from viewer.model.study import Photometric, StoredFormat
from viewer.pixels.pipeline import Levels, PixelPipeline
from viewer.render.plane_picture import PlanePicture
from viewer.render.plane_request import PlaneRequest, mean_of_parts, parts_for, value_range_of
from viewer.render.reslice import Reslicer
from viewer.render.rotation import Rotation
from viewer.render.sampler import Sampled
from viewer.render.scheduler import DrawRequest
from viewer.viewport.reformat import PlaneState
from viewer.viewport.transform import PaneSize, PaneTransform


@dataclass(frozen=True, slots=True)
class RotationRequest:
    """Everything that one picture of a view is a function of.

    Enlarged bilinearly, reduced by a mean (F53, F54); between slices only where they are
    neighbours. Where there is nothing the picture is black, whatever window and polarity.
    """

    rotation: Rotation = field(repr=False, compare=False)
    number: int
    subject: tuple[object, ...]
    photometric: Photometric
    look: Presentation
    pane: PaneSize
    bits: int = 8
    display: DisplayProfile | None = None

    @property
    def helpers(self) -> int:
        """One thread does."""
        return 0

    @property
    def seconds(self) -> float:
        """It takes no time worth telling."""
        return 0.0

    def help(self) -> None:
        """There is nothing to share."""

    def give_up(self) -> None:
        """It takes no time that would be worth stopping for."""

    def transform(self) -> PaneTransform:
        """Where the view lies in the pane."""
        cut = self.rotation.cut(self.number)
        return PaneTransform.of(cut.rows, cut.columns, 1.0, self.pane, self.look)

    def same_place(self, other: object) -> bool:
        """Whether what ``sample`` gives is the same for both."""
        return (
            isinstance(other, RotationRequest)
            and self.rotation is other.rotation
            and self.number == other.number
            and self.transform() == other.transform()
        )

    def sample(self) -> Sampled:
        """Voxel values on every device pixel, float32; never-a-number where there is nothing."""
        rotation, place = self.rotation, self.transform()
        view = rotation.view(self.number)
        if view is None:
            view = rotation.make(self.number)
        cut = rotation.cut(self.number)
        finest = min(rotation.pixel, rotation.volume.geometry.step)
        parts = parts_for(cut.pixel / place.zoom, finest)
        found = self._values(view, cut.grid(place, float(parts)))
        return Sampled(found if parts == 1 else mean_of_parts(found, parts, None), 0, 0)

    def compose(self, sampled: Sampled) -> Levels:
        """Finished device pixels, (height, width) grey."""
        values, volume = sampled.values, self.rotation.volume
        rows, columns = values.shape
        stored = StoredFormat(
            rows, columns, 1, self.photometric, 32, 32, 31, signed=True, floating=True
        )
        pipeline = PixelPipeline(stored, volume.rescale, self.display)
        return pipeline.driving_levels(
            values, self.look, bits=self.bits, fallback=value_range_of(volume)
        )

    def _values(self, view: NDArray[np.float32], grid: SampleGrid) -> NDArray[np.float32]:
        """The view at the points of a grid that stands upright in it."""
        first, height = self.rotation.place(grid.origin, self.number)
        right = self.rotation.directions(self.number)[0]
        normal = self.rotation.volume.geometry.normal
        across = grid.right.dot(right) / self.rotation.pixel
        columns = first + np.arange(grid.columns, dtype=np.float64) * across
        places = height + np.arange(grid.rows, dtype=np.float64) * grid.down.dot(normal)
        return _bilinear(view, *_between_slices(self.rotation.volume, places), columns)


class RotationPicture(PlanePicture):
    """The picture of a view; every view is drawn whole at once."""

    rotation: Rotation | None = None
    """What is drawn; None until it is known."""

    def show(self, rotation: Rotation, reslicer: Reslicer) -> None:
        """Draw from these views from now on."""
        self.rotation = rotation
        self.take(reslicer)

    def expect(self) -> None:
        """Nothing is here yet, but views are being computed."""
        self.rotation, self.painted, self.shown = None, None, None
        self._settle(None, "picture")

    def fail(self, error: ViewerError) -> None:
        """There are no views, and why."""
        self.rotation, self.painted, self.shown = None, None, None
        self._settle(error, "")

    def close(self) -> None:
        """Ask for nothing more, and let go of the views."""
        super().close()
        self.rotation = None

    def _request(
        self, state: PlaneState, reslicer: Reslicer, coarse: int = 1
    ) -> DrawRequest | None:
        base = super()._request(state, reslicer)
        rotation = self.rotation
        if not isinstance(base, PlaneRequest) or rotation is None:
            return None
        if rotation.view(state.index) is None:
            return None
        return RotationRequest(
            rotation,
            state.index,
            (base.subject, "turning"),
            base.photometric,
            state.look,
            state.pane,
        )


Found = tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]


def _between_slices(volume: Volume, places: NDArray[np.float64]) -> Found:
    """Of mm from the first slice: the slice below, how far to the next, and whether that is."""
    given, held = np.array(volume.geometry.places), np.array(volume.held)
    k = np.clip(np.searchsorted(given, places, side="right") - 1, 0, given.size - 2)
    f = (places - given[k]) / (given[k + 1] - given[k])
    f = np.where(np.abs(f) < 1e-7, 0.0, np.where(np.abs(f - 1) < 1e-7, 1.0, f))
    joined = np.array(volume.geometry.joined)[k]
    there = np.where(f == 0, held[k], np.where(f == 1, held[k + 1], joined))
    return k, f, there & (f >= 0) & (f <= 1)


def _bilinear(
    view: NDArray[np.float32],
    k: NDArray[np.intp],
    f: NDArray[np.float64],
    there: NDArray[np.bool_],
    columns: NDArray[np.float64],
) -> NDArray[np.float32]:
    last = view.shape[1] - 1
    inside = (columns >= 0) & (columns <= last)
    at = np.clip(columns, 0, last)
    u = np.minimum(np.floor(at).astype(np.intp), last - 1)
    g = at - u
    rows = _mixed(view[k], view[k + 1], f[:, None])
    found = _mixed(rows[:, u], rows[:, u + 1], g[None, :])
    found[~there] = np.nan
    found[:, ~inside] = np.nan
    return found.astype(np.float32)


def _mixed(first: NDArray[Any], second: NDArray[Any], share: NDArray[np.float64]) -> NDArray[Any]:
    """A weighted mean in which what has no weight does not count, though it be nothing."""
    mean = first * (1 - share) + second * share
    mean = np.where(share == 0, first, mean)
    return np.asarray(np.where(share == 1, second, mean), np.float64)
