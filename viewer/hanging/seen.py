"""What of a case was seen: how much of a series, where, and the next frame that was not."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from viewer.hanging.images import CaseImages
from viewer.model.refs import FrameRef

Run = tuple[int, int]
"""A half-open range of places in a series."""


def seen_runs(frames: Sequence[FrameRef], seen: AbstractSet[FrameRef]) -> tuple[Run, ...]:
    """The parts of a series that were seen, ascending, apart from each other."""
    runs: list[Run] = []
    for place, frame in enumerate(frames):
        if frame not in seen:
            continue
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return tuple(runs)


def next_unseen(
    images: CaseImages, shown: FrameRef | None, seen: AbstractSet[FrameRef]
) -> FrameRef | None:
    """The next frame that was not seen: after the shown one, then from the beginning of the case.

    The current study comes first, then the priors, newest first; documents and masks do not count.
    """
    frames = [
        frame
        for entry in images.in_order()
        if images.has_pixels(entry) and entry.target.must_be_seen
        for frame in entry.target.frames
    ]
    start = frames.index(shown) + 1 if shown in frames else 0
    around = (*frames[start:], *frames[:start])
    return next((frame for frame in around if frame not in seen and frame != shown), None)
