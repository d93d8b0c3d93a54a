"""Measurements of the open case: tools, undo, deletion, and what is told to the report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from viewer.calibration.user import line_of, user_scale, why_no_calibration
from viewer.errors import GeometryError
from viewer.hanging.images import CaseImages
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache, Priority
from viewer.measure.gaps import refuse_over_gap
from viewer.measure.kinds import KINDS
from viewer.measure.lacking import lacks_values, reads_values
from viewer.measure.registry import Ground, Measured, Reading, measured
from viewer.measure.wire import Crop, crop_of
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.model.refs import FrameRef, InstanceRef, SeriesUid
from viewer.qt.asking import Asking
from viewer.qt.desk import Desk
from viewer.qt.editing_desk import EditingDesk
from viewer.qt.space_bench import SpaceBench
from viewer.qt.space_desk import SpaceDesk
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger, Step
from viewer.viewport.drawing import Hand
from viewer.viewport.foreign_marks import ForeignMarks
from viewer.viewport.kept_shapes import KeptShapes
from viewer.viewport.measuring import AnnotationTool, Graspable, Selection, Snapping
from viewer.viewport.navigate import PanTool, ScrollTool, WindowTool, ZoomTool
from viewer.viewport.overlay import Marks
from viewer.viewport.readings import Readings
from viewer.viewport.space_editing import offered
from viewer.viewport.space_tool import SpaceFirst
from viewer.viewport.spine import FIRST, following, spine_of
from viewer.viewport.tools import Tool, ToolGroup, ToolId
from viewer.viewport.viewport import Viewport
from viewer.viewport.wire_tool import WireMaker, WireTool


class MeasuringDesk(Desk):
    """Owns the annotations of a reading area and what can be done with them."""

    annotations_changed = Signal(object)
    measured = Signal(object)
    to_report = Signal(object)
    without_number = Signal(str)
    """Carries the id of an annotation that was changed and measures nothing now."""

    def __init__(
        self,
        viewport: Callable[[], Viewport],
        author: str,
        now: Callable[[], datetime],
        parent: QWidget,
        frames: FrameCache,
        executor: Executor,
    ) -> None:
        """Act on the viewport that ``viewport`` gives; annotations bear ``author`` and ``now``.

        ``frames`` knows rows without data and what is a preview; what takes long runs on
        ``executor``.
        """
        super().__init__(parent)
        self._viewport = viewport
        self._frames, self._executor = frames, executor
        self._images: CaseImages | None = None
        self._pending: Annotation | None = None
        """Drawn, but the reader is still asked what it says."""
        self._lines: dict[InstanceRef, Annotation | None] = {}
        self._readouts: dict[SeriesUid, str] = {}
        """How the values of each series were last read: another pane's choice is not theirs."""
        self._owed: dict[FrameRef, set[AnnotationId]] = {}
        """What is told once these frames are decoded again."""
        self._owed_values: set[AnnotationId] = set()
        """What is told once its values are taken."""
        self.is_in_sight: Callable[[Annotation], bool] = lambda _one: False
        """Whether a reader sees what is chosen elsewhere than on the shown image."""
        self.ledger = AnnotationLedger()
        self.selection = Selection()
        self.readings = Readings(self.ground)
        self._shapes = KeptShapes()
        self.foreign = ForeignMarks(self.ground)
        self._snapping = Snapping(self._other_points)
        self.hand = Hand(author, now, self._snapping)
        self.values = SpaceDesk(frames, executor, parent)
        """The values of what lies in space."""
        self._asking = Asking(viewport, self.hand, parent)
        self.in_space = SpaceBench(
            self.ledger, self.selection, self.hand, self.values, self._asking, parent
        )
        self.in_space.foreign = self.foreign
        self.in_space.read, self.in_space.read_as_drawn = self.read, self.readings.read
        self.in_space.readout, self.in_space.take = self._readout, self.take
        self.in_space.notice.connect(self.notice)
        self.editing = EditingDesk(
            self.ledger,
            self.selection,
            viewport,
            self.hand,
            self._snapping,
            self._asking,
            self.measure,
            self.values.grown,
            parent,
        )
        self.editing.take = self.take
        self.editing.read = self.readings.read
        self.editing.notice.connect(self.notice)
        self.editing.informed.connect(self.informed)
        self.editing.changed.connect(self.changed)
        self.tools = self._make_tools()
        self.ledger.stepped.connect(self._on_ledger_stepped)
        self.values.arrived.connect(self._on_values_arrived)
        self.values.lapsed.connect(self._on_values_lapsed)
        frames.arrived.connect(self._on_frame_arrived)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return (
            self.editing.acts()
            | self.in_space.acts()
            | {
                "annotation.undo": self.undo,
                "annotation.redo": self.redo,
                "annotation.delete": self.delete,
                "annotation.to_report": self.report,
                "annotation.by_numbers": self.ask_numbers,
            }
        )

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None ends what was asked about it."""
        if images is None:
            self._asking.close_dialog()
            self._pending = None
            self.readings.forget()
            self._shapes.forget()
            self.foreign.take(())
            self._readouts.clear()
            self._owed.clear()
            self._owed_values.clear()
            self.in_space.space.draft.show(None)
            self._frames.forget(self)
        self._images = images

    def close_desk(self) -> None:
        """Measure nothing that is still to be decoded."""
        self._frames.arrived.disconnect(self._on_frame_arrived)

    def show_on(self, _actions: Mapping[str, QAction], /) -> None:
        """Read values as the pane does that is active now."""
        self.follow_readout()

    def restore(self, annotations: Sequence[Annotation]) -> None:
        """Start again from saved annotations."""
        self.selection.choose(None)
        self._lines.clear()
        self.ledger.restore(annotations)

    def measure(self, annotation: AnnotationId) -> Measured | None:
        """Measure one annotation; None without a number, or while its image is not here."""
        held = self.ledger.get(annotation)
        if held is None or self._images is None:
            return None
        ground = self.ground(held.on)
        if ground is None or lacks_values(held, ground):
            return None
        try:
            return measured(held, ground, self._images.place(held.on))
        except GeometryError:  # the image says so where it is drawn
            return None

    def ground(self, frame: FrameRef) -> Ground | None:
        """What annotations of a frame are measured on; None while its header is not here."""
        instance = self._images.instances.get(frame.sop) if self._images else None
        if instance is None:
            return None
        return Ground(
            instance,
            self._frames.get(frame),
            self._frames.missing(frame),
            self._readout(frame.series),
            self._line(frame.instance),
            self.values.step_of(frame),
            self.values.found,
        )

    def read(self, annotation: Annotation) -> Reading:
        """What an annotation says; raises GeometryError. Values in space follow once taken."""
        self.values.want(annotation, self._readout(annotation.on.series))
        return self.readings.read(annotation)

    def marks(self, frame: FrameRef, preview: Annotation | None) -> Marks:
        """What is drawn on a frame; ``preview`` is what is being drawn anywhere."""
        pending = self._pending
        here = pending is not None and pending.on == frame and not pending.in_space
        asked = [pending] if pending is not None and here else []
        return Marks(
            (*self.ledger.seen_on(frame), *asked),
            preview,
            self.selection.chosen,
            self._saying(frame),
            self._line(frame.instance),
            self.selection.point,
            self._shapes,
            self.foreign.on(frame),
        )

    def hidden_on(self, frame: FrameRef) -> int:
        """How many measurements of a frame the reader has hidden."""
        return len(self.ledger.on(frame)) - len(self.ledger.seen_on(frame))

    def _saying(self, frame: FrameRef) -> Callable[[Annotation], Reading]:
        """What reads annotations of a frame as it is now, own and imported.

        Most frames have none, so what they are measured on is found out with the first.
        """
        found: dict[bool, Callable[[Annotation], Reading]] = {}  # by whether they are imported

        def say(one: Annotation) -> Reading:
            imported = one.id in self.foreign
            if imported not in found:
                on = self.foreign.saying if imported else self.readings.on
                found[imported] = on(frame)
            return found[imported](one)

        return say

    def take(self, edit: AnnotationEdit) -> None:
        """Make what a gesture drew, unless it may not be; ask for its words where it has some."""
        try:
            edit = self.in_space.with_range(edit)
            refused = self._refused(edit.after)
        except GeometryError as error:
            refused = error.sentence
        if refused:
            self.notice.emit(refused)
            self.changed.emit()
        elif edit.before is None and edit.after is not None and _lacks_words(edit.after):
            self._take_written(edit.after)
        else:
            self.ledger.apply(edit)

    def undo(self) -> None:
        """Take the last step back."""
        self.ledger.undo()

    def redo(self) -> None:
        """Make the last undone step again."""
        self.ledger.redo()

    def delete(self) -> None:
        """Delete the chosen measurement."""
        chosen = self.editing.chosen()
        if self._is_foreign_chosen():
            self.notice.emit(self.tr("It comes from another source and stays as it is."))
        elif chosen is None:
            self.notice.emit(self.tr("Click a measurement first, then delete it."))
        elif not (self._is_offered(chosen) or self.is_in_sight(chosen)):
            words = self.tr("The chosen measurement is on another image: nothing is deleted.")
            self.notice.emit(words)
        else:
            self.ledger.apply(AnnotationEdit(chosen, None))

    def _is_offered(self, chosen: Annotation) -> bool:
        """Whether the active pane shows it."""
        here = offered(self._viewport(), self.ledger, self.values.grown)
        return any(one.id == chosen.id for one in here)

    def report(self) -> None:
        """Put the chosen measurement into the report."""
        chosen = self.editing.chosen()
        found = self.measure(chosen.id) if chosen is not None else None
        if self._is_foreign_chosen():
            self.notice.emit(
                self.tr("It comes from another source: copy it to a measurement of yours first.")
            )
        elif found is not None:
            self.to_report.emit(found)
        elif chosen is not None:
            self.notice.emit(self.tr("It has no number that could stand in the report."))
        else:
            self.notice.emit(self.tr("Click a measurement first, then put it into the report."))

    def ask_numbers(self) -> None:
        """Ask for the points of the tool's kind as numbers; the images stay usable meanwhile."""
        kind = self.tools.active.kind or AnnotationKind.LENGTH

        def take(made: Annotation) -> str:
            refused = self._refused(made)
            if not refused:
                self.selection.choose(made.id)
                self.take(AnnotationEdit(None, made))
            return refused

        if not self._asking.numbers(kind, take):
            self.notice.emit(self.tr("There is no image to measure on."))

    def add(self, made: Annotation) -> bool:
        """Add what was made without a gesture, and choose it; False where it may not be."""
        refused = self._refused(made)
        if refused:
            self.notice.emit(refused)
            return False
        self.selection.choose(made.id)
        self.ledger.apply(AnnotationEdit(None, made))
        return True

    def _is_foreign_chosen(self) -> bool:
        return self.selection.chosen in self.foreign

    def _take_written(self, made: Annotation) -> None:
        """Add an annotation once it is known what it says; a vertebra follows the last one."""
        asked = made
        if made.kind is AnnotationKind.SPINE:
            spine = spine_of(self.ledger.all())
            level = following(spine, made)
            if level:
                self.ledger.apply(AnnotationEdit(None, replace(made, text=level)))
                return
            asked = replace(made, text="" if spine else FIRST)

        def say(words: str, known: float | None) -> None:
            self._pending = None
            if words or known is not None or made.kind is AnnotationKind.ARROW:
                self.ledger.apply(AnnotationEdit(None, replace(made, text=words, known=known)))
            else:
                self.changed.emit()

        def give_up() -> None:
            self._pending = None
            self.changed.emit()

        self._asking.words(asked, say, give_up)
        self._pending = made
        self.changed.emit()

    def _refused(self, made: Annotation | None) -> str:
        """Why an annotation may not be made; empty when it may."""
        if made is None:
            return ""
        if self._frames.previews.has(made.on):
            return self.tr("This is a preview; measure once the image is decoded.")
        record = KINDS[made.kind]
        if made.kind is AnnotationKind.CALIBRATION:
            ground = self.ground(made.on)
            return (why_no_calibration(ground.instance, made) if ground else None) or ""
        if record.closed or record.probes or record.written or made.in_space:
            return ""  # what has no data is left out and counted
        try:
            refuse_over_gap(made.pixels, self._frames.missing(made.on))
        except GeometryError as error:
            return error.sentence
        return ""

    def _make_tools(self) -> ToolGroup:
        ledger, selection = self.ledger, self.selection
        held = ledger, selection, self._snapping, self.foreign.on
        tools: dict[ToolId, Tool] = {
            ToolId.WINDOW: Graspable(WindowTool(), *held),
            ToolId.SCROLL: Graspable(ScrollTool(), *held),
            ToolId.ZOOM: ZoomTool(),
            ToolId.PAN: PanTool(),
        }
        for tool in ToolId:
            if tool.kind is not None and not tool.kind.in_space:
                tools[tool] = AnnotationTool(tool, tool.kind, ledger, selection, self.hand)
        wire = WireMaker(self._crop, self._executor)
        tools[ToolId.LIVEWIRE] = WireTool(
            ToolId.LIVEWIRE, AnnotationKind.LIVEWIRE, ledger, selection, self.hand, wire
        )
        plain = (ToolId.ZOOM, ToolId.PAN)
        tools = {
            name: tool if name in plain else SpaceFirst(tool, self.in_space.space)
            for name, tool in tools.items()
        }
        tools |= self.in_space.tools()
        return ToolGroup(tools, active=ToolId.SCROLL)

    def _crop(self, viewport: Viewport, at: PixelPoint) -> Callable[[], Crop] | None:
        """What cuts the values of the shown image round a pixel out; None while it is not here."""
        frame = viewport.state.frame
        pixels = self._frames.get(frame) if frame is not None else None
        return None if pixels is None else lambda: crop_of(pixels, at)

    def _other_points(self) -> Sequence[PixelPoint]:
        """Points of the shown image that others snap to: all but those of the chosen one."""
        frame = self._viewport().state.frame
        held = self.ledger.seen_on(frame) if frame is not None else ()
        return [p for a in held if a.id != self.selection.chosen for p in a.pixels]

    def _readout(self, series: SeriesUid) -> str:
        """How values of a series are read."""
        state = self._viewport().state
        if state.frame is not None and state.frame.series == series:
            return state.readout
        return self._readouts.get(series, "")

    def follow_readout(self, _state: object = None) -> None:
        """Measure anew what the shown series is read by in another way now, and say so."""
        state = self._viewport().state
        if state.frame is None or self._readouts.get(state.frame.series, "") == state.readout:
            return
        series = state.frame.series
        self._readouts[series] = state.readout
        changed = [a for a in self.ledger.all() if a.on.series == series and reads_values(a)]
        for one in changed:
            self._tell(one)
        if changed:
            words = self.tr("Measurements of this series read anew, in the report too: {0}.")
            self.informed.emit(words.format(len(changed)))

    def _line(self, image: InstanceRef) -> Annotation | None:
        """The reader's calibration of an image; looked for once after each step."""
        if image not in self._lines:
            self._lines[image] = line_of(self.ledger.all(), image)
        return self._lines[image]

    def _on_ledger_stepped(self, step: Step) -> None:
        self._lines.clear()
        self.changed.emit()
        self.annotations_changed.emit(self.ledger.all())
        for edit in step:
            if edit.after is not None:
                self._tell(edit.after)
            elif edit.before is not None:
                self.values.forget(edit.before.id)
        both = [one for edit in step for one in (edit.before, edit.after) if one is not None]
        lines = [one.on.instance for one in both if one.kind is AnnotationKind.CALIBRATION]
        for image in dict.fromkeys(lines):
            self._calibrated_anew(image)

    def _tell(self, held: Annotation) -> None:
        """Say what an annotation measures now, or once its frame or its values are here."""
        ground = self.ground(held.on)
        if ground is not None and held.in_space and lacks_values(held, ground):
            self._owed_values.add(held.id)
            self.values.want(held, ground.readout)
            return
        if ground is None or (lacks_values(held, ground) and self._frames.failure(held.on) is None):
            self._owed.setdefault(held.on, set()).add(held.id)
            self._frames.want(tuple(self._owed), priority=Priority.THUMBNAIL, owner=self)
            return
        found = self.measure(held.id)
        if found is not None:
            self.measured.emit(found)
        else:
            self.without_number.emit(held.id)

    def _on_frame_arrived(self, frame: FrameRef) -> None:
        for owed in self._owed.pop(frame, ()):
            held = self.ledger.get(owed)
            if held is not None:
                self._tell(held)

    def _on_values_arrived(self, found: str) -> None:
        wanted = AnnotationId(found)
        self.changed.emit()
        held = self.ledger.get(wanted)
        if held is not None and wanted in self._owed_values:
            self._owed_values.discard(wanted)
            self._tell(held)

    def _on_values_lapsed(self, lapsed: str) -> None:
        """Take them anew whether or not a pane shows them: they may stand in the report."""
        held = self.ledger.get(AnnotationId(lapsed))
        if held is not None:
            self._tell(held)

    def _calibrated_anew(self, image: InstanceRef) -> None:
        """Measure what is on the image again, and say under which calibration (F37)."""
        for one in self.ledger.all():
            if one.on.instance == image:
                self._tell(one)
        line = self._line(image)
        ground = None if line is None else self.ground(line.on)
        self.notice.emit(
            self.tr("The image is not calibrated by hand any more; the header decides again.")
            if ground is None or line is None
            else user_scale(line, ground.instance).reason
        )


def _lacks_words(made: Annotation) -> bool:
    """Whether it is still to be asked what an annotation says; a copy says it already."""
    return KINDS[made.kind].written and not made.text and made.known is None
