"""The loud mark of an image or document that names another patient than the case."""

from typing import Protocol

from viewer.model.study import Patient


class Named(Protocol):
    """The patient of the open case, in the case's words."""

    @property
    def id(self) -> str:
        """Patient ID."""
        ...

    @property
    def birth_date(self) -> str:
        """YYYY-MM-DD or empty."""
        ...


def patient_mark(case: Named, patient: Patient, thing: str) -> str:
    """Say what a header says against the case; empty where they agree or one of them is silent."""
    said, ours = patient.id.strip(), case.id.strip()
    if said and ours and said.casefold() != ours.casefold():
        return f"{thing} SAYS PATIENT ID {said}"
    born, known = _digits(patient.birth_date), _digits(case.birth_date)
    if born and known and born != known:
        return f"{thing} SAYS BORN {patient.birth_date}"
    return ""


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
