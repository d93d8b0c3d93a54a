"""Every seeded resource is a legal FHIR R4B resource, also when a folder holds odd files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydicom
import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.kit.seeded import NOW
from workstation.demo.seed import SeedCase, folder_cases, phantom_cases


def _check(cases: Sequence[SeedCase]) -> set[str]:
    kinds = set()
    for case in cases:
        for resource in [*case.resources(), *case.arrived()]:
            model: Any = get_fhir_model_class(resource["resourceType"])
            model.model_validate(resource)
            kinds.add(resource["resourceType"])
    return kinds


def test_phantom_cases_are_legal_fhir() -> None:
    assert _check(phantom_cases(NOW)) == {
        "Consent",
        "DiagnosticReport",
        "Endpoint",
        "ImagingStudy",
        "Location",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "ServiceRequest",
        "Task",
    }


def test_cases_of_pydicoms_odd_files_are_legal_fhir() -> None:
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    cases = folder_cases(folder, NOW)
    assert len(cases) > 10
    _check(cases)


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_cases_of_the_real_files_are_legal_fhir(shared_dicom: Path) -> None:
    cases = folder_cases(shared_dicom, NOW)
    assert len(cases) > 50
    _check(cases)
