"""The measurements of a case as a Qt model: studies, in them findings, in them measurements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont

from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId
from viewer.qt.measurement_words import RowWords
from viewer.viewport.measurement_list import FindingRows, Group, Row

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    """Columns; the panel shows BEFORE and TARGET beside the value."""

    NAME = 0
    VALUE = 1
    IMAGE = 2
    MADE = 3
    BEFORE = 4
    TARGET = 5


_TITLES = ("Measurement", "Value", "Image", "Made by", "Before", "Target")
Entry = Group | FindingRows | Row


@dataclass(slots=True)
class _Node:
    """One line; ``number`` is its place in the list of all, which Qt holds of it."""

    entry: Entry
    number: int
    above: "_Node | None"
    at: int
    below: "list[_Node]" = field(default_factory=list)


class MeasurementModel(QAbstractItemModel):
    """Values are read when a row is painted, so that 500 rows cost what is on the screen."""

    finding_renamed = Signal(str, str)
    """Carries the old name of a finding and the one that the reader wrote."""
    visible_asked = Signal(object, bool)
    """Carries a tuple of annotations, and whether they shall be drawn."""
    target_asked = Signal(object, bool)
    """Carries a tuple of annotations, and whether they shall count as target lesions."""

    def __init__(
        self,
        read: Callable[[Annotation], Reading],
        explain: Callable[[Annotation], str],
        rename: Callable[[AnnotationId, str], None],
        parent: QObject | None = None,
        *,
        is_own: Callable[[Annotation], bool] = lambda _one: True,
    ) -> None:
        """Start empty; ``read`` raises GeometryError, ``explain`` says what a number rests on.

        ``is_own`` tells what the reader may change.
        """
        super().__init__(parent)
        self._explain, self._rename, self._is_own = explain, rename, is_own
        self._words = RowWords(read)
        self._groups: tuple[Group, ...] = ()
        self._nodes: list[_Node] = []
        self._studies: list[_Node] = []

    def show(self, groups: tuple[Group, ...]) -> bool:
        """Show these groups in place of what was shown; False where the same rows stay."""
        if _ids(groups) == _ids(self._groups):
            self._take(groups)
            for node in self._nodes:
                first = self._index_of(node)
                self.dataChanged.emit(first, first.siblingAtColumn(len(Column) - 1))
            return False
        self.beginResetModel()
        self._take(groups)
        self.endResetModel()
        return True

    def row_at(self, index: Index) -> Row | None:
        """The measurement of an index; None for a study or a finding."""
        entry = self.entry_at(index)
        return entry if isinstance(entry, Row) else None

    def entry_at(self, index: Index) -> Entry | None:
        """What stands at an index."""
        return self._nodes[index.internalId()].entry if index.isValid() else None

    def rows_of(self, index: Index) -> tuple[Row, ...]:
        """The measurement of an index, or all that stand below it."""
        return _rows(self.entry_at(index))

    def study_of(self, index: Index) -> Group | None:
        """The study in which an index stands."""
        node = self._nodes[index.internalId()] if index.isValid() else None
        while node is not None and node.above is not None:
            node = node.above
        return node.entry if node is not None and isinstance(node.entry, Group) else None

    def index_of(self, wanted: AnnotationId | None) -> QModelIndex:
        """Where a measurement stands; invalid when it does not."""
        for node in self._nodes:
            if isinstance(node.entry, Row) and node.entry.annotation.id == wanted:
                return self._index_of(node)
        return QModelIndex()

    def heads(self) -> tuple[tuple[QModelIndex, Group | FindingRows], ...]:
        """Every study and finding with its index."""
        found = ((node, node.entry) for node in self._nodes)
        return tuple((self._index_of(n), e) for n, e in found if not isinstance(e, Row))

    def index_of_finding(self, study: Group | None, name: str) -> QModelIndex:
        """Where a finding of a study stands; invalid when it does not."""
        for node in self._nodes:
            above = node.above.entry if node.above is not None else None
            if (
                isinstance(node.entry, FindingRows)
                and node.entry.name == name
                and (isinstance(above, Group) and study is not None and above.study == study.study)
            ):
                return self._index_of(node)
        return QModelIndex()

    def count(self) -> int:
        """How many measurements there are."""
        return sum(isinstance(node.entry, Row) for node in self._nodes)

    def sentence(self, row: Row) -> str:
        """A measurement in one line, without whose it is."""
        return self._words.sentence(row)

    # -- what Qt asks ----------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """Every line has its number among all lines as its id."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self._below(parent)[row].number)

    def parent(self, index: Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        """What a line stands below; QObject's own ``parent()`` takes no index."""
        above = self._nodes[index.internalId()].above if index.isValid() else None
        return QModelIndex() if above is None else self._index_of(above)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """How many lines stand below one."""
        return 0 if parent.column() > 0 else len(self._below(parent))

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
        """Names of findings and measurements can be edited, what is one's own switched."""
        entry, column = self.entry_at(index), index.column()
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if entry is None or isinstance(entry, Group):
            return flags
        if column == Column.NAME:
            flags |= Qt.ItemFlag.ItemIsEditable
        if self._switch(entry, Column(column)) is not None:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, the sentence a screen reader speaks, and what the number rests on."""
        entry, column = self.entry_at(index), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(entry, Column(column)) if entry is not None else None
            case Qt.ItemDataRole.CheckStateRole if entry is not None:
                return self._switch(entry, Column(column))
            case Qt.ItemDataRole.EditRole if isinstance(entry, Row):
                return entry.annotation.text
            case Qt.ItemDataRole.EditRole if isinstance(entry, FindingRows):
                return entry.name
            case Qt.ItemDataRole.AccessibleTextRole if column == Column.NAME and entry is not None:
                return self._words.spoken(entry)
            case Qt.ItemDataRole.ToolTipRole if isinstance(entry, Row):
                return self._explain(entry.annotation)
            case Qt.ItemDataRole.FontRole if isinstance(entry, Group | FindingRows):
                font = QFont()
                font.setWeight(QFont.Weight.DemiBold)
                return font
            case _:
                return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what the reader calls a measurement or a finding, and what is switched."""
        entry = self.entry_at(index)
        if entry is None:
            return False
        if role == Qt.ItemDataRole.CheckStateRole:
            return self._switched(entry, Column(index.column()), Qt.CheckState(value))
        name = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or isinstance(entry, Group):
            return False
        if isinstance(entry, Row):
            self._rename(entry.annotation.id, name)
        elif name != entry.name:
            self.finding_renamed.emit(entry.name, name)
        return True

    # -- lines -----------------------------------------------------------------------------------

    def _take(self, groups: tuple[Group, ...]) -> None:
        self._groups, self._nodes = groups, []
        self._studies = [self._add(group, None, at) for at, group in enumerate(groups)]

    def _add(self, entry: Entry, above: _Node | None, at: int) -> _Node:
        node = _Node(entry, len(self._nodes), above, at)
        self._nodes.append(node)
        node.below = [self._add(one, node, n) for n, one in enumerate(_entries(entry))]
        return node

    def _below(self, index: Index) -> Sequence[_Node]:
        return self._nodes[index.internalId()].below if index.isValid() else self._studies

    def _index_of(self, node: _Node) -> QModelIndex:
        return self.createIndex(node.at, 0, node.number)

    def _text(self, entry: Entry, column: Column) -> str | None:
        if isinstance(entry, Row):
            return self._words.cell(entry, column.name)
        if column == Column.NAME:
            return self._words.head(entry, self._groups)
        return None

    def _switch(self, entry: Entry, column: Column) -> Qt.CheckState | None:
        """Whether what stands at a line is drawn, or counts; None where that cannot be said."""
        own = [row.annotation for row in _rows(entry) if self._is_own(row.annotation)]
        if column == Column.NAME and not isinstance(entry, Group):
            on = [not one.hidden for one in own]
        elif column == Column.TARGET and isinstance(entry, Row):
            on = [one.target for one in own]
        else:
            return None
        if not on:
            return None
        if all(on):
            return Qt.CheckState.Checked
        return Qt.CheckState.PartiallyChecked if any(on) else Qt.CheckState.Unchecked

    def _switched(self, entry: Entry, column: Column, to: Qt.CheckState) -> bool:
        if self._switch(entry, column) is None:
            return False
        asked = self.target_asked if column == Column.TARGET else self.visible_asked
        asked.emit(tuple(row.annotation for row in _rows(entry)), to is Qt.CheckState.Checked)
        return True


def _entries(entry: Entry) -> tuple[Entry, ...]:
    if isinstance(entry, Group):
        return (*entry.rows, *entry.findings)
    return entry.rows if isinstance(entry, FindingRows) else ()


def _rows(entry: Entry | None) -> tuple[Row, ...]:
    match entry:
        case Row():
            return (entry,)
        case Group():
            return entry.all_rows
        case FindingRows():
            return entry.rows
    return ()


def _ids(groups: tuple[Group, ...]) -> list[object]:
    return [
        (
            group.study.uid if group.study else None,
            [row.annotation.id for row in group.rows],
            [(one.name, [row.annotation.id for row in one.rows]) for one in group.findings],
        )
        for group in groups
    ]
