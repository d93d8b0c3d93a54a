"""From a frame and its look to finished device pixels; no Qt, so export and tests share it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from viewer.calibration.display import DisplayProfile
from viewer.calibration.spacing import pixel_aspect
from viewer.model.presentation import Presentation
from viewer.model.refs import SeriesUid, StudyUid
from viewer.model.study import Instance, StoredFormat
from viewer.pixels.pipeline import Levels, PixelPipeline, as_index, value_range
from viewer.render.sampler import Frame, Sampled, sample
from viewer.viewport.transform import PaneSize, PaneTransform


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Everything that one picture is a function of.

    ``frame`` is as decoded: grey (rows, columns) or RGB (rows, columns, 3); ``index`` is its number
    in the instance; ``fallback`` is the value range of the displayed set (F12), without which a
    look without window takes the range of the frame.
    """

    frame: Frame = field(repr=False, compare=False)
    instance: Instance
    look: Presentation
    pane: PaneSize
    index: int = 0
    background: int = 0
    fallback: tuple[float, float] | None = None
    bits: int = 8
    display: DisplayProfile | None = None

    @property
    def subject(self) -> tuple[StudyUid, SeriesUid]:
        """Which series the picture shows."""
        return (self.instance.ref.study, self.instance.ref.series)

    def transform(self) -> PaneTransform:
        """Where the frame lies in the pane."""
        rows, columns = self.frame.shape[:2]
        aspect = pixel_aspect(self.instance, self.index)
        return PaneTransform.of(rows, columns, aspect, self.pane, self.look)

    def sample(self) -> Sampled:
        """Raw values on the pane's device pixels: what zoom and pan change, windowing does not."""
        stored = _format(self.instance)
        return sample(self.frame, self.transform(), stored.padding if stored.is_grey else None)

    def compose(self, sampled: Sampled) -> Levels:
        """Finished device pixels: (height, width) grey or (height, width, 3) RGB.

        Outside the image lies ``background``, whatever the window and polarity.
        """
        if sampled.values.ndim == 3:
            return _placed(sampled.values, sampled, self.pane, self.background)
        pipeline = PixelPipeline(_format(self.instance), self.instance.modality_lut, self.display)
        fallback = self.fallback
        if fallback is None and self.look.voi is None:
            fallback = value_range([self.frame], pipeline)
        values = sampled.values
        if not pipeline.takes(values):
            levels = pipeline.driving_levels(values, self.look, bits=self.bits, fallback=fallback)
            return _placed(levels, sampled, self.pane, self.background)
        from viewer.render import kernels  # the compiler loads here, on the thread that draws

        table = pipeline.table(self.look, bits=self.bits, fallback=fallback)
        canvas = np.full((self.pane.height, self.pane.width), self.background, dtype=table.dtype)
        kernels.look_up(as_index(values), table, canvas, sampled.top, sampled.left)
        return canvas


def render_view(
    frame: Frame,
    instance: Instance,
    look: Presentation,
    pane: PaneSize,
    *,
    background: int = 0,
    fallback: tuple[float, float] | None = None,
    index: int = 0,
    display: DisplayProfile | None = None,
) -> NDArray[np.uint8]:
    """Finished 8-bit device pixels of one frame: raw values resampled first, then one table.

    The arguments are those of ``RenderRequest``.
    """
    request = RenderRequest(
        frame, instance, look, pane, index, background, fallback, bits=8, display=display
    )
    return np.asarray(request.compose(request.sample()), dtype=np.uint8)


def _format(instance: Instance) -> StoredFormat:
    if instance.format is None:
        raise ValueError("an object without pixels cannot be drawn")
    return instance.format


def _placed(picture: Frame, at: Sampled, pane: PaneSize, background: int) -> Levels:
    shape = (pane.height, pane.width, *picture.shape[2:])
    canvas = np.full(shape, background, dtype=picture.dtype)
    height, width = picture.shape[:2]
    canvas[at.top : at.top + height, at.left : at.left + width] = picture
    return canvas
