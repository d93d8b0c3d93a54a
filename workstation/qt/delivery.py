"""Signed reports on their way, as the reader sees them: bar, outbox, receipt, return to draft."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog

from reporting.model.signed import SignedReport
from workstation.model.case import Case
from workstation.model.delivery import Receipt
from workstation.qt.application import sentence_for
from workstation.qt.main_window import MainWindow
from workstation.qt.outbox_dialog import OutboxDialog
from workstation.qt.reading_page import ReadingPage
from workstation.qt.receipt import ReceiptDialog
from workstation.qt.return_dialog import OpinionDialog, ReturnDialog
from workstation.session.lanes import Lane, Lanes
from workstation.session.levels import Level
from workstation.session.sending import Sending
from workstation.store.outbox import Outbox, Unsent


class Deliveries(QObject):
    """Shows how the sending stands and carries the reader's word to it."""

    next_case = Signal()
    """The reader has seen the receipt of the open case."""
    returned = Signal(object)
    """The Case whose report is a draft again."""

    def __init__(
        self,
        *,
        window: MainWindow,
        reading: ReadingPage,
        sending: Sending,
        outbox: Outbox,
        lanes: Lanes,
        parent: QObject | None = None,
    ) -> None:
        """Follow the sending and the reading page."""
        super().__init__(parent)
        self._window = window
        self._reading = reading
        self._sending = sending
        self._outbox = outbox
        self._lanes = lanes
        self._receipts: dict[str, Receipt] = {}
        bar = reading.delivery()
        bar.send_again_asked.connect(self._on_send_again_asked)
        bar.return_asked.connect(self._on_return_asked)
        bar.opinion_asked.connect(self._on_opinion_asked)
        bar.receipt_asked.connect(self._on_receipt_asked)
        reading.opened.connect(self._on_reading_opened)
        sending.standing_changed.connect(self._show_open_case)
        sending.delivered.connect(self._on_delivered)

    def show_outbox(self) -> None:
        """Open the list of what the platform does not have yet."""
        dialog = OutboxDialog(lambda: tuple(self._sending.unsent.values()), self._window)
        dialog.send_again_asked.connect(self._on_send_again_asked)
        dialog.return_asked.connect(self._on_return_asked)
        dialog.opinion_asked.connect(self._on_opinion_asked)

        def refresh() -> None:
            dialog.refresh()

        self._sending.standing_changed.connect(refresh)
        dialog.finished.connect(lambda _: self._sending.standing_changed.disconnect(refresh))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show_open_case(self) -> None:
        session = self._reading.session()
        if session is None:
            return
        case = session.case.id
        unsent = self._sending.unsent.get(case)
        if unsent is not None:
            self._reading.delivery().show_unsent(unsent)
        elif (receipt := self._receipts.get(case)) is not None:
            self._reading.delivery().show_receipt(receipt)

    def _on_reading_opened(self, receipt: object) -> None:
        session = self._reading.session()
        if session is not None and isinstance(receipt, Receipt) and receipt.verified:
            self._receipts[session.case.id] = receipt
        self._show_open_case()

    def _on_delivered(self, case: Case, receipt: Receipt) -> None:
        self._receipts[case.id] = receipt
        self._window.tell(
            Level.INFO,
            self.tr("Report of case {0} sent and verified: {1}.").format(
                case.number, receipt.report_reference
            ),
        )
        self._show_open_case()
        session = self._reading.session()
        if session is not None and session.case.id == case.id:
            self._show_receipt(case, receipt)

    def _on_receipt_asked(self) -> None:
        session = self._reading.session()
        receipt = self._receipts.get(session.case.id) if session is not None else None
        if session is not None and receipt is not None:
            self._show_receipt(session.case, receipt)

    def _show_receipt(self, case: Case, receipt: Receipt) -> None:
        def found(report: SignedReport | None) -> None:
            session = self._reading.session()
            if report is not None and session is not None and session.case.id == case.id:
                self._open(ReceiptDialog(case, report, receipt, self._window), self.next_case.emit)

        self._lanes.run(
            lambda _: self._outbox.signed(case.id),
            found,
            lambda error: self._window.tell(Level.WARNING, sentence_for(error)),
            lane=Lane.STORE,
        )

    def _on_send_again_asked(self, unsent: object) -> None:
        if isinstance(unsent, Unsent):
            self._sending.again(unsent.key)

    def _on_return_asked(self, unsent: object) -> None:
        if isinstance(unsent, Unsent):
            self._open(ReturnDialog(unsent, self._window), lambda: self._return(unsent))

    def _on_opinion_asked(self, unsent: object) -> None:
        if isinstance(unsent, Unsent):
            self._open(
                OpinionDialog(unsent, self._window),
                lambda: self._sending.send_as_second_opinion(unsent),
            )

    def _return(self, unsent: Unsent) -> None:
        def done() -> None:
            words = self.tr("The report of case {0} is a draft again; it was not sent.")
            self._window.tell(Level.INFO, words.format(unsent.case.number))
            self.returned.emit(unsent.case)

        self._sending.return_to_draft(unsent, done)

    @staticmethod
    def _open(dialog: QDialog, accepted: Callable[[], None]) -> None:
        dialog.accepted.connect(accepted)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
