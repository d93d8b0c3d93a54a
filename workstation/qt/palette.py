"""The command palette: type a few letters of any action, press Enter."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

_KEYS = Qt.ItemDataRole.UserRole + 1
_EDGE = 10
_AIR = 8


class _Line(QStyledItemDelegate):
    """The command on the left, its keys on the right."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> QSize:
        return super().sizeHint(option, index) + QSize(0, _AIR)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        /,
    ) -> None:
        super().paint(painter, option, index)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setPen(option.palette.placeholderText().color())
        painter.drawText(option.rect.adjusted(0, 0, -_EDGE, 0), right, index.data(_KEYS) or "")
        painter.restore()


class CommandPalette(QDialog):
    """Lists enabled actions with their keys; also serves as the list of keys."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget | None = None) -> None:
        """Offer these actions."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Commands"))
        self.setAccessibleName(self.tr("Commands"))
        self.resize(560, 460)
        self._actions = [a for a in actions if a.text() and not a.isSeparator()]
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Type a command"))
        self._search.setAccessibleName(self.tr("Command"))
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Matching commands"))
        self._list.setItemDelegate(_Line(self._list))
        whole = QVBoxLayout(self)
        whole.addWidget(self._search)
        whole.addWidget(self._list)
        self._search.textChanged.connect(self._fill)
        self._search.installEventFilter(self)
        self._list.itemActivated.connect(self._on_item_activated)
        self._search.returnPressed.connect(self._on_return_pressed)
        self._fill("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the text field move through the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                row = self._list.currentRow() + step
                self._list.setCurrentRow(max(0, min(row, self._list.count() - 1)))
                return True
        return super().eventFilter(watched, event)

    def _fill(self, words: str) -> None:
        self._list.clear()
        for action in self._actions:
            text = action.text().replace("&", "")
            if not all(word in text.casefold() for word in words.casefold().split()):
                continue
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QListWidgetItem(text)
            item.setData(_KEYS, keys)
            spoken = f"{text}, {keys}" if keys else text
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            item.setData(Qt.ItemDataRole.UserRole, self._actions.index(action))
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _on_return_pressed(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self._on_item_activated(item)

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        action = self._actions[item.data(Qt.ItemDataRole.UserRole)]
        self.accept()
        if action.isEnabled():
            action.trigger()
