"""Consent and licence as the platform itself enforces them, whatever the client did (§3.1)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

from workstation.demo.fhir_store import Resource
from workstation.demo.fhir_values import date_matches, token_matches, values_at
from workstation.demo.problems import Problem

_SIGNED = {"final", "amended", "corrected", "appended"}
_CONSULTATIVE = "http://terminology.hl7.org/CodeSystem/v2-0282|SO"
_VALID_IN = (
    "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
)


class Records(Protocol):
    """Where resources are looked up: the store, or a unit of work."""

    def newest(self, kind: str, id_: str) -> Resource | None:
        """Give the newest version."""
        ...

    def each(self, kind: str) -> list[Resource]:
        """Give the newest version of every resource of a kind."""
        ...


def check_consent(records: Records, study: str, now: datetime) -> None:
    """Refuse the images of a study whose patient's consents all say no; raises Problem 403."""
    name = f"urn:oid:{study}"
    for imaging in records.each("ImagingStudy"):
        if name in values_at(imaging, "identifier.value"):
            consents = list(_consents(records, imaging))
            if consents and not any(_permits(c, now) for c in consents):
                sentence = "The patient's consent does not allow these images to be read now."
                raise Problem(403, "suppressed", sentence)


def check_licence(records: Records, report: Resource, role: str, now: datetime) -> None:
    """Refuse an official report by a reader without a licence for the place; Problem 422."""
    if report["status"] not in _SIGNED:
        return
    orders = [_named(records, r) for r in values_at(report, "basedOn.reference")]
    for order in filter(None, orders):
        if any(token_matches(detail, _CONSULTATIVE) for detail in order.get("orderDetail", ())):
            continue
        for place in values_at(order, "locationReference.reference"):
            wanted = _jurisdictions(_named(records, place))
            if wanted and not wanted & set(_licences(records, role, now)):
                sentence = f"The reader holds no active licence for {max(wanted, key=len)}."
                raise Problem(422, "business-rule", sentence)


def _consents(records: Records, imaging: Resource) -> Iterator[Resource]:
    for consent in records.each("Consent"):
        covered = list(values_at(consent, "provision.data.reference.reference"))
        same = consent.get("patient") == imaging["subject"]
        if same and (not covered or f"ImagingStudy/{imaging['id']}" in covered):
            yield consent


def _permits(consent: Resource, now: datetime) -> bool:
    provision = consent.get("provision", {})
    permitted = provision.get("type", "permit") == "permit"
    return consent["status"] == "active" and permitted and _covers(provision, now)


def _jurisdictions(location: Resource | None) -> set[str]:
    address: dict[str, Any] = (location or {}).get("address", {})
    country, state = address.get("country", ""), address.get("state", "")
    return {country, f"{country}-{state}"} if country and state else {country} - {""}


def _licences(records: Records, role: str, now: datetime) -> Iterator[str]:
    practitioner = next(values_at(_named(records, role), "practitioner.reference"), "")
    for qualification in (_named(records, practitioner) or {}).get("qualification", ()):
        if not _covers(qualification, now):
            continue
        for extension in qualification.get("extension", ()):
            statuses = list(values_at(extension, "extension.valueCode"))
            if extension["url"] == _VALID_IN and statuses in ([], ["active"]):
                path = "extension.valueCodeableConcept.coding.code"
                yield from values_at(extension, path)


def _covers(holder: Resource, now: datetime) -> bool:
    period = holder.get("period")
    return period is None or (
        date_matches(period, f"le{now.isoformat()}")
        and date_matches(period, f"ge{now.isoformat()}")
    )


def _named(records: Records, reference: str) -> Resource | None:
    kind, _, id_ = reference.partition("/")
    return records.newest(kind, id_)
