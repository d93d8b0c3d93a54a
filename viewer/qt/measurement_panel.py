"""The table of all measurements of a case: go to one, name it, group, report, hide, delete them."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId
from viewer.qt.measurement_model import Column, MeasurementModel
from viewer.qt.measurement_tree import MeasurementTree
from viewer.viewport.measurement_list import FindingRows, Group, Row

_CHANGING = frozenset({Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_R, Qt.Key.Key_T})
_REMOVES = frozenset({Qt.Key.Key_Delete, Qt.Key.Key_Backspace})
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_OWN_KEYS = frozenset({
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Tab, Qt.Key.Key_Backtab,
    Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Escape,
})  # fmt: skip
"""Move in the panel while it has the focus; every other key does what it does on an image."""


class MeasurementPanel(QWidget):
    """Shows the groups it is given; what the reader wants is told by signals."""

    chosen = Signal(object)
    """Carries the Annotation that keys shall act on, or None."""
    wanted = Signal(object)
    """Carries the Annotation that the reader wants to see."""
    delete_asked = Signal(object)
    report_asked = Signal(object)
    finding_asked = Signal(object)
    visible_asked = Signal(object, bool)
    target_asked = Signal(object, bool)
    """Carry the annotations that are chosen; and whether they shall be drawn, or be targets."""
    finding_renamed = Signal(str, str)
    finding_moved = Signal(str, int, object)
    """Carries a finding, 1 to move it down or -1 up, and the findings beside it."""
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
        *,
        is_own: Callable[[Annotation], bool] = lambda _one: True,
    ) -> None:
        """Build an empty table; see MeasurementModel for what is asked of the arguments."""
        super().__init__(parent)
        self.setObjectName("measurements")
        self.setAccessibleName(self.tr("Measurements"))
        self._quiet = False
        """Whether the program moves in the table, not the reader."""
        self.model = MeasurementModel(read, explain, rename, self, is_own=is_own)
        self._title = QLabel()
        self._title.setObjectName("measurements.title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.identity = QCheckBox(self.tr("With patient name"))
        self.tree = MeasurementTree(self.model, self)
        self.tree.pressed_key.connect(self._on_tree_pressed_key)
        self.tree.selectionModel().currentChanged.connect(self._on_current_changed)
        self.tree.selectionModel().selectionChanged.connect(lambda _new, _old: self._enable())
        self._switched = False
        """Whether the last press switched something, and so asks for no image."""
        self.tree.pressed.connect(self._on_tree_pressed)
        self.tree.clicked.connect(self._on_tree_clicked)
        self.tree.activated.connect(self._on_index_wanted)
        self.model.finding_renamed.connect(self.finding_renamed)
        self.model.visible_asked.connect(self._on_visible_asked)
        self.model.target_asked.connect(self._on_target_asked)
        self._for_one: list[QPushButton] = []
        self._for_some: list[QPushButton] = []
        self._menu = self._make_menu()
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
            self.tree.open_heads()
            bar.setValue(place)
        self.choose(chosen)

    def choose(self, chosen: AnnotationId | None) -> None:
        """Make the row of a measurement current, without telling."""
        index, now = self.model.index_of(chosen), self.tree.currentIndex().siblingAtColumn(0)
        held = now.isValid() and self.model.row_at(now) is None  # a head stays chosen
        if index != now and (index.isValid() or not held):
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

    def chosen_annotations(self) -> tuple[Annotation, ...]:
        """What is selected, with all that stands below a selected head; each once."""
        indexes = sorted(self.tree.selectionModel().selectedRows(), key=self.tree.place_of)
        rows = [row.annotation for index in indexes for row in self.model.rows_of(index)]
        return tuple({one.id: one for one in rows}.values())

    def event(self, event: QEvent) -> bool:
        """Keep the keys that move in the panel from the commands of the images."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            bare = not event.modifiers() & ~(
                Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
            )
            lost = not self._is_one and event.key() in _CHANGING
            if (bare and event.key() in _OWN_KEYS) or lost or self._step_of(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the images."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @property
    def _is_one(self) -> bool:
        """Whether one measurement is chosen, on which the commands of the images act."""
        return self.current() is not None and len(self.tree.selectionModel().selectedRows()) <= 1

    def _step_of(self, event: QKeyEvent) -> int:
        """How far a key moves a finding: Alt with an arrow."""
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        return _STEPS.get(Qt.Key(event.key()), 0) if alt else 0

    def _on_tree_pressed_key(self, event: QKeyEvent) -> None:
        """Keys that act on several measurements, or on a finding."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        step = self._step_of(event)
        if step:
            self._move_finding(step)
        elif self._is_one or not plain:
            return
        elif event.key() in _REMOVES:
            self._on_delete()
        elif event.key() == Qt.Key.Key_R:
            self._on_report()
        else:
            return
        event.accept()

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

    def _make_menu(self) -> dict[str, QAction]:
        """What the menu of a line offers."""
        made = {}
        for name, words, act in (
            ("go", self.tr("Go to image"), self._on_go),
            ("rename", self.tr("Rename"), self._on_rename),
            ("finding", self.tr("Finding …"), self._on_finding),
            ("visible", self.tr("Show or hide on the images"), self._on_visible),
            ("target", self.tr("Target lesion or not"), self._on_target),
            ("up", self.tr("Move finding up"), lambda: self._move_finding(-1)),
            ("down", self.tr("Move finding down"), lambda: self._move_finding(1)),
            ("report", self.tr("To report"), self._on_report),
            ("copy", self.tr("Copy"), self._on_copy),
            ("delete", self.tr("Delete"), self._on_delete),
        ):
            action = QAction(words, self.tree)
            action.setObjectName(f"measurements.menu.{name}")
            action.triggered.connect(lambda _checked=False, act=act: act())
            self.tree.addAction(action)
            made[name] = action
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return made

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        row.addWidget(self._title, 1)
        one, some = self._for_one, self._for_some
        buttons = []
        for held, name, words, act in (
            (one, "go", self.tr("Go to image"), self._on_go),
            (one, "rename", self.tr("Rename"), self._on_rename),
            (some, "finding", self.tr("Finding …"), self._on_finding),
            (some, "report", self.tr("To report"), self._on_report),
            (one, "copy", self.tr("Copy"), self._on_copy),
            (some, "delete", self.tr("Delete"), self._on_delete),
        ):
            button = self._button(name, words, act)
            held.append(button)
            buttons.append(button)
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
        self._stops = (self.tree, *buttons, self._export, self.identity, close)

    def _button(self, name: str, words: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(words)
        button.setObjectName(f"measurements.{name}")
        button.setAccessibleName(words.rstrip(" …"))
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        return button

    def _enable(self) -> None:
        one, some = self._is_one, self.chosen_annotations()
        entry = self.model.entry_at(self.tree.currentIndex())
        of_study = any(self.model.study_of(index) is self.model.entry_at(index)
                       for index in self.tree.selectionModel().selectedRows())  # fmt: skip
        finding = self._current_finding() is not None
        for button in self._for_one:
            button.setEnabled(one)
        for button in self._for_some:
            button.setEnabled(bool(some))
        self._for_one[1].setEnabled(one or isinstance(entry, FindingRows))
        self._for_some[2].setEnabled(bool(some) and not of_study)
        for name, action in self._menu.items():
            needs = {"up": finding, "down": finding, "go": one, "copy": one, "rename": one or (
                isinstance(entry, FindingRows)), "delete": bool(some) and not of_study}  # fmt: skip
            action.setEnabled(needs.get(name, bool(some)))
        count = self.model.count()
        self._export.setEnabled(count > 0)
        self._title.setText(
            self.tr("Measurements: {0}").format(count) if count else self.tr("No measurements yet")
        )

    def _current_finding(self) -> str | None:
        """The finding of the line that keys act on."""
        entry = self.model.entry_at(self.tree.currentIndex())
        if isinstance(entry, FindingRows):
            return entry.name
        return entry.annotation.finding or None if isinstance(entry, Row) else None

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

    def _on_tree_pressed(self, _index: QModelIndex) -> None:
        self._switched = False

    def _on_tree_clicked(self, index: QModelIndex) -> None:
        if not self._switched:
            self._on_index_wanted(index)

    def _on_visible_asked(self, asked: object, visible: bool) -> None:
        self._switched = True
        self.visible_asked.emit(asked, visible)

    def _on_target_asked(self, asked: object, counts: bool) -> None:
        self._switched = True
        self.target_asked.emit(asked, counts)

    def _on_go(self) -> None:
        self._on_index_wanted(self.tree.currentIndex())

    def _on_rename(self) -> None:
        self.tree.edit(self.tree.currentIndex().siblingAtColumn(Column.NAME))

    def _on_finding(self) -> None:
        if self.chosen_annotations():
            self.finding_asked.emit(self.chosen_annotations())

    def _on_report(self) -> None:
        self.report_asked.emit(self.chosen_annotations())

    def _on_delete(self) -> None:
        """A whole study is never deleted by one key."""
        indexes = self.tree.selectionModel().selectedRows()
        if not any(isinstance(self.model.entry_at(index), Group) for index in indexes):
            self.delete_asked.emit(self.chosen_annotations())

    def _on_visible(self) -> None:
        chosen = self.chosen_annotations()
        self.visible_asked.emit(chosen, any(one.hidden for one in chosen))

    def _on_target(self) -> None:
        chosen = self.chosen_annotations()
        self.target_asked.emit(chosen, not all(one.target for one in chosen))

    def _move_finding(self, by: int) -> None:
        name, study = self._current_finding(), self.model.study_of(self.tree.currentIndex())
        if name is not None and study is not None:
            beside = tuple(one.name for one in study.findings)
            self.finding_moved.emit(name, by, beside)
            if self.current() is None:
                self.tree.setCurrentIndex(self.model.index_of_finding(study, name))

    def _on_copy(self) -> None:
        row = self.current()
        if row is not None:
            self.copy_asked.emit(self.model.sentence(row))

    def _on_export(self) -> None:
        self.export_asked.emit(self.identity.isChecked())
