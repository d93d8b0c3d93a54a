"""Tests every screen at start, and again whenever it changes or images come to it (F26, F64)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from viewer.calibration.display import DisplayProfile
from viewer.calibration.verdict import ScreenVerdict
from viewer.loading.executor import Executor
from viewer.qt.screens import is_beside, is_same, key_of, screens_by_key
from viewer.qt.self_test import SelfTest
from workstation.session.display_state import MARK, SPANS, DisplayWords, display_words

_SETTLE_MS = 400
"""A change of screens comes as many small ones."""
_MEASURED_EVERY = timedelta(days=365)
"""A measurement that is older tells of another screen (F34)."""


class DisplayWatch(QObject):
    """Keeps the verdict on each screen; one test at a time, none of them visible."""

    changed = Signal()
    """The verdicts, or the screens on which images stand, are others."""

    def __init__(
        self,
        window: QWidget,
        executor: Executor,
        parent: QObject,
        *,
        image_windows: Callable[[], Sequence[QWidget]] = tuple,
        profile_of: Callable[[QScreen], DisplayProfile],
        now: Callable[[], datetime],
    ) -> None:
        """Watch the screens; test pictures are drawn on ``executor``.

        Images stand in ``image_windows``, in ``window`` where there are none. ``profile_of`` gives
        what was measured of a screen and drives pictures on it, ``now`` how old that is.
        """
        super().__init__(parent)
        self._window = window
        self._executor = executor
        self._image_windows = image_windows
        self._profile_of, self._now = profile_of, now
        self._verdicts: dict[str, ScreenVerdict] = {}
        self._waiting: list[str] = []
        """Keys of the screens that are still to be tested: no QScreen outlives a call here."""
        self._test: SelfTest | None = None
        self._watched: set[str] = set()
        self._wanted: set[str] | None = None
        """Keys of the screens to be tested when all has settled; None: every one."""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._on_settle_timeout)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._on_screens_changed)
            application.screenRemoved.connect(self._on_screens_changed)

    def start(self) -> None:
        """Test every screen, once the window has been drawn."""
        handle = self._window.windowHandle()
        if handle is not None:
            handle.screenChanged.connect(self.images_moved)
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
        self._test_those(list(screens_by_key()))

    def images_moved(self) -> None:
        """Images have come to other screens: those are tested again, soon."""
        if not self._settle.isActive() and self._test is None:
            self._wanted = set(self._here())
        elif self._wanted is not None:
            self._wanted.update(self._here())
        self._settle.start()
        self.changed.emit()

    def verdicts(self) -> tuple[ScreenVerdict, ...]:
        """What was found on each screen that was tested."""
        return tuple(self._verdicts.values())

    def words(self) -> DisplayWords:
        """What the reader is told."""
        now = self._now()
        why = {
            key: self._profile_of(screen).why_not_diagnostic(now, _MEASURED_EVERY)
            for key, screen in screens_by_key().items()
        }
        return display_words(self.verdicts(), self._here(), why)

    def marks(self) -> dict[str, str]:
        """What images bear on a screen, by what it is known again by.

        A window that reaches onto a screen that failed is marked wherever it stands.
        """
        marks = {one.screen: MARK for one in self.verdicts() if not one.passed}
        bad = [screen for key, screen in screens_by_key().items() if key in marks]
        for window in self._windows():
            if self._spans(window):
                marks.setdefault(key_of(window.screen()), SPANS)
            if any(_reaches(window, screen) for screen in bad):
                marks[key_of(window.screen())] = MARK
        return marks

    def _spans(self, window: QWidget) -> bool:
        """Whether a window lies on a second screen with another table or other pixels."""
        own = window.screen()
        others = [screen for screen in screens_by_key().values() if not is_same(screen, own)]
        return any(_reaches(window, other) and not self._alike(own, other) for other in others)

    def _alike(self, one: QScreen, other: QScreen) -> bool:
        if one.devicePixelRatio() != other.devicePixelRatio():
            return False
        return self._profile_of(one).table == self._profile_of(other).table

    def _windows(self) -> Sequence[QWidget]:
        return self._image_windows() or (self._window,)

    def _here(self) -> list[str]:
        """Screens on which images stand, wholly or in part."""
        return [
            key
            for key, screen in screens_by_key().items()
            if any(_reaches(window, screen) for window in self._windows())
        ]

    def _test_those(self, wanted: Sequence[str]) -> None:
        self.stop()
        self._watch()
        self._wanted = None
        self._waiting = list(wanted)
        attached = screens_by_key()
        self._verdicts = {key: one for key, one in self._verdicts.items() if key in attached}
        self._next()

    def _watch(self) -> None:
        for key, screen in screens_by_key().items():
            if key not in self._watched:
                self._watched.add(key)
                screen.geometryChanged.connect(self._on_screens_changed)
                screen.physicalDotsPerInchChanged.connect(self._on_screens_changed)
                screen.logicalDotsPerInchChanged.connect(self._on_screens_changed)

    def _next(self) -> None:
        screen = None
        while screen is None:
            if not self._waiting:
                self.changed.emit()
                return
            screen = screens_by_key().get(self._waiting.pop(0))
        test = SelfTest(self._executor, self)
        self._test = test
        test.finished.connect(self._on_test_finished)
        test.start(screen, self._profile_of(screen))

    def _on_test_finished(self, verdict: object) -> None:
        if self._test is not None:
            self._test.deleteLater()
            self._test = None
        if isinstance(verdict, ScreenVerdict):
            self._verdicts[verdict.screen] = verdict
        self._next()

    def _on_settle_timeout(self) -> None:
        wanted = self._wanted
        self._test_those([key for key in screens_by_key() if wanted is None or key in wanted])

    def _on_screens_changed(self, _what: object) -> None:
        self._watched &= set(screens_by_key())
        self._wanted = None
        self._settle.start()


def _reaches(window: QWidget, screen: QScreen) -> bool:
    own = window.screen()
    if is_same(own, screen):
        return True
    return is_beside(own, screen) and screen.geometry().intersects(window.geometry())
