"""Asks which finding measurements belong to: one that is there, or a new name."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

_LONGEST = 64  # a tracking identifier of DICOM is of VR UT, but a table has to show it


class FindingDialog(QDialog):
    """A name to write or to choose; the images stay usable meanwhile."""

    def __init__(
        self,
        known: Sequence[str],
        now: str,
        take: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        """Offer the ``known`` findings, begin with ``now``; ``take`` gets the name, empty: none."""
        super().__init__(parent)
        self._take = take
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Finding of the measurements"))
        self.setModal(False)
        self._name = QComboBox()
        self._name.setEditable(True)
        self._name.setMinimumWidth(280)
        self._name.addItems(list(known))
        self._name.setAccessibleName(self.tr("Finding"))
        line = self._name.lineEdit()
        if line is not None:
            line.setMaxLength(_LONGEST)
            line.setAccessibleName(self.tr("Finding"))
            line.setPlaceholderText(self.tr("Empty: no finding"))
        self._name.setEditText(now)
        form = QFormLayout()
        form.addRow(self.tr("Finding"), self._name)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addWidget(buttons)
        self._name.setFocus()

    def accept(self) -> None:
        """Hand the name over."""
        self._take(" ".join(self._name.currentText().split()))
        super().accept()
