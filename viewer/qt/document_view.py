"""A document in a pane: whose it is, what must be seen before it is read, and the document."""

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from viewer.loading.pages import Pdf
from viewer.qt import colours
from viewer.qt.document_text import DocumentText
from viewer.qt.page_view import Draw, PageView
from viewer.viewport.document_words import Head, Paragraph


class DocumentView(QFrame):
    """Head and body of one document; the head stays while the body scrolls."""

    activated = Signal()
    """It was pressed or got the focus."""
    maximise_requested = Signal()
    followed = Signal(object)
    """The FrameRef that a link leads to."""
    read = Signal()
    """The reader saw the end of it."""

    def __init__(self, draw: Draw, parent: QWidget) -> None:
        """Start empty; pages of PDF come out of ``draw``."""
        super().__init__(parent)
        self.text = DocumentText()
        self.pages = PageView(draw)
        self._message = _label(colours.IDENTITY)
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._message.setMargin(14)
        self._message.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._message.setObjectName("document.message")
        self._message.setAccessibleName(self.tr("Document message"))
        self._body = QStackedWidget()
        self._patient = _label(colours.IDENTITY)
        self._study = _label(colours.TEXT)
        self._mark = _label(colours.IDENTITY)
        self._title = _label(colours.IDENTITY)
        self._kind = _label(colours.SUBTLE)
        self._place = _label(colours.TEXT)
        self._alarm = _banner(colours.ALARM, colours.IDENTITY)
        self._caution = _banner(colours.CAUTION, colours.CAUTION_TEXT)
        self._lay_out()
        self.text.followed.connect(self.followed)
        self.text.read.connect(self.read)
        self.pages.read.connect(self.read)
        self.pages.turned.connect(self._on_pages_turned)
        for part in (self.text, self.text.viewport(), self.pages, self._message):
            part.installEventFilter(self)
        self.setAccessibleName(self.tr("Document"))
        self.setObjectName("document")

    @property
    def body(self) -> QWidget:
        """The part that takes the keys."""
        shown = self._body.currentWidget()
        return shown if shown is not None else self._message

    def show_head(self, head: Head) -> None:
        """Write the head."""
        self._patient.setText("\n".join(head.patient))
        self._study.setText("\n".join(head.study))
        self._mark.setText(head.mark)
        _colour(self._mark, colours.WARNING if head.prior else colours.IDENTITY)
        self._mark.setVisible(bool(head.mark))
        self._title.setText(head.title)
        self._kind.setText(head.kind)
        for banner, text in ((self._alarm, head.alarm), (self._caution, " · ".join(head.cautions))):
            banner.setText(text)
            banner.setVisible(bool(text))
        words = (
            head.mark,
            head.alarm,
            *head.cautions,
            head.title,
            head.kind,
            *head.patient,
            *head.study,
        )
        self.setAccessibleDescription(", ".join(filter(None, words)))

    def show_text(self, paragraphs: Iterator[Paragraph], *, keep_place: bool = False) -> None:
        """Show text."""
        self._show(self.text)
        self.text.show_paragraphs(paragraphs, keep_place=keep_place)

    def show_pages(self, pdf: Pdf) -> None:
        """Show pages."""
        self._show(self.pages)
        self.pages.show_pdf(pdf)

    def show_message(self, words: str) -> None:
        """Show a sentence in place of a document."""
        self._show(self._message)
        self._message.setText(words)
        self._message.setAccessibleDescription(words)

    def forget(self) -> None:
        """Hold nothing of a patient any more."""
        self.show_head(Head((), (), "", False, "", ""))
        self.show_message("")

    def _show(self, part: QWidget) -> None:
        had_focus = self.body.hasFocus()
        if part is not self.text:
            self.text.forget()
        if part is not self.pages:
            self.pages.show_pdf(None)
        self._body.setCurrentWidget(part)
        self._place.setVisible(part is self.pages)
        if had_focus:
            part.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        self.setAutoFillBackground(True)
        self.setStyleSheet(
            f"DocumentView {{ background: {colours.PAGE_GROUND.name()}; }}"
            f"QStackedWidget, QScrollArea, QScrollArea > QWidget > QWidget, QTextBrowser "
            f"{{ background: {colours.PAGE_GROUND.name()}; border: none; }}"
        )
        bold = self._patient.font()
        bold.setBold(True)
        self._mark.setFont(bold)
        large = self._title.font()
        large.setBold(True)
        large.setPixelSize(round(self.fontInfo().pixelSize() * 1.35))
        self._title.setFont(large)
        self._study.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._mark.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._mark)
        right.addWidget(self._study)
        right.addStretch(1)
        top = QHBoxLayout()
        top.addWidget(self._patient, 1, Qt.AlignmentFlag.AlignTop)
        top.addLayout(right, 1)
        names = QHBoxLayout()
        names.addWidget(self._title, 3)
        names.addWidget(self._place, 1)
        head = QVBoxLayout()
        head.setContentsMargins(8, 6, 8, 6)
        head.setSpacing(4)
        head.addLayout(top)
        head.addWidget(self._alarm)
        head.addWidget(self._caution)
        head.addLayout(names)
        head.addWidget(self._kind)
        for part in (self.text, self.pages, self._message):
            self._body.addWidget(part)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setStyleSheet(f"color: {colours.PANE_BORDER.name()};")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(line)
        whole.addWidget(self._body, 1)

    def _on_pages_turned(self) -> None:
        self._place.setText(self.pages.place)

    def eventFilter(self, _watched: QObject, event: QEvent, /) -> bool:
        """The pane whose document is pressed or focused becomes the active one."""
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.MouseButtonPress}:
            self.activated.emit()
        return False

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        """A press on the head makes the pane active; no tool acts through it."""
        self.body.setFocus(Qt.FocusReason.MouseFocusReason)
        self.activated.emit()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        """Ends here."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        """Ends here."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent, /) -> None:
        """Maximise the pane from the head, or show all panes again."""
        self.maximise_requested.emit()
        event.accept()


def _label(colour: QColor) -> QLabel:
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    _colour(made, colour)
    return made


def _banner(ground: QColor, colour: QColor) -> QLabel:
    made = _label(colour)
    made.setStyleSheet(f"background: {ground.name()}; color: {colour.name()};")
    made.setMargin(5)
    bold = made.font()
    bold.setBold(True)
    made.setFont(bold)
    made.hide()
    return made


def _colour(label: QLabel, colour: QColor) -> None:
    label.setStyleSheet(f"color: {colour.name()}; background: transparent;")
