"""Asks which planes become a series and where it goes, and shows how far it is."""

import math
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.render.plane_export import ExportPlan

MakePlan = Callable[[float, float, float], ExportPlan]
"""Step, and the ends of the range beside the picture, mm; ValueError says why not."""


class PlaneExportDialog(QDialog):
    """One export from the first question to its end."""

    asked = Signal(object, object)
    """An ExportPlan, and the folder as a Path."""
    cancelled = Signal()
    """What is being written is wanted no more."""

    def __init__(
        self, whole: ExportPlan, plan: MakePlan, words: str, parent: QWidget | None = None
    ) -> None:
        """Offer ``whole``: one voxel apart, through all of the volume; ``words`` name the plane."""
        super().__init__(parent)
        self._make, self._plan = plan, whole
        self._writing = False
        self.setWindowTitle(self.tr("Export this plane as series"))
        self.setAccessibleName(self.windowTitle())
        low, high = whole.first * whole.step, (whole.first + whole.count - 1) * whole.step
        self._step = self._number(self.tr("From plane to plane"), 0.05, 100.0, whole.step)
        self._low = self._number(self.tr("First plane, beside this one"), low, high, low)
        self._high = self._number(self.tr("Last plane, beside this one"), low, high, high)
        self._count = QLabel()
        self._count.setWordWrap(True)
        self._folder = QLineEdit()
        self._folder.setAccessibleName(self.tr("Folder"))
        self._choose = QPushButton(self.tr("Choose…"))
        self._choose.setAccessibleName(self.tr("Choose a folder"))
        self._progress = QProgressBar()
        self._progress.setAccessibleName(self.tr("Images written"))
        self._progress.hide()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._start = self._buttons.addButton(
            self.tr("Export"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self._lay_out(words)
        for box in (self._step, self._low, self._high):
            box.valueChanged.connect(self._on_changed)
        self._folder.textChanged.connect(self._on_changed)
        self._choose.clicked.connect(self._on_choose_clicked)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        self._on_changed()

    def progress(self, done: int, of: int) -> None:
        """Show how many images are written."""
        self._progress.setMaximum(of)
        self._progress.setValue(done)

    def stand(self, words: str) -> None:
        """Let the reader try again, with what went wrong."""
        self._show_writing(writing=False)
        self._count.setText(words)

    def end(self) -> None:
        """Close: the series is there, or nothing is."""
        self._writing = False
        super().reject()

    def reject(self) -> None:
        """Give up what is being written; else close."""
        if self._writing:
            self.cancelled.emit()
        else:
            super().reject()

    def _lay_out(self, words: str) -> None:
        top = QLabel(words)
        top.setWordWrap(True)
        row = QWidget()
        inner = QHBoxLayout(row)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._folder, 1)
        inner.addWidget(self._choose)
        form = QFormLayout()
        for box in (self._step, self._low, self._high):
            form.addRow(box.accessibleName(), box)
        form.addRow(self.tr("Folder"), row)
        whole = QVBoxLayout(self)
        whole.addWidget(top)
        whole.addLayout(form)
        for part in (self._count, self._progress, self._buttons):
            whole.addWidget(part)
        self.setMinimumWidth(480)
        self._step.setFocus(Qt.FocusReason.OtherFocusReason)

    def _number(self, name: str, low: float, high: float, value: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setDecimals(3)
        box.setRange(math.floor(low * 1000) / 1000, math.ceil(high * 1000) / 1000)
        box.setValue(value)
        box.setSuffix(self.tr(" mm"))
        box.setAccessibleName(name)
        return box

    def _on_changed(self) -> None:
        if self._writing:
            return
        try:
            plan = self._make(self._step.value(), self._low.value(), self._high.value())
        except ValueError as error:
            self._count.setText(str(error))
            self._start.setEnabled(False)
            return
        self._plan = plan
        megabytes = plan.count * plan.cut.rows * plan.cut.columns * 2 / 1e6
        text = self.tr("{0} images of {1} × {2}, about {3:.0f} MB")
        self._count.setText(text.format(plan.count, plan.cut.columns, plan.cut.rows, megabytes))
        self._start.setEnabled(bool(self._folder.text().strip()))

    def _on_choose_clicked(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder for the series"), self._folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self._folder.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_accepted(self) -> None:
        self._show_writing(writing=True)
        self.progress(0, self._plan.count)
        self.asked.emit(self._plan, Path(self._folder.text().strip()))

    def _show_writing(self, *, writing: bool) -> None:
        self._writing = writing
        self._progress.setVisible(writing)
        for part in (self._step, self._low, self._high, self._folder, self._choose, self._start):
            part.setEnabled(not writing)
