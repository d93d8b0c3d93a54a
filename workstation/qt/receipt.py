"""What the platform gave back for a signed report, and whether it is what was signed."""

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
from workstation.qt.saving import write_file
from workstation.qt.worklist_model import person_line


class ReceiptDialog(QDialog):
    """Shown once the platform's copy was read back; not modal, closed by any key of habit."""

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
        number = _value(receipt.report_reference)
        number.setObjectName("receiptNumber")
        number.setAccessibleName(self.tr("Receipt number"))
        verdict = (
            self.tr("read back and equal to what was signed")
            if receipt.verified
            else self.tr("accepted, not yet read back")
        )
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        rows = (
            (self.tr("Report"), number),
            (self.tr("Patient"), _value(f"{person_line(case.patient.name)}, ID {case.patient.id}")),
            (self.tr("Accession"), _value(case.order.accession)),
            (self.tr("Signed by"), _value(report.signer.common_name)),
            (self.tr("Signed at"), _value(f"{report.signed_at:%Y-%m-%d %H:%M:%S %Z}".strip())),
            (self.tr("Received at"), _value(receipt.received_at)),
            (self.tr("Check"), _value(verdict)),
            (self.tr("SHA-256"), _value(receipt.sha256)),
        )
        for label, value in rows:
            heading = QLabel(label)
            heading.setObjectName("heading")
            form.addRow(heading, value)
        self._told = QLabel()
        self._told.setObjectName("subtle")
        self._told.setTextFormat(Qt.TextFormat.PlainText)
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


def _value(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
