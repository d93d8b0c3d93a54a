"""Which frame of a moving image stands at a moment: by the clock, so that a slow machine drops
frames and never slows the motion.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from viewer.model.display_set import DisplaySet

UNKNOWN_RATE = 10.0
"""Frames a second where the header tells none."""
RATE_STEP = 1.25
SLOWEST, FASTEST = 1 / 16, 16.0
_SHOWN_ENOUGH = 0.9
"""Part of the wanted rate from which on the shown rate counts as kept."""


@dataclass(frozen=True)
class Timeline:
    """The order in which frames stand and for how long, ms; ``sweep`` runs back before it repeats.

    ``told`` is whether the header gives the times.
    """

    frame_ms: tuple[float, ...]
    sweep: bool = False
    told: bool = True

    @classmethod
    def of(cls, target: DisplaySet, *, sweep: bool = False) -> "Timeline":
        """Take the times of a display set, or a usual rate where there are none."""
        count = len(target.frames)
        rate = target.frame_rate
        if len(target.frame_ms) == count and rate is not None:
            return cls(target.frame_ms, sweep)
        if rate is not None:
            return cls((1000 / rate,) * count, sweep)
        return cls((1000 / UNKNOWN_RATE,) * count, sweep, told=False)

    @property
    def rate(self) -> float:
        """Frames a second on the average."""
        return 1000 * len(self.frame_ms) / sum(self.frame_ms)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Frames of one period."""
        onward = tuple(range(len(self.frame_ms)))
        return onward + onward[-2:0:-1] if self.sweep else onward

    @cached_property
    def ends(self) -> tuple[float, ...]:
        """When each frame of ``order`` gives way to the next, ms from the start of the period."""
        return tuple(accumulate(self.frame_ms[index] for index in self.order))

    def place(self, elapsed: float) -> tuple[int, float]:
        """The frame that stands after so many ms, and how long it still stands."""
        within = elapsed % self.ends[-1]
        at = min(bisect_right(self.ends, within), len(self.ends) - 1)
        return self.order[at], self.ends[at] - within

    def start_of(self, index: int) -> float:
        """When a frame first begins to stand, ms from the start of the period."""
        return self.ends[index] - self.frame_ms[index]


@dataclass(frozen=True)
class Cine:
    """A timeline that plays since a moment ``since``, in seconds of any steady clock."""

    timeline: Timeline
    since: float
    offset: float = 0.0
    """Ms of the timeline that had passed at ``since``."""
    factor: float = 1.0
    """How much faster than the header says."""

    @classmethod
    def start(
        cls, target: DisplaySet, index: int, now: float, *, factor: float = 1.0, sweep: bool = False
    ) -> "Cine":
        """Begin with a frame; a cine that stands at its end begins anew."""
        timeline = Timeline.of(target, sweep=sweep)
        at = 0 if index >= len(target.frames) - 1 else index
        return cls(timeline, now, timeline.start_of(at), factor)

    @property
    def rate(self) -> float:
        """Frames a second that are asked for."""
        return self.timeline.rate * self.factor

    def index(self, now: float) -> int:
        """The frame that stands now."""
        return self.timeline.place(self._elapsed(now))[0]

    def until_next(self, now: float) -> float:
        """Seconds until another frame stands."""
        return self.timeline.place(self._elapsed(now))[1] / self.factor / 1000

    def resumed(self, now: float) -> "Cine":
        """Give the same cine as if it had begun only now."""
        return replace(self, since=now)

    def faster(self, now: float, by: float) -> "Cine":
        """Give the same motion from now on at another speed."""
        factor = min(max(self.factor * by, SLOWEST), FASTEST)
        return replace(self, since=now, offset=self._elapsed(now), factor=factor)

    def words(self, shown: float | None) -> str:
        """What is played, for the corner; ``shown`` is the rate that was really drawn."""
        parts = [f"Playing {rate_text(self.rate)} frames/s"]
        if not self.timeline.told:
            parts.append("no rate in the header")
        elif self.factor != 1:
            parts.append(f"header {rate_text(self.timeline.rate)}")
        if shown is not None and shown < self.rate * _SHOWN_ENOUGH:
            parts.append(f"shown {rate_text(shown)}")
        return " · ".join(parts)

    def _elapsed(self, now: float) -> float:
        return self.offset + (now - self.since) * 1000 * self.factor


def rate_text(rate: float) -> str:
    """A rate with three significant digits."""
    return f"{rate:.3g}"
