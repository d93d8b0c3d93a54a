"""One patient only: an image whose header names another one says so (IHE BIR 4.16.4.2.2.5.3)."""

import pytest

from tests.kit.viewer import IDENTITY
from viewer.model.study import Patient
from viewer.viewport.patient_mark import patient_mark, same_person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DOE^JANE", "Doe^Jane^Marie"),
        ("DOE^JANE", "DOE^J"),
        ("DOE^JANE", "DOE^J."),
        ("DOE^JANE MARIE", "DOE^MARIE"),
        ("DOE^JANE", "DOE"),
        ("", "DOE^JANE"),
        ("DOE^JANE^^Dr.", "DOE^JANE"),
        ("SMITH-JONES^ANN", "Smith Jones^Ann"),
        ("Müller^Jürgen", "MUELLER^JUERGEN"),
        ("Müller^Jürgen", "MULLER^JURGEN"),
        ("Nuñez^José", "NUNEZ^JOSE"),
        ("Buc^Jérôme", "BUC^JEROME"),
        ("Yamada^Tarou=山田^太郎", "YAMADA^TAROU"),
        ("山田^太郎", "YAMADA^TAROU"),
        ("O'Brien^Pat", "OBRIEN^PAT"),
    ],
)
def test_one_person_written_in_two_ways(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DOE^JANE", "DOE^JOHN"),  # twins share family name and birth date
        ("DOE^JANE", "ROE^JANE"),
        ("DOE^JANE", "DOE^K"),
        ("山田^太郎", "鈴木^太郎"),
        ("DOE^JANE^MARIE", "DOE^JOHN^PAUL"),
    ],
)
def test_two_persons(one: str, other: str) -> None:
    assert not same_person(one, other)
    assert not same_person(other, one)


def test_the_mark_names_what_differs_first_of_all_the_id() -> None:
    same = Patient(IDENTITY.id, "DOE^JANE", "19720304", "F")
    assert patient_mark(IDENTITY, same, "IMAGE") == ""
    twin = Patient(IDENTITY.id, "DOE^JOHN", "19720304", "M")
    assert patient_mark(IDENTITY, twin, "IMAGE") == "IMAGE SAYS NAME DOE^JOHN"
    other = Patient("9", "ROE^RICK", "19000101", "M")
    assert patient_mark(IDENTITY, other, "DOCUMENT") == "DOCUMENT SAYS PATIENT ID 9"
