"""Who can sign in to the demo: every radiologist whom the seeded resources name."""

from workstation.demo.fhir_store import FhirStore, Resource
from workstation.demo.fhir_values import token_matches
from workstation.demo.login_page import DemoReader

_RADIOLOGY = "http://snomed.info/sct|394914008"


def demo_readers(store: FhirStore) -> list[DemoReader]:
    """Give the readers by name."""
    found = [_reader(role) for role in store.each("PractitionerRole") if _is_reader(role)]
    return sorted(found, key=lambda reader: reader.name)


def _is_reader(role: Resource) -> bool:
    return any(token_matches(s, _RADIOLOGY) for s in role.get("specialty", ()))


def _reader(role: Resource) -> DemoReader:
    name = role.get("practitioner", {}).get("display", role["id"])
    return DemoReader(role["id"], f"PractitionerRole/{role['id']}", name)
