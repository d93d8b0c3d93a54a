"""The tree of the table of measurements: what is folded stays folded, keys are asked for first."""

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from viewer.qt.measurement_model import Column, MeasurementModel
from viewer.viewport.measurement_list import FindingRows, Group

_WIDTHS = {
    Column.NAME: 230,
    Column.TARGET: 72,
    Column.IMAGE: 140,
    Column.MADE: 150,
}
_ORDER = (Column.NAME, Column.VALUE, Column.BEFORE, Column.TARGET, Column.IMAGE, Column.MADE)
Head = tuple[str, str]


class MeasurementTree(QTreeView):
    """Shows a MeasurementModel."""

    pressed_key = Signal(object)
    """Carries a QKeyEvent; what accepts it has done what it asks for."""

    def __init__(self, model: MeasurementModel, parent: QWidget | None = None) -> None:
        """Show what the model holds."""
        super().__init__(parent)
        self._model = model
        self._folded: set[Head] = set()
        self.setObjectName("measurementTable")
        self.setAccessibleName(self.tr("Table of measurements"))
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setAllColumnsShowFocus(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = self.header()
        header.setStretchLastSection(False)
        for column in (Column.VALUE, Column.BEFORE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        for place, column in enumerate(_ORDER):
            header.moveSection(header.visualIndex(column), place)
        self.collapsed.connect(lambda index: self._fold(index, True))
        self.expanded.connect(lambda index: self._fold(index, False))

    def open_heads(self) -> None:
        """Unfold all but what the reader has folded; heads go over the whole width."""
        for index, entry in self._model.heads():
            if isinstance(entry, Group):
                self.setFirstColumnSpanned(index.row(), index.parent(), True)
            self.setExpanded(index, _head(self._model, index) not in self._folded)

    def place_of(self, index: QModelIndex) -> int:
        """Where a line is from the top, to order lines by."""
        return index.internalId()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for a use of the key first."""
        event.ignore()
        self.pressed_key.emit(event)
        if not event.isAccepted():
            event.accept()
            super().keyPressEvent(event)

    def _fold(self, index: QModelIndex, folded: bool) -> None:
        head = _head(self._model, index)
        self._folded.add(head) if folded else self._folded.discard(head)


def _head(model: MeasurementModel, index: QModelIndex) -> Head:
    study, entry = model.study_of(index), model.entry_at(index)
    uid = study.study.uid if study is not None and study.study is not None else ""
    return uid, entry.name if isinstance(entry, FindingRows) else ""
