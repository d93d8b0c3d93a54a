"""Two readers with two cases each on one platform; every byte of a case names its patient."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from pydicom import dcmread

from reporting.model.report import Order, Person, Reader
from reporting.model.signed import SignedReport
from tests.kit.demo_cases import ct_slice
from tests.kit.platform import FakePlatform, a_case, a_study
from workstation.model.case import Case
from workstation.model.delivery import Receipt
from workstation.platform.client import InstanceBlob, WorklistPage

READERS = {"a": ("alpha", "bravo"), "b": ("charlie", "delta")}
CASES = tuple(name for names in READERS.values() for name in names)


def study_of(name: str) -> str:
    """Study Instance UID of a case."""
    return f"2.25.77{CASES.index(name)}"


def patient_of(name: str) -> str:
    """Family name of a case's patient, as it is shown."""
    return name.upper()


def number_of(name: str) -> str:
    """The case number, which names no patient and may be told while nobody is signed in."""
    return f"C-{name}"


def without_numbers(text: str) -> str:
    """A text without its case numbers."""
    for name in CASES:
        text = text.replace(number_of(name), "")
    return text


def case_of(name: str) -> Case:
    """One case."""
    owner = next(reader for reader, names in READERS.items() if name in names)
    person = Person(f"ID-{patient_of(name)}", "https://x.example", f"{patient_of(name)}^X", "", "")
    order = Order(f"ACC-{name}", f"{name} question?", "", ("s", "c", "d"), "S/1", "P/1")
    study = a_study(study_of(name), 3, f"{name} study")
    return a_case(
        name,
        number=number_of(name),
        patient=person,
        order=order,
        study=study,
        owner=f"PractitionerRole/{owner}",
    )


def images_of(name: str) -> list[tuple[str, InstanceBlob]]:
    """Three images of the case, and one that somebody put into the wrong study."""
    study = study_of(name)
    other = CASES[(CASES.index(name) + 1) % len(CASES)]
    made = [_image(name, study, index) for index in (1, 2, 3)]
    return [*made, _image(other, study, 9)]


def _image(name: str, study: str, index: int) -> tuple[str, InstanceBlob]:
    series = f"{study}.1"
    dataset = dcmread(io.BytesIO(ct_slice(index, study=study, series=series)))
    dataset.PatientName, dataset.PatientID = f"{patient_of(name)}^X", f"ID-{patient_of(name)}"
    del dataset.PatientBirthDate, dataset.PatientSex
    dataset.PixelData = np.full(256, CASES.index(name), np.int16).tobytes()
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return series, InstanceBlob(f"{series}.{index}", out.getvalue())


@dataclass
class SharedPlatform:
    """What both readers see."""

    cases: dict[str, Case] = field(default_factory=lambda: {n: case_of(n) for n in CASES})
    images: dict[str, list[tuple[str, InstanceBlob]]] = field(
        default_factory=lambda: {study_of(n): images_of(n) for n in CASES}
    )
    reports: dict[str, SignedReport] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    """What was sent that should never be."""


class PlatformOf(FakePlatform):
    """The platform as one reader's session sees it."""

    def __init__(self, shared: SharedPlatform, reader: str) -> None:
        super().__init__(cases=shared.cases, instances=shared.images, reports=shared.reports)
        self._shared = shared
        self._name = reader

    def reader(self) -> Reader:
        """Give the one who signed in."""
        role = f"PractitionerRole/{self._name}"
        return replace(super().reader(), display=f"Dr {self._name}", fhir_reference=role)

    def assigned_cases(self) -> WorklistPage:
        """Give this reader's cases."""
        page = super().assigned_cases()
        return replace(page, cases=tuple(c for c in page.cases if c.id in READERS[self._name]))

    def submit(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """Take a report and remember what is wrong with it."""
        self._shared.wrong.extend(self._faults(case, report))
        return super().submit(case, report, key=key)

    def _faults(self, case: Case, report: SignedReport) -> Iterator[str]:
        if case.id not in READERS[self._name]:
            yield f"{self._name} sent a report of {case.id}"
        if report.case != case.id:
            yield f"a report of {report.case} was sent for {case.id}"
        for strange in strangers(report.payload.decode() + str(report.bundle), case.id):
            yield f"the report of {case.id} holds something of {strange}"


def strangers(text: str, *own: str) -> list[str]:
    """The cases other than ``own`` that a text says something of."""
    folded = text.casefold()
    return [name for name in CASES if name not in own and name in folded]
