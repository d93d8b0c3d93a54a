"""Lengths on reconstructed planes: true in the patient, told apart, and shown only where they lie.

They stay with the reconstruction: an image's own lengths are the ones that go into a report.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from viewer.calibration.spacing import scale_of
from viewer.measure.labels import length_text
from viewer.measure.linear import patient_length
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.measurement import CalibrationKind
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger
from viewer.viewport.drawing import Hand
from viewer.viewport.measuring import Selection, begin, hold
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.shapes import Shape
from viewer.viewport.tools import Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PaneTransform
from viewer.viewport.viewport import Viewport

_NEAR = 0.5
"""Steps of one voxel beyond which a length does not lie on a plane."""


def why_no_length(viewport: PlaneViewport) -> str | None:
    """Why a length on this plane would not be true, as a sentence; None where it is."""
    state, instance = viewport.state, viewport.instance
    if instance is None or state.nearest is None:
        return "There is no image to measure on."
    if state.slab is not None:
        return "A slab shows what lies behind each other as one: measure on a single plane."
    scale = scale_of(instance, state.nearest.frame)
    if scale.calibration is not CalibrationKind.PATIENT:
        return f"No length on this plane is known to be true. {scale.reason}"
    return None


class PlaneLengths:
    """The lengths of one reconstruction, in the patient."""

    def __init__(self) -> None:
        """Start empty."""
        self.ledger = AnnotationLedger()
        self.selection = Selection()

    def on(self, viewport: PlaneViewport) -> tuple[Annotation, ...]:
        """Lengths that lie on a plane, in its pixels."""
        plane, frame = viewport.plane, viewport.state.nearest
        if plane is None or frame is None:
            return ()
        near = _NEAR * viewport.reformat.voxel(viewport.name)
        return tuple(
            replace(one, on=frame, pixels=tuple(plane.to_pixel(p) for p in one.points))
            for one in self.ledger.all()
            if all(abs(plane.distance(p)) <= near for p in one.points)
        )

    def shapes(
        self, viewport: PlaneViewport, transform: PaneTransform, preview: Annotation | None
    ) -> tuple[Shape, ...]:
        """What is drawn on a plane; ``preview`` is what is being drawn on it."""
        held = [one for one in self.on(viewport) if preview is None or one.id != preview.id]
        shown = [*held, preview] if preview is not None else held
        return tuple(
            Shape(
                one.id,
                tuple(transform.to_pane(p) for p in one.pixels),
                length_label(one, viewport),
                one.id == self.selection.chosen,
                one is preview,
                (tuple(transform.to_pane(p) for p in one.pixels),),
            )
            for one in shown
        )

    def delete(self) -> bool:
        """Delete the chosen length, else the only one; False where there is none such."""
        held = self.ledger.all()
        chosen = next((one for one in held if one.id == self.selection.chosen), None)
        if chosen is None and len(held) == 1:
            chosen = held[0]
        if chosen is None:
            return False
        self.ledger.apply(AnnotationEdit(chosen, None))
        return True


def length_label(one: Annotation, viewport: PlaneViewport) -> str:
    """Length in the patient with the word that it is of a reconstruction (F46)."""
    plane = viewport.plane
    value = patient_length(one.points[0], one.points[1])
    return f"{length_text(value, plane.spacing if plane else None)} on MPR"


@dataclass(frozen=True, slots=True)
class PlaneLengthTool:
    """Draws lengths on planes; refuses with a sentence where none would be true."""

    lengths: PlaneLengths
    author: str
    now: Callable[[], datetime]
    refuse: Callable[[str], None]
    id: ToolId = ToolId.LENGTH

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Take hold of a length under the pointer, else begin a new one there."""
        if not isinstance(viewport, PlaneViewport):
            return None
        selection = self.lengths.selection
        selection.choose(None)
        held = hold(e, viewport, self.lengths.on(viewport), selection)
        if held is not None:
            return held
        refused = why_no_length(viewport)
        if refused is not None:
            self.refuse(refused)
            return None
        return begin(e, viewport, AnnotationKind.LENGTH, selection, Hand(self.author, self.now))
