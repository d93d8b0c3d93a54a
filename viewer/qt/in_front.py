"""Opens a dialog where the reader is looking: above the window that has the keys."""

from PySide6.QtWidgets import QApplication, QDialog, QWidget


def open_in_front(dialog: QDialog, parent: QWidget) -> None:
    """Show a dialog above the window of ``parent``, or above one of its windows of images where
    that has the keys; they go back there when the dialog ends.
    """
    active = QApplication.activeWindow()
    front = active if active is not None and _belongs(active, parent) else parent.window()
    dialog.finished.connect(front.activateWindow)
    dialog.show()
    if front is not parent.window():
        dialog.move(front.geometry().center() - dialog.rect().center())
    dialog.activateWindow()  # without a window manager nobody else hands the keys over


def _belongs(window: QWidget, parent: QWidget) -> bool:
    """Whether a window is one that stands beside the parent's own, for the same things."""
    above = window.parentWidget()
    if isinstance(window, QDialog) or above is None:
        return False
    return above.window() is parent.window()
