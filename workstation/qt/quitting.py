"""The question before what could not be saved is lost."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workstation.qt.named_label import NamedLabel


def ask_before_losing(cases: int, parent: QWidget) -> QDialog:
    """Give the question, not yet open; accepted means: quit all the same."""
    dialog = QDialog(parent)
    dialog.setModal(True)
    dialog.setWindowTitle(dialog.tr("Not saved"))
    dialog.setAccessibleName(dialog.tr("Not saved"))
    words = NamedLabel(
        dialog.tr("Question"),
        dialog.tr(
            "What you wrote or measured could not be saved. Cases: {0}. It is lost when Lightbox "
            "quits. Free some space on the disk, wait until it is said to be saved, then quit."
        ).format(cases),
    )
    words.setWordWrap(True)
    words.setMinimumWidth(460)
    stay = QPushButton(dialog.tr("Do not quit"))
    stay.setDefault(True)
    leave = QPushButton(dialog.tr("Quit and lose it"))
    leave.setAutoDefault(False)
    stay.clicked.connect(dialog.reject)
    leave.clicked.connect(dialog.accept)
    dialog.finished.connect(dialog.deleteLater)
    buttons = QHBoxLayout()
    buttons.addWidget(leave)
    buttons.addStretch(1)
    buttons.addWidget(stay)
    rows = QVBoxLayout(dialog)
    rows.setContentsMargins(18, 18, 18, 18)
    rows.setSpacing(14)
    rows.addWidget(words)
    rows.addLayout(buttons)
    return dialog
