"""Raw values of a frame on a pane's device pixels, before any window touches them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from viewer.render.bands import BAND, THREADS, Bands
from viewer.render.reduction import shares
from viewer.viewport.transform import PanePoint, PaneTransform

if TYPE_CHECKING:
    from viewer.render.kernels import Fill, Taps

_BANDS = 2 * THREADS
"""Into how many bands the rows of a frame are shared out at most."""

Frame = NDArray[Any]
Mask = NDArray[np.bool_]
Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Stencil:
    """Device pixels to be painted in one colour; the mask's corner lies at (top, left)."""

    mask: Mask
    top: int
    left: int
    colour: Colour


@dataclass(frozen=True, slots=True)
class Sampled:
    """Stored values (height, width) or RGB (height, width, 3) and where they lie in the pane.

    Only device pixels whose centre lies on the image are here.
    """

    values: Frame
    top: int
    left: int
    hidden: Mask | None = None
    """Which of these a shutter hides."""
    stencils: tuple[Stencil, ...] = ()
    """What is painted above them, anywhere in the pane."""
    layer: NDArray[np.float32] | None = None
    """Voxel values of a second volume on every device pixel of the pane, where one is fused."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """A frame on its way to the pane: ``fill`` still has to fill the rows of ``values``."""

    values: Frame
    """Upright, also where the view is turned."""
    top: int
    left: int
    turned: bool
    fill: "Fill | None"
    """None where nothing is left to be done."""

    def over(self, bands: Bands | None = None, then: "Fill | None" = None) -> None:
        """Fill all rows, shared out over ``bands``; ``then`` is done with each that is filled."""
        acts = [act for act in (self.fill, then) if act is not None]

        def both(first: int, end: int) -> None:
            for act in acts:
                act(first, end)

        rows = self.values.shape[0]
        if bands is None:
            both(0, rows)
        else:
            bands.over(rows if acts else 0, both, band=max(rows // _BANDS, BAND))

    def done(self) -> Sampled:
        """The finished samples."""
        values = self.values
        if self.turned:
            values = np.ascontiguousarray(values.swapaxes(0, 1))
        return Sampled(values, self.top, self.left)


def sample(
    frame: Frame,
    place: PaneTransform,
    padding: tuple[float, float] | None = None,
    *,
    blended: bool = True,
    bands: Bands | None = None,
) -> Sampled:
    """Resample a frame (rows, columns) or (rows, columns, 3) to the pane that ``place`` names.

    At 1:1 values are copied (F53), enlarging is bilinear, reducing is a mean over the area of the
    device pixel and as much more as F54 needs; not ``blended``, each device pixel takes its nearest
    image pixel. Turned views are sampled upright and then turned. The work is shared out over
    ``bands``.
    """
    found = sampling(frame, place, padding, blended=blended)
    found.over(bands)
    return found.done()


def sampling(
    frame: Frame,
    place: PaneTransform,
    padding: tuple[float, float] | None = None,
    *,
    blended: bool = True,
) -> Sampling:
    """As ``sample``, with the rows still to be filled."""
    turned = place.quarter_turns % 2 == 1
    x = _axis(place, horizontal=True)
    y = _axis(place, horizontal=False)
    across, down = (y, x) if turned else (x, y)
    fill: Fill | None = None
    if across.size == 0 or down.size == 0:
        shape = (0, 0) if frame.ndim == 2 else (0, 0, 3)
        return Sampling(np.empty(shape, dtype=frame.dtype), 0, 0, turned=False, fill=None)
    if blended and place.zoom == 1.0 and place.aspect == 1.0:
        values = _copied(frame, down.at, across.at)
    elif blended:
        values, fill = _mixing(frame, place, padding or (1, 0))
    else:
        rows, columns = (np.floor(at + 0.5).astype(np.int64) for at in (down.at, across.at))
        values = frame[np.ix_(rows, columns)]
    return Sampling(values, y.start, x.start, turned, fill)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Device pixels start…start+size-1 lie on the image, at image coordinates ``at``."""

    start: int
    at: NDArray[np.float64]

    @property
    def size(self) -> int:
        return int(self.at.size)


