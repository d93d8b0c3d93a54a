"""Measurements of the open case: tools, undo, deletion, and what is told to the report."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from viewer.calibration.user import line_of
from viewer.errors import GeometryError
from viewer.hanging.images import CaseImages
from viewer.loading.frames import FrameCache
from viewer.measure.gaps import refuse_over_gap
from viewer.measure.registry import Ground, Measured, measured
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.refs import FrameRef
from viewer.qt.desk import Desk
from viewer.qt.length_dialog import LengthDialog
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger, make_annotation
from viewer.viewport.by_numbers import Place, pixel_places
from viewer.viewport.measuring import AnnotationTool, Graspable, Selection
from viewer.viewport.navigate import PanTool, ScrollTool, WindowTool, ZoomTool
from viewer.viewport.overlay import Marks
from viewer.viewport.readings import Readings
from viewer.viewport.tools import ToolGroup, ToolId
from viewer.viewport.viewport import Viewport


class MeasuringDesk(Desk):
    """Owns the annotations of a reading area and what can be done with them."""

    annotations_changed = Signal(object)
    measured = Signal(object)
    to_report = Signal(object)

    def __init__(
        self,
        viewport: Callable[[], Viewport],
        author: str,
        now: Callable[[], datetime],
        parent: QWidget,
        frames: FrameCache,
    ) -> None:
        """Act on the viewport that ``viewport`` gives; annotations bear ``author`` and ``now``.

        ``frames`` knows rows without data and what is a preview.
        """
        super().__init__(parent)
        self._viewport = viewport
        self._author = author
        self._now = now
        self._parent = parent
        self._frames = frames
        self._images: CaseImages | None = None
        self._dialog: LengthDialog | None = None
        self.ledger = AnnotationLedger()
        self.selection = Selection()
        self.readings = Readings(self.ground)
        self.tools = self._make_tools()
        self.ledger.changed.connect(self._on_ledger_changed)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {
            "annotation.undo": self.undo,
            "annotation.redo": self.redo,
            "annotation.delete": self.delete,
            "annotation.to_report": self.report,
            "annotation.by_numbers": self.ask_numbers,
        }

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None ends what was asked about it."""
        if images is None:
            self._close_dialog()
            self.readings.forget()
        self._images = images

    def restore(self, annotations: Sequence[Annotation]) -> None:
        """Start again from saved annotations."""
        self.selection.chosen = None
        self.ledger.restore(annotations)

    def measure(self, annotation: AnnotationId) -> Measured | None:
        """Measure one annotation; None while its image or the annotation is not here."""
        held = self.ledger.get(annotation)
        if held is None or self._images is None:
            return None
        ground = self.ground(held.on)
        return None if ground is None else measured(held, ground, self._images.place(held.on))

    def ground(self, frame: FrameRef) -> Ground | None:
        """What annotations of a frame are measured on; None while its header is not here."""
        instance = self._images.instances.get(frame.sop) if self._images else None
        if instance is None:
            return None
        return Ground(
            instance,
            self._frames.get(frame),
            self._frames.missing(frame),
            self._viewport().state.readout,
            line_of(self.ledger.all(), frame.instance),
        )

    def marks(self, frame: FrameRef, preview: Annotation | None) -> Marks:
        """What is drawn on a frame; ``preview`` is what is being drawn anywhere."""
        return Marks(
            self.ledger.on(frame),
            preview,
            self.selection.chosen,
            self.readings.read,
            line_of(self.ledger.all(), frame.instance),
        )

    def take(self, edit: AnnotationEdit) -> None:
        """Make what a gesture drew, unless it lies over rows without data."""
        refused = self._refused(edit.after)
        if refused:
            self.notice.emit(refused)
            self.changed.emit()
        else:
            self.ledger.apply(edit)

    def undo(self) -> None:
        """Take the last step back."""
        if not self.ledger.undo():
            self.notice.emit(self.tr("There is nothing to undo."))

    def redo(self) -> None:
        """Make the last undone step again."""
        if not self.ledger.redo():
            self.notice.emit(self.tr("There is nothing to redo."))

    def delete(self) -> None:
        """Delete the chosen measurement."""
        chosen = self._chosen()
        if chosen is None:
            self.notice.emit(self.tr("Click a measurement first, then delete it."))
        else:
            self.ledger.apply(AnnotationEdit(chosen, None))

    def report(self) -> None:
        """Put the chosen measurement into the report."""
        chosen = self._chosen()
        found = self.measure(chosen.id) if chosen is not None else None
        if found is None:
            self.notice.emit(self.tr("Click a measurement first, then put it into the report."))
        else:
            self.to_report.emit(found)

    def ask_numbers(self) -> None:
        """Ask for the two ends of a length as numbers; the images stay usable meanwhile."""
        instance = self._viewport().instance
        if instance is None or instance.format is None:
            self.notice.emit(self.tr("There is no image to measure on."))
            return
        self._close_dialog()
        size = (instance.format.columns, instance.format.rows)
        dialog = LengthDialog(size, self._viewport().plane, self._place, self._parent)
        self._dialog = dialog
        dialog.finished.connect(self._on_dialog_finished)
        dialog.show()
        dialog.activateWindow()  # without a window manager nobody else hands the keys over
        dialog.finished.connect(self._parent.window().activateWindow)

    def _place(self, places: Sequence[Place]) -> str:
        try:
            pixels = pixel_places(self._viewport(), places)
        except GeometryError as error:
            return error.sentence
        made = make_annotation(
            self._viewport(), AnnotationKind.LENGTH, pixels, self._author, self._now
        )
        if made is None:
            return self.tr("There is no image to measure on.")
        refused = self._refused(made)
        if not refused:
            self.selection.chosen = made.id
            self.ledger.apply(AnnotationEdit(None, made))
        return refused

    def _refused(self, made: Annotation | None) -> str:
        """Why an annotation may not be made; empty when it may."""
        if made is not None:
            if self._frames.previews.has(made.on):
                return self.tr("This is a preview; measure once the image is decoded.")
            try:
                refuse_over_gap(made.pixels, self._frames.missing(made.on))
            except GeometryError as error:
                return error.sentence
        return ""

    def _close_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.reject()

    def _on_dialog_finished(self) -> None:
        self._dialog = None

    def _make_tools(self) -> ToolGroup:
        ledger, selection = self.ledger, self.selection
        length = AnnotationTool(
            ToolId.LENGTH, AnnotationKind.LENGTH, ledger, selection, self._author, self._now
        )
        return ToolGroup(
            {
                ToolId.WINDOW: Graspable(WindowTool(), ledger, selection),
                ToolId.SCROLL: Graspable(ScrollTool(), ledger, selection),
                ToolId.ZOOM: ZoomTool(),
                ToolId.PAN: PanTool(),
                ToolId.LENGTH: length,
            },
            active=ToolId.SCROLL,
        )

    def _chosen(self) -> Annotation | None:
        """Give the selected annotation, else the only one of the shown frame."""
        frame, chosen = self._viewport().state.frame, self.selection.chosen
        held = self.ledger.get(chosen) if chosen is not None else None
        if held is None and frame is not None:
            here = self.ledger.on(frame)
            held = here[0] if len(here) == 1 else None
        return held

    def _on_ledger_changed(self, edit: AnnotationEdit) -> None:
        self.changed.emit()
        self.annotations_changed.emit(self.ledger.all())
        found = self.measure(edit.after.id) if edit.after is not None else None
        if found is not None:
            self.measured.emit(found)
