"""FHIR searches: every page, what was not included read one by one, each thing read once."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from workstation.errors import BadAnswer, Refused
from workstation.platform.api import Api, address
from workstation.platform.fhir_values import Json, node, nodes, own_name, reference, text

_PAGES = 200
_AT_ONCE = 40
_TOGETHER = ("Patient", "ServiceRequest", "ImagingStudy", "DiagnosticReport", "Consent")


def search(api: Api, query: str, *, what: str) -> Iterator[tuple[str, Json]]:
    """Give (mode, resource) of all pages; mode is 'match' or 'include'."""
    url = f"{api.base}/{query}"
    seen: set[str] = set()
    for _ in range(_PAGES):
        seen.add(url)
        bundle = api.get(url, what=what)
        if bundle.get("resourceType") != "Bundle":
            raise BadAnswer("The platform answered a search with something that is no list.")
        for entry in nodes(bundle.get("entry")):
            resource = node(entry.get("resource"))
            mode = text(node(entry.get("search")).get("mode")) or "match"
            if resource and mode != "outcome":
                yield mode, resource
        links = [link for link in nodes(bundle.get("link")) if link.get("relation") == "next"]
        if not links:
            return
        url = address(api.base, text(links[0].get("url")))
        if url in seen:
            return
    raise BadAnswer("The platform's list does not end.")


def value(raw: str) -> str:
    """A search value, encoded by hand: some servers do not decode * , : | and the like."""
    return quote(raw, safe="*?,-:^@!$()~;/|")


class Reading:
    """The resources of one reading of the worklist: each is asked for once."""

    def __init__(self, api: Api) -> None:
        """Start with nothing known."""
        self._api = api
        self._known: dict[str, Json] = {}
        self._refused: dict[str, Refused | BadAnswer] = {}
        self._studies: dict[str, list[Json]] = {}
        self._reports: dict[str, list[Json]] = {}

    def add(self, resource: Json) -> None:
        """Remember what a search included."""
        self._known[own_name(resource)] = resource

    def get(self, name: str) -> Json:
        """Give a resource by ``Type/id``; Refused or BadAnswer, the same one each time."""
        if name in self._refused:
            raise self._refused[name]
        if name not in self._known:
            try:
                self._known[name] = self._read(name)
            except (Refused, BadAnswer) as error:
                self._refused[name] = error
                raise
        return self._known[name]

    def studies_of(self, patient: str) -> list[Json]:
        """ImagingStudies of a patient."""
        return self._studies.get(patient, [])

    def reports_of(self, patient: str) -> list[Json]:
        """Finished DiagnosticReports of a patient."""
        return self._reports.get(patient, [])

    def prepare(self, tasks: Iterable[Json]) -> None:
        """Fetch what the Tasks and their patients need with few searches."""
        tasks = list(tasks)
        wanted: dict[str, None] = {}
        patients: dict[str, None] = {}
        for task in tasks:
            for name in _named_by(task, self._api.base):
                wanted[name] = None
            patients[reference(task.get("for"), self._api.base)] = None
        self._fetch_together(wanted)
        known = [p for p in patients if p.startswith("Patient/")]
        self._of_patients("ImagingStudy", known, "", self._studies)
        done = "&status=final,amended,corrected,appended"
        self._of_patients("DiagnosticReport", known, done, self._reports)
        orders = [
            reference(o, self._api.base)
            for resource in list(self._known.values())
            if resource.get("resourceType") == "ImagingStudy"
            for o in nodes(resource.get("basedOn"))
        ]
        self._fetch_together(dict.fromkeys(orders))

    def _fetch_together(self, names: Iterable[str]) -> None:
        for kind in _TOGETHER:
            ids = [n.partition("/")[2] for n in names if n.startswith(f"{kind}/")]
            missing = [i for i in ids if f"{kind}/{i}" not in self._known]
            for at in range(0, len(missing), _AT_ONCE):
                joined = value(",".join(missing[at : at + _AT_ONCE]))
                self._try_search(f"{kind}?_id={joined}&_count={_AT_ONCE}")

    def _of_patients(
        self, kind: str, patients: list[str], more: str, into: dict[str, list[Json]]
    ) -> None:
        for at in range(0, len(patients), _AT_ONCE):
            joined = value(",".join(patients[at : at + _AT_ONCE]))
            for resource in self._try_search(f"{kind}?patient={joined}{more}&_count=100"):
                if resource.get("resourceType") == kind:
                    owner = reference(resource.get("subject"), self._api.base)
                    into.setdefault(owner, []).append(resource)

    def _try_search(self, query: str) -> list[Json]:
        """What a search finds; a platform that will not search is read one by one instead."""
        try:
            found = [r for _, r in search(self._api, query, what="read the cases")]
        except (Refused, BadAnswer):
            return []
        for resource in found:
            self.add(resource)
        return found

    def _read(self, name: str) -> Json:
        if "://" in name or name.count("/") != 1:
            raise BadAnswer("it refers to something outside the platform")
        resource = self._api.get(f"{self._api.base}/{name}", what=f"give {name}")
        if own_name(resource) != name:
            raise BadAnswer(f"the platform gave something else for {name}")
        return resource


def _named_by(task: Json, base: str) -> Iterator[str]:
    yield reference(task.get("for"), base)
    yield reference(task.get("focus"), base)
    for value_ in nodes(task.get("basedOn")):
        yield reference(value_, base)
    for given in nodes(task.get("input")):
        yield reference(given.get("valueReference"), base)