@lru_cache(maxsize=64)
def _axis(place: PaneTransform, *, horizontal: bool) -> _Axis:
    along_columns = horizontal != (place.quarter_turns % 2 == 1)
    limit = place.columns if along_columns else place.rows
    at = places(place, horizontal=horizontal)
    pixel = np.floor(at + 0.5)
    inside = np.flatnonzero((pixel >= 0) & (pixel < limit))
    if inside.size == 0:
        return _Axis(0, np.empty(0))
    start = int(inside[0])
    at = at[start : int(inside[-1]) + 1]
    at.flags.writeable = False  # frames at the same place share it
    return _Axis(start, at)


def places(place: PaneTransform, *, horizontal: bool) -> NDArray[np.float64]:
    """Image coordinate at the centre of each device pixel along an axis of the pane.

    It counts columns, or rows where the view is turned by one or three quarters.
    """
    count = place.pane.width if horizontal else place.pane.height
    along_columns = horizontal != (place.quarter_turns % 2 == 1)
    first = _coordinate(place, 0, horizontal, along_columns)
    a, b, c, d = place.matrix()
    scale = (a if along_columns else b) if horizontal else (c if along_columns else d)
    return np.asarray(first + np.arange(count) / scale)


def _coordinate(place: PaneTransform, index: int, horizontal: bool, along_columns: bool) -> float:
    centre = PanePoint(index + 0.5, 0.5) if horizontal else PanePoint(0.5, index + 0.5)
    point = place.to_pixel(centre)
    return point.column if along_columns else point.row


def _mixing(
    frame: Frame, place: PaneTransform, padding: tuple[float, float]
) -> tuple[Frame, "Fill"]:
    from viewer.render import kernels  # the compiler loads here, on the thread that draws

    rows, columns = _weights(place, frame.shape[0], frame.shape[1])
    out = np.empty((rows.first.size, columns.first.size, *frame.shape[2:]), dtype=frame.dtype)
    if frame.ndim == 3:
        return out, kernels.resampling_rgb(frame, rows, columns, out)
    return out, kernels.resampling(frame, rows, columns, padding, out)


@lru_cache(maxsize=32)
def _weights(place: PaneTransform, rows: int, columns: int) -> tuple["Taps", "Taps"]:
    """Which pixels make each device pixel: the same for all frames at one place."""
    turned = place.quarter_turns % 2 == 1
    down, across = (_axis(place, horizontal=turned), _axis(place, horizontal=not turned))
    return (
        taps(down.at, rows, 1 / (place.zoom * place.aspect)),
        taps(across.at, columns, 1 / place.zoom),
    )


def _copied(frame: Frame, down: NDArray[np.float64], across: NDArray[np.float64]) -> Frame:
    rows = np.floor(down + 0.5).astype(np.int64)
    columns = np.floor(across + 0.5).astype(np.int64)
    block = frame[min(rows[0], rows[-1]) : max(rows[0], rows[-1]) + 1]
    block = block[:, min(columns[0], columns[-1]) : max(columns[0], columns[-1]) + 1]
    block = block[:: 1 if rows[0] <= rows[-1] else -1, :: 1 if columns[0] <= columns[-1] else -1]
    return np.ascontiguousarray(block)


def taps(at: NDArray[np.float64], size: int, step: float) -> "Taps":
    """Weights of the image pixels that make each place of an axis.

    ``at`` are places in image coordinates, ``size`` the number of pixels on the axis, ``step`` the
    distance of neighbouring places in pixels: up to 1 gives linear interpolation, more gives a mean
    that passes over no pixel (``reduction``).
    """
    from viewer.render.kernels import Taps

    nearest = np.clip(np.floor(at + 0.5).astype(np.int64), 0, size - 1)
    if step > 1:
        return Taps(*shares(at, size, step), nearest)
    reach = min(2, size)
    first = np.clip(np.floor(at).astype(np.int64), 0, size - reach)
    pixel = first[:, None] + np.arange(reach)
    clamped = np.clip(at, 0, size - 1)
    weights = np.maximum(1 - np.abs(clamped[:, None] - pixel), 0.0)
    return Taps(first, weights, nearest)
