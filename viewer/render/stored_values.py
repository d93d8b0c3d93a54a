"""Reconstructed values as the 16-bit numbers of an exported image; floats are spread over them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.loading.volume import Volume
from viewer.model.presentation import Rescale

_LEVELS = 60_000
"""Steps over which float values are spread in 16 bits."""
_NOTHING = 65535
"""The stored value that stands where a float volume has none."""


class StoredValues:
    """How the values of one volume are stored: its own numbers where it has whole ones."""

    def __init__(self, volume: Volume) -> None:
        """Find the numbers that all images of the export share."""
        self.whole = volume.spare is not None
        self.rescale, self.padding = volume.rescale, _NOTHING
        if volume.spare is not None:
            self.padding = volume.spare
        else:
            self.rescale = _spread(volume)
        self.signed = self.whole and volume.voxels.dtype.kind == "i"
        self._own = volume.rescale
        self._kind = volume.voxels.dtype

    def canvas(self, rows: int, columns: int) -> tuple[NDArray[Any], float]:
        """An empty picture of voxel values, and what stands in it where there is nothing."""
        kind = self._kind if self.whole else np.dtype(np.float32)
        return np.empty((rows, columns), kind), float(self.padding) if self.whole else np.nan

    def of(self, voxels: NDArray[Any]) -> NDArray[Any]:
        """Stored values of a filled canvas."""
        if self.whole:
            return voxels
        values = voxels * np.float32(self._own.slope) + np.float32(self._own.intercept)
        steps = (values.astype(np.float64) - self.rescale.intercept) / self.rescale.slope
        real = np.isfinite(values)
        return np.where(real, np.clip(np.rint(steps), 0, _LEVELS), _NOTHING).astype(np.uint16)


def _spread(volume: Volume) -> Rescale:
    """Sixteen bits over the values that occur."""
    rescale, (low, high) = volume.rescale, volume.extremes or (0.0, 1.0)
    ends = sorted(rescale.slope * value + rescale.intercept for value in (low, high))
    slope = (ends[1] - ends[0]) / _LEVELS
    return Rescale(slope if slope > 0 else 1.0, ends[0], rescale.unit)
