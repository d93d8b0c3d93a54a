"""The magnifier: a square above the pane that draws the frame itself anew, larger."""

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from viewer.pixels.pipeline import Levels
from viewer.qt import colours
from viewer.qt.image import as_image
from viewer.qt.panes import Pane, Panes
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.magnify import magnified
from viewer.viewport.transform import PanePoint, PaneSize
from viewer.viewport.viewport import Viewport

_SIDE = 260
_KEY = ("magnifier",)


class _Square(QWidget):
    """Shows finished device pixels one to one; the pointer goes through it."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("magnifier")
        self.resize(_SIDE, _SIDE)
        self._image: QImage | None = None
        self._times = 1.0

    def take(self, pixels: Levels, times: float) -> None:
        self._image, self._times = as_image(pixels), times
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.IMAGE_BACKGROUND)
        if self._image is not None:
            ratio = self.devicePixelRatioF()
            painter.save()
            painter.setTransform(QTransform.fromScale(1 / ratio, 1 / ratio))
            painter.drawImage(QPointF(0, 0), self._image)
            painter.restore()
        painter.setPen(QPen(colours.ACCENT, 1))
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        painter.setPen(colours.IDENTITY)
        painter.drawText(QPointF(8, self.height() - 8), f"{self._times:.1f}×")
        painter.end()


class Magnifier:
    """Puts the square over the pane that is pointed in."""

    def __init__(self, panes: Panes, scheduler: RenderScheduler) -> None:
        """Draw with the panes' own scheduler, under a key of its own."""
        self._panes = panes
        self._scheduler = scheduler
        self._square = _Square()

    def show(self, viewport: Viewport, at: PanePoint) -> None:
        """Show what lies at a place of a pane."""
        pane = next((p for p in self._panes.all if p.viewport is viewport), None)
        transform = viewport.transform()
        if pane is None or transform is None:
            return
        ratio = pane.widget.devicePixelRatioF()
        side = round(_SIDE * ratio)
        look = magnified(transform, viewport.state.look, at, side)
        request = pane.widget.picture.request_for(look, PaneSize(side, side))
        if request is None or look.zoom is None:
            return
        times = look.zoom / transform.zoom
        self._place(pane, at)
        self._scheduler.request(_KEY, request, lambda pixels: self._square.take(pixels, times))

    def hide(self) -> None:
        """Take it away; a picture that is being drawn is not shown any more."""
        self._scheduler.cancel(_KEY)
        self._square.hide()

    def close(self) -> None:
        """Take it away for good."""
        self.hide()
        self._square.setParent(None)
        self._square.deleteLater()

    def _place(self, pane: Pane, at: PanePoint) -> None:
        widget = pane.widget
        if self._square.parentWidget() is not widget:
            self._square.setParent(widget)
        middle = widget.from_pane(at)
        x = min(max(middle.x() - _SIDE / 2, 0), max(widget.width() - _SIDE, 0))
        y = min(max(middle.y() - _SIDE / 2, 0), max(widget.height() - _SIDE, 0))
        self._square.move(QPoint(round(x), round(y)))
