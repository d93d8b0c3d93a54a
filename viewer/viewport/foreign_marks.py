"""The imported measurements of the open case: what lies on which frame, and what it says."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import uuid4

from viewer.measure.foreign import Foreign
from viewer.measure.foreign_reading import read_foreign
from viewer.measure.registry import Ground, Reading
from viewer.model.annotation import Annotation, AnnotationId, Provenance
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.viewport.annotate import metric_on, patient_points
from viewer.viewport.drawing import Hand
from viewer.viewport.plane_shapes import on_plane
from viewer.viewport.readings import Readings
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.shapes import Shape, shape_of
from viewer.viewport.space_shapes import Chosen, GrownOf, space_shapes
from viewer.viewport.space_view import SpaceView, shares_space
from viewer.viewport.transform import PaneTransform


class ForeignMarks:
    """Never changed by the reader, hidden all at once."""

    def __init__(self, ground: Callable[[FrameRef], Ground | None]) -> None:
        """Begin with none; ``ground`` as Readings takes it."""
        self.shown = True
        self._held: dict[AnnotationId, Foreign] = {}
        self._on: dict[FrameRef, tuple[Annotation, ...]] = {}
        self._readings = Readings(ground, self._read)

    def take(self, found: Iterable[Foreign]) -> None:
        """Hold these in place of what was held."""
        self._held = {one.annotation.id: one for one in found}
        on: dict[FrameRef, list[Annotation]] = {}
        for one in self._held.values():
            if not one.annotation.in_space:
                on.setdefault(one.annotation.on, []).append(one.annotation)
        self._on = {frame: tuple(held) for frame, held in on.items()}
        self._readings.forget()

    def get(self, wanted: AnnotationId | None) -> Foreign | None:
        """An imported measurement by its id."""
        return self._held.get(wanted) if wanted is not None else None

    def on(self, frame: FrameRef) -> tuple[Annotation, ...]:
        """What is drawn on a frame; nothing while they are hidden."""
        return self._on.get(frame, ()) if self.shown else ()

    def spatial(self) -> tuple[Annotation, ...]:
        """What lies in space and on no image alone; nothing while they are hidden."""
        held = (one.annotation for one in self._held.values() if self.shown)
        return tuple(one for one in held if one.kind.in_space)

    def space_shapes(
        self, view: SpaceView, grown: GrownOf, chosen: Chosen, scale: float
    ) -> tuple[Shape, ...]:
        """What of it meets a pane's plane, without handles."""
        here = [one for one in self.spatial() if shares_space(one, view.instance)]
        drawn = space_shapes(here, view, self.read, grown, chosen, scale)
        return tuple(
            replace(one, foreign=True, points=() if one.paths else one.points) for one in drawn
        )

    def plane_shapes(
        self, viewport: PlaneViewport, transform: PaneTransform, chosen: AnnotationId | None
    ) -> tuple[Shape, ...]:
        """What of it lies on a reconstructed plane; each once, whichever series shows it too."""
        held = (one.annotation for one in self._held.values() if self.shown and not one.again)
        here = ((one, on_plane(one, viewport)) for one in held)
        return tuple(
            self._shape_on(viewport, transform, kept, shown, selected=kept.id == chosen)
            for kept, shown in here
            if shown is not None
        )

    def rows(self) -> tuple[Annotation, ...]:
        """Each once, as a table has them; nothing while they are hidden."""
        if not self.shown:
            return ()
        return tuple(one.annotation for one in self._held.values() if not one.again)

    def saying(self, frame: FrameRef) -> Callable[[Annotation], Reading]:
        """What reads those of one frame as it is now; raises GeometryError."""
        return self._readings.on(frame)

    def read(self, annotation: Annotation) -> Reading:
        """What one of them says; raises GeometryError."""
        return self._readings.read(annotation)

    def row_reading(self, annotation: Annotation) -> Reading:
        """What one says in a line of text, differences among the numbers; raises GeometryError."""
        found = self._readings.read(annotation)
        return replace(found, lines=(*found.lines, *(f"⚠ {note}" for note in found.notes)))

    def __contains__(self, wanted: AnnotationId | None) -> bool:
        """Whether an id is one of them."""
        return wanted in self._held

    def _shape_on(
        self,
        viewport: PlaneViewport,
        transform: PaneTransform,
        kept: Annotation,
        shown: Annotation,
        *,
        selected: bool,
    ) -> Shape:
        def said(_shown: Annotation) -> Reading:
            return self.read(kept)

        metric = metric_on(viewport, shown.on, shown.pixels)
        return shape_of(shown, transform, metric, said, selected=selected, foreign=True)

    def _read(self, annotation: Annotation, ground: Ground) -> Reading:
        return read_foreign(self._held[annotation.id], ground)


def adopted(one: Foreign, instance: Instance, hand: Hand) -> Annotation:
    """A measurement of the reader's own at the same place, named as the imported one."""
    held = one.annotation
    made = replace(held, id=AnnotationId(str(uuid4())), made_by=Provenance(hand.author, hand.now()))
    if held.in_space:
        return made
    planes, frame = instance.planes, held.on.frame
    plane = planes[frame] if frame < len(planes) else None
    space = instance.frame_of_reference if plane is not None else None
    return replace(made, points=patient_points(held.pixels, plane), space=space)
