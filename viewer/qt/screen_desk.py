"""Which screen a pane stands on and how large its pixels are; the true size by command."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

from viewer.qt.desk import Desk
from viewer.qt.panes import Panes
from viewer.qt.ruler_dialog import RulerDialog
from viewer.qt.screens import key_of
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.preferences import Preferences
from viewer.viewport.true_size import (
    ScreenPitch,
    read_pitches,
    show_true_size,
    told_pitch,
    write_pitches,
)

_KEPT = "screens.pitch"
_ASSUMED = ScreenPitch(25.4 / 96)
"""Of a screen that tells nothing, for drawing the line that is measured."""
_PLACED = frozenset({QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.ScreenChangeInternal})


class ScreenDesk(Desk):
    """Tells viewports the pitch of their screens, measured or as the screen says."""

    def __init__(self, panes: Panes, preferences: Preferences, parent: QWidget) -> None:
        """Act on these panes; measured pitches are kept in ``preferences``."""
        super().__init__(parent)
        self._panes = panes
        self._preferences = preferences
        self._parent = parent
        self._measured = read_pitches(preferences.read(_KEPT))

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"view.true_size": self.show_true_size, "view.check_screen": self.check}

    def watch(self, widget: ViewportWidget) -> None:
        """Keep the viewport of a pane informed; once is enough."""
        widget.installEventFilter(self)
        self._tell(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A pane was placed or has come to another screen."""
        if event.type() in _PLACED and isinstance(watched, ViewportWidget):
            self._tell(watched)
        return False

    def show_true_size(self) -> None:
        """Show the active image as large as what it shows."""
        pane = self._panes.active
        self._tell(pane.widget)
        refused = show_true_size(pane.viewport)
        if refused:
            self.notice.emit(refused)
        elif not pane.viewport.state.screen_checked:
            self.notice.emit(
                self.tr("The size of this screen was not checked with a ruler; check it once.")
            )

    def check(self) -> None:
        """Ask for the length of a line on the screen of the active pane."""
        window = self._panes.active.widget.window()
        key = key_of(window.screen())
        pitch = self._pitch(window.screen()) or _ASSUMED
        dialog = RulerDialog(key, pitch, lambda found: self._keep(key, found), window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(window.activateWindow)
        dialog.show()
        dialog.activateWindow()

    def _keep(self, key: str, found: ScreenPitch) -> None:
        self._measured[key] = found.mm
        self._preferences.keep(_KEPT, write_pitches(self._measured))
        for pane in self._panes.all:
            self._tell(pane.widget)
        self.notice.emit(self.tr("The size of this screen is kept."))
        self.changed.emit()

    def _tell(self, widget: ViewportWidget) -> None:
        pitch = self._pitch(widget.screen())
        widget.viewport.know_screen(
            pitch.mm if pitch else None, checked=pitch is not None and pitch.checked
        )

    def _pitch(self, screen: QScreen) -> ScreenPitch | None:
        measured = self._measured.get(key_of(screen))
        if measured is not None:
            return ScreenPitch(measured, checked=True)
        pixels = screen.geometry().width() * screen.devicePixelRatio()
        return told_pitch(screen.physicalSize().width(), pixels)
