"""What annotations say, remembered until what decides it changes: painted often, read once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from weakref import ref

from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.measure.found import Found
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationId
from viewer.model.refs import FrameRef

_NOT_HERE = "The image of this measurement is not here."


@dataclass(frozen=True, slots=True)
class _Known:
    """A reading and what decided it; pixels are not kept alive for it."""

    of: Annotation
    ground: Ground
    pixels: ref[NDArray[Any]] | None
    reading: Reading
    found: Found | None
    """Values that were taken from many images."""

    def holds(self, now: Ground) -> bool:
        """Whether a ground gives the same numbers; pixels never change in place."""
        then = self.ground
        before = None if self.pixels is None else self.pixels()
        same = before is now.pixels and (self.pixels is None) == (now.pixels is None)
        same = same and self.found is now.found_of(self.of)
        return (
            same
            and then.instance is now.instance
            and (then.missing, then.readout, then.line, then.step)
            == (now.missing, now.readout, now.line, now.step)
        )


class Readings:
    """The readings of one open case."""

    def __init__(
        self,
        ground: Callable[[FrameRef], Ground | None],
        take: Callable[[Annotation, Ground], Reading] = read,
    ) -> None:
        """Take what a frame is measured on from ``ground``; None while it is not here.

        ``take`` reads an annotation on it.
        """
        self._ground, self._take = ground, take
        self._known: dict[AnnotationId, _Known] = {}

    def read(self, annotation: Annotation) -> Reading:
        """Read an annotation, at once where nothing changed since; raises GeometryError."""
        return self.on(annotation.on)(annotation)

    def on(self, frame: FrameRef) -> Callable[[Annotation], Reading]:
        """Give what reads annotations of one frame as it is now: to be used at once."""
        ground = self._ground(frame)
        return lambda annotation: self._read(annotation, ground)

    def _read(self, annotation: Annotation, ground: Ground | None) -> Reading:
        if ground is None:
            raise GeometryError(_NOT_HERE)
        known = self._known.get(annotation.id)
        if known is not None and _equal(known.of, annotation) and known.holds(ground):
            return known.reading
        made = self._take(annotation, ground)
        pixels = None if ground.pixels is None else ref(ground.pixels)
        self._known[annotation.id] = _Known(
            annotation, replace(ground, pixels=None), pixels, made, ground.found_of(annotation)
        )
        return made

    def forget(self) -> None:
        """Begin again with another case."""
        self._known.clear()


def _equal(a: Annotation, b: Annotation) -> bool:
    return a is b or a == b
