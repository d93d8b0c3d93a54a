"""What the pre-sign rules have to say, in words, where the reader can act on it."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from reporting.model.issue import Issue, Severity
from reporting.qt.identity_line import plain_label

_MOST_ROWS = 4
_MARGIN = 28
_WHERE = Qt.ItemDataRole.UserRole


class ChecksPanel(QWidget):
    """A heading with the counts, and one line per issue: 'Blocks signing' or 'Check'."""

    section_asked = Signal(str)
    """The section id of an issue that was chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show none yet."""
        super().__init__(parent)
        self.heading: QLabel = plain_label(name="heading")
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Report checks"))
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.heading)
        rows.addWidget(self._list)
        self._list.itemActivated.connect(self._on_item_activated)
        self._list.itemClicked.connect(self._on_item_activated)
        self.show_issues(())

    def show_issues(self, issues: Sequence[Issue]) -> None:
        """List these; the first line says how many there are."""
        self.heading.setText(self._summary(issues))
        self._list.clear()
        for issue in issues:
            item = QListWidgetItem(f"{self.severity_words(issue)}: {issue.why}")
            item.setData(_WHERE, issue.where)
            self._list.addItem(item)
        self._list.setVisible(bool(issues))
        self._fit()

    def severity_words(self, issue: Issue) -> str:
        """How severe an issue is, as a word."""
        if issue.severity is Severity.WARN:
            return self.tr("Check")
        return self.tr("Needs your word") if issue.acknowledgeable else self.tr("Blocks signing")

    def texts(self) -> tuple[str, ...]:
        """The lines as they stand there."""
        return tuple(self._list.item(row).text() for row in range(self._list.count()))

    def _summary(self, issues: Sequence[Issue]) -> str:
        blocks = sum(issue.severity is Severity.BLOCK for issue in issues)
        if not issues:
            return self.tr("All checks passed")
        if not blocks:
            return self.tr("Checks: {0} to look at").format(len(issues))
        if blocks == len(issues):
            return self.tr("Checks: {0} before signing").format(blocks)
        words = self.tr("Checks: {0} before signing, {1} to look at")
        return words.format(blocks, len(issues) - blocks)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Words wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = self._list.fontMetrics()
        room = QRect(0, 0, max(self.width() - _MARGIN, 100), 0)
        wrap = int(Qt.TextFlag.TextWordWrap)
        heights = [metrics.boundingRect(room, wrap, text).height() + 6 for text in self.texts()]
        lines = sum(heights[:_MOST_ROWS])
        self._list.setFixedHeight(lines + 2 * self._list.frameWidth() + 2)

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        self.section_asked.emit(item.data(_WHERE))
