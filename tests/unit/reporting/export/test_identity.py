"""Whose images these are, read from a file; a broken file is one sentence."""

import pytest

from reporting.errors import ExportFailed
from reporting.export.identity import image_identity
from tests.kit.report_images import headers
from tests.kit.reporting import STUDY


def test_reads_identity() -> None:
    found = image_identity(headers())
    assert (found.patient_id, found.patient_name, found.birth_date, found.sex) == (
        "4711",
        "DOE^JANE",
        "1972-03-04",
        "F",
    )
    assert (found.study_uid, found.accession) == (STUDY, "A-123")


def test_reads_other_alphabets() -> None:
    data = headers(SpecificCharacterSet="ISO_IR 192", PatientName="Doe^J=山田^太郎")
    assert image_identity(data).patient_name == "Doe^J=山田^太郎"


def test_absent_values_are_empty() -> None:
    found = image_identity(headers(PatientBirthDate="", PatientSex=None, AccessionNumber=None))
    assert (found.birth_date, found.sex, found.accession) == ("", "", "")


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"", "not here"), (b"x" * 500, "cannot be read"), (b"\0" * (17 << 20), "too large")],
)
def test_unreadable(data: bytes, why: str) -> None:
    with pytest.raises(ExportFailed, match=why):
        image_identity(data)


def test_cut_short() -> None:
    whole = headers()
    for end in range(0, len(whole), 37):
        try:
            image_identity(whole[:end])
        except ExportFailed as error:
            assert str(error).endswith(".")  # noqa: PT017 - some cuts still read
