"""FHIR Patient, Practitioner, PractitionerRole and Organization ↔ Person and Reader."""

import re

from reporting.model.report import Person, Reader
from workstation.platform.fhir_values import (
    Json,
    identifier,
    node,
    nodes,
    own_name,
    reference,
    text,
    texts,
)

_SEX = {"male": "M", "female": "F", "other": "O"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PN_BREAKERS = re.compile(r"[\^=\\\r\n\t]+")


def person(patient: Json) -> Person:
    """Give the patient: the medical record number before any other identifier."""
    known = nodes(patient.get("identifier"))
    record = identifier(patient, kind="MR") or (known[0] if known else {})
    assigner = node(record.get("assigner"))
    born = text(patient.get("birthDate"))
    return Person(
        id=text(record.get("value"), 64),
        id_issuer=text(assigner.get("display")) or text(record.get("system")),
        name=_pn(_best_name(patient)),
        birth_date=born if _DATE.fullmatch(born) else "",
        sex=_SEX.get(text(patient.get("gender")), ""),
    )


def reader(role: Json, practitioner: Json, organization: Json, base: str) -> Reader:
    """Give who reads; ``role`` may be the Practitioner itself where a platform has no roles."""
    name = _best_name(practitioner)
    display = text(name.get("text")) or _spoken(name)
    known = [
        text(found.get("value"))
        for qualification in nodes(practitioner.get("qualification"))
        for found in nodes(qualification.get("identifier"))
    ]
    return Reader(
        name=_pn(name),
        display=display or text(node(role.get("practitioner")).get("display")),
        organization=text(organization.get("name")),
        fhir_reference=own_name(role),
        organization_reference=reference(role.get("organization"), base),
        registration=known[0] if known else "",
    )


def _best_name(resource: Json) -> Json:
    names = nodes(resource.get("name"))
    for use in ("official", "usual"):
        for name in names:
            if name.get("use") == use:
                return name
    return next((n for n in names if text(n.get("use")) not in {"old", "nickname", "maiden"}), {})


def _pn(name: Json) -> str:
    """PS3.5 §6.2 PN: Family^Given^Middle^Prefix^Suffix, without empty components at the end."""
    given = texts(name.get("given"))
    parts = [
        text(name.get("family")),
        given[0] if given else "",
        " ".join(given[1:]),
        " ".join(texts(name.get("prefix"))),
        " ".join(texts(name.get("suffix"))),
    ]
    clean = [_PN_BREAKERS.sub(" ", part).strip()[:64] for part in parts]
    if not any(clean):
        clean = [_PN_BREAKERS.sub(" ", text(name.get("text"), 64))]
    return "^".join(clean).rstrip("^")


def _spoken(name: Json) -> str:
    parts = [*texts(name.get("prefix")), *texts(name.get("given")), text(name.get("family"))]
    return " ".join(part for part in parts if part)
