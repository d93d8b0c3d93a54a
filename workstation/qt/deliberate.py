"""The two buttons under a question whose dangerous answer is never given by a key of habit."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget


def ask_deliberately(dialog: QDialog, stay: str, go: str, *parts: QWidget | QLayout) -> None:
    """Lay out ``parts`` above both answers; ``stay`` is the default, only ``go`` accepts."""
    dialog.setModal(True)
    staying, going = QPushButton(stay), QPushButton(go)
    staying.setDefault(True)
    going.setAutoDefault(False)
    staying.clicked.connect(dialog.reject)
    going.clicked.connect(dialog.accept)
    buttons = QHBoxLayout()
    buttons.addWidget(going)
    buttons.addStretch(1)
    buttons.addWidget(staying)
    rows = QVBoxLayout(dialog)
    rows.setContentsMargins(18, 18, 18, 18)
    rows.setSpacing(12)
    for part in parts:
        if isinstance(part, QWidget):
            rows.addWidget(part)
        else:
            rows.addLayout(part)
    rows.addLayout(buttons)
    staying.setFocus()
