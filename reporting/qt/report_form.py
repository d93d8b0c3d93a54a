"""The widgets of the report pane and how they lie; what they mean is the pane's business."""

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from reporting.model.finding import Finding
from reporting.qt.checks_panel import ChecksPanel
from reporting.qt.editor import SectionEditor
from reporting.qt.findings_panel import FindingsPanel
from reporting.qt.identity_line import IdentityLine, plain_label
from reporting.qt.prior_report import PriorReports
from reporting.qt.sections import SectionEditors
from viewer.model.measurement import MeasurementId

_EDGE = 10
_REVEAL = 24


class ReportForm(QWidget):
    """Identity and template above, the text as one page that scrolls, checks and buttons below."""

    def __init__(
        self, known: Mapping[MeasurementId, Finding], parent: QWidget | None = None
    ) -> None:
        """Lay everything out, empty."""
        super().__init__(parent)
        self.identity = IdentityLine()
        self.lock = plain_label(name="banner")
        self.picker = QComboBox()
        self.picker.setAccessibleName(self.tr("Report template"))
        self.picker.setAccessibleDescription(self.tr("Report template"))  # AT-SPI: name = choice
        self.state: QLabel = plain_label(name="subtle")
        self.state.setWordWrap(False)
        self.question = plain_label()
        self.history = plain_label(name="subtle")
        self.priors = PriorReports()
        self.sections = SectionEditors(known)
        self.findings = FindingsPanel()
        self.notice = plain_label(name="subtle")
        self.checks = ChecksPanel()
        self.preview = QPushButton(self.tr("Preview"))
        self.sign = QPushButton(self.tr("Sign and send"))
        self.sign.setObjectName("primary")
        self._scroll = self._page()
        self._lay_out()
        self.sections.cursor_moved.connect(self._on_cursor_moved)

    def _page(self) -> QScrollArea:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 4, 0)
        rows.setSpacing(8)
        for part in (self.question, self.history, self.priors, self.sections):
            rows.addWidget(part)
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        return scroll

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.preview)
        buttons.addStretch(1)
        buttons.addWidget(self.sign)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        rows.setSpacing(8)
        rows.addWidget(self.identity)
        rows.addWidget(self.lock)
        rows.addWidget(self.picker)
        rows.addWidget(self.state)
        rows.addWidget(self._scroll, 1)
        for part in (self.findings, self.notice, self.checks):
            rows.addWidget(part)
        rows.addLayout(buttons)

    def _on_cursor_moved(self, editor: object) -> None:
        page = self._scroll.widget()
        if isinstance(editor, SectionEditor) and page is not None:
            caret = editor.cursorRect().center()
            place = editor.viewport().mapTo(page, QPoint(caret.x(), caret.y()))
            self._scroll.ensureVisible(place.x(), place.y(), 0, _REVEAL)
