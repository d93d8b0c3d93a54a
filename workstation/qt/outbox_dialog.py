"""The signed reports that the platform does not have yet: why, and what the reader can do."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workstation.model.delivery import EntryState
from workstation.qt.named_label import NamedLabel
from workstation.qt.worklist_model import person_line
from workstation.store.outbox import Unsent

_WORDS = {
    EntryState.QUEUED: "waits to be sent",
    EntryState.SENDING: "being sent",
    EntryState.SENT: "being read back",
    EntryState.CONFLICT: "not accepted",
    EntryState.REFUSED: "not accepted",
}


class OutboxDialog(QDialog):
    """One line a report; also of cases that have left the worklist."""

    send_again_asked = Signal(object)
    return_asked = Signal(object)
    opinion_asked = Signal(object)

    def __init__(
        self, entries: Callable[[], Sequence[Unsent]], parent: QWidget | None = None
    ) -> None:
        """``entries`` is asked whenever ``refresh`` is called."""
        super().__init__(parent)
        self._entries = entries
        self.setWindowTitle(self.tr("Outbox"))
        self.setAccessibleName(self.tr("Outbox"))
        self.resize(860, 420)
        self._shown: tuple[Unsent, ...] = ()
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Reports to send"))
        self._why = NamedLabel(self.tr("Why it was not sent"))
        self._why.setWordWrap(True)
        self._why.setMinimumHeight(64)
        self._again = QPushButton(self.tr("Send again"))
        self._back = QPushButton(self.tr("Return to draft …"))
        self._opinion = QPushButton(self.tr("Send as second opinion …"))
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        buttons = QHBoxLayout()
        for button in (self._again, self._opinion, self._back):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        about = QLabel(
            self.tr("Signed reports are kept here until the platform's copy was read back.")
        )
        about.setObjectName("subtle")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(18, 16, 18, 16)
        rows.setSpacing(10)
        for part in (about, self._list, self._why):
            rows.addWidget(part)
        rows.addLayout(buttons)
        self._list.currentRowChanged.connect(self._on_row_changed)
        self._again.clicked.connect(self._on_again_clicked)
        self._back.clicked.connect(self._on_back_clicked)
        self._opinion.clicked.connect(self._on_opinion_clicked)
        close.clicked.connect(self.accept)
        self.refresh()

    def refresh(self) -> None:
        """Show what waits now; the chosen report stays chosen."""
        chosen = self.chosen()
        self._shown = tuple(self._entries())
        self._list.clear()
        for entry in self._shown:
            person = entry.case.patient
            self._list.addItem(
                QListWidgetItem(
                    f"{entry.case.number}   ·   {person_line(person.name)}, ID {person.id}   ·   "
                    f"{entry.case.study.identity.description}   ·   {self.tr(_WORDS[entry.state])}"
                )
            )
        keys = [entry.key for entry in self._shown]
        row = keys.index(chosen.key) if chosen is not None and chosen.key in keys else 0
        self._list.setCurrentRow(row if keys else -1)
        self._on_row_changed(self._list.currentRow())

    def chosen(self) -> Unsent | None:
        """The report of the marked line."""
        row = self._list.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _on_row_changed(self, _row: int) -> None:
        entry = self.chosen()
        empty = self.tr("Nothing waits: every signed report is on the platform.")
        self._why.setText(entry.why if entry is not None else "" if self._shown else empty)
        self._again.setEnabled(entry is not None)
        self._back.setEnabled(entry is not None and entry.state.is_stuck)
        conflict = entry is not None and entry.state is EntryState.CONFLICT
        self._opinion.setEnabled(conflict)

    def _on_again_clicked(self) -> None:
        if (entry := self.chosen()) is not None:
            self.send_again_asked.emit(entry)

    def _on_opinion_clicked(self) -> None:
        if (entry := self.chosen()) is not None:
            self.opinion_asked.emit(entry)

    def _on_back_clicked(self) -> None:
        if (entry := self.chosen()) is not None:
            self.return_asked.emit(entry)
