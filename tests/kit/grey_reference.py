"""A second grey pipeline: one value at a time, each line as PS3.3 and fidelity.md write it."""

import math

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
from viewer.model.study import Photometric, StoredFormat


def level(
    sv: float,
    form: StoredFormat,
    step: Rescale | ModalityLut,
    look: Presentation,
    bits: int,
    fallback: tuple[float, float] | None = None,
) -> int:
    """The level of one stored value, 0 to 2^bits - 1."""
    if math.isnan(sv) or (form.padding and form.padding[0] <= sv <= form.padding[1]):
        return 0
    x = modality(sv, look.modality or step)
    if look.voi is None:
        assert fallback is not None
        p = _stretch(x, *fallback)
    elif isinstance(look.voi, VoiLut):
        p = _lut(x, look.voi)
    else:
        p = window(x, look.voi, 0.0, 1.0)
    last = look.presentation_lut
    if isinstance(last, PresentationLut):
        nearest = math.floor(p * (len(last.entries) - 1) + 0.5)
        p = min(last.entries[nearest] / ((1 << last.bits) - 1), 1.0)
    if _is_inverse(form, look) != look.invert:  # polarity once, at the end
        p = 1.0 - p
    return math.floor(p * ((1 << bits) - 1) + 0.5)


def window(x: float, w: Window, ymin: float, ymax: float) -> float:
    """C.11.2.1.2.1, C.11.2.1.3.2 and C.11.2.1.3.1."""
    c, width = w.centre, w.width
    if w.function is VoiFunction.SIGMOID:
        try:
            return (ymax - ymin) / (1 + math.exp(-4 * (x - c) / width)) + ymin
        except OverflowError:
            return ymin
    if w.function is VoiFunction.LINEAR_EXACT:
        if x <= c - width / 2:
            return ymin
        if x > c + width / 2:
            return ymax
        return ((x - c) / width + 0.5) * (ymax - ymin) + ymin
    if x <= c - 0.5 - (width - 1) / 2:
        return ymin
    if x > c - 0.5 + (width - 1) / 2:
        return ymax
    return ((x - (c - 0.5)) / (width - 1) + 0.5) * (ymax - ymin) + ymin


def _is_inverse(form: StoredFormat, look: Presentation) -> bool:
    """PS3.4 N.2.1.4 note 1: with a presentation state Photometric Interpretation is ignored."""
    if look.presentation_lut is None:
        return form.photometric is Photometric.MONOCHROME1
    return look.presentation_lut is LutShape.INVERSE


def modality(sv: float, step: Rescale | ModalityLut) -> float:
    if isinstance(step, Rescale):
        return step.slope * sv + step.intercept
    index = min(max(sv - step.first, 0), len(step.entries) - 1)
    return float(step.entries[int(index)])


def _lut(x: float, lut: VoiLut) -> float:
    last = lut.first + len(lut.entries) - 1
    index = math.floor(min(max(x, lut.first), last) + 0.5) - lut.first
    return min(lut.entries[index] / ((1 << lut.bits) - 1), 1.0)


def _stretch(x: float, low: float, high: float) -> float:
    if low == high:
        return 1.0 if x > high else 0.0
    return min(max((x - low) / (high - low), 0.0), 1.0)
