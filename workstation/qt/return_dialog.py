"""One deliberate act on a signed report that was not accepted: whose it is, what becomes of it."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QWidget

from workstation.qt.deliberate import ask_deliberately
from workstation.qt.named_label import NamedLabel
from workstation.qt.worklist_model import person_line
from workstation.store.outbox import Unsent


class _Act(QDialog):
    """Names patient and case; accepted only by its own button, never by a key of habit."""

    def __init__(self, unsent: Unsent, act: str, happens: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        case = unsent.case
        self.setWindowTitle(act)
        self.setAccessibleName(act)
        self.setMinimumWidth(620)
        title = NamedLabel(self.tr("Patient"), person_line(case.patient.name))
        title.setObjectName("patientName")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        for name, text in (
            (self.tr("Patient ID"), case.patient.id),
            (self.tr("Birth date"), case.patient.birth_date or self.tr("not known")),
            (self.tr("Case"), case.number),
            (self.tr("Accession"), case.order.accession),
            (self.tr("Study"), case.study.identity.description),
            (self.tr("Not accepted because"), unsent.why),
        ):
            form.addRow(_heading(name), _value(name, text))
        what = NamedLabel(self.tr("What happens"), happens)
        what.setWordWrap(True)
        stay = self.tr("Keep the signed report")
        ask_deliberately(self, stay, act, title, form, what)


class ReturnDialog(_Act):
    """Before a signed report is taken back to a draft."""

    def __init__(self, unsent: Unsent, parent: QWidget | None = None) -> None:
        """Show what is about to be taken back."""
        act = QCoreApplication.translate("ReturnDialog", "Return to draft")
        happens = QCoreApplication.translate(
            "ReturnDialog",
            "The signed report will not be sent. It stays on this computer as it was signed; "
            "objects of it that have reached the image archive stay there. The case opens "
            "again with its text, to be changed and signed anew.",
        )
        super().__init__(unsent, act, happens, parent)


class OpinionDialog(_Act):
    """Before a report whose case is somebody else's by now is sent as a second opinion."""

    def __init__(self, unsent: Unsent, parent: QWidget | None = None) -> None:
        """Show what is about to be sent."""
        act = QCoreApplication.translate("OpinionDialog", "Send as second opinion")
        happens = QCoreApplication.translate(
            "OpinionDialog",
            "The platform gets the report exactly as it was signed, marked as a second opinion. "
            "The case stays whose it is and as it is; no other report is replaced.",
        )
        super().__init__(unsent, act, happens, parent)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label


def _value(name: str, text: str) -> NamedLabel:
    label = NamedLabel(name, text)
    label.setWordWrap(True)
    return label
