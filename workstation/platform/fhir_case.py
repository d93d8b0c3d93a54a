"""FHIR Task with what it refers to ↔ Case; a contradiction makes the case unfit to show."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reporting.model.report import Order
from workstation.errors import BadAnswer, PatientMismatch, Refused
from workstation.model.case import (
    Case,
    CaseId,
    CaseKind,
    CaseState,
    Priority,
    PriorReport,
    StudyOnPlatform,
)
from workstation.platform.fhir_people import person
from workstation.platform.fhir_permission import consent_blocks, licence_blocks
from workstation.platform.fhir_study import study, study_uid
from workstation.platform.fhir_text import prior_report
from workstation.platform.fhir_values import (
    DCM,
    LOINC,
    V2,
    Json,
    codes,
    etag,
    has_code,
    identifier,
    moment,
    node,
    nodes,
    own_name,
    reference,
    references,
    text,
)

READ_STATES = frozenset({"final", "amended", "corrected", "appended"})


class Lookup(Protocol):
    """Gives the resources that a Task refers to."""

    def get(self, name: str) -> Json:
        """The resource of ``Type/id``; Refused or BadAnswer when it cannot be had."""
        ...

    def studies_of(self, patient: str) -> Iterable[Json]:
        """ImagingStudies of a patient that the platform knows of."""
        ...

    def reports_of(self, patient: str) -> Iterable[Json]:
        """Finished DiagnosticReports of a patient."""
        ...


@dataclass(frozen=True, slots=True)
class ReadingFor:
    """For whom the worklist is read, and by what clock."""

    organization: str
    practitioner: Json
    base: str
    now: datetime
    """The platform's time."""


def case(task: Json, lookup: Lookup, me: ReadingFor) -> Case:
    """Build a case; BadAnswer or PatientMismatch says why it cannot be shown."""
    patient_name = _needed(task, "for", me.base)
    order_name = reference(task.get("focus"), me.base) or next(
        iter(references(task.get("basedOn"), me.base)), ""
    )
    if not order_name.startswith("ServiceRequest/"):
        raise BadAnswer("it names no order")
    order = lookup.get(order_name)
    parts = _Inputs(task, lookup, me.base)
    current = parts.current()
    priors = _prior_studies(current, parts, patient_name, lookup, me)
    reports = _prior_reports(order_name, parts, patient_name, lookup, me)
    named = [order, current, *parts.priors(), *parts.of("DiagnosticReport"), *parts.of("Consent")]
    _check_patient(patient_name, named, me.base)
    accession = text(identifier(order, kind="ACSN").get("value"), 64)
    due = node(node(task.get("restriction")).get("period")).get("end")
    kind = _kind(order)
    blocks = consent_blocks(
        parts.of("Consent"), organization=me.organization, base=me.base, now=me.now
    )
    if kind is not CaseKind.SECOND_OPINION:
        places = references(order.get("locationReference"), me.base)
        location = lookup.get(places[0]) if places else {}
        blocks += licence_blocks(me.practitioner, location, now=me.now)
    return Case(
        id=CaseId(text(task.get("id"), 64)),
        number=case_number(task),
        version=etag(task),
        state=_state(task),
        kind=kind,
        priority=_priority(task, order),
        due=moment(due),
        authored=moment(task.get("authoredOn")),
        description=text(task.get("description"), 400) or text(current.get("description"), 400),
        patient=person(lookup.get(patient_name)),
        order=_order(order, order_name, patient_name, accession),
        study=_on_platform(current, lookup, me.base, accession),
        priors=tuple(_on_platform(p, lookup, me.base) for p in priors),
        prior_reports=reports,
        blocks=blocks,
        owner=reference(task.get("owner"), me.base),
        has_ai=parts.has_ai(),
        business_status=text(node(task.get("businessStatus")).get("text"), 200),
        raw_task=json.dumps(task, ensure_ascii=False),
    )


def case_number(task: Json) -> str:
    """What people call the case; its id where it has no number."""
    numbers = [text(i.get("value"), 64) for i in nodes(task.get("identifier"))]
    return next((n for n in numbers if n), "") or text(task.get("id"), 64)


class _Inputs:
    """What the Task was given: by type of resource first, by code second (§3.1)."""

    def __init__(self, task: Json, lookup: Lookup, base: str) -> None:
        self._lookup = lookup
        self._inputs = nodes(task.get("input"))
        self._base = base

    def _names(self, kind: str, wanted: Callable[[Json], bool] = lambda _: True) -> list[str]:
        found = [
            reference(i.get("valueReference"), self._base)
            for i in self._inputs
            if wanted(node(i.get("type")))
        ]
        return list(dict.fromkeys(f for f in found if f.startswith(f"{kind}/")))

    def of(self, kind: str) -> list[Json]:
        return [self._lookup.get(name) for name in self._names(kind)]

    def current(self) -> Json:
        everything = self._names("ImagingStudy")
        stated = self._names("ImagingStudy", lambda c: has_code(c, DCM, "113014"))
        unlike = [n for n in everything if n not in self._comparisons()]
        chosen = stated or unlike
        if not chosen:
            raise BadAnswer("it names no study to read")
        return self._lookup.get(chosen[0])

    def priors(self) -> list[Json]:
        current = own_name(self.current())
        return [s for s in self.of("ImagingStudy") if own_name(s) != current]

    def has_ai(self) -> bool:
        return any(has_code(i.get("type"), DCM, "110003") for i in self._inputs)

    def prior_reports(self) -> list[Json]:
        ai = self._names("DiagnosticReport", lambda c: has_code(c, DCM, "110003"))
        return [r for r in self.of("DiagnosticReport") if own_name(r) not in ai]

    def _comparisons(self) -> list[str]:
        return self._names("ImagingStudy", lambda c: has_code(c, LOINC, "18834-2"))


