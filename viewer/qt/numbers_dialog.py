"""Measurements placed by numbers, for hands that do not use a pointer."""

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.errors import GeometryError
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.viewport.by_numbers import Place, places_of

_FARTHEST_MM = 100_000.0


class NumbersDialog(QDialog):
    """Asks for places: columns and rows, from 1 at pixel centres, or millimetres in LPS."""

    def __init__(
        self,
        title: str,
        count: int | None,
        size: tuple[int, int],
        plane: ImagePlane | None,
        place: Callable[[Sequence[Place]], str],
        parent: QWidget | None = None,
    ) -> None:
        """Offer ``count`` places, None as many as are typed, on an image of ``size``.

        ``size`` is (columns, rows); in mm too where it has a plane. ``place`` takes them and gives
        an empty string, or a sentence that says why not.
        """
        super().__init__(parent)
        self._count = count
        self._place = place
        self._typed: list[QLineEdit] = []
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("%1 by numbers").replace("%1", title))
        self.setModal(False)
        columns, rows = size
        ends = _at_first(columns, rows, count or 0)
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
        """Hand over the places; close, or say what is wrong with them."""
        try:
            problem = self._place(self._places())
        except GeometryError as error:
            problem = error.sentence
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if not problem:
            super().accept()

    def problem(self) -> str:
        """What was wrong with the numbers."""
        return self._problem.text()

    def _places(self) -> tuple[Place, ...]:
        page = self._unit.currentIndex()
        patient = page == 1
        if self._count is None:
            typed = places_of(self._typed[page].text(), 3 if patient else 2)
            return typed if patient else tuple(_from_one(p) for p in typed)
        numbers = [box.value() for box in self._boxes[page]]
        if patient:
            return tuple(PointLps(*numbers[n : n + 3]) for n in range(0, len(numbers), 3))
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return tuple(PixelPoint(a - 1, b - 1) for a, b in pairs)

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox()
        place = buttons.addButton(self.tr("Place"), QDialogButtonBox.ButtonRole.AcceptRole)
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
        if self._count is None:
            self._line(form, self.tr("Points: column,row; column,row; …"))
        boxes: list[QDoubleSpinBox] = []
        for n, end in enumerate(ends):
            across, down = (self._named(n, part) for part in ("column", "row"))
            boxes.append(_number(form, across, (0.5, columns + 0.5), round(end.column)))
            boxes.append(_number(form, down, (0.5, rows + 0.5), round(end.row)))
        return boxes

    def _patient_page(self, ends: Sequence[PointLps]) -> list[QDoubleSpinBox]:
        form = self._page()
        if self._count is None:
            self._line(form, self.tr("Points in mm: L,P,H; L,P,H; …"))
        reach = (-_FARTHEST_MM, _FARTHEST_MM)
        return [
            _number(form, self._named(n, title), reach, value)
            for n, end in enumerate(ends)
            for title, value in zip("LPH", end, strict=True)
        ]

    def _named(self, n: int, part: str) -> str:
        if self._count == 2:
            return self.tr("From %1" if n == 0 else "To %1").replace("%1", part)
        text = self.tr("Point %1 %2").replace("%1", str(n + 1)).replace("%2", part)
        return part.capitalize() if self._count == 1 else text

    def _line(self, form: QFormLayout, name: str) -> None:
        line = QLineEdit()
        line.setMinimumWidth(360)
        line.setAccessibleName(name)
        form.addRow(name, line)
        self._typed.append(line)

    def _page(self) -> QFormLayout:
        page = QWidget()
        self._pages.addWidget(page)
        return QFormLayout(page)


def _at_first(columns: int, rows: int, count: int) -> list[PixelPoint]:
    """Places to start from: two on a level line, more of them round the middle."""
    if count == 2:
        return [PixelPoint(columns / 3, rows / 2), PixelPoint(columns * 2 / 3, rows / 2)]
    turns = [2 * math.pi * n / max(count, 1) for n in range(count)]
    reach = 0.0 if count == 1 else min(columns, rows) / 4
    return [
        PixelPoint(columns / 2 + reach * math.cos(t), rows / 2 + reach * math.sin(t)) for t in turns
    ]


def _from_one(p: Place) -> PixelPoint:
    return PixelPoint(p[0] - 1, p[1] - 1)


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
