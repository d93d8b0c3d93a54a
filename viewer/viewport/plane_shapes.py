"""Shapes on reconstructed planes: true in the patient, and shown wherever they lie.

They are annotations like those of images. One drawn on a plane that is an image is one of that
image; any other keeps its plane, and its values are interpolated. Those of images are shown on the
planes in which they lie; where a plane only cuts one, a mark stands.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from viewer.calibration.spacing import scale_of
from viewer.measure.kinds import KINDS
from viewer.measure.quantity import Metric
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.measurement import CalibrationKind
from viewer.model.refs import FrameRef
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger, metric_on
from viewer.viewport.drawing import Hand
from viewer.viewport.measuring import Selection, begin, hold
from viewer.viewport.plane_index import PlaneIndex, drawn_path
from viewer.viewport.reformat import PlaneViewport, Reformat
from viewer.viewport.shapes import NO_READING, Read, Shape, reading_of, shape_of, warnings
from viewer.viewport.space_shapes import crossing_marks
from viewer.viewport.space_view import (
    SpaceView,
    frame_near,
    frame_plane,
    shares_space,
    space_view,
)
from viewer.viewport.tools import Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PaneTransform
from viewer.viewport.viewport import Viewport
from viewer.viewport.wire_tool import WireMaker, begin_wire

PLANE_TOOLS = tuple(
    tool
    for tool in ToolId
    if tool.kind is not None
    and not tool.kind.in_space
    and tool.kind is not AnnotationKind.CALIBRATION
)
"""Tools that draw on planes: all that lie on one and calibrate nothing."""
_NEAR = 0.5
"""Steps of one voxel beyond which a shape does not lie on a plane."""
_ON_IMAGE = 1e-3
"""mm within which a plane is the plane of an image."""
_ALONG = 1 - 1e-9


def why_no_shape(viewport: PlaneViewport) -> str | None:
    """Why a measurement on this plane would not be true, as a sentence; None where it is."""
    state, instance = viewport.state, viewport.instance
    if instance is None or state.nearest is None:
        return "There is no image to measure on."
    if viewport.projects:
        return "This picture shows what lies behind each other as one: measure on a plane."
    if state.slab is not None:
        return "A slab shows what lies behind each other as one: measure on a single plane."
    scale = scale_of(instance, state.nearest.frame)
    if scale.calibration is not CalibrationKind.PATIENT:
        return f"No length on this plane is known to be true. {scale.reason}"
    return None


class PlaneShapes:
    """The annotations of a case as the planes of one reconstruction show them."""

    def __init__(self, kept: AnnotationLedger, selection: Selection, read_as_kept: Read) -> None:
        """Show what ``kept`` holds; ``read_as_kept`` gives what one of it says."""
        self.kept, self.selection = kept, selection
        self.ledger = AnnotationLedger()
        """Paths and what is measured along them: they stay with the reconstruction."""
        self.elsewhere: Callable[[AnnotationId], bool] = lambda _one: False
        """Whether one is no shape of a plane: a path, or measured along one."""
        self._read = read_as_kept
        self._index: dict[Reformat, PlaneIndex] = {}

    def on(self, viewport: PlaneViewport) -> tuple[Annotation, ...]:
        """Shapes that lie on a plane, in its pixels."""
        found = (on_plane(one, viewport) for one in self._meeting(viewport))
        return tuple(one for one in found if one is not None)

    def _meeting(self, viewport: PlaneViewport) -> list[Annotation]:
        plane = viewport.plane
        if plane is None:
            return []
        near = _NEAR * viewport.reformat.voxel(viewport.name) + 1e-6
        index = self._index.get(viewport.reformat)
        if index is None:
            index = PlaneIndex(lambda on: frame_plane(viewport, on))
            self._index[viewport.reformat] = index
        found = index.meeting(self.kept.all(), plane, near)
        return [one for one in found if not one.hidden]

    def shapes(
        self,
        viewport: PlaneViewport,
        transform: PaneTransform,
        preview: Annotation | None,
        scale: float = 1.0,
    ) -> tuple[Shape, ...]:
        """What is drawn on a plane; ``preview`` is what is being drawn on it."""
        held = [one for one in self.on(viewport) if preview is None or one.id != preview.id]
        shown = [*held, preview] if preview is not None else held
        drawn = tuple(
            shape_of(
                one,
                transform,
                metric_on(viewport, one.on, one.pixels),
                lambda annotation: self._said(annotation, viewport, preview),
                selected=one.id == self.selection.chosen,
                drawing=one is preview,
                held=self.selection.point,
            )
            for one in shown
        )
        view, here = space_view(viewport), {one.id for one in shown}
        if view is None:
            return drawn
        others = [one for one in self._meeting(viewport) if one.id not in here]
        return (*drawn, *passing(others, view, lambda on: frame_plane(viewport, on), scale))

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return any(ledger.can_undo for ledger in self._in_order())

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return any(ledger.can_redo for ledger in self._in_order())

    def undo(self) -> bool:
        """Take the last step back, of a path where that is chosen; False where there is none."""
        return any(ledger.undo() for ledger in self._in_order())

    def redo(self) -> bool:
        """Make the last undone step again; False where there is none."""
        return any(ledger.redo() for ledger in self._in_order())

    def delete(self) -> bool:
        """Delete the chosen path or what is measured along it; False where there is none such."""
        chosen = self.selection.chosen
        held = self.ledger.get(chosen) if chosen is not None else None
        if held is None:
            return False
        self.ledger.apply(AnnotationEdit(held, None))
        return True

    def stored(self, edit: AnnotationEdit, viewport: PlaneViewport) -> AnnotationEdit:
        """An edit of a shape in the pixels of a plane as one of the annotation that is kept."""
        before = self.kept.get(edit.before.id) if edit.before is not None else None
        after = None if edit.after is None else stored(edit.after, before, viewport)
        return AnnotationEdit(before, after)

    def _in_order(self) -> tuple[AnnotationLedger, AnnotationLedger]:
        chosen = self.selection.chosen
        at_path = chosen is not None and self.elsewhere(chosen)
        return (self.ledger, self.kept) if at_path else (self.kept, self.ledger)

    def _said(
        self, shown: Annotation, viewport: PlaneViewport, preview: Annotation | None
    ) -> Reading:
        kept = self.kept.get(shown.id)
        if shown is not preview and kept is not None:
            return self._read(kept)
        made, instance = stored(shown, kept, viewport), viewport.instance_of(shown.on)
        if instance is None:
            return NO_READING
        if made.on != shown.on:
            instance = viewport.instance_of(made.on)
        return NO_READING if instance is None else read(made, Ground(instance))


def on_plane(one: Annotation, viewport: PlaneViewport) -> Annotation | None:
    """A shape in the pixels of a plane; None where it does not lie on it."""
    plane, frame, instance = viewport.plane, viewport.state.nearest, viewport.instance
    if plane is None or frame is None or instance is None or one.kind.in_space or one.hidden:
        return None
    near = _NEAR * viewport.reformat.voxel(viewport.name) + 1e-6
    if not shares_space(one, instance) or any(abs(plane.distance(p)) > near for p in one.points):
        return None
    return replace(one, on=frame, plane=None, pixels=tuple(plane.to_pixel(p) for p in one.points))


def lying(
    annotations: Sequence[Annotation], view: SpaceView, read: Read, chosen: AnnotationId | None
) -> tuple[Shape, ...]:
    """Shapes of planes that lie within half a slice of an image; they are changed on planes."""
    found = []
    for one in annotations:
        plane = one.plane
        if plane is None or not all(view.holds(p) for p in one.points):
            continue
        lines = KINDS[one.kind].draw(one.pixels, Metric(plane.spacing, plane.spacing))
        places = [[plane.to_lps(p) for p in line] for line in lines or (one.pixels,)]
        said = reading_of(one, read)
        found.append(
            Shape(
                one.id,
                () if lines else tuple(map(view.to_pane, one.points)),
                "\n".join([*said.lines, *warnings(said.notes)]),
                selected=one.id == chosen,
                drawing=False,
                paths=tuple(tuple(map(view.to_pane, line)) for line in places) if lines else (),
                notes=said.notes,
                arrow=one.kind is AnnotationKind.ARROW,
            )
        )
    return tuple(found)


def passing(
    annotations: Sequence[Annotation],
    view: SpaceView,
    plane_of: Callable[[FrameRef], ImagePlane | None],
    scale: float = 1.0,
) -> tuple[Shape, ...]:
    """A mark where the lines of a shape pass through a plane in which it does not lie."""
    found = []
    for one in annotations:
        if one.kind.in_space or not shares_space(one, view.instance):
            continue
        marks = crossing_marks(drawn_path(one, plane_of), view, scale)
        if marks:
            found.append(Shape(one.id, (), "", selected=False, drawing=False, paths=marks))
    return tuple(found)


def stored(shown: Annotation, before: Annotation | None, viewport: PlaneViewport) -> Annotation:
    """A shape in the pixels of a plane as the annotation that is kept.

    It is one of an image where it was one, or where its plane is that of an image. On planes of
    other images, as of a CT over which it was drawn on PET, it goes on to take its own values.
    """
    own = frame_plane(viewport, before.on) if before is not None else None
    if before is not None and before.plane is None and own is not None:
        return _on_image(replace(shown, plane=None), before.on, own)
    if before is not None and before.on not in viewport.reformat.target.frames:
        return replace(shown, on=before.on, plane=viewport.plane)
    on = frame_near(viewport, shown.points[0]) or shown.on
    own = frame_plane(viewport, on)
    if own is not None and _is_image(own, shown.points, viewport):
        return _on_image(replace(shown, plane=None), on, own)
    return replace(shown, on=on, plane=viewport.plane)


def _on_image(shown: Annotation, on: FrameRef, own: ImagePlane) -> Annotation:
    pixels = tuple(own.to_pixel(p) for p in shown.points)
    return replace(shown, on=on, pixels=pixels, points=tuple(own.to_lps(p) for p in pixels))


def _is_image(own: ImagePlane, points: Sequence[PointLps], viewport: PlaneViewport) -> bool:
    plane = viewport.plane
    along = plane is not None and abs(plane.normal.dot(own.normal)) >= _ALONG
    return along and all(abs(own.distance(p)) <= _ON_IMAGE for p in points)


@dataclass(frozen=True, slots=True)
class PlaneTool:
    """Draws one kind on planes; refuses with a sentence where nothing would be true."""

    id: ToolId
    kind: AnnotationKind
    held: PlaneShapes
    hand: Hand
    refuse: Callable[[str], None]
    wire: WireMaker

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
        if self.kind is AnnotationKind.LIVEWIRE:
            return begin_wire(e, viewport, selection, self.hand, self.wire)
        return begin(e, viewport, self.kind, selection, self.hand)
