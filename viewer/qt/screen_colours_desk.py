"""Which profile each screen has, and that colour images are converted to it (F18)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from viewer.errors import ViewerError
from viewer.loading.screen_profile import read_screen_profile
from viewer.model.colour import ScreenColours
from viewer.qt.desk import Desk
from viewer.qt.panes import Panes
from viewer.qt.screen_colours_dialog import ScreenColoursDialog
from viewer.qt.screens import key_of
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.preferences import Preferences
from viewer.viewport.screen_files import read_files, write_files

_KEPT = "screens.colours"
_PLACED = frozenset({QEvent.Type.Show, QEvent.Type.ScreenChangeInternal})


class ScreenColoursDesk(Desk):
    """Tells viewports the profile of their screens; files are read off the GUI thread."""

    def __init__(self, panes: Panes, preferences: Preferences, parent: QWidget) -> None:
        """Act on these panes; chosen files are kept in ``preferences``."""
        super().__init__(parent)
        self._panes = panes
        self._preferences = preferences
        self._files = read_files(preferences.read(_KEPT))
        self._known: dict[str, ScreenColours | None] = {}
        """By screen; None where its file is being read or cannot be used."""
        self._colours = panes.drawing.cache.colours
        self._colours.arrived.connect(self._on_colours_arrived)
        self._untold: dict[str, ScreenColours] = {}
        """Profiles of which it is not known whether colours can be converted to them."""

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"view.screen_profile": self.ask}

    def watch(self, widget: ViewportWidget) -> None:
        """Keep the viewport of a pane informed."""
        widget.installEventFilter(self)
        self._tell(widget)

    def close_desk(self) -> None:
        """Listen no longer."""
        self._colours.arrived.disconnect(self._on_colours_arrived)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A pane was placed or has come to another screen."""
        if event.type() in _PLACED and isinstance(watched, ViewportWidget):
            self._tell(watched)
        return False

    def ask(self) -> None:
        """Ask for the profile of the screen that the active pane stands on."""
        window = self._panes.active.widget.window()
        name = key_of(window.screen())
        known = self._known.get(name)
        dialog = ScreenColoursDialog(
            name, known.name if known else "", partial(self.take, name), window
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(window.activateWindow)
        dialog.show()
        dialog.activateWindow()

    def take(self, name: str, file: str) -> None:
        """Use a file for a screen, or none where it is ''; one that cannot be used changes nothing.

        The choice is kept.
        """
        if not file:
            self._files.pop(name, None)
            self._keep(name, None)
            self.informed.emit(self.tr("Colours are shown for an sRGB screen."))
            return

        def done(found: ScreenColours) -> None:
            self._files[name] = file
            self._keep(name, found)
            words = self.tr("Colours are converted to this screen: {0}.")
            self.informed.emit(words.format(found.name))

        self._read(file, done)

    def _keep(self, name: str, colours: ScreenColours | None) -> None:
        self._preferences.keep(_KEPT, write_files(self._files))
        self._know(name, colours)

    def _know(self, name: str, colours: ScreenColours | None) -> None:
        self._known[name] = colours
        if colours is not None and self._colours.get(None, colours.profile) is None:
            self._untold[name] = colours
        for pane in self._panes.all:
            self._tell(pane.widget)
        self.changed.emit()

    def _tell(self, widget: ViewportWidget) -> None:
        name = key_of(widget.screen())
        if name in self._files and name not in self._known:
            self._known[name] = None
            self._read(self._files[name], partial(self._know, name))
        widget.viewport.know_colours(self._known.get(name))

    def _read(self, file: str, done: Callable[[ScreenColours], None]) -> None:
        def failed(error: Exception) -> None:
            sentence = error.sentence if isinstance(error, ViewerError) else type(error).__name__
            self.notice.emit(sentence)

        self._panes.drawing.executor.run(lambda: read_screen_profile(Path(file)), done, failed)

    def _on_colours_arrived(self) -> None:
        """Say at once that colours cannot be converted to a profile, not with the next image."""
        for name, colours in list(self._untold.items()):
            if self._colours.get(None, colours.profile) is None:
                continue
            del self._untold[name]
            problem = self._colours.problem(None, colours.profile)
            if problem:
                self._know(name, None)
                self.notice.emit(problem)
