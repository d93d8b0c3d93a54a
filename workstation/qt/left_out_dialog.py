"""The list of what is not shown: each file, image or study with the reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

_WIDTHS = (150, 380)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    where: str
    what: str
    why: str


class LeftOutDialog(QDialog):
    """Stands beside the images, not before them: reading goes on while it is open."""

    def __init__(self, rows: Callable[[], Sequence[Row]], parent: QWidget | None = None) -> None:
        """``rows`` is asked whenever ``refresh`` is called."""
        super().__init__(parent)
        self._rows = rows
        self._shown: tuple[Row, ...] = ()
        self.setModal(False)
        self.setWindowTitle(self.tr("Not shown"))
        self.setAccessibleName(self.tr("Not shown"))
        self.resize(1000, 480)
        self._about = QLabel()
        self._about.setObjectName("subtle")
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._list = QTreeWidget()
        self._list.setAccessibleName(self.tr("What is not shown"))
        self._list.setHeaderLabels([self.tr("Where"), self.tr("File or image"), self.tr("Why")])
        self._list.setObjectName("leftOutList")
        self._list.setRootIsDecorated(False)
        self._list.setAlternatingRowColors(True)
        self._list.setUniformRowHeights(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self._list.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(_WIDTHS):
            self._list.setColumnWidth(column, width)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(18, 16, 18, 16)
        lines.setSpacing(10)
        lines.addWidget(self._about)
        lines.addWidget(self._list, 1)
        lines.addLayout(buttons)
        self.refresh()

    def refresh(self) -> None:
        """Show what is left out now."""
        rows = tuple(self._rows())
        if rows == self._shown:
            return
        self._shown = rows
        self._about.setText(
            self.tr("1 file or image is not shown.")
            if len(rows) == 1
            else self.tr("{0} files or images are not shown.").format(len(rows))
        )
        self._list.clear()
        self._list.addTopLevelItems([_item(row) for row in rows])


def _item(row: Row) -> QTreeWidgetItem:
    texts = [row.where, row.what, row.why]
    item = QTreeWidgetItem(texts)
    for column, text in enumerate(texts):
        item.setToolTip(column, text)
    return item
