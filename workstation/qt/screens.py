"""Which window stands on which screen: remembered by serial number, put right when one goes."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from viewer.qt.image_window import ImageWindow
from viewer.qt.image_windows import ImageWindows
from viewer.qt.screens import is_same, key_of, screens_by_key
from viewer.viewport.preferences import Preferences
from workstation.qt.main_window import MainWindow
from workstation.qt.reading_page import ReadingPage
from workstation.session.levels import Level
from workstation.session.screen_memory import (
    ScreenMemory,
    placement,
    read_memory,
    spread,
    write_memory,
)

_KEPT = "screens.placement"
_SETTLE_MS = 500
"""A screen that is plugged in tells its size a little later."""


class Screens(QObject):
    """Report and worklist on one screen, images on the others, if the reader wants it so."""

    notice = Signal(object, str)
    """Level and sentence."""

    def __init__(
        self, window: MainWindow, reading: ReadingPage, preferences: Preferences, parent: QObject
    ) -> None:
        """Place ``window`` and the windows of the images of ``reading``."""
        super().__init__(parent)
        self._window = window
        self._reading = reading
        self._preferences = preferences
        self._memory = read_memory(preferences.read(_KEPT))
        self._closed: set[str] = set()
        """Screens whose images the reader has sent back until they are asked for again."""
        self._placing = False
        self._begun = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._on_settle_timeout)
        self._images.asked.connect(self.spread)
        self._images.left.connect(self.gather)
        self._images.closed.connect(self._on_image_window_closed)
        self._images.rearranged.connect(self._on_images_rearranged)
        window.status.notice_changed.connect(self._images.tell)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenRemoved.connect(self._on_screen_removed)
            application.screenAdded.connect(self._on_screen_added)

    @property
    def _images(self) -> ImageWindows:
        return self._reading.area().windows

    def begin(self) -> None:
        """A case is opened: its images go where they stood the last time."""
        if not self._begun:
            self._begun = True
            self._place(_attached())

    def end(self) -> None:
        """Close the windows of images; what is remembered stays."""
        self._settle.stop()
        self._begun = False
        self._placing = True
        self._images.gather()
        self._placing = False

    def spread(self) -> None:
        """Put images on every other screen, and remember it."""
        attached = _attached()
        if len(attached) < 2:
            self.notice.emit(Level.WARNING, self.tr("There is no other screen."))
            return
        self._closed.clear()
        self._begun = True
        self._remember(spread(list(attached), key_of(self._window.screen())))
        self._place(attached)

    def gather(self) -> None:
        """Put everything into one window, and remember it."""
        self._closed.clear()
        self._remember(ScreenMemory(key_of(self._window.screen())))
        if not self._images.windows:
            self.notice.emit(Level.INFO, self.tr("Everything is in one window."))
        self._images.gather()

    # -- placing ---------------------------------------------------------------------------------

    def _place(self, attached: dict[str, QScreen]) -> bool:
        """Let windows stand where they belong; whether that changed anything."""
        if not self._memory.images:
            return False
        here = key_of(self._window.screen())
        wanted = placement(self._memory, list(attached), here, self._closed)
        before = self._standing()
        if (here, before) == (wanted.report, wanted.images):
            return False
        self._placing = True
        self._move(attached[wanted.report])
        if wanted.images:
            screens = [attached[key] for key in wanted.images]
            self._images.open_on(screens, self._reading.another_identity, self._window.actions())
        else:
            self._images.gather()
        self._placing = False
        return True

    def _standing(self) -> tuple[str, ...]:
        return tuple(key_of(window.screen()) for window in self._images.windows)

    def _move(self, screen: QScreen) -> None:
        window = self._window
        if is_same(window.screen(), screen):
            return
        maximised = window.isMaximized()
        if maximised:
            window.showNormal()
        room = screen.availableGeometry()
        if not maximised:
            room.setSize(window.size().boundedTo(room.size()))
        window.setScreen(screen)
        window.setGeometry(room)
        if maximised:
            window.showMaximized()

    def _remember(self, memory: ScreenMemory) -> None:
        self._memory = memory
        self._preferences.keep(_KEPT, write_memory(memory))

    # -- what happened ---------------------------------------------------------------------------

    def _on_image_window_closed(self, window: ImageWindow) -> None:
        """What it showed goes back to the others; it is not opened again until it is asked for."""
        self._closed.add(key_of(window.screen()))
        self._place(_attached())
        if not self._images.windows:
            self.notice.emit(Level.INFO, self.tr("The images are back beside the report."))

    def _on_images_rearranged(self) -> None:
        """The reader has moved a window of images to another screen: it belongs there now."""
        standing = self._standing()
        if self._placing or not standing:
            return
        moved = tuple(dict.fromkeys(standing))
        if moved != self._memory.images and len(moved) == len(standing):
            self._remember(ScreenMemory(key_of(self._window.screen()), moved))

    def _on_screen_removed(self, screen: QScreen) -> None:
        mine = (self._window, *self._images.windows)
        if not any(is_same(window.screen(), screen) for window in mine):
            return
        left = {key: other for key, other in _attached().items() if not is_same(other, screen)}
        if not left:  # until another one comes there is nowhere to go
            return
        self._tell_gone(self._place(left))

    def _tell_gone(self, placed: bool) -> None:
        if not placed:
            words = self.tr("A screen was taken away: Lightbox is shown on what is left.")
        elif self._images.windows:
            words = self.tr("A screen was taken away: its images are on the other screens now.")
        else:
            words = self.tr("A screen was taken away: its images are beside the report now.")
        self.notice.emit(Level.WARNING, words)

    def _on_screen_added(self, _screen: object) -> None:
        if self._begun:
            self._settle.start()

    def _on_settle_timeout(self) -> None:
        if self._place(_attached()):
            self.notice.emit(
                Level.INFO, self.tr("A screen has come back: its images are on it again.")
            )


def _attached() -> dict[str, QScreen]:
    """Screens from left to right."""
    return dict(sorted(screens_by_key().items(), key=_place_of))


def _place_of(item: tuple[str, QScreen]) -> tuple[int, int]:
    place = item[1].geometry()
    return place.x(), place.y()
