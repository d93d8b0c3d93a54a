"""The table of all measurements of a case: go to one, name it, report it, take all of them away."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId
from viewer.qt.measurement_model import Column, MeasurementModel
from viewer.viewport.measurement_list import Group, Row

_OWN_KEYS = frozenset({
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Tab, Qt.Key.Key_Backtab,
    Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Escape,
})  # fmt: skip
"""Move in the panel while it has the focus; every other key does what it does on an image."""
_CHANGING = frozenset({Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_R, Qt.Key.Key_T})
_WIDTHS = {Column.NAME: 240, Column.IMAGE: 170, Column.MADE: 230}


class MeasurementPanel(QWidget):
    """Shows the groups it is given; what the reader wants is told by signals."""

    chosen = Signal(object)
    """Carries the Annotation that keys shall act on, or None."""
    wanted = Signal(object)
    """Carries the Annotation that the reader wants to see."""
    delete_asked = Signal()
    report_asked = Signal()
    copy_asked = Signal(str)
    """Carries the chosen measurement in words."""
    export_asked = Signal(bool)
    """Carries whether the file names the patient."""
    left = Signal()
    """The reader goes back to the images."""
    close_asked = Signal()

    def __init__(
        self,
        read: Callable[[Annotation], Reading],
        explain: Callable[[Annotation], str],
        rename: Callable[[AnnotationId, str], None],
        parent: QWidget | None = None,
    ) -> None:
        """Build an empty table; see MeasurementModel for what is asked of the arguments."""
        super().__init__(parent)
        self.setObjectName("measurements")
        self.setAccessibleName(self.tr("Measurements"))
        self._quiet = False
        """Whether the program moves in the table, not the reader."""
        self.model = MeasurementModel(read, explain, rename, self)
        self._title = QLabel()
        self._title.setObjectName("measurements.title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.identity = QCheckBox(self.tr("With patient name"))
        self.tree = self._make_tree()
        self._for_one: list[QPushButton] = []
        self._stops: tuple[QWidget, ...] = ()
        self._export = self._button("export", self.tr("Export …"), self._on_export)
        self._lay_out()
        self._enable()

    def show_groups(self, groups: tuple[Group, ...], chosen: AnnotationId | None) -> None:
        """Show these measurements; ``chosen`` is current, and the place of the list is kept."""
        bar = self.tree.verticalScrollBar()
        place = bar.value()
        self._quiet = True  # rows that go are not a choice
        anew = self.model.show(groups)
        self._quiet = False
        if anew:
            for number in range(self.model.rowCount()):
                self.tree.setFirstColumnSpanned(number, QModelIndex(), True)
            self.tree.expandAll()
            bar.setValue(place)
        self.choose(chosen)

    def choose(self, chosen: AnnotationId | None) -> None:
        """Make the row of a measurement current, without telling."""
        index = self.model.index_of(chosen)
        if index != self.tree.currentIndex().siblingAtColumn(0):
            self._quiet = True
            if index.isValid():
                self.tree.setCurrentIndex(index)
            else:
                self.tree.selectionModel().clear()
            self._quiet = False
        self._enable()

    def refresh(self) -> None:
        """Read the values anew: images have come, or another readout is shown."""
        self.tree.viewport().update()

    def current(self) -> Row | None:
        """The row that keys act on."""
        return self.model.row_at(self.tree.currentIndex())

    def event(self, event: QEvent) -> bool:
        """Keep the keys that move in the panel from the commands of the images."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            bare = not event.modifiers() & ~(
                Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
            )
            lost = self.current() is None and event.key() in _CHANGING
            if (bare and event.key() in _OWN_KEYS) or lost:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the images."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round in the panel, as among the panes; Esc leaves it."""
        focused = self.focusWidget()
        stops = [stop for stop in self._stops if stop.isEnabled() or stop is focused]
        at = stops.index(focused) if focused in stops else -1
        step, reason = 1, Qt.FocusReason.TabFocusReason
        if not forward:
            step, reason = -1, Qt.FocusReason.BacktabFocusReason
        stops[(at + step) % len(stops)].setFocus(reason)
        return True

    # -- building --------------------------------------------------------------------------------

    def _make_tree(self) -> QTreeView:
        tree = QTreeView()
        tree.setObjectName("measurementTable")
        tree.setAccessibleName(self.tr("Table of measurements"))
        tree.setModel(self.model)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        tree.setItemsExpandable(False)
        tree.setRootIsDecorated(False)
        tree.setAllColumnsShowFocus(True)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        tree.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.VALUE, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        tree.selectionModel().currentChanged.connect(self._on_current_changed)
        tree.clicked.connect(self._on_index_wanted)
        tree.activated.connect(self._on_index_wanted)
        return tree

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        row.addWidget(self._title, 1)
        for name, words, act in (
            ("go", self.tr("Go to image"), self._on_go),
            ("rename", self.tr("Rename"), self._on_rename),
            ("report", self.tr("To report"), self.report_asked.emit),
            ("copy", self.tr("Copy"), self._on_copy),
            ("delete", self.tr("Delete"), self.delete_asked.emit),
        ):
            button = self._button(name, words, act)
            self._for_one.append(button)
            row.addWidget(button)
        row.addWidget(self._export)
        row.addWidget(self.identity)
        close = self._button("close", self.tr("Close"), self.close_asked.emit)
        row.addWidget(close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(row)
        whole.addWidget(self.tree, 1)
        self._stops = (self.tree, *self._for_one, self._export, self.identity, close)

    def _button(self, name: str, words: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(words)
        button.setObjectName(f"measurements.{name}")
        button.setAccessibleName(words.rstrip(" …"))
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        return button

    def _enable(self) -> None:
        for button in self._for_one:
            button.setEnabled(self.current() is not None)
        count = self.model.count()
        self._export.setEnabled(count > 0)
        self._title.setText(
            self.tr("Measurements: {0}").format(count) if count else self.tr("No measurements yet")
        )

    # -- what the reader did ---------------------------------------------------------------------

    def _on_current_changed(self, current: QModelIndex) -> None:
        if self._quiet:
            return
        row = self.model.row_at(current)
        self._enable()
        self.chosen.emit(None if row is None else row.annotation)

    def _on_index_wanted(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self.wanted.emit(row.annotation)

    def _on_go(self) -> None:
        self._on_index_wanted(self.tree.currentIndex())

    def _on_rename(self) -> None:
        self.tree.edit(self.tree.currentIndex().siblingAtColumn(Column.NAME))

    def _on_copy(self) -> None:
        row = self.current()
        if row is not None:
            self.copy_asked.emit(self.model.sentence(row))

    def _on_export(self) -> None:
        self.export_asked.emit(self.identity.isChecked())
