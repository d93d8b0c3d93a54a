"""What lies in space, for all panes of a reading area: drawing, values, spine, commands."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from viewer.errors import GeometryError
from viewer.measure.growing import proposed
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.refs import SeriesUid
from viewer.qt.asking import Asking
from viewer.qt.desk import Desk
from viewer.qt.space_desk import SpaceDesk
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger
from viewer.viewport.drawing import Hand
from viewer.viewport.foreign_marks import ForeignMarks
from viewer.viewport.measuring import Selection
from viewer.viewport.plane_shapes import lying, passing
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.shapes import Read, Shape
from viewer.viewport.space_shapes import Chosen, space_shapes
from viewer.viewport.space_tool import Space, SpaceDraft, SpaceTool
from viewer.viewport.space_view import SpaceView, shares_space, space_view
from viewer.viewport.spine import renumbered, spine_of, spine_shapes
from viewer.viewport.tools import Tool, ToolId
from viewer.viewport.viewport import Viewport, ViewState

ReadoutOf = Callable[[SeriesUid], str]


class SpaceBench(Desk):
    """Draws, measures and renames what lies in the patient and not on one image."""

    def __init__(
        self,
        ledger: AnnotationLedger,
        selection: Selection,
        hand: Hand,
        values: SpaceDesk,
        asking: Asking,
        parent: QWidget,
    ) -> None:
        """Act on what ``ledger`` holds; ``values`` takes what is read off many images."""
        super().__init__(parent)
        self._ledger, self._selection, self._asking = ledger, selection, asking
        self.values = values
        self.space = Space(ledger, selection, SpaceDraft(), hand, values.grown, self._say)
        """What the tools in space share."""
        self.read: Read = _nothing
        """What an annotation says; it asks for values that are not taken yet."""
        self.read_as_drawn: Read = _nothing
        """The same of one that is being drawn, which is not worth taking values of."""
        self.readout: ReadoutOf = lambda _series: ""
        """How values of a series are read."""
        self.foreign = ForeignMarks(lambda _frame: None)
        """What others have measured in space."""
        self.take: Callable[[AnnotationEdit], None] = ledger.apply
        """Makes an edit, unless it must not be."""

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"annotation.range": self.ask_range, "annotation.renumber": self.ask_level}

    def tools(self) -> dict[ToolId, Tool]:
        """The tools that draw in space."""
        return {
            tool: SpaceTool(tool, tool.kind, self.space)
            for tool in ToolId
            if tool.kind is not None and tool.kind.in_space
        }

    def shapes(self, viewport: Viewport, state: ViewState, scale: float = 1.0) -> tuple[Shape, ...]:
        """What lies in space as a pane shows it, with what is being drawn."""
        drawn, spatial = self.space.draft.shown, self._ledger.spatial()
        spine = spine_of(self._ledger.all())
        imported = self.foreign.rows()
        if not (drawn is not None or spatial or spine or imported):
            return ()  # as on most pictures
        view = space_view(viewport, state)
        if view is None:
            return ()

        def said(annotation: Annotation) -> Reading:
            return (self.read_as_drawn if annotation is drawn else self.read)(annotation)

        chosen = Chosen(self._selection.chosen, self._selection.point, drawn.id if drawn else None)
        seen = self.space.seen_by(view)
        found = space_shapes(seen, view, said, self.values.grown, chosen, scale)
        found += self.foreign.space_shapes(view, self.values.grown, chosen, scale)
        planes = isinstance(viewport, PlaneViewport)
        found += spine_shapes(self._elsewhere(spine, view, state, planes=planes), view, scale)
        if isinstance(viewport, PlaneViewport):
            transform = view.transform
            found += self.foreign.plane_shapes(viewport, transform, self._selection.chosen)
            return found  # what lies on planes is drawn there by the board
        flat = [
            one
            for one in spatial
            if not (one.hidden or one.kind.in_space) and shares_space(one, view.instance)
        ]
        found += lying(flat, view, said, chosen.id)
        cut = [one for one in flat if not all(view.holds(p) for p in one.points)]
        return (*found, *passing(cut, view, lambda _on: None, scale))

    def escape_first(self, act: Callable[[], None]) -> Callable[[], None]:
        """Give up what waits for its next point, or stop what grows, before anything else ends."""

        def escape() -> None:
            draft = self.space.draft
            if not ((draft.waits and draft.cancel()) or self.values.stop_growing()):
                act()

        return escape

    def with_range(self, edit: AnnotationEdit) -> AnnotationEdit:
        """Propose the values in which a volume grows, from round its seed; GeometryError."""
        made = edit.after
        if made is None or made.kind is not AnnotationKind.GROWN or made.span is not None:
            return edit
        readout = self.readout(made.on.series)
        span = proposed(made.points[0], self.values.slices_near(made), readout)
        return replace(edit, after=replace(made, span=span))

    def ask_range(self) -> None:
        """Ask in which values the chosen volume grows."""
        chosen = self._chosen(AnnotationKind.GROWN)
        if chosen is None or chosen.span is None:
            self.notice.emit(self.tr("Click a grown volume first, then set its range."))
            return

        def take(low: float, high: float) -> None:
            held = self._ledger.get(chosen.id)
            if held is not None and held.span != (low, high):
                self.take(AnnotationEdit(held, replace(held, span=(low, high))))

        self._asking.range(chosen.span, take)

    def ask_level(self) -> None:
        """Ask which level the chosen spine label is; all others follow."""
        chosen = self._chosen(AnnotationKind.SPINE)
        if chosen is None:
            self.notice.emit(self.tr("Click a spine label first, then renumber from it."))
            return

        def take(words: str, _known: float | None) -> None:
            held = self._ledger.get(chosen.id)
            try:
                edits = renumbered(spine_of(self._ledger.all()), held, words) if held else ()
            except GeometryError as error:
                self.notice.emit(error.sentence)
                return
            self._ledger.apply(*edits)

        self._asking.words(chosen, take, lambda: None)

    def _chosen(self, kind: AnnotationKind) -> Annotation | None:
        """The chosen annotation where it is of a kind, else the only one of it."""
        chosen = self._selection.chosen
        held = self._ledger.get(chosen) if chosen is not None else None
        if held is not None and held.kind is kind:
            return held
        every = [one for one in self._ledger.all() if one.kind is kind]
        return every[0] if len(every) == 1 and held is None else None

    def _elsewhere(
        self, spine: tuple[Annotation, ...], view: SpaceView, state: ViewState, *, planes: bool
    ) -> list[Annotation]:
        """Spine labels that are not drawn in a pane as its own."""
        return [
            one
            for one in spine
            if not one.hidden
            and shares_space(one, view.instance)
            and not (one.on == state.frame and one.plane is None and not planes)
            and not (planes and view.holds(one.points[0]))
        ]

    def _say(self, words: str) -> None:
        self.notice.emit(words)


def _nothing(annotation: Annotation) -> Reading:
    raise GeometryError(f"Nothing is known of {AnnotationId(annotation.id)}.")