def _needed(task: Json, name: str, base: str) -> str:
    found = reference(task.get(name), base)
    if not found.startswith("Patient/"):
        raise BadAnswer("it names no patient")
    return found


def _check_patient(patient: str, resources: Iterable[Json], base: str) -> None:
    for resource in resources:
        stated = reference(resource.get("subject") or resource.get("patient"), base)
        if stated != patient:
            raise PatientMismatch(
                f"it is about {patient}, but {own_name(resource)} is about {stated or 'nobody'}"
            )


def _prior_studies(
    current: Json, parts: _Inputs, patient: str, lookup: Lookup, me: ReadingFor
) -> list[Json]:
    """Those the Task names, then others of the same patient that began before the current one."""
    began = moment(current.get("started"))
    found = {own_name(s): s for s in parts.priors()}
    for other in lookup.studies_of(patient):
        started = moment(other.get("started"))
        earlier = began is not None and started is not None and started < began
        same = reference(other.get("subject"), me.base) == patient
        if earlier and same and study_uid(other) and own_name(other) != own_name(current):
            found.setdefault(own_name(other), other)
    first = datetime.min.replace(tzinfo=me.now.tzinfo)
    return sorted(found.values(), key=lambda s: moment(s.get("started")) or first, reverse=True)


def _prior_reports(
    order: str, parts: _Inputs, patient: str, lookup: Lookup, me: ReadingFor
) -> tuple[PriorReport, ...]:
    """Those the Task names, then others of the patient that do not answer this very order."""
    found = {own_name(r): r for r in parts.prior_reports()}
    for other in lookup.reports_of(patient):
        same = reference(other.get("subject"), me.base) == patient
        ours = order in references(other.get("basedOn"), me.base)
        if same and not ours and text(other.get("status")) in READ_STATES:
            found.setdefault(own_name(other), other)
    reports = [prior_report(r, _study_of(r, lookup, me.base)) for r in found.values()]
    return tuple(sorted(reports, key=lambda r: r.date, reverse=True))


def _study_of(report: Json, lookup: Lookup, base: str) -> Json:
    for name in references(report.get("imagingStudy"), base):
        try:
            return lookup.get(name)
        except (Refused, BadAnswer):
            continue  # the text of a report is worth showing without its study
    return {}


def _on_platform(resource: Json, lookup: Lookup, base: str, accession: str = "") -> StudyOnPlatform:
    endpoints = [lookup.get(name) for name in references(resource.get("endpoint"), base)]
    if not accession:
        for name in references(resource.get("basedOn"), base):
            try:
                order = lookup.get(name)
            except (Refused, BadAnswer):
                continue  # the accession of a prior is a courtesy
            accession = accession or text(identifier(order, kind="ACSN").get("value"), 64)
    return study(resource, endpoints, accession=accession)


def _state(task: Json) -> CaseState:
    try:
        return CaseState(text(task.get("status")))
    except ValueError as error:
        raise BadAnswer("it is in a state that Lightbox does not know") from error


def _priority(task: Json, order: Json) -> Priority:
    stated = text(task.get("priority")) or text(order.get("priority"))
    return Priority(stated) if stated in set(Priority) else Priority.ROUTINE


def _kind(order: Json) -> CaseKind:
    if not has_code(order.get("reasonCode"), V2 + "0336", "S"):
        return CaseKind.PRIMARY
    official = has_code(order.get("orderDetail"), V2 + "0282", "WR")
    return CaseKind.SECOND_OPINION_OFFICIAL if official else CaseKind.SECOND_OPINION


def _order(order: Json, name: str, patient: str, accession: str) -> Order:
    asked = [text(r.get("text")) for r in nodes(order.get("reasonCode"))]
    notes = [text(n.get("text")) for n in nodes(order.get("note"))]
    stated = list(codes(order.get("code")))
    best = next((c for c in stated if c[0] == LOINC), stated[0] if stated else None)
    return Order(
        accession=accession,
        question="\n".join(a for a in asked if a),
        history="\n".join(n for n in notes if n),
        procedure_code=best or ("", "", text(node(order.get("code")).get("text"), 200)),
        fhir_reference=name,
        patient_reference=patient,
        referrer=text(node(order.get("requester")).get("display"), 200),
    )
