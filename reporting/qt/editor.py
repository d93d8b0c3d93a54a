"""The editor of one section: plain words and measurement chips, nothing else."""

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QSizePolicy, QTextEdit, QToolTip, QWidget

from reporting.model.finding import Finding
from reporting.model.visible import visible
from reporting.qt.chips import (
    CHIP_TYPE,
    MIME,
    ChipObject,
    chip_before,
    chip_places,
    insert_chip,
    insert_text,
    measurement_of,
    mime_of,
    pasted,
    stored_text,
    whole,
)
from viewer.model.measurement import MeasurementId

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FEWEST_LINES = 2


class SectionEditor(QTextEdit):
    """Edits one section; grows with its text, so that the report scrolls as one page."""

    edited = Signal()
    """The text changed by the reader's hand, undo and redo included."""
    left = Signal()
    """The focus went elsewhere."""
    jump_asked = Signal(str)
    """A chip was clicked or entered: its measurement id."""

    def __init__(
        self, known: Mapping[MeasurementId, Finding], parent: QWidget | None = None
    ) -> None:
        """Make an empty editor; ``known`` are the findings that chips may name."""
        super().__init__(parent)
        self._known = known
        self._chips = ChipObject(known, self)
        self._quiet = False
        self.visited = False
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = self.document().documentLayout()
        layout.registerHandler(CHIP_TYPE, self._chips)
        layout.documentSizeChanged.connect(self._on_layout_size_changed)
        self.textChanged.connect(self._on_text_changed)
        self.currentCharFormatChanged.connect(self._on_format_changed)
        self._on_layout_size_changed()

    def text(self) -> str:
        """The section's text as it is stored."""
        return stored_text(whole(self.document()))

    def load(self, text: str) -> None:
        """Show a stored text; nothing before it can be undone."""
        self.set_text(text)
        self.document().clearUndoRedoStacks()

    def set_text(self, text: str) -> None:
        """Show a stored text; can be undone, is no edit of the reader's hand."""
        self._quiet = True
        cursor = whole(self.document())
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        insert_text(cursor, text, self._known)
        cursor.endEditBlock()
        self._quiet = False

    def insert_measurement(self, measurement: MeasurementId) -> None:
        """Put a chip at the cursor, or on a line of its own when the reader was not here yet."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        if not self.visited:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            if cursor.block().length() > 1:
                cursor.insertBlock()
        self.visited = True
        cursor.removeSelectedText()
        before = self.document().characterAt(cursor.position() - 1) if cursor.position() else ""
        if before and not before.isspace():
            cursor.insertText(" ", QTextCharFormat())
        insert_chip(cursor, measurement)
        cursor.insertText(" ", QTextCharFormat())
        cursor.endEditBlock()
        self.setTextCursor(cursor)

    def refresh_chips(self) -> None:
        """Labels changed: lay the text out and draw it again."""
        document = self.document()
        self._quiet = True
        document.markContentsDirty(0, document.characterCount())
        self._quiet = False
        self.viewport().update()

    def chip_here(self) -> MeasurementId | None:
        """The chip that is selected, or that stands at the cursor."""
        cursor = self.textCursor()
        if cursor.hasSelection():
            return self._selected_chip()
        after = QTextCursor(cursor)
        after.movePosition(QTextCursor.MoveOperation.NextCharacter)
        return chip_before(cursor) or chip_before(after)

    def chip_rect(self, position: int) -> QRect:
        """Where the chip at this position of the text is, in the viewport."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        start = self.cursorRect(cursor)
        cursor.setPosition(position + 1)
        size = self._chips.size(self.document().defaultFont(), cursor.charFormat())
        return QRect(start.left(), start.top(), round(size.width()), start.height())

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """Enter on a selected chip, or Ctrl+Enter beside one, goes to its image."""
        if event.key() in _ENTER:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            chip = self.chip_here() if control else self._selected_chip()
            if chip is not None:
                self.jump_asked.emit(chip)
                return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        """A click on a chip goes to its image."""
        super().mouseReleaseEvent(event)
        dragged = self.textCursor().hasSelection()
        if event.button() is not Qt.MouseButton.LeftButton or dragged:
            return
        found = self._chip_at(event.position().toPoint())
        if found is None:
            return
        position, chip = found
        cursor = self.textCursor()
        cursor.setPosition(position)
        cursor.setPosition(position + 1, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.jump_asked.emit(chip)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        """Show that a chip can be clicked."""
        super().mouseMoveEvent(event)
        over = self._chip_at(event.position().toPoint()) is not None
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)

    def focusOutEvent(self, event: QFocusEvent, /) -> None:
        """Tell that the reader went elsewhere: what is written is saved now."""
        super().focusOutEvent(event)
        self.left.emit()

    def focusInEvent(self, event: QFocusEvent, /) -> None:
        """The first visit starts at the end of what stands there."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason and not self.visited:
            self.moveCursor(QTextCursor.MoveOperation.End)
        self.visited = True

    def viewportEvent(self, event: QEvent, /) -> bool:
        """A chip's tooltip names its image."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._chip_at(event.pos())
            finding = None if found is None else self._known.get(found[1])
            words = "" if finding is None else visible(f"{finding.label} · {finding.image}")
            QToolTip.showText(event.globalPos(), f"<span>{escape(words)}</span>" if words else "")
            return True
        return super().viewportEvent(event)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy chips as chips for ourselves and as words for everyone else."""
        return mime_of(self.textCursor(), self._known)

    def canInsertFromMimeData(self, source: QMimeData, /) -> bool:
        """Only words can be pasted or dropped."""
        return source.hasText() or source.hasFormat(MIME)

    def insertFromMimeData(self, source: QMimeData, /) -> None:
        """Paste words, and chips that this report knows."""
        cursor = self.textCursor()
        insert_text(cursor, pasted(source, self._known), self._known)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _selected_chip(self) -> MeasurementId | None:
        cursor = self.textCursor()
        if cursor.selectionEnd() - cursor.selectionStart() != 1:
            return None
        end = QTextCursor(self.document())
        end.setPosition(cursor.selectionEnd())
        return chip_before(end)

    def _chip_at(self, point: QPoint) -> tuple[int, MeasurementId] | None:
        return next(
            (
                (position, chip)
                for position, chip in chip_places(self.document())
                if self.chip_rect(position).contains(point)
            ),
            None,
        )

    def _on_text_changed(self) -> None:
        if not self._quiet:
            self.edited.emit()

    def _on_format_changed(self, form: QTextCharFormat) -> None:
        # with a selection this would format the selection, and a chip would be no chip any more
        if measurement_of(form) is not None and not self.textCursor().hasSelection():
            self.setCurrentCharFormat(QTextCharFormat())

    def _on_layout_size_changed(self) -> None:
        lines = self.fontMetrics().lineSpacing() * _FEWEST_LINES
        text = round(self.document().size().height())
        frame = self.height() - self.viewport().height() if self.isVisible() else 12
        self.setFixedHeight(max(text, lines + 8) + max(frame, 2))
