"""What annotations say, remembered until what decides it changes: painted often, read once."""

from collections.abc import Callable

from viewer.errors import GeometryError
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationId
from viewer.model.refs import FrameRef

_NOT_HERE = "The image of this measurement is not here."


class Readings:
    """The readings of one open case."""

    def __init__(self, ground: Callable[[FrameRef], Ground | None]) -> None:
        """Take what a frame is measured on from ``ground``; None while it is not here."""
        self._ground = ground
        self._known: dict[AnnotationId, tuple[Annotation, Ground, Reading]] = {}

    def read(self, annotation: Annotation) -> Reading:
        """Read an annotation, at once where nothing changed since; raises GeometryError."""
        ground = self._ground(annotation.on)
        if ground is None:
            raise GeometryError(_NOT_HERE)
        known = self._known.get(annotation.id)
        if known is not None and _equal(known[0], annotation) and _same(known[1], ground):
            return known[2]
        made = read(annotation, ground)
        self._known[annotation.id] = annotation, ground, made
        return made

    def forget(self) -> None:
        """Begin again with another case."""
        self._known.clear()


def _equal(a: Annotation, b: Annotation) -> bool:
    return a is b or a == b


def _same(a: Ground, b: Ground) -> bool:
    """Whether two grounds give the same numbers; pixels by identity, they never change in place."""
    return (
        a.instance is b.instance
        and a.pixels is b.pixels
        and (a.missing, a.readout, a.line) == (b.missing, b.readout, b.line)
    )
