"""The report as it will be sent, page by page, on paper that does not dazzle in a dark room."""

import pypdfium2  # type: ignore[import-untyped]  # the library brings no types
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage, QKeySequence, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from reporting.errors import ExportFailed
from reporting.qt.identity_line import plain_label

_SIZE = (780, 900)
_PAPER = (214, 214, 214, 255)
_STEP = 1.2
_SMALLEST, _LARGEST = 0.4, 4.0
_SIDE = 60


class PreviewDialog(QDialog):
    """Shows one page at a time, as wide as the window; zoom and pages by key."""

    def __init__(self, pdf: bytes, parent: QWidget | None = None) -> None:
        """Open a PDF of ours; raises ExportFailed when it cannot be read."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preview"))
        try:
            self._document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise ExportFailed("The preview could not be opened.") from error
        self._page = 0
        self._zoom = 1.0
        self._sheet = QLabel()
        self._sheet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sheet.setAccessibleName(self.tr("Report page"))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._sheet)
        self._count = plain_label()
        self._count.setWordWrap(False)
        self._lay_out()
        self._add_actions()
        self.resize(*_SIZE)
        self._draw()

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._document)

    @property
    def page(self) -> int:
        """The page that is shown, from 0."""
        return self._page

    @property
    def zoom(self) -> float:
        """1 is as wide as the window."""
        return self._zoom

    def show_page(self, page: int) -> None:
        """Show a page, from 0; out of range shows the nearest."""
        self._page = min(max(page, 0), self.pages - 1)
        self._draw()
        self._scroll.verticalScrollBar().setValue(0)

    def set_zoom(self, zoom: float) -> None:
        """Enlarge; 1 is as wide as the window."""
        self._zoom = min(max(zoom, _SMALLEST), _LARGEST)
        self._draw()

    def text(self) -> str:
        """The words on the page that is shown."""
        return str(self._document[self._page].get_textpage().get_text_bounded())

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Keep the page as wide as the window."""
        super().resizeEvent(event)
        self._draw()

    def _draw(self) -> None:
        page = self._document[self._page]
        ratio = self.devicePixelRatioF()
        width = max(self.width() - _SIDE, 200) * self._zoom
        bitmap = page.render(
            scale=width * ratio / page.get_width(), fill_color=_PAPER, rev_byteorder=True
        )
        data = bytes(bitmap.buffer)
        shape = QImage.Format.Format_RGB888
        if bitmap.n_channels > 3:  # a fourth, unused byte
            shape = QImage.Format.Format_RGBX8888
        image = QImage(data, bitmap.width, bitmap.height, bitmap.stride, shape)
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        self._sheet.setPixmap(pixmap)
        self._sheet.setAccessibleDescription(self.text())
        self._count.setText(self.tr("Page {0} of {1}").format(self._page + 1, self.pages))
        self._back.setEnabled(self._page > 0)
        self._next.setEnabled(self._page + 1 < self.pages)

    def _lay_out(self) -> None:
        self._back = QPushButton(self.tr("Previous page"))
        self._next = QPushButton(self.tr("Next page"))
        close = QPushButton(self.tr("Close"))
        self._back.clicked.connect(self._on_back)
        self._next.clicked.connect(self._on_next)
        close.clicked.connect(self.reject)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self._back)
        buttons.addWidget(self._next)
        buttons.addWidget(self._count)
        buttons.addStretch(1)
        buttons.addWidget(close)
        rows = QVBoxLayout(self)
        rows.addWidget(self._scroll, 1)
        rows.addLayout(buttons)

    def _add_actions(self) -> None:
        rows = (
            ("preview.next", ("PgDown",), self._on_next),
            ("preview.back", ("PgUp",), self._on_back),
            ("preview.larger", ("Ctrl++", "Ctrl+="), self._on_larger),
            ("preview.smaller", ("Ctrl+-",), self._on_smaller),
            ("preview.fit", ("Ctrl+0",), self._on_fit),
        )
        for name, keys, slot in rows:
            action = QAction(self)
            action.setObjectName(name)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.triggered.connect(slot)
            self.addAction(action)

    def _on_next(self) -> None:
        self.show_page(self._page + 1)

    def _on_back(self) -> None:
        self.show_page(self._page - 1)

    def _on_larger(self) -> None:
        self.set_zoom(self._zoom * _STEP)

    def _on_smaller(self) -> None:
        self.set_zoom(self._zoom / _STEP)

    def _on_fit(self) -> None:
        self.set_zoom(1.0)
