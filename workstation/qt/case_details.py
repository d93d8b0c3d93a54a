"""What is known of the selected case: question, history, blocks, priors and their reports."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workstation.model.case import Case, CaseState
from workstation.model.left_out import LeftOut
from workstation.qt.named_label import NamedLabel
from workstation.qt.worklist_model import age_sex, person_line
from workstation.session.desk import Desk
from workstation.sync.download import DownloadProgress


class CaseDetails(QWidget):
    """The lower half of the worklist; its buttons act on the shown case."""

    open_asked = Signal()
    claim_asked = Signal()
    decline_asked = Signal()
    stop_asked = Signal()

    def __init__(
        self, desk: Desk, now: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        """Start with nothing selected."""
        super().__init__(parent)
        self._desk = desk
        self._now = now
        self._case: Case | None = None
        self._left_out = self._left_out_of(None)
        self._title = _text(name="patientName", says=self.tr("Selected patient"))
        self._about = _text(name="subtle", says=self.tr("Selected patient identifiers"))
        self._facts = QFormLayout()
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._facts.setHorizontalSpacing(14)
        self._values: dict[str, QLabel] = {}
        self._prior = QPlainTextEdit()
        self._prior.setReadOnly(True)
        self._prior.setAccessibleName(self.tr("Prior report"))
        self._prior_title = _text(name="heading")
        self._bar = QProgressBar()
        self._bar.setAccessibleName(self.tr("Download progress"))
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._rate = _text(name="subtle", says=self.tr("Download rate"))
        self._open = self._button(self.tr("Open"), self.tr("Open case"), self.tr("Enter"))
        self._open.setObjectName("primary")
        self._claim = self._button(self.tr("Claim"), self.tr("Claim"), "Ctrl+Return")
        self._decline = self._button(self.tr("Decline"), self.tr("Decline"), "Ctrl+D")
        self._stop = self._button(self.tr("Stop"), self.tr("Stop download"), "Ctrl+.")
        self._open.clicked.connect(self.open_asked)
        self._claim.clicked.connect(self.claim_asked)
        self._decline.clicked.connect(self.decline_asked)
        self._stop.clicked.connect(self.stop_asked)
        self._arrange()
        self.show_case(None)

    def show_case(self, case: Case | None) -> None:
        """Show a case, or the hint to select one."""
        left_out = self._left_out_of(case)
        if case is None or (case, left_out) != (self._case, self._left_out):
            self._case, self._left_out = case, left_out
            self._fill(case)
        self.tick()

    def tick(self) -> None:
        """Show progress and what may be done now."""
        case = self._case
        fetching = case is not None and self._desk.is_fetching(case)
        progress = self._desk.progress.get(case.id) if case is not None else None
        self._bar.setVisible(fetching)
        self._rate.setVisible(fetching)
        self._stop.setVisible(fetching)
        if fetching and progress is not None:
            self._bar.setRange(0, max(1, progress.expected))
            self._bar.setValue(progress.held)
            self._rate.setText(_progress_words(progress))
        elif fetching:
            self._bar.setRange(0, 0)
            self._rate.setText(self.tr("Asking the platform what to fetch"))
        state = case.state if case is not None else None
        blocked = case is not None and any(b.stops_download for b in case.blocks)
        readable = state in (
            CaseState.REQUESTED,
            CaseState.ACCEPTED,
            CaseState.IN_PROGRESS,
            CaseState.ON_HOLD,
            CaseState.COMPLETED,
        )
        self._open.setEnabled(readable and not blocked)
        self._claim.setEnabled(state is CaseState.REQUESTED and not blocked)
        self._decline.setEnabled(
            state in (CaseState.REQUESTED, CaseState.ACCEPTED, CaseState.IN_PROGRESS)
        )

    def _fill(self, case: Case | None) -> None:
        self._title.setText(person_line(case.patient.name) if case else self.tr("No case selected"))
        self._prior.setVisible(bool(case and case.prior_reports))
        self._prior_title.setVisible(bool(case and case.prior_reports))
        for key, label in self._values.items():
            text = self._fact(case, key) if case else ""
            label.setText(text)
            self._facts.setRowVisible(label, bool(text))
        if case is None:
            self._about.setText(self.tr("Choose a case above to see its question and its priors."))
            return
        person = case.patient
        born = self.tr("born {0}").format(person.birth_date) if person.birth_date else ""
        parts = (f"ID {person.id}", born, age_sex("", person.sex, self._now()))
        self._about.setText("   ·   ".join(p for p in parts if p))
        if case.prior_reports:
            newest = case.prior_reports[0]
            self._prior_title.setText(
                self.tr("Prior report of {0} ({1})").format(newest.date or "?", newest.status)
            )
            self._prior.setPlainText(newest.text)

    def _fact(self, case: Case, key: str) -> str:
        study = case.study.identity
        match key:
            case "study":
                shown = (study.description, study.date, study.time[:5], f"ACC {study.accession}")
                return "  ·  ".join(p for p in shown if p)
            case "question":
                return case.order.question
            case "history":
                return case.order.history
            case "referrer":
                return case.order.referrer
            case "left_out":
                return self._left_out_words(case)
            case "blocks":
                return "\n".join(b.why for b in case.blocks)
            case "priors":
                lines = [
                    f"{p.identity.date}  {p.kind}  {p.identity.description}" for p in case.priors
                ]
                return "\n".join(lines)
            case _:
                return case.number

    def _left_out_of(self, case: Case | None) -> tuple[LeftOut, ...]:
        return self._desk.left_out.get(case.id, ()) if case is not None else ()

    def _left_out_words(self, case: Case) -> str:
        found = self._left_out_of(case)
        more = self.tr(" ({0} more)").format(len(found) - 1) if len(found) > 1 else ""
        return f"{found[0].sentence}{more}" if found else ""

    def _arrange(self) -> None:
        names = {
            "study": self.tr("Study"),
            "question": self.tr("Question"),
            "history": self.tr("History"),
            "referrer": self.tr("Referrer"),
            "blocks": self.tr("Not allowed"),
            "left_out": self.tr("Not shown"),
            "priors": self.tr("Priors"),
            "number": self.tr("Case"),
        }
        for key, title in names.items():
            value = _text(
                name="errorText" if key in {"blocks", "left_out"} else "value", says=title
            )
            label = _text(name="heading")
            label.setText(title)
            label.setBuddy(value)  # a screen reader reads it with its value, not once more
            self._values[key] = value
            self._facts.addRow(label, value)
        left = QVBoxLayout()
        left.addWidget(self._title)
        left.addWidget(self._about)
        left.addSpacing(6)
        left.addLayout(self._facts)
        left.addStretch(1)
        left.addWidget(self._bar)
        left.addWidget(self._rate)
        buttons = QHBoxLayout()
        for button in (self._open, self._claim, self._decline, self._stop):
            buttons.addWidget(button)
        buttons.addStretch(1)
        left.addLayout(buttons)
        right = QVBoxLayout()
        right.addWidget(self._prior_title)
        right.addWidget(self._prior, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(24)
        whole.addLayout(left, 3)
        whole.addLayout(right, 2)

    def _button(self, text: str, name: str, key: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(name)
        button.setToolTip(f"{name} ({key})")
        return button


def _text(*, name: str, says: str = "") -> QLabel:
    label = NamedLabel(says) if says else QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label


def _progress_words(progress: DownloadProgress) -> str:
    rate = progress.bytes_per_second / 1e6
    left = progress.seconds_left
    words = f"{progress.held} of {progress.expected} images   ·   {rate:.1f} MB/s"
    if left is not None:
        words += f"   ·   {int(left) // 60}:{int(left) % 60:02d} left"
    return words
