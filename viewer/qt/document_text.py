"""A document as text that can be read, selected and followed: plain words, never markup (R27)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QFontInfo,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from viewer.model.refs import FrameRef
from viewer.qt import colours
from viewer.viewport.document_words import Paragraph, Run

_AT_ONCE = 100
"""Paragraphs that are written before the window draws again."""
_DEEPEST = 12
_INDENT = 1.6  # in ems
_WIDEST = 72  # in ems: lines longer than this are hard to follow
_STEP = 1.15
_SETTLE_MS = 100
"""How long it must stand still before what is on the screen counts as read."""
_SMALLEST, _LARGEST = 0.6, 4.0
_LARGER = (QKeySequence("Ctrl++"), QKeySequence("Ctrl+="), QKeySequence("+"), QKeySequence("="))
_SMALLER = (QKeySequence("Ctrl+-"), QKeySequence("-"))
_HOME = (QKeySequence("Ctrl+0"),)


@dataclass(frozen=True, slots=True)
class _Link:
    start: int
    end: int
    to: FrameRef


class DocumentText(QTextBrowser):
    """Writes paragraphs bit by bit; left and right choose a link, Enter follows it."""

    followed = Signal(object)
    """The FrameRef that a link leads to."""
    read = Signal()
    """The end of the document was on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._waiting: Iterator[Paragraph] = iter(())
        self._links: list[_Link] = []
        """Where each link begins and ends in the text."""
        self._chosen = -1
        self._zoom = 1.0
        self._whole = True
        self._return_to: int | None = None
        self._size = QFontInfo(self.font()).pixelSize()
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(self._write_more)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_SETTLE_MS)
        self._look.timeout.connect(self._look_for_the_end)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setAcceptDrops(False)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setAccessibleName(self.tr("Document"))
        self.setObjectName("document.text")
        self.document().setDocumentMargin(12)
        self.anchorClicked.connect(self._on_anchor_clicked)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._look.start())
        self._apply_zoom()

    def show_paragraphs(self, paragraphs: Iterator[Paragraph], *, keep_place: bool = False) -> None:
        """Write another document, or the same one again with the reader's place kept."""
        self._return_to = self.verticalScrollBar().value() if keep_place else None
        self._more.stop()
        self._whole = False
        self.clear()
        self._links.clear()
        self._chosen = -1
        self._waiting = paragraphs
        self._write_more()

    def forget(self) -> None:
        """Hold nothing of a patient any more."""
        self.show_paragraphs(iter(()))
        self._look.stop()

    @property
    def zoom(self) -> float:
        """1 is the size of the window's text."""
        return self._zoom

    def set_zoom(self, zoom: float) -> None:
        """Enlarge or reduce all of the text."""
        self._zoom = min(max(zoom, _SMALLEST), _LARGEST)
        self._apply_zoom()

    def choose_link(self, by: int) -> None:
        """Choose the next or previous link and bring it into view."""
        if not self._links:
            return
        self._chosen = min(max(self._chosen + by, 0), len(self._links) - 1)
        link = self._links[self._chosen]
        cursor = self.textCursor()
        cursor.setPosition(link.start)
        cursor.setPosition(link.end, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    # -- writing ---------------------------------------------------------------------------------

    def _write_more(self) -> None:
        part = list(islice(self._waiting, _AT_ONCE))
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for paragraph in part:
            self._write(cursor, paragraph)
        cursor.endEditBlock()
        if len(part) == _AT_ONCE:
            self._more.start()
            return
        self._whole = True
        if self._return_to is not None:
            self.verticalScrollBar().setValue(self._return_to)
        self._look.start()

    def _write(self, cursor: QTextCursor, paragraph: Paragraph) -> None:
        block = QTextBlockFormat()
        block.setIndent(min(paragraph.level, _DEEPEST))
        block.setTopMargin(10 if paragraph.heading else 2)
        if paragraph.heading:
            block.setHeadingLevel(min(paragraph.level + 1, 6))
        if self.document().isEmpty():
            cursor.setBlockFormat(block)
        else:
            cursor.insertBlock(block)
        colon = ": " if paragraph.runs and paragraph.label else ""
        cursor.insertText(paragraph.label + colon, _label(heading=paragraph.heading))
        for run in paragraph.runs:
            self._write_run(cursor, run)

    def _write_run(self, cursor: QTextCursor, run: Run) -> None:
        shape = QTextCharFormat()
        shape.setForeground(colours.IDENTITY)
        if run.absent:
            shape.setForeground(colours.WARNING)
        elif run.link is not None:
            shape.setForeground(colours.ACCENT)
            shape.setFontUnderline(True)
            shape.setAnchor(True)
            shape.setAnchorHref(f"link:{len(self._links)}")
            start = cursor.position()
            self._links.append(_Link(start, start + len(run.text), run.link))
        cursor.insertText(run.text, shape)

    def _apply_zoom(self) -> None:
        font = QFont(self.font())
        font.setPixelSize(max(round(self._size * self._zoom), 8))
        self.setFont(font)
        self.document().setDefaultFont(font)
        self.document().setIndentWidth(_INDENT * font.pixelSize())
        self._fit_width()

    def _fit_width(self) -> None:
        widest = round(_WIDEST * self.font().pixelSize())
        self.setLineWrapColumnOrWidth(min(self.viewport().width(), widest))

    def _look_for_the_end(self) -> None:
        bar = self.verticalScrollBar()
        if self._whole and self.isVisible() and bar.value() >= bar.maximum():
            self.read.emit()

    # -- what the reader does --------------------------------------------------------------------

    def _on_anchor_clicked(self, url: QUrl) -> None:
        number = url.toString().removeprefix("link:")
        if number.isdecimal() and int(number) < len(self._links):
            self._chosen = int(number)
            self.followed.emit(self._links[self._chosen].to)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Lines wrap anew, but never wider than can be followed."""
        super().resizeEvent(event)
        self._fit_width()
        self._look.start()

    def event(self, event: QEvent, /) -> bool:
        """Keep the keys of reading from being commands on images."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._is_mine(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """Read on, zoom, choose and follow links; what is left over goes to the pane."""
        if not self._act(event):
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent, /) -> None:
        """Scroll; with Ctrl change the size of the text."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * (_STEP if event.angleDelta().y() > 0 else 1 / _STEP))
            event.accept()
            return
        super().wheelEvent(event)
        event.accept()  # the pane below has nothing to scroll

    def _is_mine(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_PageDown, Qt.Key.Key_PageUp}:
            return self._can_scroll(key is Qt.Key.Key_PageDown)
        plain = event.modifiers() in {
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        }
        if plain and key in _READING:
            return True
        return _among(event, (*_LARGER, *_SMALLER, *_HOME)) or any(
            event.matches(standard)
            for standard in (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll)
        )

    def _can_scroll(self, down: bool) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() < bar.maximum() if down else bar.value() > bar.minimum()

    def _act(self, event: QKeyEvent) -> bool:
        key, bar = Qt.Key(event.key()), self.verticalScrollBar()
        if _among(event, _LARGER):
            self.set_zoom(self._zoom * _STEP)
        elif _among(event, _SMALLER):
            self.set_zoom(self._zoom / _STEP)
        elif _among(event, _HOME):
            self.set_zoom(1.0)
        elif key in {Qt.Key.Key_Right, Qt.Key.Key_Left}:
            self.choose_link(1 if key is Qt.Key.Key_Right else -1)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if 0 <= self._chosen < len(self._links):
                self.followed.emit(self._links[self._chosen].to)
        elif key is Qt.Key.Key_Home:
            bar.setValue(bar.minimum())
        elif key is Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        else:
            return False
        return True


_READING = frozenset(
    {
        Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home,
        Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_Enter,
    }
)  # fmt: skip


def _label(*, heading: bool) -> QTextCharFormat:
    shape = QTextCharFormat()
    shape.setForeground(colours.IDENTITY if heading else colours.SUBTLE)
    if heading:
        shape.setFontWeight(QFont.Weight.DemiBold)
        shape.setProperty(QTextFormat.Property.FontSizeAdjustment, 1)
    return shape


def _among(event: QKeyEvent, keys: tuple[QKeySequence, ...]) -> bool:
    combination = event.keyCombination()
    plain = QKeySequence(combination)
    return any(plain == key for key in keys)
