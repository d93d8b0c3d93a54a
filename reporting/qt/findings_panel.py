"""The measurements of a report as a list: what chips are for a mouse, for keys and AT-SPI."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from reporting.model.finding import Finding
from reporting.model.visible import visible

_MOST_ROWS = 4
_MEASUREMENT = Qt.ItemDataRole.UserRole


class FindingsPanel(QListWidget):
    """Lists label and image of each finding; Enter or a click goes to the image."""

    jump_asked = Signal(str)
    """A measurement id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show none yet."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Report measurements"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.itemActivated.connect(self._on_item_activated)
        self.itemClicked.connect(self._on_item_activated)
        self.hide()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """List these."""
        row = self.currentRow()
        self.clear()
        for finding in findings:
            item = QListWidgetItem(visible(f"{finding.label} · {finding.image}", lines=False))
            item.setData(_MEASUREMENT, str(finding.measurement.id))
            item.setToolTip(self.tr("Go to the image"))
            self.addItem(item)
        self.setCurrentRow(min(row, self.count() - 1))
        self.setVisible(bool(findings))
        rows = min(max(self.count(), 1), _MOST_ROWS)
        self.setFixedHeight(rows * max(self.sizeHintForRow(0), 18) + 2 * self.frameWidth() + 2)

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        self.jump_asked.emit(item.data(_MEASUREMENT))
