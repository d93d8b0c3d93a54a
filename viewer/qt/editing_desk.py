"""Changes to the chosen measurement by key: nudge, points, copy, words, what it rests on."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from viewer.errors import GeometryError
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Measured
from viewer.model.annotation import Annotation, AnnotationId
from viewer.qt.asking import Asking
from viewer.qt.desk import Desk
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger
from viewer.viewport.drawing import Hand
from viewer.viewport.editing import nudged, with_point, without_point
from viewer.viewport.measuring import Selection, Snapping
from viewer.viewport.shapes import NO_READING, Read, reading_of
from viewer.viewport.space_editing import changed_on, copied_to, nudged_in_space, offered
from viewer.viewport.space_shapes import GrownOf
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

Pointer = Callable[[], PanePoint | None]
_WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class EditingDesk(Desk):
    """Acts on the chosen annotation of a reading area."""

    def __init__(
        self,
        ledger: AnnotationLedger,
        selection: Selection,
        viewport: Callable[[], Viewport],
        hand: Hand,
        snapping: Snapping,
        asking: Asking,
        measure: Callable[[AnnotationId], Measured | None],
        grown: GrownOf,
        parent: QWidget,
    ) -> None:
        """Change what ``ledger`` holds; ``measure`` gives the numbers of one.

        ``grown`` gives what has grown of one.
        """
        super().__init__(parent)
        self._ledger, self._selection, self._viewport = ledger, selection, viewport
        self._hand, self._snapping, self._asking = hand, snapping, asking
        self._measure = measure
        self._copy: Annotation | None = None
        self._pointer: Pointer = _nowhere
        self._grown = grown
        self.take: Callable[[AnnotationEdit], None] = ledger.apply
        """Makes an edit, unless it must not be."""
        self.read: Read = lambda _one: NO_READING
        """Says what an annotation without a number says."""

    def point_by(self, pointer: Pointer) -> None:
        """Add points where ``pointer`` says that the pointer is in the active pane."""
        self._pointer = pointer

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        nudges = {f"annotation.nudge_{side}": self._nudging(way) for side, way in _WAYS.items()}
        return nudges | {
            "annotation.next": self.choose_next,
            "annotation.next_point": self.choose_next_point,
            "annotation.add_point": self.add_point,
            "annotation.remove_point": self.remove_point,
            "annotation.copy": self.copy,
            "annotation.paste": self.paste,
            "annotation.words": self.ask_words,
            "annotation.snap": self.switch_snap,
            "annotation.explain": self.explain,
        }

    def chosen(self) -> Annotation | None:
        """Give the selected annotation, else the only one of the shown frame."""
        frame, chosen = self._viewport().state.frame, self._selection.chosen
        held = self._ledger.get(chosen) if chosen is not None else None
        if held is None and frame is not None:
            here = self._ledger.seen_on(frame)
            held = here[0] if len(here) == 1 else None
        return held

    def choose_next(self) -> None:
        """Let keys act on the next measurement of the shown image."""
        here = [one.id for one in offered(self._viewport(), self._ledger, self._grown)]
        if not here:
            self.informed.emit(self.tr("There is no measurement on this image."))
            return
        chosen = self._selection.chosen
        at = here.index(chosen) + 1 if chosen in here else 0
        self._selection.choose(here[at % len(here)])
        self.changed.emit()
        self.explain()

    def choose_next_point(self) -> None:
        """Let keys move the next point of the chosen measurement; after the last one the whole."""
        chosen = self._of_keys()
        if chosen is None:
            return
        point = self._selection.point
        following = 0 if point is None else point + 1
        whole = following >= len(chosen.pixels)
        self._selection.choose(chosen.id, None if whole else following)
        self.changed.emit()

    def add_point(self) -> None:
        """Add a point under the pointer to the chosen outline."""
        pointer = self._pointer()
        if pointer is None:
            self.notice.emit(self.tr("Point at the place of the new point first."))
            return
        self._change(lambda one: with_point(one, pointer, self._viewport()))

    def remove_point(self) -> None:
        """Take the chosen point of the chosen outline away."""
        point = self._selection.point
        self._change(lambda one: without_point(one, point, self._viewport()))
        self._selection.point = None

    def copy(self) -> None:
        """Remember the chosen measurement."""
        chosen = self._of_keys()
        if chosen is not None:
            self._copy = chosen
            self.informed.emit(self.tr("Copied; go to another image or series and paste it."))

    def paste(self) -> None:
        """Put a copy onto the shown image, or the image of this series that it lies in."""
        if self._copy is None:
            self.notice.emit(self.tr("Copy a measurement first."))
            return
        try:
            made = copied_to(self._copy, self._viewport(), self._hand.author, self._hand.now)
        except GeometryError as error:
            self.notice.emit(error.sentence)
            return
        self._viewport().go_to(made.on)
        self._selection.choose(made.id)
        self.take(AnnotationEdit(None, made))

    def ask_words(self) -> None:
        """Ask for the words of the chosen annotation, or the name of a measurement."""
        chosen = self._of_keys()
        if chosen is None:
            return

        def take(words: str, known: float | None) -> None:
            held = self._ledger.get(chosen.id)
            if held is not None:
                changed = replace(held, text=words, known=known or held.known)
                self.take(AnnotationEdit(held, changed))

        self._asking.words(chosen, take, lambda: None)

    def switch_snap(self) -> None:
        """Let new and moved points snap, or no longer."""
        self._snapping.on = not self._snapping.on
        self.informed.emit(
            self.tr("Points snap to pixel centres and to other points.")
            if self._snapping.on
            else self.tr("Points stay where they are put.")
        )

    def explain(self) -> None:
        """Say the numbers of the chosen measurement, how far they may be off, and why this unit."""
        chosen = self._of_keys()
        if chosen is None:
            return
        found = self._measure(chosen.id)
        title = KINDS[chosen.kind].title
        if found is None:
            said = reading_of(chosen, self.read)
            words = ", ".join(said.lines) or chosen.text
            first = f"{title}: {words}." if words else f"{title}."
            self.informed.emit(" ".join([first, *said.notes]))
            return
        parts = (f"{title}: {found.label}.", found.doubt, found.reason, *found.notes)
        self.informed.emit(" ".join(part for part in parts if part))

    def _nudging(self, way: tuple[int, int]) -> Callable[[], None]:
        def nudge() -> None:
            point, viewport = self._selection.point, self._viewport()

            def by_kind(one: Annotation) -> Annotation:
                move = nudged_in_space if one.kind.in_space else nudged
                return move(one, point, way, viewport)

            self._change(by_kind)

        return nudge

    def _of_keys(self) -> Annotation | None:
        chosen = self.chosen()
        if chosen is None:
            self.notice.emit(self.tr("Click a measurement first, or choose one by key."))
        return chosen

    def _change(self, change: Callable[[Annotation], Annotation]) -> None:
        chosen = self._of_keys()
        if chosen is None:
            return
        try:
            changed = changed_on(chosen, self._viewport(), change)
        except GeometryError as error:
            self.notice.emit(error.sentence)
            return
        if changed != chosen:
            self.take(AnnotationEdit(chosen, changed))


def _nowhere() -> PanePoint | None:
    return None
