"""A pane's picture on a sheet that leaves the program: its texts and marks stay with it (F60)."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPaintDevice, QPainter

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.qt.overlay_painter import paint_overlay
from viewer.viewport.overlay import Overlay

_BAND = 34
_LETTERS = 13


@dataclass(frozen=True, slots=True)
class Sheet:
    """P-values on the pane's own pixels, what stands above them, and the words below."""

    picture: QImage
    overlay: Overlay
    warning: str
    made: str
    """By whom, when and with what it was made."""

    @property
    def size(self) -> QSize:
        """Its pixels: those of the picture and a band below."""
        return QSize(self.picture.width(), self.picture.height() + _BAND)

    def image(self) -> QImage:
        """The whole sheet; the picture's pixels lie in it one to one."""
        made = QImage(self.size, QImage.Format.Format_RGB888)
        painter = QPainter(made)
        self._paint(painter)
        painter.end()
        return made

    def paint_on(self, device: QPaintDevice) -> None:
        """Fill a page with the sheet, as large as fits, in the middle."""
        painter = QPainter(device)
        page, size = painter.viewport(), self.size
        scale = min(page.width() / size.width(), page.height() / size.height())
        painter.translate(
            (page.width() - size.width() * scale) / 2, (page.height() - size.height() * scale) / 2
        )
        painter.scale(scale, scale)
        self._paint(painter)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        font = QFont()
        font.setPixelSize(_LETTERS)
        painter.setFont(font)
        width, height = self.picture.width(), self.picture.height()
        painter.fillRect(QRectF(0, 0, width, height + _BAND), colours.IMAGE_BACKGROUND)
        painter.drawImage(0, 0, self.picture)
        painter.setClipRect(QRectF(0, 0, width, height))
        paint_overlay(painter, self.overlay, Area(QRectF(0, 0, width, height), 1.0))
        painter.setClipping(False)
        band = QRectF(0, height, width, _BAND)
        painter.fillRect(band, colours.ALARM)
        painter.setPen(colours.IDENTITY)
        font.setBold(True)
        painter.setFont(font)
        line = band.adjusted(8, 2, -8, -_BAND / 2)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft), self.warning)
        font.setBold(False)
        painter.setFont(font)
        line = band.adjusted(8, _BAND / 2 - 1, -8, 0)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft), self.made)
