"""The line above the images: who the patient is, which study, how long is left."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from workstation.model.case import Case
from workstation.model.worklist import time_left
from workstation.qt.named_label import NamedLabel
from workstation.qt.worklist_model import person_line
from workstation.session.desk import Desk

_TELLING = 6
"""Fewer letters, dots included, say nothing about a study."""


class IdentityBar(QFrame):
    """Shows one case's identity, always from the case object itself."""

    back_asked = Signal()

    def __init__(
        self,
        desk: Desk,
        now: Callable[[], datetime],
        *,
        demo: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Start without a case; ``demo`` says on every case that it is not for diagnosis."""
        super().__init__(parent)
        self.setObjectName("identityBar")
        self._desk = desk
        self._now = now
        self._case: Case | None = None
        self._name = _label("patientName", self.tr("Patient"))
        self._ids = _label("value", self.tr("Patient identifiers"))
        self._study = _GivingWay(self.tr("Study"))
        self._study.setObjectName("value")
        self._due = _label("value", self.tr("Due"))
        back = QPushButton(self.tr("Worklist"))
        back.setAccessibleName(self.tr("Back to worklist"))
        back.setToolTip(self.tr("Back to worklist (F2)"))
        back.clicked.connect(self.back_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 12, 2)
        row.setSpacing(12)
        row.addWidget(back)
        row.addWidget(self._name)
        row.addWidget(self._ids)
        if demo:
            banner = _label("banner", self.tr("Demo"))
            banner.setText(self.tr("Demo: not for diagnosis"))
            row.addWidget(banner)
        row.addWidget(self._study, 1)  # in a narrow window it gives way: the report names it too
        row.addWidget(self._due)

    def show_case(self, case: Case) -> None:
        """Show this case."""
        self._case = case
        person = case.patient
        study = case.study.identity
        self._name.setText(person_line(person.name))
        ids = (f"ID {person.id}", person.birth_date, person.sex)
        self._ids.setText("  ·  ".join(p for p in ids if p))
        about = (study.description, study.date, f"ACC {study.accession}" if study.accession else "")
        self._study.setText("  ·  ".join(p for p in about if p))
        self.tick()

    def show_nothing(self) -> None:
        """No case is open."""
        self._case = None
        for label in (self._name, self._ids, self._study, self._due):
            label.setText("")
        self._name.setText(self.tr("No case is open"))

    def tick(self) -> None:
        """Count down."""
        if self._case is None:
            return
        left = time_left(self._case.due, self._now(), self._desk.clock_offset)
        words = self.tr("overdue {0}") if left.overdue else self.tr("due {0}")
        self._due.setText(words.format(left.text.lstrip("−")) if self._case.due else "")


class _GivingWay(NamedLabel):
    """Ends in dots where its words have no room; the tooltip has them whole."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str, /) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, _event: QPaintEvent, /) -> None:
        room = self.contentsRect()
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        if words == self.text() or len(words) > _TELLING:
            painter = QPainter(self)
            painter.setPen(self.palette().windowText().color())
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)


def _label(object_name: str, accessible: str) -> NamedLabel:
    label = NamedLabel(accessible)
    label.setObjectName(object_name)
    return label
