"""The grey-value formulas of PS3.3, literal, in float64, on arrays and on plain numbers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from viewer.model.presentation import (
    ModalityLut,
    PresentationLut,
    Rescale,
    VoiFunction,
    VoiLut,
    Window,
)

Values = NDArray[np.float64]


def rescale(stored: ArrayLike, slope: float, intercept: float) -> Values:
    """Modality rescale: output = m · SV + b (PS3.3 C.11.1.1.2), never rounded to an integer."""
    return np.asarray(stored, dtype=np.float64) * slope + intercept


def modality_lut(stored: ArrayLike, lut: ModalityLut) -> Values:
    """Modality LUT: input below the first or above the last entry is clamped (C.11.1.1.1)."""
    return _look_up(stored, lut.first, lut.entries)


def modality(stored: ArrayLike, step: Rescale | ModalityLut) -> Values:
    """Stored values to modality values, in the unit that the step names."""
    if isinstance(step, ModalityLut):
        return modality_lut(stored, step)
    return rescale(stored, step.slope, step.intercept)


def linear(x: ArrayLike, centre: float, width: float) -> Values:
    """VOI LUT Function LINEAR to 0..1 (C.11.2.1.2.1); width >= 1, a width of 1 is a threshold."""
    values = np.asarray(x, dtype=np.float64)
    middle, span = centre - 0.5, width - 1
    low, high = values <= middle - span / 2, values > middle + span / 2
    if span == 0:
        between: Values = high.astype(np.float64)
    else:
        between = (values - middle) / span + 0.5
    return _limited(between, low, high)


def linear_exact(x: ArrayLike, centre: float, width: float) -> Values:
    """VOI LUT Function LINEAR_EXACT to 0..1 (C.11.2.1.3.2); width > 0, no half-pixel shift."""
    values = np.asarray(x, dtype=np.float64)
    low, high = values <= centre - width / 2, values > centre + width / 2
    with np.errstate(over="ignore"):  # far outside a very narrow window, where limits hold
        return _limited((values - centre) / width + 0.5, low, high)


def sigmoid(x: ArrayLike, centre: float, width: float) -> Values:
    """VOI LUT Function SIGMOID to 0..1 (C.11.2.1.3.1); width > 0, nothing is clipped."""
    values = np.asarray(x, dtype=np.float64)
    with np.errstate(over="ignore"):  # exp(-4…) beyond float64 is infinite and 1/inf is the 0 meant
        return np.asarray(1 / (1 + np.exp(-4 * (values - centre) / width)), dtype=np.float64)


def voi_lut(x: ArrayLike, lut: VoiLut) -> Values:
    """VOI LUT to 0..1 (C.11.2.1.1): input rounded half up and clamped, output over 2^bits - 1."""
    entries = _look_up(np.floor(np.asarray(x, dtype=np.float64) + 0.5), lut.first, lut.entries)
    return np.minimum(entries / ((1 << lut.bits) - 1), 1.0)


def min_max(x: ArrayLike, low: float, high: float) -> Values:
    """Straight line from ``low`` (black) to ``high`` (white); a threshold where they are equal.

    For integers this is the LINEAR window from ``low`` to ``high``.
    """
    values = np.asarray(x, dtype=np.float64)
    span = high - low
    if span <= 0:
        return (values > low).astype(np.float64)
    with np.errstate(over="ignore"):  # far outside a very narrow range, where limits hold
        return _limited((values - low) / span, values <= low, values >= high)


def voi(x: ArrayLike, step: Window | VoiLut) -> Values:
    """Modality values to 0..1 through a window or VOI LUT, by its function."""
    if isinstance(step, VoiLut):
        return voi_lut(x, step)
    function = _FUNCTIONS[step.function]
    return function(x, step.centre, step.width)


def presentation(p: ArrayLike, lut: PresentationLut) -> Values:
    """Presentation LUT, 0..1 to 0..1 (C.11.6.1): its inputs are p over all its entries.

    An input between two entries takes the nearer one, halfway the upper.
    """
    entries = np.asarray(lut.entries, dtype=np.float64)
    nearest = np.floor(np.asarray(p) * (entries.size - 1) + 0.5).astype(np.int64)
    return np.minimum(entries[nearest] / ((1 << lut.bits) - 1), 1.0)


def quantise(p: ArrayLike, bits: int) -> NDArray[np.uint8 | np.uint16]:
    """0..1 to 0..2^bits - 1, rounded half up, once (F13); 8 bits or fewer give bytes."""
    if not 1 <= bits <= 16:
        raise ValueError("P-values have 1 to 16 bits")
    levels = np.floor(np.asarray(p, dtype=np.float64) * ((1 << bits) - 1) + 0.5)
    return levels.astype(np.uint8) if bits <= 8 else levels.astype(np.uint16)


_FUNCTIONS = {
    VoiFunction.LINEAR: linear,
    VoiFunction.LINEAR_EXACT: linear_exact,
    VoiFunction.SIGMOID: sigmoid,
}


def _look_up(x: ArrayLike, first: int, entries: tuple[int, ...]) -> Values:
    table = np.asarray(entries, dtype=np.float64)
    index = np.clip(np.asarray(x, dtype=np.float64) - first, 0, table.size - 1)
    return np.asarray(table[np.nan_to_num(index).astype(np.int64)], dtype=np.float64)


def _limited(between: Values, low: NDArray[np.bool_], high: NDArray[np.bool_]) -> Values:
    return np.asarray(np.where(low, 0.0, np.where(high, 1.0, between)), dtype=np.float64)
