"""FHIR search over the store: which parameters each resource type has, and what they match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import Enum
from functools import partial
from typing import Any
from urllib.parse import urlencode

from workstation.demo.fhir_store import Resource
from workstation.demo.fhir_values import (
    date_matches,
    date_range,
    reference_matches,
    token_matches,
    tokens_of,
    values_at,
)
from workstation.demo.problems import Problem

MOST = 200
USUAL = 50


class Kind(Enum):
    """How a parameter compares."""

    TOKEN = "token"  # noqa: S105 - FHIR's name of the type
    REFERENCE = "reference"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter and the path of its element."""

    kind: Kind
    path: str


def _tokens(*names: str, **paths: str) -> dict[str, Parameter]:
    found = {name: Parameter(Kind.TOKEN, name) for name in names}
    return found | {k.replace("_", "-"): Parameter(Kind.TOKEN, v) for k, v in paths.items()}


def _references(**paths: str) -> dict[str, Parameter]:
    return {k.replace("_", "-"): Parameter(Kind.REFERENCE, v) for k, v in paths.items()}


def _dates(**paths: str) -> dict[str, Parameter]:
    return {k.replace("_", "-"): Parameter(Kind.DATE, v) for k, v in paths.items()}


_SUBJECT = _references(patient="subject", subject="subject")
_COMMON = {
    "_id": Parameter(Kind.TOKEN, "id"),
    "_lastUpdated": Parameter(Kind.DATE, "meta.lastUpdated"),
    "_profile": Parameter(Kind.TOKEN, "meta.profile"),
}

PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "Task": {
        **_tokens("identifier", "status", "priority", "code", "intent"),
        **_tokens(group_identifier="groupIdentifier", business_status="businessStatus"),
        **_references(patient="for", subject="for", owner="owner", focus="focus"),
        **_references(based_on="basedOn", requester="requester"),
        **_dates(authored_on="authoredOn", modified="lastModified", period="executionPeriod"),
    },
    "ServiceRequest": {
        **_tokens("identifier", "status", "intent", "priority", "category", "code"),
        **_SUBJECT,
        **_references(based_on="basedOn", requester="requester", performer="performer"),
        **_dates(authored="authoredOn"),
    },
    "ImagingStudy": {
        **_tokens("identifier", "status", "modality", series="series.uid"),
        **_SUBJECT,
        **_references(basedon="basedOn", based_on="basedOn", endpoint="endpoint"),
        **_dates(started="started"),
    },
    "DiagnosticReport": {
        **_tokens("identifier", "status", "category", "code"),
        **_SUBJECT,
        **_references(based_on="basedOn", result="result", performer="performer"),
        **_references(results_interpreter="resultsInterpreter"),
        **_dates(issued="issued", date="effectiveDateTime"),
    },
    "Observation": {
        **_tokens("identifier", "status", "category", "code"),
        **_SUBJECT,
        **_references(based_on="basedOn", part_of="partOf", derived_from="derivedFrom"),
        **_dates(date="effectiveDateTime"),
    },
    "Communication": {
        **_tokens("identifier", "status", "category", "medium"),
        **_SUBJECT,
        **_references(based_on="basedOn", recipient="recipient", sender="sender"),
        **_dates(sent="sent", received="received"),
    },
    "Provenance": {
        **_references(target="target", agent="agent.who"),
        **_references(patient="target"),
        **_dates(recorded="recorded"),
    },
    "AuditEvent": {
        **_tokens("action", "outcome", "type", "subtype"),
        **_references(agent="agent.who", entity="entity.what", patient="entity.what"),
        **_dates(date="recorded"),
    },
    "Consent": {
        **_tokens("identifier", "status", "scope", "category"),
        **_references(patient="patient", organization="organization"),
        **_references(data="provision.data.reference"),
        **_dates(date="dateTime", period="provision.period"),
    },
    "DocumentReference": {
        **_tokens("identifier", "status", "type", "category"),
        **_SUBJECT,
        **_dates(date="date"),
    },
    "Patient": {**_tokens("identifier", "gender", "active"), **_dates(birthdate="birthDate")},
    "Practitioner": _tokens("identifier", "active"),
    "PractitionerRole": {
        **_tokens("identifier", "active", "specialty"),
        **_references(practitioner="practitioner", organization="organization"),
    },
    "Organization": _tokens("identifier", "active"),
    "Location": _references(organization="managingOrganization"),
    "Endpoint": _tokens("identifier", "status", connection_type="connectionType"),
    "Binary": {},
}
"""The resource types of the demo platform and how each can be searched."""

