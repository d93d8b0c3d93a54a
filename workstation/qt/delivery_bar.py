"""Above the report: how the sending of the signed report stands, and what the reader can do."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workstation.model.delivery import EntryState, Receipt
from workstation.qt.named_label import NamedLabel
from workstation.store.outbox import Unsent


class DeliveryBar(QFrame):
    """Hidden while there is no signed report."""

    send_again_asked = Signal(object)
    return_asked = Signal(object)
    """The Unsent that the reader wants back as a draft."""
    opinion_asked = Signal(object)
    """The Unsent that the reader wants to send as a second opinion."""
    receipt_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self._unsent: Unsent | None = None
        self._words = NamedLabel(self.tr("Delivery"))
        self._words.setWordWrap(True)
        self._again = QPushButton(self.tr("Send again"))
        self._back = QPushButton(self.tr("Return to draft …"))
        self._opinion = QPushButton(self.tr("Send as second opinion …"))
        self._receipt = QPushButton(self.tr("Receipt"))
        self._again.clicked.connect(self._on_again_clicked)
        self._back.clicked.connect(self._on_back_clicked)
        self._opinion.clicked.connect(self._on_opinion_clicked)
        self._receipt.clicked.connect(self.receipt_asked)
        buttons = QHBoxLayout()
        for button in (self._again, self._opinion, self._back, self._receipt):
            buttons.addWidget(button)
        buttons.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 8, 10, 0)
        rows.addWidget(self._words)
        rows.addLayout(buttons)
        self.show_nothing()

    def show_nothing(self) -> None:
        """No report of the open case is signed."""
        self._unsent = None
        self._words.clear()
        self.hide()

    def show_unsent(self, unsent: Unsent) -> None:
        """The signed report has no verified receipt."""
        self._unsent = unsent
        stuck = unsent.state.is_stuck
        self._tell(self._standing(unsent), "errorText" if stuck else "subtle")
        self._again.setVisible(stuck or bool(unsent.why))
        self._back.setVisible(stuck)
        self._opinion.setVisible(unsent.state is EntryState.CONFLICT)
        self._receipt.setVisible(False)
        self.show()

    def show_receipt(self, receipt: Receipt) -> None:
        """The platform holds the report, and it is what was signed."""
        self._unsent = None
        words = self.tr("Sent and verified; receipt {0}.")
        self._tell(words.format(receipt.report_reference), "subtle")
        self._again.setVisible(False)
        self._back.setVisible(False)
        self._opinion.setVisible(False)
        self._receipt.setVisible(True)
        self.show()

    def words(self) -> str:
        """What is shown."""
        return self._words.text()

    def _standing(self, unsent: Unsent) -> str:
        match unsent.state:
            case EntryState.CONFLICT | EntryState.REFUSED:
                return self.tr("NOT ACCEPTED. {0}").format(unsent.why)
            case EntryState.SENDING:
                return self.tr("Signed; being sent …")
            case EntryState.SENT:
                return self.tr("The platform took the report; it is being read back.")
            case _ if unsent.why:
                return self.tr("Signed, not sent yet. {0}").format(unsent.why)
            case _:
                return self.tr("Signed; waits to be sent.")

    def _tell(self, words: str, name: str) -> None:
        self._words.setObjectName(name)
        self._words.style().unpolish(self._words)
        self._words.style().polish(self._words)
        self._words.setText(words)

    def _on_again_clicked(self) -> None:
        if self._unsent is not None:
            self.send_again_asked.emit(self._unsent)

    def _on_opinion_clicked(self) -> None:
        if self._unsent is not None:
            self.opinion_asked.emit(self._unsent)

    def _on_back_clicked(self) -> None:
        if self._unsent is not None:
            self.return_asked.emit(self._unsent)
