"""A length placed by numbers, for hands that do not use a pointer."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.viewport.by_numbers import Place

_FARTHEST_MM = 100_000.0


class LengthDialog(QDialog):
    """Asks for two places: columns and rows, from 1 at pixel centres, or millimetres in LPS."""

    def __init__(
        self,
        size: tuple[int, int],
        plane: ImagePlane | None,
        place: Callable[[Sequence[Place]], str],
        parent: QWidget | None = None,
    ) -> None:
        """Offer places for an image of ``size`` (columns, rows), in mm where it has a plane.

        ``place`` takes start and end and gives an empty string, or a sentence that says why not.
        """
        super().__init__(parent)
        self._place = place
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Length by numbers"))
        self.setModal(False)
        columns, rows = size
        ends = (PixelPoint(columns / 3, rows / 2), PixelPoint(columns * 2 / 3, rows / 2))
        self._unit = QComboBox()
        self._unit.setAccessibleName(self.tr("Places in"))
        self._unit.setAccessibleDescription(self.tr("Places in"))  # AT-SPI: name = choice
        self._unit.addItem(self.tr("columns and rows, from 1"))
        self._pages = QStackedWidget()
        self._boxes = [self._pixel_page(columns, rows, ends)]
        if plane is not None:
            self._unit.addItem(self.tr("millimetres in the patient (L, P, H)"))
            self._boxes.append(self._patient_page([plane.to_lps(end) for end in ends]))
        self._problem = QLabel()
        self._problem.setObjectName("errorText")
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._lay_out()
        self._unit.currentIndexChanged.connect(self._pages.setCurrentIndex)

    def accept(self) -> None:
        """Hand over the two places; close, or say what is wrong with them."""
        problem = self._place(self._places())
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if not problem:
            super().accept()

    def problem(self) -> str:
        """What was wrong with the numbers."""
        return self._problem.text()

    def _places(self) -> tuple[Place, Place]:
        numbers = [box.value() for box in self._boxes[self._unit.currentIndex()]]
        if len(numbers) == 4:
            a, b, c, d = (number - 1 for number in numbers)
            return PixelPoint(a, b), PixelPoint(c, d)
        return PointLps(*numbers[:3]), PointLps(*numbers[3:])

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox()
        place = buttons.addButton(self.tr("Place length"), QDialogButtonBox.ButtonRole.AcceptRole)
        place.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        for part in (self._unit, self._pages, self._problem, buttons):
            whole.addWidget(part)

    def _pixel_page(
        self, columns: int, rows: int, ends: Sequence[PixelPoint]
    ) -> list[QDoubleSpinBox]:
        form = self._page()
        boxes: list[QDoubleSpinBox] = []
        titles = (
            (self.tr("From column"), self.tr("From row")),
            (self.tr("To column"), self.tr("To row")),
        )
        for (across, down), end in zip(titles, ends, strict=True):
            boxes.append(_number(form, across, (0.5, columns + 0.5), round(end.column)))
            boxes.append(_number(form, down, (0.5, rows + 0.5), round(end.row)))
        return boxes

    def _patient_page(self, ends: Sequence[PointLps]) -> list[QDoubleSpinBox]:
        form = self._page()
        titles = (
            (self.tr("From L"), self.tr("From P"), self.tr("From H")),
            (self.tr("To L"), self.tr("To P"), self.tr("To H")),
        )
        reach = (-_FARTHEST_MM, _FARTHEST_MM)
        return [
            _number(form, title, reach, value)
            for names, end in zip(titles, ends, strict=True)
            for title, value in zip(names, end, strict=True)
        ]

    def _page(self) -> QFormLayout:
        page = QWidget()
        self._pages.addWidget(page)
        return QFormLayout(page)


def _number(
    form: QFormLayout, name: str, limits: tuple[float, float], value: float
) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(*limits)
    box.setDecimals(2)
    box.setValue(value)
    box.setAccessibleName(name)
    form.addRow(name, box)
    return box
