"""Asks how long a line of 100 mm is on this screen, so that the true size is true."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from viewer.calibration.screen_identity import screen_title
from viewer.qt import colours
from viewer.viewport.true_size import BAR_MM, ScreenPitch, measured_pitch

_EDGE = 24
_TICK = 10


class _Bar(QWidget):
    """A level line of 100 mm by the pitch that is known so far, with ticks at both ends."""

    def __init__(self, pitch: ScreenPitch) -> None:
        super().__init__()
        self._pitch = pitch
        self.setAccessibleName(self.tr("Line of 100 mm"))

    def length(self) -> float:
        """Length of the line in logical pixels."""
        return BAR_MM / self._pitch.mm / self.devicePixelRatioF()

    def sizeHint(self) -> QSize:
        return QSize(round(self.length()) + 2 * _EDGE, 4 * _TICK)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.IMAGE_BACKGROUND)
        painter.setPen(QPen(colours.IDENTITY, 1))
        left, middle = float(_EDGE), self.height() / 2
        right = left + self.length()
        painter.drawLine(round(left), round(middle), round(right), round(middle))
        for x in (left, right):
            painter.drawLine(round(x), round(middle) - _TICK, round(x), round(middle) + _TICK)
        painter.end()


class RulerDialog(QDialog):
    """Shows the line and takes what a ruler says."""

    def __init__(
        self,
        screen: str,
        pitch: ScreenPitch,
        take: Callable[[ScreenPitch], None],
        parent: QWidget | None = None,
    ) -> None:
        """Ask for one screen; ``take`` gets its pitch."""
        super().__init__(parent)
        self._pitch = pitch
        self._take = take
        self.setWindowTitle(self.tr("Check the size of this screen"))
        self.setAccessibleName(self.windowTitle())
        words = QLabel(
            self.tr("Lay a ruler on the line below and enter its length. Screen: {0}").format(
                screen_title(screen)
            )
        )
        words.setWordWrap(True)
        self._length = QDoubleSpinBox()
        self._length.setRange(50.0, 200.0)
        self._length.setDecimals(1)
        self._length.setSingleStep(0.5)
        self._length.setValue(BAR_MM)
        self._length.setSuffix(self.tr(" mm"))
        self._length.setAccessibleName(self.tr("Length on the ruler"))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        for part in (words, _Bar(pitch), self._length, buttons):
            whole.addWidget(part)
        self._length.setFocus(Qt.FocusReason.OtherFocusReason)

    def accept(self) -> None:
        """Hand the measured pitch over."""
        found = measured_pitch(self._pitch, self._length.value())
        if found is not None:
            self._take(found)
            super().accept()
