"""Asks what an annotation says: words of an arrow, a vertebra, the length of a known object."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

_LONGEST = 200
_MOST_MM = 2000.0


class WordsDialog(QDialog):
    """One line of text, or a length in mm; the images stay usable meanwhile."""

    def __init__(
        self,
        title: str,
        take: Callable[[str, float | None], None],
        *,
        text: str = "",
        known: float | None = None,
        asks_length: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Ask for a text, or for a length where ``asks_length``; ``take`` gets what was given."""
        super().__init__(parent)
        self._take = take
        self._asks_length = asks_length
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setModal(False)
        form = QFormLayout()
        self._text = QLineEdit(text)
        self._text.setMaxLength(_LONGEST)
        self._length = QDoubleSpinBox()
        self._length.setRange(0.0, _MOST_MM)
        self._length.setDecimals(2)
        self._length.setSuffix(self.tr(" mm"))
        self._length.setValue(known or 0.0)
        asked: QWidget = self._length if asks_length else self._text
        name = self.tr("Known length") if asks_length else self.tr("Text")
        asked.setAccessibleName(name)
        form.addRow(name, asked)
        self._problem = QLabel()
        self._problem.setObjectName("errorText")
        self._problem.hide()
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addWidget(self._problem)
        whole.addWidget(buttons)
        asked.setFocus()

    def accept(self) -> None:
        """Hand over what was given; a length of nothing is asked for again."""
        if self._asks_length and self._length.value() <= 0:
            self._problem.setText(self.tr("The known length must be more than 0 mm."))
            self._problem.show()
            return
        known = self._length.value() if self._asks_length else None
        self._take(" ".join(self._text.text().split()), known)
        super().accept()
