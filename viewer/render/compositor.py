"""From a frame and its look to finished device pixels; no Qt, so export and tests share it."""

from dataclasses import dataclass, field, replace

import numpy as np

from viewer.calibration.display import DisplayProfile
from viewer.calibration.spacing import pixel_aspect
from viewer.model.colour import Palette
from viewer.model.presentation import ColourMap, Presentation, Rescale
from viewer.model.refs import SeriesUid, StudyUid
from viewer.model.shutter import WHITE_P, Shutter
from viewer.model.study import Instance, StoredFormat
from viewer.pixels.cielab import to_srgb
from viewer.pixels.colour import with_supplement
from viewer.pixels.colour_maps import coloured
from viewer.pixels.colour_table import ColourTable
from viewer.pixels.pipeline import Levels, PixelPipeline, as_index, value_range
from viewer.pixels.subtraction import NOTHING, in_steps, steps_of, subtracted
from viewer.render.bands import THREADS, Bands
from viewer.render.graphics import DrawnOverlay, paint, shuttered, stencil
from viewer.render.sampler import Frame, Mask, Sampled, Sampling, Stencil, sampling
from viewer.viewport.transform import PaneSize, PaneTransform

_SHARE = 400_000
"""Device pixels below which a further thread costs more than it saves."""


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
    shutter: Shutter | None = None
    """The image's own, or a presentation state's; drawn where the look is ``shuttered``."""
    mask: Frame | None = field(default=None, repr=False, compare=False)
    """The decoded mask frame of a look that subtracts."""
    overlays: tuple[DrawnOverlay, ...] = ()
    """Planes that lie on this frame; drawn where the look shows ``overlays``."""
    colours: ColourTable | None = field(default=None, repr=False, compare=False)
    """From the colours of the image to those of the screen; None where they are the same."""
    bands: Bands = field(default_factory=Bands, repr=False, compare=False)
    """Shares its rows out."""

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
        found = self.sampling()
        found.over(self.shared)
        sampled, place = found.done(), self.transform()
        hidden: Mask | None = None
        above: tuple[Stencil, ...] = ()
        if self.shutter is not None and self.look.shuttered:
            hidden = shuttered(self.shutter, place, sampled)
        if self.look.overlays:
            above = tuple(stencil(overlay, place) for overlay in self.overlays)
        return replace(sampled, hidden=hidden, stencils=above)

    def sampling(self) -> Sampling:
        """As ``sample``, with the rows still to be filled, without shutter and overlays."""
        stored = self._form()
        padding: tuple[float, float] | None = stored.padding if stored.is_grey else None
        blended = True
        palette = self._supplement()
        if palette is not None:
            # numbers of colours do not blend; they are left out of a mean just as padding is
            blended = padding is None
            padding = (palette.first, stored.stored_range[1])
        frame = self.frame
        if self._subtracts():
            frame = self._difference()
            padding = (NOTHING, NOTHING) if self._steps() else None
        return sampling(frame, self.transform(), padding, blended=blended)

    @property
    def shared(self) -> Bands | None:
        """What its rows are shared out over; None where it is drawn by one thread."""
        return self.bands if self.helpers else None

    @property
    def helpers(self) -> int:
        """How many more threads make ``sample`` faster."""
        return min(self.pane.width * self.pane.height // _SHARE, THREADS - 1)

    @property
    def seconds(self) -> float:
        """How long its rows took, once they are drawn."""
        return self.bands.seconds

    def help(self) -> None:
        """Do a share of the rows, on another thread."""
        self.bands.help()

    def give_up(self) -> None:
        """One frame is drawn faster than giving it up would save."""

    def _form(self) -> StoredFormat:
        """How pixels are stored; without padding where the reader wants to see what lies there."""
        stored = _format(self.instance)
        return stored if self.look.padding else replace(stored, padding=None)

    def same_place(self, other: object) -> bool:
        """Whether what ``sample`` gives is the same for both."""
        return (
            isinstance(other, RenderRequest)
            and self.frame is other.frame
            and self.mask is other.mask
            and self.look.mask == other.look.mask
            and self.instance is other.instance
            and self.index == other.index
            and self.transform() == other.transform()
            and (self.look.shuttered, self.look.overlays, self.look.padding)
            == (other.look.shuttered, other.look.overlays, other.look.padding)
            and self.shutter == other.shutter
            and self.overlays == other.overlays
        )

    def compose(self, sampled: Sampled) -> Levels:
        """Finished device pixels: (height, width) grey or (height, width, 3) RGB.

        Outside the image lies ``background``, whatever the window and polarity. A grey picture
        with graphics above it is RGB; of more than 8 bits it stays grey, its graphics white.
        """
        grey = sampled.values.ndim == 2
        picture = self._grey(sampled) if grey else self._colours(sampled)
        if sampled.hidden is not None:
            self._shut(picture, sampled, grey=grey)
        if not sampled.stencils:
            return picture
        if picture.ndim == 2 and picture.dtype == np.uint8:
            picture = np.repeat(picture[:, :, None], 3, axis=2)
        for one in sampled.stencils:
            paint(picture, one)
        return picture

    def only_table(self) -> Levels | None:
        """The table that is all that lies between samples and levels; None where there is more."""
        covered = self.shutter is not None and self.look.shuttered
        above = bool(self.overlays) and self.look.overlays
        if covered or above or self.frame.ndim != 2 or self._subtracts():
            return None
        if self.look.colour_map is not None or self._supplement() is not None:
            return None
        pipeline = self._pipeline(self.display)
        return self._table(pipeline) if pipeline.takes(self.frame) else None

    def _table(self, pipeline: PixelPipeline) -> Levels:
        return pipeline.table(self.look, bits=self.bits, fallback=self._range(pipeline))

    def _range(self, pipeline: PixelPipeline) -> tuple[float, float] | None:
        if self.fallback is None and self.look.voi is None:
            return value_range([self.frame], pipeline)
        return self.fallback

    def _grey(self, sampled: Sampled) -> Levels:
        pipeline, values = self._pipeline(self.display), sampled.values
        fallback = self._range(pipeline)
        palette = self._supplement()
        if palette is not None:
            grey = pipeline.driving_levels(values, self.look, bits=8, fallback=fallback)
            colours = with_supplement(np.asarray(grey, np.uint8), values, palette)
            return _placed(colours, sampled, self.pane, self.background)
        if self.look.colour_map is not None:
            return self._mapped(self.look.colour_map, sampled, fallback)
        if not pipeline.takes(values):
            levels = pipeline.driving_levels(values, self.look, bits=self.bits, fallback=fallback)
            return _placed(levels, sampled, self.pane, self.background)
        from viewer.render import kernels  # the compiler loads here, on the thread that draws

        table = pipeline.table(self.look, bits=self.bits, fallback=fallback)
        canvas = np.full((self.pane.height, self.pane.width), self.background, dtype=table.dtype)
        kernels.look_up(as_index(values), table, canvas, sampled.top, sampled.left)
        return canvas

    def _mapped(
        self, colours: ColourMap, sampled: Sampled, fallback: tuple[float, float] | None
    ) -> Levels:
        """P-values of 8 bits, never a display's levels, in the colours of the map."""
        pipeline = self._pipeline(None)
        levels = pipeline.p_values(sampled.values, self.look, bits=8, fallback=fallback)
        picture = coloured(np.asarray(levels, np.uint8), colours)
        return _placed(picture, sampled, self.pane, self.background)

    def _colours(self, sampled: Sampled) -> Levels:
        values = sampled.values
        if self.colours is not None and not self.look.colours_as_sent:
            values = self.colours.applied(values)
        return _placed(values, sampled, self.pane, self.background)

    def _shut(self, picture: Levels, sampled: Sampled, *, grey: bool) -> None:
        """Give hidden pixels the shutter's own P-value, or its colour on a colour picture (F19)."""
        if self.shutter is None or sampled.hidden is None:
            return
        p = self.shutter.p_value / WHITE_P
        value: int | tuple[int, int, int]
        if grey:
            value = self._pipeline(self.display).level(
                p, bits=self.bits if picture.ndim == 2 else 8
            )
        else:
            value = to_srgb(self.shutter.colour) if self.shutter.colour else int(p * 255 + 0.5)
        height, width = sampled.hidden.shape
        part = picture[sampled.top : sampled.top + height, sampled.left : sampled.left + width]
        part[sampled.hidden] = value

    def _subtracts(self) -> bool:
        return self.look.mask is not None and self.mask is not None and self.frame.ndim == 2

    def _difference(self) -> Frame:
        look = self.look.mask
        if look is None or self.mask is None:
            raise ValueError("there is no mask to subtract")
        pipeline = PixelPipeline(self._form(), self.instance.modality_lut)
        found = subtracted(self.frame, self.mask, (look.right, look.down), pipeline)
        steps = self._steps()
        return in_steps(found, steps) if steps else found

    def _steps(self) -> int:
        """Steps of a unit in which differences are held; 0: they are floats."""
        return steps_of(self._form(), self.instance.modality_lut)

    def _pipeline(self, display: DisplayProfile | None) -> PixelPipeline:
        if self._subtracts():  # differences are modality values already
            steps = self._steps()
            padding = (NOTHING, NOTHING) if steps else None
            whole = replace(
                self._form(),
                bits_allocated=16,
                bits_stored=16,
                high_bit=15,
                signed=True,
                padding=padding,
            )
            return PixelPipeline(whole, Rescale(1.0 / (steps or 1), 0.0, ""), display)
        return PixelPipeline(self._form(), self.instance.modality_lut, display)

    def _supplement(self) -> Palette | None:
        supplement = self.instance.supplemental
        if supplement is None or not supplement.colours(self.index) or self.frame.ndim != 2:
            return None
        return supplement.palette


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
