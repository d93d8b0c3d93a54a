"""What the numbers of a volume mean: one type and one rescale for all of its frames.

Stored values stay as they are wherever one rescale holds for all frames, so that a volume is never
a copy in float. Where the rescale changes from frame to frame (PET has a slope for each slice):

- frames whose values all lie on one integer scale (the same slope, intercepts whole steps apart)
  are moved onto it, exactly;
- all others become float32 modality values. A common integer step would round every slice by up to
  half of that step; float32 has 24 significant bits, 8 more than the stored values, so each value
  is kept to better than a hundredth of its own stored step and no two of them become one.

Numbers for measurement are still taken from stored values of the frame itself (fidelity §0.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.presentation import ModalityLut, Rescale
from viewer.model.study import Instance, StoredFormat
from viewer.pixels import luts

_STEP_TOLERANCE = 1e-9
"""How far a number of steps may be from a whole one, relative to it, and still be whole."""

Step = Rescale | ModalityLut


@dataclass(frozen=True, slots=True)
class VoxelValues:
    """How every frame goes into the block, and what its values mean then."""

    dtype: np.dtype[Any]
    """int16, uint16 where int16 cannot hold it, float32 where neither can."""
    rescale: Rescale
    """Block value to modality value, the same for all voxels."""
    padding: tuple[float, float] | None
    """Inclusive range of block values that are no pixels; float blocks hold NaN there."""
    moves: tuple[int, ...] | None
    """For each frame what is added to its stored values; None for modality values in float."""

    def put(self, frame: NDArray[Any], k: int, facts: Instance, out: NDArray[Any]) -> bool:
        """Write frame ``k`` as block values; tell whether it holds padding."""
        if self.moves is None:
            return _as_float(frame, facts, out)
        if self.moves[k]:
            np.add(frame, self.moves[k], out=out, dtype=np.int64, casting="unsafe")
        else:
            np.copyto(out, frame, casting="unsafe")
        if self.padding is None:
            return False
        low, high = self.padding
        return bool(((out >= low) & (out <= high)).any())

    def keeps(self, k: int, kind: np.dtype[Any]) -> bool:
        """Whether a frame of this type stands in the block bit by bit."""
        whole = kind.kind in "iu" and self.dtype.kind in "iu" and kind.itemsize == 2
        return whole and self.moves is not None and self.moves[k] == 0

    def extremes(self, voxels: NDArray[Any], *, padded: bool) -> tuple[float, float] | None:
        """Lowest and highest block value that is a pixel; None where there is none."""
        if padded and self.padding is not None:
            low, high = self.padding
            voxels = voxels[(voxels < low) | (voxels > high)]
        elif padded:
            voxels = voxels[np.isfinite(voxels)]
        return (float(voxels.min()), float(voxels.max())) if voxels.size else None

    def spare(self, extremes: tuple[float, float] | None) -> int | None:
        """An integer block value that no pixel has; None where each is taken, or in float."""
        if self.dtype.kind not in "iu":
            return None
        if self.padding is not None:
            return int(self.padding[0])
        low, high = extremes or (0.0, 0.0)
        info = np.iinfo(self.dtype)
        if low > info.min:
            return int(low) - 1
        return int(high) + 1 if high < info.max else None


def voxel_values(frames: Sequence[Instance]) -> VoxelValues:
    """Decide for the grey frames of a volume, each given with its own facts (``Instance.at``)."""
    stored = [frame.format for frame in frames if frame.format is not None]
    steps = [frame.modality_lut for frame in frames]
    moves = _moves(steps, stored)
    first = steps[0]
    if moves is not None and isinstance(first, Rescale):
        dtype = _integer([_moved(s, move) for s, move in zip(stored, moves, strict=True)])
        if dtype is not None:
            return VoxelValues(dtype, first, stored[0].padding, moves)
    return VoxelValues(np.dtype(np.float32), Rescale(1.0, 0.0, first.unit), None, None)


def _moves(steps: Sequence[Step], stored: Sequence[StoredFormat]) -> tuple[int, ...] | None:
    """Whole steps that bring each frame onto the scale of the first; None where that is not exact.

    Padding is a stored value, so frames with padding are moved onto one scale only if all say the
    same padding and need no move.
    """
    first = steps[0]
    if not isinstance(first, Rescale) or any(s.floating for s in stored):
        return None
    moves = []
    for step in steps:
        if not isinstance(step, Rescale) or step.slope != first.slope:
            return None
        move = (step.intercept - first.intercept) / first.slope
        if abs(move - round(move)) > _STEP_TOLERANCE * max(1.0, abs(move)):
            return None
        moves.append(round(move))
    paddings = {s.padding for s in stored}
    if paddings != {None} and (len(paddings) > 1 or any(moves)):
        return None
    return tuple(moves)


def _moved(stored: StoredFormat, move: int) -> tuple[int, int]:
    low, high = stored.stored_range
    if stored.padding is not None:
        low, high = min(low, int(stored.padding[0])), max(high, int(stored.padding[1]))
    return low + move, high + move


def _integer(ranges: Sequence[tuple[int, int]]) -> np.dtype[Any] | None:
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    for kind in (np.int16, np.uint16):
        info = np.iinfo(kind)
        if info.min <= low and high <= info.max:
            return np.dtype(kind)
    return None


def _as_float(frame: NDArray[Any], facts: Instance, out: NDArray[Any]) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold is no pixel
        out[...] = luts.modality(frame, facts.modality_lut)
    empty = ~np.isfinite(out)
    if facts.format is not None and facts.format.padding is not None:
        low, high = facts.format.padding
        empty |= (frame >= low) & (frame <= high)
    out[empty] = np.nan
    return bool(empty.any())
