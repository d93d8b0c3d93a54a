"""Presentation states for the shown image, to choose from by menu or step through by key (F21)."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMenu

from viewer.hanging.images import CaseImages
from viewer.model.presentation_state import PresentationState
from viewer.model.refs import FrameRef, SopUid
from viewer.qt.desk import Desk
from viewer.viewport.viewport import Viewport
from viewer.viewport.words import date_text, person_text

Subject = Callable[[], tuple[Viewport, CaseImages | None]]
"""Gives the active viewport and the images of the case."""


class StateChoice(Desk):
    """Applies presentation states to the active viewport."""

    def __init__(self, subject: Subject) -> None:
        """Ask ``subject`` at each call what is shown."""
        super().__init__()
        self._subject = subject
        self._own: list[PresentationState] = []
        """Saved by the reader since the case was opened, newest first."""

    def know(self, images: CaseImages | None, /) -> None:
        """Forget what was saved when the case is closed."""
        if images is None:
            self._own.clear()

    def offer(self, state: PresentationState) -> None:
        """Let a state be chosen that was saved just now."""
        self._own.insert(0, state)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the command does, by its id."""
        return {"view.state": self.step}

    def offered(self) -> tuple[PresentationState, ...]:
        """States for the shown frame, newest first."""
        viewport, images = self._subject()
        frame = viewport.state.frame
        instance = viewport.instance
        if images is None or frame is None or instance is None or instance.format is None:
            return ()
        own = (s for s in self._own if s.governs(frame, grey=viewport.is_grey))
        return (*own, *images.states_for(frame))

    def step(self) -> None:
        """Apply the next state for the shown frame; after the last one the image's own look."""
        offered = self.offered()
        if not offered:
            self.notice.emit(self.tr("No presentation state is for this image."))
            return
        applied = self._subject()[0].state.applied
        at = offered.index(applied) + 1 if applied in offered else 0
        self.apply(offered[at] if at < len(offered) else None)

    def apply(self, state: PresentationState | None) -> None:
        """Show the active pane as a state says, or as its images say."""
        self._subject()[0].apply(state)
        if state is None:
            self.informed.emit(self.tr("The image's own look."))
        else:
            self.informed.emit(self.tr("Presentation state %1").replace("%1", title(state)))

    def fill(self, menu: QMenu) -> None:
        """Write a menu of all that can be chosen now, and of what cannot, with the reason."""
        menu.clear()
        viewport, images = self._subject()
        applied, offered = viewport.state.applied, self.offered()
        self._add(menu, self.tr("None: the image's own look"), None, applied)
        for state in offered:
            self._add(menu, title(state), state, applied)
        if not offered:
            text = self.tr("No presentation state is for this image")
            menu.addAction(text).setEnabled(False)
        beside = self._beside(offered)
        if beside:
            menu.addSeparator()
            menu.addAction(self.tr("For other images of this series:")).setEnabled(False)
        for state, frame in beside:
            place = images.place(frame) if images is not None else ""
            self._add(menu, f"{title(state)} · {place}", state, applied, frame)
        refused = self._refused(images)
        if refused:
            menu.addSeparator()
        for sentence in refused:
            menu.addAction(sentence.replace("&", "&&")).setEnabled(False)

    def _beside(
        self, offered: Sequence[PresentationState]
    ) -> list[tuple[PresentationState, FrameRef]]:
        """States for other images of the pane, each with the first image that it is for."""
        viewport, images = self._subject()
        target = viewport.state.target
        if images is None or target is None:
            return []
        first: dict[SopUid, FrameRef] = {}
        for frame in target.frames:
            first.setdefault(frame.sop, frame)
        found = []
        for state in images.states():
            places = (first.get(reference.sop) for reference in state.references)
            place = next(filter(None, places), None) if state not in offered else None
            if place is not None and state in images.states_for(place):
                found.append((state, place))
        return found

    def _refused(self, images: CaseImages | None) -> tuple[str, ...]:
        """A sentence for each state that cannot be applied, or whose images are not here."""
        if images is None:
            return ()
        words = self.tr("Presentation state {0} is not applied: none of its images is here.")
        away = [
            words.format(state.label)
            for state in images.states()
            if not any(reference.sop in images.instances for reference in state.references)
        ]
        return (*images.current.refused_states, *away)

    def _add(
        self,
        menu: QMenu,
        text: str,
        state: PresentationState | None,
        applied: PresentationState | None,
        frame: FrameRef | None = None,
    ) -> None:
        action = menu.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(state == applied)
        action.triggered.connect(lambda _checked=False: self._choose(state, frame))

    def _choose(self, state: PresentationState | None, frame: FrameRef | None) -> None:
        if frame is not None:
            self._subject()[0].go_to(frame)
        self.apply(state)


def title(state: PresentationState) -> str:
    """Label, who made it and when."""
    name = f"{state.label}: {state.description}" if state.description else state.label
    made = (person_text(state.creator), date_text(state.created[:8]))
    return ", ".join(part for part in (name, *made) if part)
