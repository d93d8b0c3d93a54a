"""Which stored numbers are not measured anew because their outlines would hold up the screen."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from viewer.measure.crossings import crossings
from viewer.measure.foreign import Foreign
from viewer.measure.kinds import KINDS

_POINTS, _ON_FRAME = 2_000, 20_000
"""Points of one outline, and of all outlines of one image."""
_SIMPLE, _CROSSINGS = 64, 500
"""Points up to which crossings do not matter, and how many crossings may be."""
UNCHECKED = "Its numbers are not measured anew: the outline has too many points or crossings."


def within_limits(found: Iterable[Foreign]) -> Iterator[Foreign]:
    """The same shapes; those that would take long carry the reason why they are not compared."""
    points: Counter[object] = Counter()
    for one in found:
        held = one.annotation
        count = len(held.pixels)
        if not (one.comparable and one.numbers and KINDS[held.kind].closed and count > _SIMPLE):
            yield one
            continue
        points[held.on] += count
        many = count > _POINTS or points[held.on] > _ON_FRAME
        if many or crossings(held.pixels) > _CROSSINGS:
            yield replace(one, comparable=False, unchecked=UNCHECKED)
        else:
            yield one
