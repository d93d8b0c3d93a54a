"""One deliberate act: whose report, what the checks say, whose key, then the passphrase."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from reporting.export.text import person_name
from reporting.model.issue import Issue, Severity
from reporting.model.report import ReportContext
from reporting.model.signed import SignerIdentity
from reporting.model.visible import visible
from reporting.qt.checks_panel import ChecksPanel
from reporting.qt.identity_line import label_of, plain_label

_WIDTH = 560
_EDGE = 18
_GAP = 6


class SignDialog(QDialog):
    """Asks for the passphrase; stays open until its owner calls ``accept``."""

    sign_asked = Signal()
    """The reader signs: take ``passphrase()`` and ``incomplete_accepted()``."""

    def __init__(
        self,
        context: ReportContext,
        issues: Sequence[Issue],
        identity: SignerIdentity | None,
        parent: QWidget | None = None,
    ) -> None:
        """Show what is about to be signed; blocking issues leave only the way back."""
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(self.tr("Sign and send"))
        self.setMinimumWidth(_WIDTH)
        self._busy = False
        self._blocked = any(i.severity is Severity.BLOCK and not i.acknowledgeable for i in issues)
        self._checks = ChecksPanel()
        self._checks.show_issues(issues)
        self._incomplete = self._incomplete_box(context, issues)
        self._passphrase = QLineEdit()
        self._passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self._passphrase.setAccessibleName(self.tr("Passphrase"))
        self._error = plain_label(name="errorText")
        self._error.hide()
        self._sign = QPushButton(self.tr("Sign and send"))
        self._sign.setObjectName("primary")
        self._sign.setAccessibleName(self.tr("Sign and send"))
        self._sign.setDefault(True)
        self._cancel = QPushButton(self.tr("Back to the report"))
        self._lay_out(context, identity)
        self._passphrase.textChanged.connect(self._show_state)
        self._incomplete.toggled.connect(self._show_state)
        self._sign.clicked.connect(self._on_sign_clicked)
        self._cancel.clicked.connect(self.reject)
        self._passphrase.setFocus()
        self._show_state()

    def passphrase(self) -> str:
        """What was typed; shown to nobody."""
        return self._passphrase.text()

    def incomplete_accepted(self) -> bool:
        """Whether the reader said that the missing images are known."""
        return self._incomplete.isChecked()

    def show_error(self, words: str) -> None:
        """Say why it was not signed, and let the reader try again."""
        self._error.setText(visible(words))
        self._error.setVisible(bool(words))
        self.set_busy(False)
        self._passphrase.selectAll()
        self._passphrase.setFocus()

    def set_busy(self, on: bool) -> None:
        """Signing is under way, or is not any more."""
        self._busy = on
        self._sign.setText(self.tr("Signing …") if on else self.tr("Sign and send"))
        self._show_state()

    def reject(self) -> None:
        """Back to the report, except while signing is under way."""
        if not self._busy:
            super().reject()

    def _incomplete_box(self, context: ReportContext, issues: Sequence[Issue]) -> QCheckBox:
        held, expected = context.complete
        seen, images = context.seen
        here = self.tr("I know that only {0} of {1} images are here, and sign all the same")
        words = here.format(held, expected)
        if held >= expected:
            looked = self.tr("I know that only {0} of {1} images were seen, and sign all the same")
            words = looked.format(seen, images)
        elif seen < images:
            both = self.tr(
                "I know that only {0} of {1} images are here and {2} of {3} were seen, "
                "and sign all the same"
            )
            words = both.format(held, expected, seen, images)
        box = QCheckBox(words)
        asked = any(i.severity is Severity.BLOCK and i.acknowledgeable for i in issues)
        box.setVisible(asked)
        box.setProperty("asked", asked)
        return box

    def _lay_out(self, context: ReportContext, identity: SignerIdentity | None) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        buttons.addWidget(self._sign)
        secret = QFormLayout()
        secret.addRow(self.tr("Passphrase"), self._passphrase)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        rows.setSpacing(10)
        rows.addWidget(plain_label(person_name(context.patient.name), name="patientName"))
        rows.addLayout(_table(self._about(context)))
        rows.addSpacing(_GAP)
        rows.addWidget(self._checks)
        rows.addWidget(self._incomplete)
        rows.addSpacing(_GAP)
        rows.addWidget(plain_label(self.tr("Signed with"), name="heading"))
        rows.addLayout(_table(self._key(identity)))
        rows.addLayout(secret)
        rows.addWidget(self._error)
        rows.addLayout(buttons)

    def _about(self, context: ReportContext) -> list[tuple[str, str]]:
        patient, study = context.patient, context.study
        unknown = self.tr("not known")
        return [
            (self.tr("Patient ID"), patient.id),
            (self.tr("Birth date"), patient.birth_date or unknown),
            (self.tr("Sex"), patient.sex or unknown),
            (self.tr("Study"), study.description or study.modality),
            (self.tr("Study date"), study.date or unknown),
            (self.tr("Accession"), study.accession or context.order.accession or unknown),
            (self.tr("Reader"), context.reader.display),
        ]

    def _key(self, identity: SignerIdentity | None) -> list[tuple[str, str]]:
        if identity is None:
            words = self.tr("It cannot be read before the signing identity is opened.")
            return [(self.tr("Certificate"), words)]
        validity = self.tr("{0} to {1}").format(
            identity.not_before.date().isoformat(), identity.not_after.date().isoformat()
        )
        return [
            (self.tr("Certificate"), identity.common_name),
            (self.tr("Issued by"), identity.issuer),
            (self.tr("Serial number"), identity.serial),
            (self.tr("Valid"), validity),
        ]

    def _show_state(self) -> None:
        said = self._incomplete.isChecked() or not self._incomplete.property("asked")
        free = not self._busy and not self._blocked
        self._passphrase.setEnabled(free)
        self._incomplete.setEnabled(free)
        self._cancel.setEnabled(not self._busy)
        self._sign.setEnabled(free and said and bool(self._passphrase.text()))

    def _on_sign_clicked(self) -> None:
        self._error.hide()
        self.sign_asked.emit()


def _table(rows: Sequence[tuple[str, str]]) -> QFormLayout:
    table = QFormLayout()
    table.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    table.setHorizontalSpacing(16)
    table.setVerticalSpacing(3)
    for label, value in rows:
        field = plain_label(visible(value, lines=False))
        table.addRow(label_of(field, label, name="subtle"), field)
    return table
