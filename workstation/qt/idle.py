"""Says when nobody has used the program for a while, or the computer has slept (R33)."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
    }
)
_LOOK_MS = 5000
_SLEPT_S = 60.0
"""So much later than it was due, a look means that the computer slept."""


class IdleWatch(QObject):
    """Hears what comes to the program's windows; ``left`` is told once, until there is input."""

    left = Signal()

    def __init__(
        self,
        seconds: float,
        *,
        longest: float,
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        """``longest``: seconds after ``begin`` at which it is told whatever goes on.

        ``clock`` goes on while the computer sleeps; set back, it only makes the wait longer.
        """
        super().__init__(parent)
        self._seconds = seconds
        self._longest = longest
        self._clock = clock
        self._begun = self._used = self._looked = clock()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Watch from now on."""
        self._begun = self._used = self._looked = self._clock()
        self._hear()
        self._timer.start()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()

    def look(self) -> None:
        """Tell if it is time; windows that were opened meanwhile are heard from now on."""
        now = self._clock()
        slept = now - self._looked > _LOOK_MS / 1000 + _SLEPT_S
        self._looked = now
        self._hear()
        if slept or now - self._used >= self._seconds or now - self._begun >= self._longest:
            self._timer.stop()
            self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note input; it goes on to its window."""
        if event.type() in _INPUT:
            self._used = self._clock()
        return super().eventFilter(watched, event)

    def _hear(self) -> None:
        """Listen at the windows, not at the application: nothing is painted through here."""
        for window in QGuiApplication.allWindows():
            window.removeEventFilter(self)
            window.installEventFilter(self)
