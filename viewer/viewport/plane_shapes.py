"""Shapes on reconstructed planes: true in the patient, told apart, and shown only where they lie.

They stay with the reconstruction: an image's own measurements are the ones that go into a report.
Values are read off images alone: on a plane between them every value is interpolated.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from viewer.calibration.spacing import scale_of
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.measurement import CalibrationKind
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger, metric_on
from viewer.viewport.drawing import Hand
from viewer.viewport.measuring import Selection, begin, hold
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.shapes import Shape, shape_of
from viewer.viewport.tools import Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PaneTransform
from viewer.viewport.viewport import Viewport

PLANE_TOOLS = tuple(
    tool
    for tool in ToolId
    if tool.kind is not None and not (KINDS[tool.kind].probes or KINDS[tool.kind].written)
)
"""Tools whose shapes are true on a plane: all that measure by geometry alone."""
_NEAR = 0.5
"""Steps of one voxel beyond which a shape does not lie on a plane."""
_WORD = "on MPR"


def why_no_shape(viewport: PlaneViewport) -> str | None:
    """Why a measurement on this plane would not be true, as a sentence; None where it is."""
    state, instance = viewport.state, viewport.instance
    if instance is None or state.nearest is None:
        return "There is no image to measure on."
    if state.slab is not None:
        return "A slab shows what lies behind each other as one: measure on a single plane."
    scale = scale_of(instance, state.nearest.frame)
    if scale.calibration is not CalibrationKind.PATIENT:
        return f"No length on this plane is known to be true. {scale.reason}"
    return None


class PlaneShapes:
    """The shapes of one reconstruction, in the patient."""

    def __init__(self) -> None:
        """Start empty."""
        self.ledger = AnnotationLedger()
        self.selection = Selection()
        self.elsewhere: Callable[[AnnotationId], bool] = lambda _one: False
        """Whether one of the ledger is no shape of a plane: a path, or measured along one."""

    def on(self, viewport: PlaneViewport) -> tuple[Annotation, ...]:
        """Shapes that lie on a plane, in its pixels."""
        plane, frame = viewport.plane, viewport.state.nearest
        if plane is None or frame is None:
            return ()
        near = _NEAR * viewport.reformat.voxel(viewport.name)
        return tuple(
            replace(one, on=frame, pixels=tuple(plane.to_pixel(p) for p in one.points))
            for one in self.ledger.all()
            if not self.elsewhere(one.id)
            and all(abs(plane.distance(p)) <= near for p in one.points)
        )

    def shapes(
        self, viewport: PlaneViewport, transform: PaneTransform, preview: Annotation | None
    ) -> tuple[Shape, ...]:
        """What is drawn on a plane; ``preview`` is what is being drawn on it."""
        held = [one for one in self.on(viewport) if preview is None or one.id != preview.id]
        shown = [*held, preview] if preview is not None else held
        return tuple(
            shape_of(
                one,
                transform,
                metric_on(viewport, one.on, one.pixels),
                lambda annotation: read_on_plane(annotation, viewport),
                selected=one.id == self.selection.chosen,
                drawing=one is preview,
                held=self.selection.point,
            )
            for one in shown
        )

    def delete(self) -> bool:
        """Delete the chosen shape, else the only one; False where there is none such."""
        held = self.ledger.all()
        chosen = next((one for one in held if one.id == self.selection.chosen), None)
        plain = [one for one in held if not self.elsewhere(one.id)]
        if chosen is None and len(plain) == 1:
            chosen = plain[0]
        if chosen is None:
            return False
        self.ledger.apply(AnnotationEdit(chosen, None))
        return True


def read_on_plane(annotation: Annotation, viewport: PlaneViewport) -> Reading:
    """What a shape says on a plane, by the code of images, with the word that it is of none."""
    plane, instance, at = viewport.plane, viewport.instance, annotation.on.frame
    if plane is None or instance is None:
        return Reading((), (), (), "")
    planes = tuple(plane if n == at else one for n, one in enumerate(instance.planes))
    found = read(annotation, Ground(replace(instance, planes=planes)))
    lines = (*found.lines[:-1], f"{found.lines[-1]} {_WORD}") if found.lines else ()
    return replace(found, lines=lines)


@dataclass(frozen=True, slots=True)
class PlaneTool:
    """Draws one kind on planes; refuses with a sentence where nothing would be true."""

    id: ToolId
    kind: AnnotationKind
    held: PlaneShapes
    author: str
    now: Callable[[], datetime]
    refuse: Callable[[str], None]

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Take hold of a shape under the pointer, else begin a new one there."""
        if not isinstance(viewport, PlaneViewport):
            return None
        selection = self.held.selection
        selection.choose(None)
        gesture = hold(e, viewport, self.held.on(viewport), selection)
        if gesture is not None:
            return gesture
        refused = why_no_shape(viewport)
        if refused is not None:
            self.refuse(refused)
            return None
        return begin(e, viewport, self.kind, selection, Hand(self.author, self.now))
