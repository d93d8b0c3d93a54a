"""Asks between which values a volume grows; the images stay usable meanwhile."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

_MOST = 1e7


class RangeDialog(QDialog):
    """A lowest and a highest value."""

    def __init__(
        self,
        span: tuple[float, float],
        take: Callable[[float, float], None],
        parent: QWidget | None = None,
    ) -> None:
        """Begin with ``span``; ``take`` gets what was given."""
        super().__init__(parent)
        self._take = take
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Range of the grown volume"))
        self.setModal(False)
        form = QFormLayout()
        self._low = _box(form, self.tr("Lowest value"), span[0])
        self._high = _box(form, self.tr("Highest value"), span[1])
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
        self._low.setFocus()

    def accept(self) -> None:
        """Hand over the range; one that holds nothing is asked for again."""
        low, high = self._low.value(), self._high.value()
        if low > high:
            self._problem.setText(self.tr("The lowest value must not be above the highest."))
            self._problem.show()
            return
        self._take(low, high)
        super().accept()


def _box(form: QFormLayout, name: str, value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(-_MOST, _MOST)
    box.setDecimals(3)
    box.setValue(value)
    box.setAccessibleName(name)
    form.addRow(name, box)
    return box
