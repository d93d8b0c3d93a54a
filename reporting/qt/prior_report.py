"""Earlier reports beside the draft: plain text, dated, folded away by a click."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from reporting.model.prior import PriorText
from reporting.model.visible import visible

_LINES = 9
_ARROW = 34
"""Room of the arrow before the heading and of the edges, pixels."""


class PriorReports(QWidget):
    """One foldable part per earlier report; the newest is open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show none yet."""
        super().__init__(parent)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)
        self._shown: list[_PriorReport] = []

    def show_reports(self, reports: Sequence[PriorText]) -> None:
        """Show these, the newest first."""
        for old in self._shown:
            self._rows.removeWidget(old)
            old.deleteLater()
        newest_first = sorted(reports, key=lambda report: report.date, reverse=True)
        self._shown = [_PriorReport(report, self) for report in newest_first]
        for number, part in enumerate(self._shown):
            self._rows.addWidget(part)
            part.unfold(on=number == 0)
        self.setVisible(bool(self._shown))


class _PriorReport(QWidget):
    def __init__(self, report: PriorText, parent: QWidget) -> None:
        super().__init__(parent)
        title = " · ".join(
            part
            for part in (
                self.tr("Prior report"),
                report.date or self.tr("date not known"),
                visible(report.title, lines=False),
            )
            if part
        )
        self.head = QToolButton()
        self.head.setToolTip(title)
        self.head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._title = title
        self.head.setAccessibleName(title)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setPlainText(visible(report.text))
        self._text.setAccessibleName(self.tr("Text of {0}").format(title))
        self._text.setFixedHeight(self._text.fontMetrics().lineSpacing() * _LINES)
        self._text.hide()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.head)
        rows.addWidget(self._text)
        self.head.clicked.connect(self._on_head_clicked)
        self.unfold(on=False)

    def unfold(self, *, on: bool) -> None:
        """Show the text or only its heading."""
        self.head.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.head.setAccessibleDescription(self.tr("Unfolded") if on else self.tr("Folded"))
        self._text.setVisible(on)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Shorten the heading to its room."""
        super().resizeEvent(event)
        room = max(self.width() - _ARROW, 0)
        words = self.head.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room)
        self.head.setText(words.replace("&", "&&"))

    def _on_head_clicked(self) -> None:
        self.unfold(on=self._text.isHidden())
