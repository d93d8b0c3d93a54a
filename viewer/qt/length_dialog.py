"""A length placed by numbers, for hands that do not use a pointer."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QDoubleSpinBox, QFormLayout, QWidget

from viewer.model.geometry import PixelPoint


class LengthDialog(QDialog):
    """Asks for two places of the image: columns and rows, counted from 1 at pixel centres."""

    asked = Signal(object, object)
    """Two PixelPoints: start and end."""

    def __init__(self, columns: int, rows: int, parent: QWidget | None = None) -> None:
        """Offer places inside an image of that size."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Length by numbers"))
        self.setModal(False)
        form = QFormLayout(self)
        self._numbers = [
            self._number(form, self.tr("From column"), columns, columns / 3),
            self._number(form, self.tr("From row"), rows, rows / 2),
            self._number(form, self.tr("To column"), columns, columns * 2 / 3),
            self._number(form, self.tr("To row"), rows, rows / 2),
        ]
        buttons = QDialogButtonBox()
        place = buttons.addButton(self.tr("Place length"), QDialogButtonBox.ButtonRole.AcceptRole)
        place.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    def accept(self) -> None:
        """Tell the two places and close."""
        a, b, c, d = (number.value() - 1 for number in self._numbers)
        self.asked.emit(PixelPoint(a, b), PixelPoint(c, d))
        super().accept()

    def _number(self, form: QFormLayout, name: str, most: int, value: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(0.5, most + 0.5)
        box.setDecimals(2)
        box.setValue(round(value))
        box.setAccessibleName(name)
        form.addRow(name, box)
        return box
