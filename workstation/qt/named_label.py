"""A label whose accessible name stays while its words change, for screen readers and scripts."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


class NamedLabel(QLabel):
    """Shows plain words; its accessible name says which, its accessible description says them."""

    def __init__(self, name: str, text: str = "", parent: QWidget | None = None) -> None:
        """``name`` is the stable accessible name."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str, /) -> None:
        """Show and say other words."""
        super().setText(text)
        self.setAccessibleDescription(text)
