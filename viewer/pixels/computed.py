"""The grey pipeline as one compiled loop; ``PixelPipeline`` in numpy is its reference.

The loop does the float64 operations of ``luts`` in their order, so both give the same levels. It
releases the GIL and is not parallel. Importing loads the compiler: do that off the GUI thread.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from viewer.model.presentation import (
    LutShape,
    ModalityLut,
    PresentationLut,
    Rescale,
    VoiFunction,
    VoiLut,
    Window,
)

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))
_BLOCK = 1 << 16

Values = NDArray[np.float64]


class _Voi(IntEnum):
    LINEAR = 0
    LINEAR_EXACT = 1
    SIGMOID = 2
    MIN_MAX = 3
    TABLE = 4


_VOI = {
    VoiFunction.LINEAR: _Voi.LINEAR,
    VoiFunction.LINEAR_EXACT: _Voi.LINEAR_EXACT,
    VoiFunction.SIGMOID: _Voi.SIGMOID,
}


class GreySteps(NamedTuple):
    """Every step of the pipeline as numbers; a table of no entries is a step that is not there."""

    slope: float
    intercept: float
    modality: Values
    modality_first: float
    function: int
    a: float
    """Centre, or the modality value that is black."""
    b: float
    """Width, or the modality value that is white."""
    voi: Values
    voi_first: float
    presentation: Values
    inverse: bool
    low: float
    high: float
    """Stored values from ``low`` to ``high`` are padding; none where low > high."""
    scale: float
    """Highest level, or last index of ``response``."""
    response: NDArray[np.uint16]


def grey_steps(
    modality: Rescale | ModalityLut,
    voi: Window | VoiLut | tuple[float, float],
    last: LutShape | PresentationLut,
    *,
    invert: bool,
    padding: tuple[float, float] | None,
    bits: int,
    response: tuple[int, ...] | None,
) -> GreySteps:
    """Put the steps into numbers; a pair as ``voi`` is minimum and maximum."""
    if not 1 <= bits <= 16:
        raise ValueError("P-values have 1 to 16 bits")
    line = modality if isinstance(modality, Rescale) else Rescale(1.0, 0.0, "")
    function, a, b = _function(voi)
    low, high = padding or (1.0, 0.0)
    inverse = last is LutShape.INVERSE
    return GreySteps(
        slope=float(line.slope),
        intercept=float(line.intercept),
        modality=_table(modality.entries if isinstance(modality, ModalityLut) else ()),
        modality_first=float(modality.first if isinstance(modality, ModalityLut) else 0),
        function=int(function),
        a=float(a),
        b=float(b),
        voi=_share(voi) if isinstance(voi, VoiLut) else _table(()),
        voi_first=float(voi.first if isinstance(voi, VoiLut) else 0),
        presentation=_share(last) if isinstance(last, PresentationLut) else _table(()),
        inverse=inverse != invert,
        low=float(low),
        high=float(high),
        scale=float((1 << bits) - 1 if response is None else len(response) - 1),
        response=np.array(response or (), dtype=np.uint16),
    )


def grey_levels(frame: NDArray[Any], steps: GreySteps, bits: int) -> NDArray[np.uint8 | np.uint16]:
    """Levels of every value of a frame: bytes for up to 8 bits."""
    flat = np.ascontiguousarray(frame).reshape(-1)
    kind = np.uint8 if bits <= 8 else np.uint16
    out: NDArray[np.uint8 | np.uint16] = np.empty(flat.size, dtype=kind)
    block = np.empty(min(_BLOCK, flat.size), dtype=np.float64)
    levels = np.empty(block.size, dtype=np.uint16)
    for start in range(0, flat.size, _BLOCK):
        count = min(_BLOCK, flat.size - start)
        block[:count] = flat[start : start + count]
        _levels(block[:count], steps, levels[:count])
        out[start : start + count] = levels[:count]
    return out.reshape(frame.shape)


def warm_up() -> None:
    """Load or compile the loop."""
    step = grey_steps(
        Rescale(1.0, 0.0, ""),
        (0.0, 1.0),
        LutShape.IDENTITY,
        invert=False,
        padding=None,
        bits=8,
        response=None,
    )
    grey_levels(np.zeros(1), step, 8)


def _function(voi: Window | VoiLut | tuple[float, float]) -> tuple[_Voi, float, float]:
    if isinstance(voi, Window):
        return _VOI[voi.function], voi.centre, voi.width
    if isinstance(voi, VoiLut):
        return _Voi.TABLE, 0.0, 0.0
    return _Voi.MIN_MAX, voi[0], voi[1]


def _table(entries: tuple[int, ...]) -> Values:
    return np.array(entries, dtype=np.float64)


def _share(lut: VoiLut | PresentationLut) -> Values:
    return np.minimum(_table(lut.entries) / ((1 << lut.bits) - 1), 1.0)


@_compiled
def _entry(x: float, first: float, table: Values) -> float:  # pragma: no cover - compiled
    at = x - first
    if not at > 0:
        return float(table[0])
    last = table.size - 1
    return float(table[last] if at >= last else table[int(at)])


@_compiled
def _window(x: float, middle: float, span: float) -> float:  # pragma: no cover - compiled
    if x <= middle - span / 2:
        return 0.0
    return 1.0 if x > middle + span / 2 else (x - middle) / span + 0.5


@_compiled
def _voi(x: float, steps: GreySteps) -> float:  # pragma: no cover - compiled
    a, b = steps.a, steps.b
    if steps.function == 0:
        return _window(x, a - 0.5, b - 1)
    if steps.function == 1:
        return _window(x, a, b)
    if steps.function == 2:
        return float(1 / (1 + np.exp(-4 * (x - a) / b)))
    if steps.function == 4:
        return _entry(np.floor(x + 0.5), steps.voi_first, steps.voi)
    if x <= a:
        return 0.0
    return 1.0 if x >= b else (x - a) / (b - a)


@_compiled
def _levels(
    stored: Values, steps: GreySteps, out: NDArray[np.uint16]
) -> None:  # pragma: no cover - compiled
    for i in range(stored.size):
        x = stored[i]
        p = 0.0
        if not (np.isnan(x) or (steps.low <= x and x <= steps.high)):
            if steps.modality.size:
                x = _entry(x, steps.modality_first, steps.modality)
            else:
                x = x * steps.slope + steps.intercept
            p = _voi(x, steps)
            # numbers at the end of float64 must not become an index outside a table
            if not p > 0.0:
                p = 0.0
            elif p > 1.0:
                p = 1.0
            if steps.presentation.size:
                p = steps.presentation[int(np.floor(p * (steps.presentation.size - 1) + 0.5))]
            if steps.inverse:
                p = 1.0 - p
        level = int(np.floor(p * steps.scale + 0.5))
        out[i] = steps.response[level] if steps.response.size else level
