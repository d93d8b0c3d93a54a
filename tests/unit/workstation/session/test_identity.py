"""Whether case and images name the same patient."""

import pytest

from reporting.model.report import Person
from viewer.model.study import Patient
from workstation.session.identity import mismatch

JANE = Person("4711", "", "DOE^JANE", "1972-03-04", "F")


@pytest.mark.parametrize(
    ("patient", "names"),
    [
        (Patient("4711", "Doe^Jane^A", "19720304", "F"), ""),
        (Patient(" 4711 ", "DOÉ^JANE", "", ""), ""),
        (Patient("", "", "", ""), ""),
        (Patient("4712", "DOE^JANE", "19720304", "F"), "patient ID"),
        (Patient("4711", "ROE^JANE", "19720304", "F"), "family name"),
        (Patient("4711", "DOE^JANE", "19720403", "F"), "birth date"),
        (Patient("4711", "DOE^JANE", "19720304", "M"), "sex"),
        (Patient("4712", "ROE^JIM", "19720304", "F"), "patient ID and family name"),
    ],
)
def test_r35_mismatch(patient: Patient, names: str) -> None:
    words = mismatch(JANE, patient)
    assert (names in words) if names else (words == "")
    if names:
        assert "signing is not" in words
