"""What the platform gave back for a signed report, and whether it is what was signed."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from reporting.model.signed import SignedReport
from workstation.model.case import Case
from workstation.platform.client import Receipt
from workstation.qt.named_label import NamedLabel
from workstation.qt.saving import write_file
from workstation.qt.worklist_model import person_line


class ReceiptDialog(QDialog):
    """Shown once the platform's copy was read back."""

    def __init__(
        self, case: Case, report: SignedReport, receipt: Receipt, parent: QWidget | None = None
    ) -> None:
        """Show case, signer and receipt."""
        super().__init__(parent)
        self.report = report
        self.setWindowTitle(self.tr("Receipt"))
        self.setAccessibleName(self.tr("Receipt"))
        self.setMinimumWidth(760)
        title = QLabel(self.tr("The report is on the platform"))
        title.setObjectName("title")
        number = _value(self.tr("Receipt number"), receipt.report_reference)
        number.setObjectName("receiptNumber")
        verdict = (
            self.tr("read back and equal to what was signed")
            if receipt.verified
            else self.tr("accepted, not yet read back")
        )
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        rows = (
            (self.tr("Patient"), f"{person_line(case.patient.name)}, ID {case.patient.id}"),
            (self.tr("Accession"), case.order.accession),
            (self.tr("Signed by"), report.signer.common_name),
            (self.tr("Signed at"), _moment(report.signed_at)),
            (self.tr("Received at"), _moment_of(receipt.received_at)),
            (self.tr("Check"), verdict),
            (self.tr("SHA-256"), receipt.sha256),
        )
        form.addRow(_heading(self.tr("Report"), number), number)
        for label, words in rows:
            value = _value(label, words)
            form.addRow(_heading(label, value), value)
        self._told = NamedLabel(self.tr("Saved"))
        self._told.setObjectName("subtle")
        buttons = QDialogButtonBox()
        save = buttons.addButton(self.tr("Save PDF…"), QDialogButtonBox.ButtonRole.ActionRole)
        save.setAccessibleName(self.tr("Save PDF"))
        close = buttons.addButton(self.tr("Next case"), QDialogButtonBox.ButtonRole.AcceptRole)
        close.setAccessibleName(self.tr("Next case"))
        close.setObjectName("primary")
        close.setDefault(True)
        save.clicked.connect(self._on_save_clicked)
        buttons.accepted.connect(self.accept)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 20, 24, 18)
        whole.setSpacing(14)
        whole.addWidget(title)
        whole.addLayout(form)
        whole.addWidget(self._told)
        whole.addWidget(buttons)

    def _on_save_clicked(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save signed PDF"), "report.pdf", self.tr("PDF files (*.pdf)")
        )
        if name:
            self._told.setText(write_file(name, self.report.pdf))


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S %Z}".strip()


def _moment_of(text: str) -> str:
    """The platform's time written as our own; its own words where they are no time."""
    try:
        return _moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def _heading(text: str, value: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(value)  # a screen reader reads it with its value, not once more
    label.setObjectName("heading")
    return label


def _value(name: str, text: str) -> NamedLabel:
    label = NamedLabel(name, text)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
