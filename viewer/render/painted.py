"""Finished pictures as the words of a screen's store, made where pictures are drawn.

What toolkits do to a grey picture before it is in their store takes longer than drawing it, and
they do it on the thread that must stay free.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from viewer.pixels.pipeline import Levels, as_index
from viewer.render.compositor import RenderRequest
from viewer.render.plane_request import PlaneRequest
from viewer.render.sampler import Sampled, Sampling

if TYPE_CHECKING:
    from viewer.render.scheduler import DrawRequest

Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Painted:
    """One picture; hold it, not its words alone, as long as these are looked at."""

    words: Words
    """0xffRRGGBB for each device pixel, (height, width)."""
    grey: bool
    """Whether red, green and blue are one level."""

    @property
    def levels(self) -> NDArray[np.uint8]:
        """The levels that were painted: (height, width) grey or (height, width, 3) RGB."""
        if self.grey:
            return (self.words & np.uint32(255)).astype(np.uint8)
        shifts = np.array([16, 8, 0], np.uint32)
        return (self.words[:, :, None] >> shifts & np.uint32(255)).astype(np.uint8)


class Canvases:
    """Words of pictures that nobody holds any more, for the next: fresh memory is slow.

    Used by one thread at a time.
    """

    def __init__(self) -> None:
        """Hold nothing."""
        self._held: list[tuple[Words, ref[Painted]]] = []

    def take(self, shape: tuple[int, int]) -> Words:
        """Words of this shape that no picture is made of; what is in them is anything."""
        fitting = [(words, of) for words, of in self._held if words.shape == shape]
        free = next((words for words, of in fitting if of() is None), None)
        self._held = [one for one in fitting if one[0] is not free]
        return np.empty(shape, np.uint32) if free is None else free

    def paint(self, words: Words, *, grey: bool) -> Painted:
        """Make a picture of words that were taken; they are taken anew when it is gone."""
        made = Painted(words, grey)
        self._held.append((words, ref(made)))
        return made

    def paint_levels(self, levels: Levels) -> Painted:
        """Make a picture of levels of 8 bits, (height, width) or (height, width, 3)."""
        from viewer.render import screen_kernels  # the compiler loads on the thread that draws

        if levels.dtype != np.uint8:
            raise ValueError("a screen's store takes levels of 8 bits")
        words = self.take((levels.shape[0], levels.shape[1]))
        screen_kernels.write_words(np.asarray(levels, np.uint8), words)
        return self.paint(words, grey=levels.ndim == 2)


def painted(
    request: "DrawRequest", known: Sampled | None, canvases: Canvases
) -> tuple[Painted, Sampled]:
    """Draw for a screen; ``known`` are the samples where they are known already.

    Exactly what ``compose`` gives; where a table is all that lies between samples and levels,
    sampling and looking up are shared out together and the levels are never written.
    """
    if isinstance(request, RenderRequest | PlaneRequest):
        table = request.only_table()
        if table is not None and table.dtype == np.uint8:
            words = canvases.take((request.pane.height, request.pane.width))
            sampled = _look_up_all(request, table, known, words)
            return canvases.paint(words, grey=True), sampled
    sampled = known if known is not None else request.sample()
    return canvases.paint_levels(request.compose(sampled)), sampled


def _look_up_all(
    request: RenderRequest | PlaneRequest, table: Levels, known: Sampled | None, words: Words
) -> Sampled:
    ground = request.background if isinstance(request, RenderRequest) else 0
    if isinstance(request, RenderRequest) and known is None:
        found = request.sampling()
        if not found.turned:
            _surround(found, ground, words)
            found.over(request.shared, partial(_look_up, found, table, words))
            return found.done()
        found.over(request.shared)
        known = found.done()
    sampled = known if known is not None else request.sample()
    _surround(sampled, ground, words)
    _look_up(sampled, table, words, 0, sampled.values.shape[0])
    return sampled


def _look_up(at: Sampled | Sampling, table: Levels, words: Words, first: int, end: int) -> None:
    from viewer.render import screen_kernels

    index = as_index(at.values[first:end])
    look = cast(NDArray[np.uint8], table)
    screen_kernels.look_up_words(index, look, words, at.top + first, at.left)


def _surround(at: Sampled | Sampling, ground: int, words: Words) -> None:
    """Fill what lies around the image."""
    word = np.uint32(0xFF000000 | ground * 0x010101)
    height, width = at.values.shape[:2]
    words[: at.top], words[at.top + height :] = word, word
    words[:, : at.left], words[:, at.left + width :] = word, word
