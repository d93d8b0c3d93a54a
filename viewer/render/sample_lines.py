"""What the loops of reconstruction are told; apart from them, so that no compiler is loaded."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAXIMUM, MEAN, MINIMUM = 0, 1, 2
EDGE = 1e-7
"""A sample this close outside the outermost voxel centres, in voxels, still lies on them."""


class Lines(NamedTuple):
    """The samples of a grid as straight lines in a volume.

    Sample (row, column, offset) lies at start + row · down + column · across + offset · through.
    Its three numbers are column and row, in pixels of the first slice as if there were no tilt, and
    mm from the first slice along the normal; ``even`` takes a volume index in their place.
    """

    start: NDArray[np.float64]
    down: NDArray[np.float64]
    across: NDArray[np.float64]
    through: NDArray[np.float64]
    offsets: NDArray[np.float64]
    weights: NDArray[np.float64]
    """Share of each offset in a mean."""


class Slices(NamedTuple):
    """Where slices lie: mm along the normal, and how far tilt shifts each in its plane, pixels."""

    places: NDArray[np.float64]
    shifts: NDArray[np.float64]
    """(slices, 2): column, row."""
    held: NDArray[np.bool_]
    joined: NDArray[np.bool_]


class Output(NamedTuple):
    """How samples become a picture."""

    mode: int
    background: float
    """What is written where there is nothing: outside, in gaps, in padding."""
    whole: bool
    """Whether results are rounded to integers."""


class Axis(NamedTuple):
    """For each place along an axis of the picture, or through it: between which voxels it lies."""

    low: NDArray[np.int64]
    """The voxel before it; the one after it exists too."""
    part: NDArray[np.float64]
    """How far it is on the way to the voxel after it, 0 to 1."""
    there: NDArray[np.bool_]
    """Whether anything is there: not outside, not in a gap."""

    def only(self, which: slice | NDArray[np.bool_]) -> "Axis":
        """Some of the places."""
        return Axis(self.low[which], self.part[which], self.there[which])


class Steps(NamedTuple):
    """Voxels in memory from one to the next: across the picture, down it, through it."""

    across: int
    down: int
    through: int
