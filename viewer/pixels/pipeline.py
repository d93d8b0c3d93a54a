"""Stored value to P-value to driving level: the one function that owns the grey result."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.calibration.display import DisplayProfile
from viewer.model.presentation import (
    LutShape,
    ModalityLut,
    Presentation,
    PresentationLut,
    Rescale,
    VoiFunction,
    VoiLut,
    Window,
)
from viewer.model.study import Instance, Photometric, StoredFormat
from viewer.pixels import luts

Frame = NDArray[Any]
Levels = NDArray[np.uint8 | np.uint16]
Range = tuple[float, float]

FROM_ZERO = frozenset({"NM", "PT"})
"""Modalities whose values are counts, of which 0 is black."""
NEARLY_ALL = 99.9
"""Percent of the counts above 0 of an NM or PET frame that lie between black and white."""
PET_UPPER = 6.0
"""SUVbw that is white where a PET header has no window."""


class PixelPipeline:
    """The grey pipeline of one stored format (PS3.4 N.2, PS3.3 C.7.6.3 and C.11).

    Stored → padding → modality → VOI → polarity or presentation LUT → P-value 0..1 → level.
    Integers of up to 16 bits go through one table, all others are computed; both give the same
    levels.
    """

    def __init__(
        self,
        stored: StoredFormat,
        modality: Rescale | ModalityLut,
        display: DisplayProfile | None = None,
        *,
        from_zero: bool = False,
    ) -> None:
        """Keep what does not change while the reader windows.

        ``from_zero`` says that without a window black stays at 0 (``stands_on_zero``).
        """
        if not stored.is_grey:
            raise ValueError("the grey pipeline takes grey images only")
        self._stored = stored
        self._modality = modality
        self._display = display
        self._from_zero = from_zero

    @classmethod
    def of(cls, instance: Instance, display: DisplayProfile | None = None) -> "PixelPipeline":
        """Give the pipeline of a grey instance."""
        if instance.format is None:
            raise ValueError("an object without pixels has no pipeline")
        zero = stands_on_zero(instance)
        return cls(instance.format, instance.modality_lut, display, from_zero=zero)

    def is_padding(self, frame: Frame) -> NDArray[np.bool_]:
        """Where stored values mean 'no pixel here' (C.7.5.1.1.2, F11); never-a-number counts."""
        if self._stored.padding is not None:
            low, high = self._stored.padding
            empty = np.asarray((frame >= low) & (frame <= high))
        else:
            empty = np.zeros(frame.shape, dtype=np.bool_)
        if frame.dtype.kind == "f":
            empty |= np.isnan(frame)
        return empty

    def modality_values(self, frame: Frame) -> NDArray[np.float64]:
        """Stored values as modality values, float64; padding is not treated apart."""
        with np.errstate(over="ignore"):  # a hostile slope; infinite is then shown as no value
            return luts.modality(frame, self._modality)

    def extremes(self, frame: Frame) -> Range | None:
        """Lowest and highest modality value that is neither padding nor infinite; None without."""
        if self._stored.bits_stored == 1:  # a mask is drawn as one, also where all of it is set
            frame = np.array([0, 1], dtype=frame.dtype)
        real = ~self.is_padding(frame) if self._stored.padding is not None else None
        if frame.dtype.kind == "f":
            finite = np.isfinite(frame)
            real = finite if real is None else real & finite
        stored = frame if real is None else frame[real]
        if stored.size == 0:
            return None
        if isinstance(self._modality, Rescale):  # a straight line keeps the ends the ends
            stored = np.stack([stored.min(), stored.max()])
        values = self.modality_values(stored)
        return float(values.min()), float(values.max())

    def reach(self, frame: Frame) -> Range | None:
        """What a look without a window maps to black and white in this frame (F12); None without.

        From lowest to highest; where black stays at 0, up to what nearly all counts lie below, so
        that one hot spot does not leave the rest dark.
        """
        found = self.extremes(frame)
        if found is None or not self._from_zero or found[1] <= 0:
            return found
        values = self.modality_values(frame[~self.is_padding(frame)])
        counts = values[(values > 0) & np.isfinite(values)]
        return 0.0, float(np.percentile(counts, NEARLY_ALL, method="higher"))

    def p_values(
        self, frame: Frame, look: Presentation, *, bits: int, fallback: Range | None = None
    ) -> Levels:
        """P-values of a frame, quantised once to ``bits``; never a display's driving levels (F60).

        ``fallback`` is the lowest and highest modality value of the displayed set; it is needed
        where the look has neither window nor LUT (F12).
        """
        if self.takes(frame):
            levels = luts.quantise(self._table_of_p(look, fallback), bits)
            return np.take(levels, as_index(frame))
        return luts.quantise(self._p(frame, look, fallback), bits)

    def takes(self, frame: Frame) -> bool:
        """Whether ``table`` fits a frame: integers of up to 16 bits, signed as the header says."""
        kind = "i" if self._stored.signed else "u"
        return frame.dtype.kind == kind and frame.itemsize <= 2

    def table(self, look: Presentation, *, bits: int, fallback: Range | None = None) -> Levels:
        """Driving level for each of 65536 stored values, indexed by the value viewed as uint16.

        Equal to the P-values of ``bits`` bits where the display has no table.
        """
        modality, voi = look.modality or self._modality, self._voi(look, fallback)
        last, stored = self._last_step(look), self._stored
        if (
            isinstance(modality, ModalityLut)
            or isinstance(voi, VoiLut)
            or isinstance(last, PresentationLut)
        ):  # long to compare, seldom, and in no series that is scrolled fast
            every = _every_value(signed=stored.signed)
            return self.driving_levels(every, look, bits=bits, fallback=fallback)
        response = self._response(bits)
        polarity = (last, look.invert)
        return _table(modality, voi, polarity, stored.padding, stored.signed, bits, response)

    def driving_levels(
        self, frame: Frame, look: Presentation, *, bits: int, fallback: Range | None = None
    ) -> Levels:
        """Driving levels of a frame by computing each, compiled: for float and 32-bit frames."""
        from viewer.pixels import computed  # the compiler loads here, on the thread that draws

        steps = computed.grey_steps(
            look.modality or self._modality,
            self._voi(look, fallback),
            self._last_step(look),
            invert=look.invert,
            padding=self._stored.padding,
            bits=bits,
            response=self._response(bits),
        )
        return computed.grey_levels(frame, steps, bits)

    def driving_levels_reference(
        self, frame: Frame, look: Presentation, *, bits: int, fallback: Range | None = None
    ) -> Levels:
        """As ``driving_levels``, in numpy."""
        return self._levels(self._p(frame, look, fallback), bits)

    def level(self, p: float, *, bits: int) -> int:
        """Driving level of one P-value from 0 to 1, whatever the look."""
        return int(self._levels(np.array([p], dtype=np.float64), bits)[0])

    def _table_of_p(self, look: Presentation, fallback: Range | None) -> NDArray[np.float64]:
        return self._p(_every_value(signed=self._stored.signed), look, fallback)

    def _p(self, frame: Frame, look: Presentation, fallback: Range | None) -> NDArray[np.float64]:
        voi, last = self._voi(look, fallback), self._last_step(look)
        with np.errstate(over="ignore", invalid="ignore"):  # hostile numbers at float64's end
            values = luts.modality(frame, look.modality or self._modality)
            p = luts.min_max(values, *voi) if isinstance(voi, tuple) else luts.voi(values, voi)
        empty = self.is_padding(frame)
        p[empty | np.isnan(p)] = 0.0  # never-a-number must not reach a table
        np.clip(p, 0.0, 1.0, out=p)
        if isinstance(last, PresentationLut):
            p = luts.presentation(p, last)
        if (last is LutShape.INVERSE) != look.invert:
            p = 1.0 - p
        p[empty] = 0.0
        return p

    def _last_step(self, look: Presentation) -> LutShape | PresentationLut:
        """Polarity once, at the end: a presentation state's own, else the image's (F10)."""
        if look.presentation_lut is not None:
            return look.presentation_lut
        inverse = self._stored.photometric is Photometric.MONOCHROME1
        return LutShape.INVERSE if inverse else LutShape.IDENTITY

    def _voi(self, look: Presentation, fallback: Range | None) -> Window | VoiLut | Range:
        if look.voi is not None:
            return look.voi
        if fallback is None:
            raise ValueError("a look without a window needs the range of the displayed set")
        return fallback

    def _levels(self, p: NDArray[np.float64], bits: int) -> Levels:
        response = self._response(bits)
        if response is None:
            return luts.quantise(p, bits)
        nearest = np.floor(p * (len(response) - 1) + 0.5).astype(np.int64)
        kind = np.uint8 if bits <= 8 else np.uint16
        return np.asarray(np.asarray(response, dtype=kind)[nearest])

    def _response(self, bits: int) -> tuple[int, ...] | None:
        if self._display is None or self._display.table is None:
            return None
        if bits != self._display.bits:
            raise ValueError(f"this screen is driven with {self._display.bits} bits, not {bits}")
        return self._display.table


@lru_cache(maxsize=16)
def _table(
    modality: Rescale,
    voi: Window | Range,
    polarity: tuple[LutShape, bool],
    padding: Range | None,
    signed: bool,
    bits: int,
    response: tuple[int, ...] | None,
) -> Levels:
    """The table of panes that scroll or are windowed together: made once, read by all."""
    from viewer.pixels import computed, grey_table  # the compiler loads on the thread that draws

    steps = computed.grey_steps(
        modality, voi, polarity[0], invert=polarity[1], padding=padding, bits=bits,
        response=response,
    )  # fmt: skip
    table = grey_table.grey_table(steps, bits, signed=signed)
    table.flags.writeable = False
    return table


def voi_choices(instance: Instance) -> tuple[Window | VoiLut, ...]:
    """All that the header offers, in order: VOI LUTs before windows, the first is default (F8)."""
    return (*instance.voi_luts, *instance.windows)


def default_voi(instance: Instance) -> Window | VoiLut | None:
    """Give what the header asks for first: its first VOI LUT, else its first window (F8).

    PET without one is shown from 0 to ``PET_UPPER`` where it has uptake values (F12, F51).
    """
    return next(iter(voi_choices(instance)), None) or _uptake_window(instance)


def stands_on_zero(instance: Instance) -> bool:
    """Whether black stays at 0 for this kind of image: PET, NM (IHE BIR 4.16.4.2.2.5.4)."""
    return instance.modality in FROM_ZERO


def _uptake_window(instance: Instance) -> Window | None:
    scales = instance.suv.scales if instance.suv and instance.modality == "PT" else ()
    factor = next((s.factor for s in scales if s.name.startswith("SUVbw")), None)
    if factor is None or not 0 < factor < np.inf or not np.isfinite(PET_UPPER / factor):
        return None
    upper = PET_UPPER / factor
    name = f"SUV 0–{PET_UPPER:g}"
    return Window(upper / 2, upper, name, VoiFunction.LINEAR_EXACT)


def value_range(frames: Iterable[Frame], pipeline: PixelPipeline) -> Range:
    """What a look without a window maps to black and white in the frames of a set (F12).

    (0, 0) where nothing but padding is there.
    """
    low, high = np.inf, -np.inf
    for frame in frames:
        values = pipeline.reach(frame)
        if values is not None:
            low, high = min(low, values[0]), max(high, values[1])
    return (low, high) if low <= high else (0.0, 0.0)


def as_index(frame: Frame) -> NDArray[np.uint16]:
    """An integer frame of up to 16 bits as indices of a table; a view where that is possible."""
    if frame.dtype.kind == "i":
        return frame.astype(np.int16, copy=False).view(np.uint16)
    return frame.astype(np.uint16, copy=False)


def _every_value(*, signed: bool) -> NDArray[np.int16] | NDArray[np.uint16]:
    every = np.arange(65536, dtype=np.uint16)
    return every.view(np.int16) if signed else every
