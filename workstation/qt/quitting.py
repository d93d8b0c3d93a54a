"""The question before what could not be saved is lost."""

from PySide6.QtWidgets import QDialog, QWidget

from workstation.qt.deliberate import ask_deliberately
from workstation.qt.named_label import NamedLabel


def ask_before_losing(cases: int, parent: QWidget) -> QDialog:
    """Give the question, not yet open; accepted means: quit all the same."""
    dialog = QDialog(parent)
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
    stay, leave = dialog.tr("Do not quit"), dialog.tr("Quit and lose it")
    ask_deliberately(dialog, stay, leave, words)
    dialog.finished.connect(dialog.deleteLater)
    return dialog
