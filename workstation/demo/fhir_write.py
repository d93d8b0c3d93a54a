"""Create and update inside a unit of work: scopes, If-None-Exist, If-Match, the rules."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from workstation.demo.fhir_rules import check_owner, check_shape, check_update, without_arrival
from workstation.demo.fhir_search import PARAMETERS, Search
from workstation.demo.fhir_store import Resource, Unit
from workstation.demo.permissions import check_licence
from workstation.demo.problems import Problem
from workstation.demo.tokens import Principal

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one write: 200 or 201, and the resource as it is now."""

    status: int
    resource: Resource

    @property
    def location(self) -> str:
        """``Type/id/_history/version``."""
        meta = self.resource["meta"]
        name = f"{self.resource['resourceType']}/{self.resource['id']}"
        return f"{name}/_history/{meta['versionId']}"


def etag(resource: Resource) -> str:
    """Give the weak entity tag of a version."""
    return f'W/"{resource["meta"]["versionId"]}"'


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for one reader in one unit of work; ``base`` is the FHIR base address."""

    unit: Unit
    principal: Principal
    base: str

    def create(self, kind: str, body: object, if_none_exist: str | None) -> Done:
        """Store a new resource, or give the one that If-None-Exist finds; raises Problem."""
        known_kind(kind)
        self.principal.need(kind, "c")
        resource = check_shape(body, kind)
        if if_none_exist:
            found = self._existing(kind, if_none_exist)
            if found:
                return Done(200, found)
        if kind == "Task":
            raise Problem(403, "forbidden", "Only the platform makes cases.")
        self._check_report(resource)
        fresh = {key: value for key, value in resource.items() if key != "id"}
        return Done(201, self.unit.put(fresh))

    def update(self, kind: str, id_: str, body: object, if_match: str | None) -> Done:
        """Store the next version of a resource; raises Problem 404, 412, 422, 428."""
        known_kind(kind)
        self.principal.need(kind, "u")
        resource = check_shape(body, kind)
        if resource.get("id") != id_:
            raise Problem(400, "invalid", f"The id in the body is not {id_}.")
        old = self.unit.get(kind, id_)
        if old is None:
            raise Problem(404, "not-found", f"There is no {kind}/{id_}.")
        _check_version(old, if_match)
        if kind == "Task":
            check_owner(old, self.principal.role)
            resource = without_arrival(resource)
        check_update(old, resource)
        self._check_report(resource)
        return Done(200, self.unit.put(resource))

    def _check_report(self, resource: Resource) -> None:
        if resource["resourceType"] == "DiagnosticReport":
            check_licence(self.unit, resource, self.principal.role, self.unit.now())

    def _existing(self, kind: str, criteria: str) -> Resource | None:
        query = criteria.partition("?")[2] or criteria
        search = Search(kind, parse_qsl(query), self.base)
        page = search.run({kind: self.unit.each(kind)})
        if page.total > 1:
            raise Problem(412, "multiple-matches", f"More than one {kind} matches If-None-Exist.")
        return page.matches[0] if page.matches else None


def known_kind(kind: str) -> None:
    """Raise Problem 404 for a resource type that this server has not."""
    if kind not in PARAMETERS:
        raise Problem(404, "not-supported", f"This server has no {kind[:64]}.")


def _check_version(old: Resource, if_match: str | None) -> None:
    name = f"{old['resourceType']}/{old['id']}"
    if not if_match:
        sentence = f"{name} can only be changed with If-Match."
        raise Problem(428, "required", sentence)
    found = _ETAG.fullmatch(if_match.strip())
    if not found or found[1] != old["meta"]["versionId"]:
        sentence = f"{name} has changed: it is now at version {old['meta']['versionId']}."
        raise Problem(412, "conflict", sentence, headers={"ETag": etag(old)})
