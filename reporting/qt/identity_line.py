"""Who and which study this is about, from the report's own context, wherever it is shown."""

import unicodedata

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from reporting.export.text import person_name
from reporting.model.report import ReportContext
from reporting.model.visible import visible


def plain_label(text: str = "", *, name: str = "") -> QLabel:
    """A label that never reads its text as markup; ``name`` is its object name for the theme."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setWordWrap(True)
    label.setObjectName(name)
    return label


def label_of(field: QWidget, text: str, *, name: str) -> QLabel:
    """A plain label before a field; a screen reader reads it with the field, not once more."""
    label = plain_label(name=name)
    label.setBuddy(field)
    label.setText(text.replace("&", "&&"))  # a label of a field takes & for a key
    return label


def _apart(name: str) -> str:
    """A name written from right to left turns neither itself nor the line around it."""
    if not any(unicodedata.bidirectional(c) in {"R", "AL"} for c in name):
        return name
    return f"\N{LEFT-TO-RIGHT MARK}\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"


def patient_words(context: ReportContext) -> str:
    """Name, ID, birth date, sex."""
    patient = context.patient
    unknown = QCoreApplication.translate("IdentityLine", "birth date not known")
    parts = (
        _apart(person_name(patient.name)),
        visible(patient.id, lines=False),
        patient.birth_date or unknown,
        patient.sex,
    )
    return " · ".join(part for part in parts if part)


def study_words(context: ReportContext) -> str:
    """Study description, date, accession."""
    study = context.study
    what = visible(study.description or study.modality, lines=False)
    accession = visible(study.accession or context.order.accession, lines=False)
    parts = [what, study.date]
    if accession:
        words = QCoreApplication.translate("IdentityLine", "Accession {0}")
        parts.append(words.format(accession))
    return " · ".join(part for part in parts if part)


class IdentityLine(QWidget):
    """Two lines: the patient, the study."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nobody yet."""
        super().__init__(parent)
        self.patient = plain_label(name="patientName")
        self.study = plain_label(name="subtle")
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(2)
        lines.addWidget(self.patient)
        lines.addWidget(self.study)

    def show_context(self, context: ReportContext | None) -> None:
        """Show this patient and study, or nobody."""
        self.patient.setText("" if context is None else patient_words(context))
        self.study.setText("" if context is None else study_words(context))
