"""The worklist as a Qt table model: one row a case, text and meaning apart from colour."""

from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from workstation.model.case import Case, CaseKind, CaseState, Priority, StudyOnPlatform
from workstation.model.worklist import time_left
from workstation.session.desk import Desk

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns from left to right."""

    DUE = 0
    PRIORITY = 1
    PATIENT = 2
    STUDY = 3
    MODALITY = 4
    IMAGES = 5
    PRIORS = 6
    AI = 7
    STATE = 8


_TITLES = ("Due", "Priority", "Patient", "Study", "Mod", "Images", "Priors", "AI", "State")
_OVERDUE = QColor("#ff9d8a")
_CLOSE = QColor("#f0c674")
_MANY = 2  # this many kinds of images besides the first have no room
_WORDS = {
    Priority.STAT: "STAT",
    Priority.ASAP: "ASAP",
    Priority.URGENT: "Urgent",
    Priority.ROUTINE: "Routine",
}


def person_line(name: str) -> str:
    """A DICOM name as people write it: 'Doe, Jane'."""
    parts = [p.strip() for p in name.split("=")[0].split("^")]
    given = " ".join(p for p in parts[1:3] if p)
    return ", ".join(p for p in (parts[0], given) if p) or "Name unknown"


def age_sex(birth_date: str, sex: str, today: datetime) -> str:
    """'F 54' from sex and birth date; what is unknown is left out."""
    age = ""
    try:
        born = datetime.strptime(birth_date, "%Y-%m-%d").replace(tzinfo=today.tzinfo)
    except ValueError:
        born = None
    if born is not None:
        years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        age = str(years)
    return " ".join(p for p in (sex, age) if p)


class WorklistModel(QAbstractTableModel):
    """Shows the cases it is given; asks the desk what is here of each."""

    def __init__(
        self, desk: Desk, now: Callable[[], datetime], parent: QObject | None = None
    ) -> None:
        """Start empty."""
        super().__init__(parent)
        self._desk = desk
        self._now = now
        self._cases: tuple[Case, ...] = ()

    def show(self, cases: tuple[Case, ...]) -> None:
        """Show these cases; rows that stay keep their selection."""
        same = [c.id for c in cases] == [c.id for c in self._cases]
        if same:
            self._cases = cases
            self.tick()
            return
        self.beginResetModel()
        self._cases = cases
        self.endResetModel()

    def tick(self) -> None:
        """Show time left and progress anew."""
        if self._cases:
            last = self.index(len(self._cases) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def case_at(self, row: int) -> Case | None:
        """The case of a row."""
        return self._cases[row] if 0 <= row < len(self._cases) else None

    def row_of(self, case: str) -> int:
        """The row of a case, −1 when it is not shown."""
        return next((i for i, c in enumerate(self._cases) if c.id == case), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Rows."""
        return 0 if parent.isValid() else len(self._cases)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.tr(_TITLES[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, emphasis and the sentence a screen reader speaks."""
        case = self.case_at(index.row())
        if case is None:
            return None
        column = Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(case, column)
            case Qt.ItemDataRole.ForegroundRole:
                return self._brush(case, column)
            case Qt.ItemDataRole.FontRole if column in (Column.DUE, Column.PATIENT):
                font = QFont()
                font.setWeight(QFont.Weight.DemiBold)
                return font
            case Qt.ItemDataRole.ToolTipRole if column is Column.STATE:
                return "\n".join(b.why for b in case.blocks) or None
            case Qt.ItemDataRole.ToolTipRole if column is Column.MODALITY:
                return case.study.kind
            case _:
                return None

    def _text(self, case: Case, column: Column) -> str:
        match column:
            case Column.DUE:
                return self._due_text(case)
            case Column.PATIENT:
                about = age_sex(case.patient.birth_date, case.patient.sex, self._now())
                return f"{person_line(case.patient.name)}   {about}".rstrip()
            case Column.STUDY:
                return self._study_text(case)
            case Column.IMAGES:
                here = self._desk.on_hand(case)
                return f"{here.held}/{here.expected or '?'}"
            case Column.STATE:
                return self.state_text(case)
        plain = {
            Column.PRIORITY: self.tr(_WORDS[case.priority]),
            Column.MODALITY: _kind(case.study),
            Column.PRIORS: str(len(case.priors)) if case.priors else "–",
            Column.AI: self.tr("yes") if case.has_ai else "–",
        }
        return plain[column]

    def _due_text(self, case: Case) -> str:
        if case.state is CaseState.COMPLETED:
            return "–"
        return time_left(case.due, self._now(), self._desk.clock_offset).text

    def _study_text(self, case: Case) -> str:
        title = case.study.identity.description or case.description
        if case.kind is CaseKind.PRIMARY:
            return title
        return f"{title}  ·  {self.tr(case.kind.value)}"

    def state_text(self, case: Case) -> str:
        """What a reader must know of the case now, in a few words."""
        desk = self._desk
        here = desk.on_hand(case)
        if case.state is CaseState.COMPLETED:
            return self.tr("Sent")
        if desk.is_fetching(case):
            share = 100 * here.held // here.expected if here.expected else 0
            progress = desk.progress.get(case.id)
            if progress is not None and progress.expected:
                share = 100 * progress.held // progress.expected
            return self.tr("Downloading {0} %").format(share)
        if (delivery := desk.deliveries.get(case.id)) is not None:
            return self.tr("Not accepted") if delivery.is_stuck else self.tr("Signed · to send")
        if case.blocks and case.blocks[0].stops_download:
            return self.tr("Blocked")
        if case.business_status:
            return case.business_status[:1].upper() + case.business_status[1:]
        words = {
            CaseState.REQUESTED: self.tr("New"),
            CaseState.ACCEPTED: self.tr("Claimed"),
            CaseState.IN_PROGRESS: self.tr("Reading"),
            CaseState.ON_HOLD: self.tr("On hold"),
        }.get(case.state, case.state.value)
        if case.id in desk.with_draft:
            words = self.tr("Draft")
        return self.tr("{0} · ready offline").format(words) if here.complete else words

    def _brush(self, case: Case, column: Column) -> QBrush | None:
        if column is not Column.DUE or case.state is CaseState.COMPLETED:
            return None
        left = time_left(case.due, self._now(), self._desk.clock_offset)
        if left.overdue:
            return QBrush(_OVERDUE)
        return QBrush(_CLOSE) if left.close else None


def _kind(study: StudyOnPlatform) -> str:
    """As much as the column holds; the tooltip has all."""
    more = len(study.modalities) - 1
    return study.kind if more < _MANY else f"{study.modalities[0]} +{more}"
