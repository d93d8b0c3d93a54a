"""When the frames of a moving image were taken: how long each stands before the next one.

PS3.3 C.7.6.5 (Cine), C.7.6.5.1.2 (Frame Time Vector), C.7.6.16.2.2 (Frame Content).
"""

import statistics
from datetime import datetime, timedelta
from itertools import pairwise

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.functional_groups import Groups

_LONGEST_MS = 1e9
"""Longer than this between two frames is not a frame time."""


def frame_times(groups: Groups, frames: int, repairs: list[str]) -> tuple[float, ...]:
    """Milliseconds that each frame stands; empty when the header does not say.

    The attribute named by Frame Increment Pointer goes first, then Frame Time, Frame Time Vector,
    the frames' own times, Cine Rate and Recommended Display Frame Rate.
    """
    if frames < 2:
        return ()
    top = groups.top
    constant, vector = _positive(top, tags.FRAME_TIME), _vector(top, frames, repairs)
    if vector and (constant is None or tags.FRAME_TIME_VECTOR in _increments(top)):
        return vector
    if constant is not None:
        return (constant,) * frames
    own = _own_times(groups, frames)
    if own:
        return own
    rate = _positive(top, tags.CINE_RATE) or _positive(top, tags.DISPLAY_FRAME_RATE)
    return (1000 / rate,) * frames if rate else ()


def usual(times: tuple[float, ...]) -> float | None:
    """The median of frame times, ms."""
    return statistics.median(times) if times else None


def _positive(fields: Fields, tag: int) -> float | None:
    number = fields.number(tag)
    return number if number is not None and 0 < number < _LONGEST_MS else None


def _increments(top: Fields) -> tuple[int, ...]:
    """Tags that Frame Increment Pointer names."""
    halves = top.shorts(tags.FRAME_INCREMENT_POINTER)
    return tuple(g << 16 | e for g, e in zip(halves[::2], halves[1::2], strict=False))


def _vector(top: Fields, frames: int, repairs: list[str]) -> tuple[float, ...]:
    """Frame Time Vector holds what passes BEFORE each frame, its first value 0."""
    before = top.numbers(tags.FRAME_TIME_VECTOR)
    if len(before) == frames - 1:  # the 0 of the first frame was left out
        before = (0.0, *before)
    if not before:
        return ()
    after = before[1:]
    if len(before) != frames or not all(0 <= time < _LONGEST_MS for time in after):
        repairs.append("The Frame Time Vector does not fit the number of frames; it is not used.")
        return ()
    # what follows the last frame is not told: as long as usual
    return (*after, statistics.median(after)) if any(after) else ()


def _own_times(groups: Groups, frames: int) -> tuple[float, ...]:
    """Differences of the times that frames of an enhanced object state, in frame order."""
    if len(groups.frames) != frames:
        return ()
    for read in (_reference_ms, _acquisition_ms, _trigger_ms):
        at = [read(groups, frame) for frame in range(frames)]
        known = [time for time in at if time is not None]
        if len(known) < frames:
            continue
        after = [b - a for a, b in pairwise(known)]
        if all(0 < time < _LONGEST_MS for time in after):
            return (*after, statistics.median(after))
    return ()


def _reference_ms(groups: Groups, frame: int) -> float | None:
    return _stamp(groups, frame, tags.FRAME_REFERENCE_TIME)


def _acquisition_ms(groups: Groups, frame: int) -> float | None:
    return _stamp(groups, frame, tags.FRAME_ACQUISITION_TIME)


def _trigger_ms(groups: Groups, frame: int) -> float | None:
    group = groups.group(frame, tags.CARDIAC_GROUP)
    return next(iter(group.doubles(tags.TRIGGER_DELAY)), None) if group is not None else None


def _stamp(groups: Groups, frame: int, tag: int) -> float | None:
    group = groups.group(frame, tags.FRAME_CONTENT_GROUP)
    return None if group is None else _milliseconds(group.text(tag))


def _milliseconds(text: str) -> float | None:
    """A DT as milliseconds since year 1; the offset from UTC, the same for all frames, is left."""
    digits, _, rest = text.partition(".")
    fraction = rest[:6].split("+")[0].split("-")[0]
    digits = digits[:14]
    if len(digits) != 14 or not digits.isascii() or not digits.isdigit():
        return None
    try:
        # a second of 60 is a leap second
        whole = datetime.strptime(digits[:12], "%Y%m%d%H%M")  # noqa: DTZ007
    except ValueError:
        return None
    passed = whole - datetime(1, 1, 1)  # noqa: DTZ001
    seconds = int(digits[12:]) + (float(f"0.{fraction}") if fraction.isdigit() else 0.0)
    return passed / timedelta(milliseconds=1) + seconds * 1000
