"""Undo and redo are greyed where there is nothing to take back: on images, on planes, in 3D."""

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from viewer.hanging.images import CaseImages
from viewer.qt.actions import PASSING
from viewer.qt.desk import Desk

UNDO, REDO = "annotation.undo", "annotation.redo"


class History(Protocol):
    """Steps that can be taken back."""

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        ...

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        ...


class UndoDesk(Desk):
    """Says of undo and redo what stands against them."""

    def __init__(self, history: Callable[[], History], parent: QWidget) -> None:
        """Ask ``history`` for the steps of what is shown now."""
        super().__init__(parent)
        self._history = history
        self._images: CaseImages | None = None
        self._tips: dict[str, str] = {}

    def know(self, images: CaseImages | None, /) -> None:
        """Take whether there is a case."""
        self._images = images

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """Keep the words of both commands, for when nothing stands against them."""
        self._tips = {name: actions[name].toolTip() for name in (UNDO, REDO)}
        for name in self._tips:
            actions[name].setProperty(PASSING, True)
        self.show_on(actions)

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Grey them, with the reason."""
        history = self._history()
        nothing = {
            UNDO: "" if history.can_undo else self.tr("There is nothing to undo."),
            REDO: "" if history.can_redo else self.tr("There is nothing to redo."),
        }
        for name, reason in nothing.items():
            why = reason if self._images is not None else self.tr("There is no case open.")
            key = actions[name].shortcut().toString()
            words = f"{actions[name].text()} ({key}): {why}"
            actions[name].setEnabled(not why)
            actions[name].setToolTip(words if why else self._tips[name])
