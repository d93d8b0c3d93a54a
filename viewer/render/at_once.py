"""Which pictures are drawn at once by who asks: those that take less than another thread would.

Handing a picture over and back takes half a millisecond and more where something else works, its
pixels lie in another processor's memory then, and two threads that take turns in the interpreter
are slower than one. So a window is looked up at once, and a small frame is sampled at once, as long
as that takes no more than half of the time.
"""

import sys
import time
from collections.abc import Callable, Hashable

from viewer.model.presentation import PresentationLut, Rescale, Window
from viewer.render.compositor import RenderRequest
from viewer.render.sampler import Sampled

_LOOKED_UP = 2_500_000
"""Device pixels of the largest picture that is looked up at once: a millisecond."""
_SAMPLED, _OF = 1_200_000, 600_000
"""Device pixels and pixels of the largest frame that is sampled at once: a millisecond and a half.
"""
_SHARE = 0.5
_MOST = 0.010
"""Seconds that may be spent at a stretch."""
_TOGETHER = 0.005
"""Seconds in which panes that scroll come together: the first is sampled at once, the others are
better shared out."""


class AtOnce:
    """Decides, and keeps count of what was spent; for one thread."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin with all that may be spent."""
        self._clock = clock
        self._left, self._seen = _MOST, clock()
        self._loaded = False
        self._sampled: tuple[Hashable, float] = (None, -_TOGETHER)

    def takes(self, key: Hashable, request: object, known: Sampled | None) -> bool:
        """Whether to draw a request of a key at once; ``known`` are its samples, where they are."""
        if not isinstance(request, RenderRequest) or not _is_small(request, known):
            return False
        now = self._clock()
        self._left = min(self._left + (now - self._seen) * _SHARE, _MOST)
        self._seen = now
        if known is None:
            before, when = self._sampled
            if before != key and now - when < _TOGETHER:
                return False
        self._loaded = self._loaded or _are_loaded()
        if not self._loaded or self._left <= 0 or request.only_table() is None:
            return False
        if known is None:
            self._sampled = (key, now)
        return True

    def spent(self, since: float) -> None:
        """Something was drawn at once that began at a time of the clock."""
        self._left -= self._clock() - since

    def now(self) -> float:
        """What the clock says."""
        return self._clock()


def _is_small(request: RenderRequest, known: Sampled | None) -> bool:
    look, pixels = request.look, request.pane.width * request.pane.height
    if known is not None:
        small = pixels <= _LOOKED_UP
    else:
        small = pixels <= _SAMPLED and request.frame.size <= _OF
    return (
        small
        and isinstance(look.voi, Window)  # tables of LUTs are made anew for each picture
        and isinstance(look.modality or request.instance.modality_lut, Rescale)
        and not isinstance(look.presentation_lut, PresentationLut)
    )


def _are_loaded() -> bool:
    """Whether the loops are compiled: that takes seconds, and belongs to another thread."""
    loops = sys.modules.get("viewer.render.screen_kernels")
    return loops is not None and bool(loops.are_loaded())
