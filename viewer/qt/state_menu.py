"""Presentation states for the shown image, to choose from by menu or step through by key (F21)."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from viewer.hanging.images import CaseImages
from viewer.model.presentation_state import PresentationState
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
        """Write a menu of everything that can be chosen now."""
        menu.clear()
        viewport, images = self._subject()
        applied, offered = viewport.state.applied, self.offered()
        self._add(menu, self.tr("None: the image's own look"), None, applied)
        for state in offered:
            self._add(menu, title(state), state, applied)
        if not offered:
            text = self.tr("No presentation state is for this image")
            menu.addAction(text).setEnabled(False)
        refused = () if images is None else images.current.refused_states
        if refused:
            menu.addSeparator()
        for sentence in refused:
            menu.addAction(sentence.replace("&", "&&")).setEnabled(False)

    def _add(
        self,
        menu: QMenu,
        text: str,
        state: PresentationState | None,
        applied: PresentationState | None,
    ) -> None:
        action = menu.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(state == applied)
        action.triggered.connect(lambda _checked=False: self.apply(state))


def title(state: PresentationState) -> str:
    """Label, who made it and when."""
    name = f"{state.label}: {state.description}" if state.description else state.label
    made = (person_text(state.creator), date_text(state.created[:8]))
    return ", ".join(part for part in (name, *made) if part)
