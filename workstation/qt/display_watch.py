"""Tests every screen at start, and again whenever a screen changes (F26, F64)."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from viewer.calibration.verdict import ScreenVerdict
from viewer.loading.executor import Executor
from viewer.qt.self_test import SelfTest
from workstation.session.display_state import DisplayWords, display_words

_SETTLE_MS = 400
"""A change of screens comes as many small ones."""


class DisplayWatch(QObject):
    """Keeps the verdict on each screen; one test at a time, none of them visible."""

    changed = Signal()
    """The verdicts, or the screens on which the window stands, are others."""

    def __init__(self, window: QWidget, executor: Executor, parent: QObject) -> None:
        """Watch the screens for a window; test pictures are drawn on ``executor``."""
        super().__init__(parent)
        self._window = window
        self._executor = executor
        self._verdicts: dict[str, ScreenVerdict] = {}
        self._waiting: list[QScreen] = []
        self._test: SelfTest | None = None
        self._watched: list[QScreen] = []
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.test)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._on_screens_changed)
            application.screenRemoved.connect(self._on_screens_changed)

    def start(self) -> None:
        """Test every screen, once the window has been drawn."""
        handle = self._window.windowHandle()
        if handle is not None:
            handle.screenChanged.connect(self._on_window_moved)
        self._settle.start()

    def stop(self) -> None:
        """End what runs and listen no longer."""
        self._settle.stop()
        self._waiting.clear()
        if self._test is not None:
            self._test.close()
            self._test.deleteLater()
            self._test = None

    def test(self) -> None:
        """Test every screen anew; earlier verdicts stand until the new ones are there."""
        self.stop()
        self._watch()
        self._waiting = list(QGuiApplication.screens())
        names = {screen.name() for screen in self._waiting}
        self._verdicts = {name: one for name, one in self._verdicts.items() if name in names}
        self._next()

    def verdicts(self) -> tuple[ScreenVerdict, ...]:
        """What was found on each screen that was tested."""
        return tuple(self._verdicts.values())

    def words(self) -> DisplayWords:
        """What the reader is told."""
        return display_words(self.verdicts(), self._here())

    def _here(self) -> list[str]:
        """Screens on which the window stands, wholly or in part."""
        frame = self._window.frameGeometry()
        screens = QGuiApplication.screens()
        on = [s.name() for s in screens if s.geometry().intersects(frame)]
        return [*on, self._window.screen().name()]

    def _watch(self) -> None:
        for screen in QGuiApplication.screens():
            if screen not in self._watched:
                self._watched.append(screen)
                screen.geometryChanged.connect(self._on_screens_changed)
                screen.physicalDotsPerInchChanged.connect(self._on_screens_changed)
                screen.logicalDotsPerInchChanged.connect(self._on_screens_changed)

    def _next(self) -> None:
        if not self._waiting:
            self.changed.emit()
            return
        screen = self._waiting.pop(0)
        test = SelfTest(self._executor, self)
        self._test = test
        test.finished.connect(self._on_test_finished)
        test.start(screen)

    def _on_test_finished(self, verdict: object) -> None:
        if self._test is not None:
            self._test.deleteLater()
            self._test = None
        if isinstance(verdict, ScreenVerdict):
            self._verdicts[verdict.screen] = verdict
        self._next()

    def _on_screens_changed(self, _what: object) -> None:
        self._watched = [s for s in self._watched if s in QGuiApplication.screens()]
        self._settle.start()

    def _on_window_moved(self, _screen: object) -> None:
        self.changed.emit()
