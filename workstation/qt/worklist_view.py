"""The worklist page: search, tabs, the table of cases, the selected case below."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workstation.model.case import Case
from workstation.model.worklist import Shelf, SortBy, arranged, matches, on_shelf, shelf_counts
from workstation.qt.case_details import CaseDetails
from workstation.qt.worklist_model import Column, WorklistModel
from workstation.session.desk import Desk

_WIDTHS = {
    Column.DUE: 90,
    Column.PRIORITY: 84,
    Column.PATIENT: 260,
    Column.STUDY: 380,
    Column.MODALITY: 70,
    Column.IMAGES: 110,
    Column.PRIORS: 74,
    Column.AI: 56,
    Column.STATE: 240,
}


class WorklistView(QWidget):
    """The first screen; emits the case that is to be opened."""

    open_asked = Signal(object)

    def __init__(
        self, desk: Desk, now: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        """Follow the desk; count down every ten seconds."""
        super().__init__(parent)
        self._desk = desk
        self._shelf = Shelf.MINE
        self._model = WorklistModel(desk, now, self)
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search name, ID, accession, study   (Ctrl+F)"))
        self._search.setAccessibleName(self.tr("Search worklist"))
        self._search.setClearButtonEnabled(True)
        for clear in self._search.findChildren(QAbstractButton):
            clear.setAccessibleName(self.tr("Clear search"))
        self._search.setFixedWidth(360)
        self._sort = QComboBox()
        self._sort.setAccessibleName(self.tr("Sort by"))
        self._sort.setAccessibleDescription(self.tr("Sort by"))  # AT-SPI names it by its choice
        self._sort.addItems([self.tr(by.value) for by in SortBy])
        self._shelves = self._make_shelves()
        self._table = self._make_table()
        self._empty = QLabel()
        self._empty.setObjectName("subtle")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._middle = QStackedWidget()
        self._middle.addWidget(self._table)
        self._middle.addWidget(self._empty)
        self._details = CaseDetails(desk, now)
        self._arrange()
        self._search.textChanged.connect(self._on_filter_changed)
        self._sort.currentIndexChanged.connect(self._on_filter_changed)
        self._table.activated.connect(self._on_table_activated)
        self._table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._details.open_asked.connect(self._on_open_asked)
        self._details.claim_asked.connect(self._on_claim_asked)
        self._details.decline_asked.connect(self._on_decline_asked)
        self._details.stop_asked.connect(self._on_stop_asked)
        self._bind_keys()
        self._timer = QTimer(self)
        self._timer.setInterval(10_000)
        self._timer.timeout.connect(self._model.tick)
        self._timer.start()
        desk.changed.connect(self.refresh)
        self.refresh()

    def selected(self) -> Case | None:
        """The selected case: the row that is marked, however it was (mouse, keys, AT-SPI)."""
        rows = self._table.selectionModel().selectedRows()
        return self._model.case_at(rows[0].row()) if rows else None

    def select(self, case: str) -> None:
        """Select a case by id, if it is shown."""
        row = self._model.row_of(case)
        if row >= 0:
            self._table.selectRow(row)

    def refresh(self) -> None:
        """Show the cases of the desk that pass tab and search."""
        before = self.selected()
        drafts = self._desk.with_draft
        counts = shelf_counts(self._desk.cases, drafts)
        for button, shelf in zip(self._shelves.buttons(), Shelf, strict=True):
            button.setText(f"{self.tr(shelf.value)}  {counts[shelf]}")
            spoken = self.tr("Cases: {0}, {1}").format(counts[shelf], button.toolTip())
            button.setAccessibleDescription(spoken)
        words = self._search.text()
        shown = [
            case
            for case in self._desk.cases
            if on_shelf(case, self._shelf, drafts) and matches(case, words)
        ]
        self._model.show(arranged(shown, list(SortBy)[self._sort.currentIndex()]))
        if before is not None and self._model.row_of(before.id) >= 0:
            if self.selected() is None:
                self.select(before.id)
        elif shown:
            self._table.selectRow(0)
        self._middle.setCurrentIndex(0 if shown else 1)
        self._empty.setText(self._empty_words(words))
        self._details.show_case(self.selected())

    def _empty_words(self, words: str) -> str:
        if words:
            return self.tr("No case matches “{0}”.").format(words)
        if self._desk.fetched_at is None and not self._desk.cases:
            return self.tr("Fetching the worklist …")
        return self.tr("No case here. New cases appear by themselves.")

    def _make_shelves(self) -> QButtonGroup:
        group = QButtonGroup(self)
        for number, shelf in enumerate(Shelf):
            button = QPushButton(self.tr(shelf.value))
            button.setObjectName("shelf")
            button.setCheckable(True)
            button.setChecked(shelf is self._shelf)
            button.setAccessibleName(self.tr(shelf.value))
            button.setToolTip(f"Alt+{number + 1}")
            button.setShortcut(QKeySequence(f"Alt+{number + 1}"))
            group.addButton(button, number)
        group.idToggled.connect(self._on_shelf_toggled)  # AT-SPI toggles without a click
        return group

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self._model)
        table.setAccessibleName(self.tr("Worklist"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(34)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in _WIDTHS.items():
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(Column.STUDY, QHeaderView.ResizeMode.Stretch)
        return table

    def _arrange(self) -> None:
        bar = QFrame()
        bar.setObjectName("filterBar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 6, 16, 0)
        row.addWidget(self._search)
        row.addSpacing(16)
        for button in self._shelves.buttons():
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(QLabel(self.tr("Sort")))
        row.addWidget(self._sort)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self._middle)
        splitter.addWidget(self._details)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(bar)
        whole.addWidget(splitter, 1)

    def _bind_keys(self) -> None:
        keys: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Ctrl+F", self._search.setFocus),
            ("Ctrl+Return", self._on_claim_asked),
            ("Ctrl+D", self._on_decline_asked),
            ("Ctrl+.", self._on_stop_asked),
        )
        for key, act in keys:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _on_shelf_toggled(self, number: int, on: bool) -> None:
        if on:
            self._shelf = list(Shelf)[number]
            self.refresh()

    def _on_filter_changed(self) -> None:
        self.refresh()

    def _on_table_activated(self, _index: QModelIndex) -> None:
        self._on_open_asked()

    def _on_selection_changed(self, _now: QItemSelection, _before: QItemSelection) -> None:
        rows = self._table.selectionModel().selectedRows()
        if rows and rows[0].row() != self._table.currentIndex().row():
            stay = QItemSelectionModel.SelectionFlag.NoUpdate
            self._table.selectionModel().setCurrentIndex(rows[0], stay)
        self._details.show_case(self.selected())

    def _on_open_asked(self) -> None:
        case = self.selected()
        if case is not None:
            self.open_asked.emit(case)

    def _on_claim_asked(self) -> None:
        case = self.selected()
        if case is not None:
            self._desk.claim(case, self._desk.fetch)

    def _on_decline_asked(self) -> None:
        case = self.selected()
        if case is not None:
            self._desk.decline(case, self.tr("declined by the reader"))

    def _on_stop_asked(self) -> None:
        case = self.selected()
        if case is not None:
            self._desk.stop_fetching(case)
