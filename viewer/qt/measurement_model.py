"""The measurements of a case as a Qt model: a row for each study, below it its measurements."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from viewer.errors import GeometryError
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId
from viewer.viewport.measurement_list import Group, Row, name_of, value_of

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """Columns from left to right."""

    NAME = 0
    VALUE = 1
    IMAGE = 2
    MADE = 3


_TITLES = ("Measurement", "Value", "Image", "Made by")


class MeasurementModel(QAbstractItemModel):
    """Values are read when a row is painted, so that 500 rows cost what is on the screen."""

    def __init__(
        self,
        read: Callable[[Annotation], Reading],
        explain: Callable[[Annotation], str],
        rename: Callable[[AnnotationId, str], None],
        parent: QObject | None = None,
    ) -> None:
        """Start empty; ``read`` raises GeometryError, ``explain`` says what a number rests on."""
        super().__init__(parent)
        self._read, self._explain, self._rename = read, explain, rename
        self._groups: tuple[Group, ...] = ()

    def show(self, groups: tuple[Group, ...]) -> bool:
        """Show these groups in place of what was shown; False where the same rows stay."""
        if _ids(groups) == _ids(self._groups):
            self._groups = groups
            for number, group in enumerate(groups):
                head = self.index(number, 0)
                last = self.index(len(group.rows) - 1, Column.MADE, head)
                self.dataChanged.emit(head, head)
                self.dataChanged.emit(self.index(0, 0, head), last)
            return False
        self.beginResetModel()
        self._groups = groups
        self.endResetModel()
        return True

    def row_at(self, index: Index) -> Row | None:
        """The measurement of an index; None for a study."""
        group = self._group_of(index)
        return None if group is None else group.rows[index.row()]

    def index_of(self, wanted: AnnotationId | None) -> QModelIndex:
        """Where a measurement stands; invalid when it does not."""
        for number, group in enumerate(self._groups):
            for at, row in enumerate(group.rows):
                if row.annotation.id == wanted:
                    return self.index(at, 0, self.index(number, 0))
        return QModelIndex()

    def count(self) -> int:
        """How many measurements there are."""
        return sum(len(group.rows) for group in self._groups)

    # -- what Qt asks ----------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """Studies have the id 0, measurements the number of their study from 1."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        """The study of a measurement; QObject's own ``parent()`` takes no index."""
        if not index.isValid() or not index.internalId():
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Studies, or measurements of one."""
        if not parent.isValid():
            return len(self._groups)
        if parent.internalId() or parent.column() > 0:
            return 0
        return len(self._groups[parent.row()].rows)

    def columnCount(self, _parent: Index = _NOWHERE) -> int:
        """Columns."""
        return len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.tr(_TITLES[section])
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A study only heads its measurements; the name of one can be edited."""
        if self.row_at(index) is None:
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == Column.NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, the sentence a screen reader speaks, and what the number rests on."""
        row = self.row_at(index)
        if row is None:
            return self._title(index, role)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, Column(index.column()))
            case Qt.ItemDataRole.EditRole:
                return row.annotation.text
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == Column.NAME:
                return self.sentence(row)
            case Qt.ItemDataRole.ToolTipRole:
                return self._explain(row.annotation)
            case _:
                return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what the reader calls a measurement."""
        row = self.row_at(index)
        if row is None or role != Qt.ItemDataRole.EditRole:
            return False
        self._rename(row.annotation.id, " ".join(str(value).split()))
        return True

    def sentence(self, row: Row) -> str:
        """A measurement in one line, without whose it is."""
        said = [name_of(row.annotation), self._text(row, Column.VALUE)]
        where = f" ({row.image})" if row.image else ""
        return ": ".join(part for part in said if part) + where

    def _title(self, index: Index, role: int) -> str | QFont | None:
        if not index.isValid() or index.column():
            return None
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        return self._groups[index.row()].title if shown else None

    def _text(self, row: Row, column: Column) -> str:
        made = row.annotation.made_by
        match column:
            case Column.NAME:
                return name_of(row.annotation)
            case Column.VALUE:
                try:
                    return value_of(row.annotation, self._read(row.annotation))
                except GeometryError as error:
                    return error.sentence
            case Column.IMAGE:
                return row.image
            case Column.MADE:
                return f"{made.author}, {made.made_at:%Y-%m-%d %H:%M}"

    def _group_of(self, index: Index) -> Group | None:
        number = index.internalId() if index.isValid() else 0
        return self._groups[number - 1] if number else None


def _ids(groups: tuple[Group, ...]) -> list[list[AnnotationId]]:
    return [[row.annotation.id for row in group.rows] for group in groups]
