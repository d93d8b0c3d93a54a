"""Which screen a pane stands on and how large its pixels are; the true size by command."""

from collections.abc import Callable
from weakref import WeakSet

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

from viewer.calibration.display import DisplayProfile
from viewer.calibration.profiles import in_force, read_profiles, write_profiles
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
_PROFILES = "screens.profiles"
_ASSUMED = ScreenPitch(25.4 / 96)
"""Of a screen that tells nothing, for drawing the line that is measured."""
_PLACED = frozenset({QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.ScreenChangeInternal})


class ScreenDesk(Desk):
    """Tells viewports what is known of their screens: pitch and table, measured or as told."""

    def __init__(self, panes: Panes, preferences: Preferences, parent: QWidget) -> None:
        """Act on these panes; what was measured is kept in ``preferences``, by screen."""
        super().__init__(parent)
        self._panes = panes
        self._preferences = preferences
        self._measured = read_pitches(preferences.read(_KEPT))
        self._watched: WeakSet[ViewportWidget] = WeakSet()
        self._profiles = read_profiles(preferences.read(_PROFILES))

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"view.true_size": self.show_true_size, "view.check_screen": self.check}

    def watch(self, widget: ViewportWidget) -> None:
        """Keep the viewport of a pane informed; once is enough."""
        if widget not in self._watched:
            self._watched.add(widget)
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
        pitch = self._pitch(window.screen(), key) or _ASSUMED
        dialog = RulerDialog(key, pitch, lambda found: self._keep(key, found), window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(window.activateWindow)
        dialog.show()
        dialog.activateWindow()

    def profile_of(self, screen: QScreen) -> DisplayProfile:
        """What is known of a screen, as pictures on it are driven."""
        return self._profile(key_of(screen))

    def measured(self, profile: DisplayProfile) -> None:
        """Keep what was measured of a screen, and draw on it accordingly from now on."""
        self._profiles[profile.screen] = profile
        self._preferences.keep(_PROFILES, write_profiles(self._profiles))
        self._tell_all()
        self.changed.emit()

    def _keep(self, key: str, found: ScreenPitch) -> None:
        self._measured[key] = found.mm
        self._preferences.keep(_KEPT, write_pitches(self._measured))
        self._tell_all()
        self.informed.emit(self.tr("The size of this screen is kept."))
        self.changed.emit()

    def _tell_all(self) -> None:
        for widget in self._watched:
            self._tell(widget)

    def _tell(self, widget: ViewportWidget) -> None:
        screen = widget.screen()
        key = key_of(screen)
        pitch = self._pitch(screen, key)
        widget.viewport.know_screen(
            pitch.mm if pitch else None,
            checked=pitch is not None and pitch.checked,
            display=self._profile(key),
        )

    def _profile(self, key: str) -> DisplayProfile:
        known = self._profiles.get(key)
        return in_force(known) if known is not None else DisplayProfile(key)

    def _pitch(self, screen: QScreen, key: str) -> ScreenPitch | None:
        measured = self._measured.get(key)
        if measured is not None:
            return ScreenPitch(measured, checked=True)
        pixels = screen.geometry().width() * screen.devicePixelRatio()
        return told_pitch(screen.physicalSize().width(), pixels)
