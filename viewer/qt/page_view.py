"""One page of a PDF at a time, as wide as the pane; drawn elsewhere, shown here."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from viewer.errors import ViewerError
from viewer.loading.pages import DrawnPage, Pdf

Draw = Callable[[Pdf, int, int, Callable[[DrawnPage], None], Callable[[ViewerError], None]], None]
"""Draws a page of a PDF, counted from 0, so many pixels wide; calls back later."""

_STEP = 1.2
_SMALLEST, _LARGEST = 0.3, 6.0
_SETTLE_MS = 60
_LARGER = tuple(QKeySequence(key) for key in ("Ctrl++", "Ctrl+=", "+", "="))
_SMALLER = tuple(QKeySequence(key) for key in ("Ctrl+-", "-"))
_WIDTH = tuple(QKeySequence(key) for key in ("Ctrl+0", "F"))


class PageView(QScrollArea):
    """Shows pages; the wheel and the page keys go on to the next page at the end of one."""

    turned = Signal()
    """Another page is shown, or it arrived."""
    read = Signal()
    """Every page was on the screen down to its end."""

    def __init__(self, draw: Draw, parent: QWidget | None = None) -> None:
        """Start empty; pages come out of ``draw``."""
        super().__init__(parent)
        self._draw = draw
        self._pdf: Pdf | None = None
        self._page = 0
        self._zoom = 1.0
        self._asked = 0
        self._seen: set[int] = set()
        self._drawn: tuple[Pdf, int] | None = None
        self._sheet = QLabel()
        self._sheet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sheet.setTextFormat(Qt.TextFormat.PlainText)
        self._sheet.setWordWrap(True)
        self._sheet.setScaledContents(False)
        self._sheet.setObjectName("document.page")
        self._sheet.setAccessibleName(self.tr("Document page"))
        self.setWidget(self._sheet)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Document"))
        self.setObjectName("document.pages")
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_SETTLE_MS)
        self._look.timeout.connect(self._look_for_the_end)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._look.start())
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._ask)

    @property
    def place(self) -> str:
        """Page 1 of 3."""
        if self._pdf is None:
            return ""
        text = self.tr("Page %1 of %2").replace("%1", str(self._page + 1))
        text = text.replace("%2", str(self._pdf.pages))
        if len(self._pdf.sizes) < self._pdf.pages:
            text += self.tr(" (only the first %1 can be shown)").replace(
                "%1", str(len(self._pdf.sizes))
            )
        return text

    @property
    def page(self) -> int:
        """The page that is shown, from 0."""
        return self._page

    @property
    def zoom(self) -> float:
        """1 is as wide as the pane."""
        return self._zoom

    def show_pdf(self, pdf: Pdf | None) -> None:
        """Show the first page of another PDF; None forgets everything."""
        self._pdf = pdf
        self._page = 0
        self._asked += 1
        self._seen.clear()
        self._drawn = None
        self._sheet.clear()
        self._sheet.setAccessibleDescription("")
        self._settle.stop()
        if pdf is not None:
            self._ask()
        self.turned.emit()

    def show_page(self, page: int, *, at_end: bool = False) -> None:
        """Show a page, from 0; out of range shows the nearest."""
        if self._pdf is None:
            return
        page = min(max(page, 0), len(self._pdf.sizes) - 1)
        if page != self._page:
            self._page = page
            self._ask()
            bar = self.verticalScrollBar()
            bar.setValue(bar.maximum() if at_end else bar.minimum())
            self.turned.emit()

    def set_zoom(self, zoom: float) -> None:
        """Enlarge; 1 is as wide as the pane."""
        self._zoom = min(max(zoom, _SMALLEST), _LARGEST)
        self._settle.start()

    def _ask(self) -> None:
        pdf, page = self._pdf, self._page
        if pdf is None:
            return
        self._asked += 1
        asked = self._asked
        width = round(self._room() * self._zoom * self.devicePixelRatioF())

        def done(drawn: DrawnPage) -> None:
            if asked == self._asked:
                self._show(pdf, page, drawn)

        def failed(error: ViewerError) -> None:
            if asked == self._asked:
                self._tell(page, error)

        if self._drawn != (pdf, page):
            self._sheet.setText(self.tr("Page %1 is being drawn…").replace("%1", str(page + 1)))
        self._draw(pdf, page, width, done, failed)

    def _room(self) -> int:
        """Logical pixels across, with room for a scroll bar so that one never changes the width."""
        return max(self.width() - self.verticalScrollBar().sizeHint().width() - 4, 80)

    def _show(self, pdf: Pdf, page: int, drawn: DrawnPage) -> None:
        height, width = drawn.pixels.shape[:2]
        shape = QImage.Format.Format_RGBX8888
        image = QImage(drawn.pixels.data, width, height, 4 * width, shape).copy()
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self._sheet.setPixmap(pixmap)
        self._sheet.setAccessibleDescription(f"{self.place}\n{drawn.text}")
        self._drawn = (pdf, page)
        self.turned.emit()
        self._look.start()

    def _look_for_the_end(self) -> None:
        """A page was read once its lower edge was on the screen."""
        pdf, bar = self._pdf, self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - bar.singleStep()
        if pdf is not None and self._drawn == (pdf, self._page) and at_end:
            self._seen.add(self._page)
            if len(self._seen) == pdf.pages:
                self.read.emit()

    def _tell(self, page: int, error: ViewerError) -> None:
        title = self.tr("Page %1 cannot be shown.").replace("%1", str(page + 1))
        self._sheet.setText(f"{title}\n{error.sentence}")
        self._sheet.setAccessibleDescription(f"{self.place}\n{title} {error.sentence}")
        self._drawn = None

    # -- what the reader does --------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Draw again once the size has come to rest."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._settle.start()

    def wheelEvent(self, event: QWheelEvent, /) -> None:
        """Scroll, then turn the page; with Ctrl zoom."""
        delta = event.angleDelta().y()
        bar = self.verticalScrollBar()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * (_STEP if delta > 0 else 1 / _STEP))
        elif delta < 0 and bar.value() >= bar.maximum():
            self.show_page(self._page + 1)
        elif delta > 0 and bar.value() <= bar.minimum():
            self.show_page(self._page - 1, at_end=True)
        else:
            super().wheelEvent(event)
        event.accept()  # the pane below has nothing to scroll

    def event(self, event: QEvent, /) -> bool:
        """Keep the keys of reading from being commands on images."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._act_for(event) is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """Turn pages, scroll, zoom; what is left over goes to the pane."""
        act = self._act_for(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _act_for(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key does here; None where it is left to the pane, such as at the last page."""
        pressed = QKeySequence(event.keyCombination())
        zooms = ((_LARGER, self._zoom * _STEP), (_SMALLER, self._zoom / _STEP), (_WIDTH, 1.0))
        for keys, zoom in zooms:
            if pressed in keys:
                return lambda zoom=zoom: self.set_zoom(zoom)  # type: ignore[misc]  # bound now
        last = len(self._pdf.sizes) - 1 if self._pdf else 0
        turns = {
            Qt.Key.Key_PageDown: self._page + 1,
            Qt.Key.Key_Right: self._page + 1,
            Qt.Key.Key_PageUp: self._page - 1,
            Qt.Key.Key_Left: self._page - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        if key in turns:
            page = turns[key]
            beyond = not 0 <= page <= last
            series = key in {Qt.Key.Key_PageDown, Qt.Key.Key_PageUp}
            return None if beyond and series else lambda: self.show_page(page)
        if key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            return lambda: self._scroll(key is Qt.Key.Key_Down)
        return None

    def _scroll(self, down: bool) -> None:
        bar = self.verticalScrollBar()
        if down and bar.value() >= bar.maximum():
            self.show_page(self._page + 1)
        elif not down and bar.value() <= bar.minimum():
            self.show_page(self._page - 1, at_end=True)
        else:
            bar.setValue(bar.value() + (1 if down else -1) * 3 * bar.singleStep())