_CONTROLS = {"_sort", "_count", "_offset", "_include", "_revinclude", "_format", "_total"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search: the matches, what came with them, and how many match in all."""

    matches: list[Resource]
    included: list[Resource]
    total: int
    next_offset: int | None


class Search:
    """One search, checked as a whole before anything is looked at; raises Problem."""

    def __init__(self, kind: str, query: Sequence[tuple[str, str]], base: str) -> None:
        """``query``: decoded name-value pairs; ``base``: the FHIR base address."""
        self.kind = kind
        self._base = base
        self._query = [(name, value) for name, value in query if value]
        self._parameters = {**_COMMON, **PARAMETERS[kind]}
        self._filters = [(self._parameter(n), v) for n, v in self._query if n not in _CONTROLS]
        self._count = min(self._number("_count", USUAL), MOST)
        self._offset = self._number("_offset", 0)
        self._sort = self._sort_keys()
        self._includes = self._include_parameters()

    def run(self, everything: Mapping[str, list[Resource]]) -> Page:
        """Search ``everything``: the newest version of each resource by type."""
        found = [r for r in everything[self.kind] if self._matches(r)]
        for parameter, descending in reversed(self._sort):
            found.sort(key=partial(_sort_value, parameter), reverse=descending)
        page = found[self._offset : self._offset + self._count]
        end = self._offset + len(page)
        more = end if page and end < len(found) else None
        return Page(page, self._included(page, everything), len(found), more)

    def address(self, offset: int) -> str:
        """Give the address of the page that starts at ``offset``."""
        kept = [(name, value) for name, value in self._query if name != "_offset"]
        query = urlencode([*kept, ("_offset", str(offset))] if offset else kept)
        return f"{self._base}/{self.kind}" + (f"?{query}" if query else "")

    def _parameter(self, name: str) -> Parameter:
        if name not in self._parameters:
            sentence = f"This server cannot search {self.kind} by '{name[:64]}'."
            raise Problem(400, "not-supported", sentence)
        return self._parameters[name]

    def _number(self, name: str, usual: int) -> int:
        text = dict(self._query).get(name, str(usual))
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise Problem(400, "value", f"{name} is not a number.")
        return int(text)

    def _sort_keys(self) -> list[tuple[Parameter, bool]]:
        names = [n for n in dict(self._query).get("_sort", "").split(",") if n]
        return [(self._parameter(n.removeprefix("-")), n.startswith("-")) for n in names]

    def _include_parameters(self) -> list[Parameter]:
        found = []
        for name, value in self._query:
            if name == "_revinclude":
                raise Problem(400, "not-supported", "This server has no _revinclude.")
            if name == "_include":
                kind, _, wanted = value.partition(":")
                parameter = self._parameters.get(wanted.split(":")[0])
                if kind != self.kind or not parameter or parameter.kind is not Kind.REFERENCE:
                    sentence = f"This server cannot include '{value[:64]}'."
                    raise Problem(400, "not-supported", sentence)
                found.append(parameter)
        return found

    def _matches(self, resource: Resource) -> bool:
        return all(self._one_of(resource, p, wanted) for p, wanted in self._filters)

    def _one_of(self, resource: Resource, parameter: Parameter, wanted: str) -> bool:
        has = list(values_at(resource, parameter.path))
        return any(self._equal(v, w, parameter.kind) for w in wanted.split(",") for v in has)

    def _equal(self, value: Any, wanted: str, kind: Kind) -> bool:
        match kind:
            case Kind.TOKEN:
                return token_matches(value, wanted)
            case Kind.REFERENCE:
                return reference_matches(value, wanted, self._base)
            case Kind.DATE:
                return date_matches(value, wanted)

    def _included(
        self, page: list[Resource], everything: Mapping[str, list[Resource]]
    ) -> list[Resource]:
        shown = {f"{r['resourceType']}/{r['id']}" for r in page}
        wanted: dict[str, None] = {}
        for parameter in self._includes:
            for resource in page:
                for value in values_at(resource, parameter.path):
                    wanted[value.get("reference", "")] = None
        by_name = {
            f"{kind}/{r['id']}": r
            for kind in {name.split("/")[0] for name in wanted}
            for r in everything.get(kind, ())
        }
        return [by_name[name] for name in wanted if name in by_name and name not in shown]


def _sort_value(parameter: Parameter, resource: Resource) -> tuple[bool, str]:
    value = next(values_at(resource, parameter.path), None)
    if value is None:
        return (False, "")
    if parameter.kind is Kind.DATE:
        return (True, _instant(value))
    if parameter.kind is Kind.REFERENCE:
        return (True, str(value.get("reference", "")))
    return (True, next(tokens_of(value), ("", ""))[1])


def _instant(value: Any) -> str:
    start = value.get("start", "") if isinstance(value, dict) else str(value)
    try:
        return date_range(start)[0].astimezone(UTC).isoformat()
    except Problem:
        return ""
