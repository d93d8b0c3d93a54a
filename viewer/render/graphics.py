"""Overlay planes and shutters on the device pixels of a pane, at every zoom, flip and turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.overlay_plane import OverlayBitmap
from viewer.model.shutter import Shutter
from viewer.model.study import Instance
from viewer.pixels.bitmaps import unpacked
from viewer.pixels.shutter_mask import hidden_at
from viewer.render.sampler import Colour, Mask, Sampled, Stencil, places
from viewer.viewport.transform import PaneTransform

GRAPHICS_COLOUR: Colour = (94, 214, 206)
REGION_COLOUR: Colour = (236, 128, 208)


@dataclass(frozen=True, slots=True)
class DrawnOverlay:
    """One overlay plane and the colour it is drawn in."""

    bitmap: OverlayBitmap = field(repr=False)
    colour: Colour

    @classmethod
    def of(cls, bitmap: OverlayBitmap) -> "DrawnOverlay":
        """Graphics in one colour, regions in another."""
        return cls(bitmap, REGION_COLOUR if bitmap.plane.roi else GRAPHICS_COLOUR)


def laid_over(
    instance: Instance, bitmaps: Sequence[OverlayBitmap]
) -> tuple[Shutter | None, tuple[DrawnOverlay, ...]]:
    """The shutter and the overlays of an image, once its bits are read.

    A plane that is the shutter's bitmap is not drawn as graphics.
    """
    shutter, drawn = instance.shutter, list(bitmaps)
    if shutter is not None and shutter.bitmap_group is not None:
        found = [b for b in bitmaps if b.plane.group == shutter.bitmap_group]
        drawn = [b for b in bitmaps if b.plane.group != shutter.bitmap_group]
        shutter = replace(shutter, bitmap=found[0]) if found else shutter
    return shutter, tuple(DrawnOverlay.of(bitmap) for bitmap in drawn)


def stencil(overlay: DrawnOverlay, place: PaneTransform) -> Stencil:
    """Where the bits of an overlay lie in the pane, also beyond the edges of the image.

    Enlarged, a bit covers the device pixels whose centres lie on it; reduced, a device pixel is
    painted when any bit lies in it, so that thin lines never vanish.
    """
    plane = overlay.bitmap.plane
    turned = place.quarter_turns % 2 == 1
    x, y = places(place, horizontal=True), places(place, horizontal=False)
    across, down = (y, x) if turned else (x, y)
    columns = _Picks.of(across - (plane.column - 1), plane.columns)
    rows = _Picks.of(down - (plane.row - 1), plane.rows)
    if not rows.first.size or not columns.first.size:
        return Stencil(np.zeros((0, 0), dtype=np.bool_), 0, 0, overlay.colour)
    mask = columns.along(rows.along(unpacked(overlay.bitmap), axis=0), axis=1)
    if turned:
        return Stencil(mask.swapaxes(0, 1), columns.start, rows.start, overlay.colour)
    return Stencil(mask, rows.start, columns.start, overlay.colour)


@dataclass(frozen=True, slots=True)
class _Picks:
    """Which bits of an axis make each device pixel: ``first`` up to the first of the next."""

    start: int
    first: NDArray[np.int64]
    end: int
    falling: bool

    @classmethod
    def of(cls, at: NDArray[np.float64], size: int) -> "_Picks":
        falling = bool(at.size > 1 and at[0] > at[-1])
        rising = at[::-1] if falling else at
        step = float(rising[1] - rising[0]) if at.size > 1 else 1.0
        if step <= 1:
            first = np.floor(rising + 0.5).astype(np.int64)
            after = first + 1
        else:
            first = np.ceil(rising - step / 2).astype(np.int64)
            after = np.ceil(rising + step / 2).astype(np.int64)
        inside = np.flatnonzero((first < size) & (after > 0))
        if not inside.size:
            return cls(0, first[:0], 0, falling)
        low, high = int(inside[0]), int(inside[-1])
        start = at.size - 1 - high if falling else low
        kept = np.clip(first[low : high + 1], 0, size - 1)
        return cls(start, kept, min(int(after[high]), size), falling)

    def along(self, bits: Mask, *, axis: int) -> Mask:
        """Any bit of each device pixel, in the order of the pane."""
        whole = bits[: self.end] if axis == 0 else bits[:, : self.end]
        picked = np.logical_or.reduceat(whole, self.first, axis=axis)
        return np.flip(picked, axis=axis) if self.falling else picked


def shuttered(shutter: Shutter, place: PaneTransform, sampled: Sampled) -> Mask:
    """Which sampled device pixels a shutter hides: those whose nearest image pixel it hides."""
    height, width = sampled.values.shape[:2]
    turned = place.quarter_turns % 2 == 1
    x = places(place, horizontal=True)[sampled.left : sampled.left + width]
    y = places(place, horizontal=False)[sampled.top : sampled.top + height]
    across, down = (y, x) if turned else (x, y)
    rows = np.floor(down + 0.5).astype(np.int64)
    columns = np.floor(across + 0.5).astype(np.int64)
    hidden = hidden_at(shutter, rows, columns, (place.rows, place.columns), aspect=place.aspect)
    return hidden.swapaxes(0, 1) if turned else hidden


def paint(canvas: NDArray[Any], what: Stencil) -> None:
    """Paint a stencil into an RGB canvas (height, width, 3), or in white into a grey one."""
    height, width = what.mask.shape
    part = canvas[what.top : what.top + height, what.left : what.left + width]
    part[what.mask] = what.colour if canvas.ndim == 3 else np.iinfo(canvas.dtype).max
