"""Asks for the present passphrase of the store and for another one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from workstation.qt.named_label import NamedLabel


class PassphraseDialog(QDialog):
    """Closes when the change was made; what was typed is cleared whatever happens."""

    change_asked = Signal(str, str)
    """Present and new passphrase."""

    def __init__(self, parent: QWidget) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(self.tr("Change the store's passphrase"))
        self.setAccessibleName(self.windowTitle())
        self._present, self._new, self._again = (self._field() for _ in range(3))
        form = QFormLayout(self)
        for label, field in (
            (self.tr("Present passphrase"), self._present),
            (self.tr("New passphrase"), self._new),
            (self.tr("Repeat passphrase"), self._again),
        ):
            field.setAccessibleName(label)
            form.addRow(label, field)
        self._message = NamedLabel(self.tr("Passphrase message"))
        self._message.setWordWrap(True)
        self._message.setObjectName("errorText")
        self._message.setMinimumHeight(40)
        form.addRow(self._message)
        self._change = QPushButton(self.tr("Change"))
        self._change.setObjectName("primary")
        self._change.setDefault(True)
        self._change.clicked.connect(self._on_change_clicked)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self._change)
        form.addRow(row)

    def show_error(self, sentence: str) -> None:
        """Say why nothing was changed, and take another try."""
        self._message.setText(sentence)
        self._change.setEnabled(True)
        self._present.setFocus()

    def _field(self) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setMinimumWidth(320)
        return field

    def _on_change_clicked(self) -> None:
        present, new, again = (f.text() for f in (self._present, self._new, self._again))
        for field in (self._present, self._new, self._again):
            field.clear()
        if new != again:
            self.show_error(self.tr("The two new passphrases differ; type all three again."))
            return
        self._change.setEnabled(False)
        self._message.setText("")
        self.change_asked.emit(present, new)
