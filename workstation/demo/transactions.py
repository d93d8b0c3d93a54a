"""FHIR transactions: all entries or none, with urn:uuid references rewritten (R4 §3.1.0.11)."""

import copy
import re
from dataclasses import dataclass
from typing import Any

from workstation.demo.fhir_rules import check_shape
from workstation.demo.fhir_store import Resource
from workstation.demo.fhir_write import Done, Writer, etag
from workstation.demo.problems import Problem

_MOST_ENTRIES = 500
_URL = re.compile(r"([A-Za-z]{1,40})(?:/([A-Za-z0-9.\-]{1,64}))?")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry that has been understood."""

    index: int
    full_url: str
    method: str
    kind: str
    id: str
    resource: Resource
    if_match: str | None
    if_none_exist: str | None

    @property
    def where(self) -> str:
        return f"Bundle.entry[{self.index}]"


def run_transaction(bundle: object, writer: Writer) -> Resource:
    """Stage every entry with ``writer`` and give the transaction-response; raises Problem.

    POSTs come before PUTs, whatever their order in the Bundle. The caller commits.
    """
    entries = _entries(bundle)
    done: dict[int, Done] = {}
    names: dict[str, str] = {}
    posts = [e for e in entries if e.method == "POST"]
    # Two passes: an entry may refer to one that follows it.
    for entry in posts:
        found = _stage(entry, writer, names)
        done[entry.index] = found
        _learn(names, entry, found)
    for entry in posts:
        if done[entry.index].status == 201:
            done[entry.index] = _finish(entry, done[entry.index], names, writer)
    for entry in entries:
        if entry.method == "PUT":
            done[entry.index] = _stage(entry, writer, names)
    answers = [_answer(done[entry.index]) for entry in entries]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": answers}


def rewritten(node: Any, names: dict[str, str]) -> Any:
    """Replace references to a fullUrl; every other string stays what it is."""
    if isinstance(node, list):
        return [rewritten(item, names) for item in node]
    if isinstance(node, dict):
        return {
            key: names.get(value, value)
            if key == "reference" and isinstance(value, str)
            else rewritten(value, names)
            for key, value in node.items()
        }
    return node


def _entries(bundle: object) -> list[_Entry]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Problem(400, "structure", "The body is not a FHIR Bundle.")
    if bundle.get("type") != "transaction":
        raise Problem(400, "not-supported", "Only a Bundle of type transaction is accepted here.")
    raw = bundle.get("entry")
    if not isinstance(raw, list) or not 0 < len(raw) <= _MOST_ENTRIES:
        raise Problem(400, "structure", f"A transaction has 1 to {_MOST_ENTRIES} entries.")
    entries = [_entry(index, item) for index, item in enumerate(raw)]
    urls = [e.full_url for e in entries if e.full_url]
    targets = [(e.kind, e.id) for e in entries if e.id]
    if len(set(urls)) < len(urls) or len(set(targets)) < len(targets):
        raise Problem(400, "duplicate", "Two entries of the transaction name the same resource.")
    return entries


def _entry(index: int, item: object) -> _Entry:
    where = f"Bundle.entry[{index}]"
    if not isinstance(item, dict) or not isinstance(item.get("request"), dict):
        raise Problem(400, "structure", "An entry has no request.", where=where)
    request = item["request"]
    method, url = request.get("method"), str(request.get("url", ""))
    found = _URL.fullmatch(url)
    if method not in {"POST", "PUT"} or not found or (method == "PUT") != bool(found[2]):
        sentence = "An entry's request is neither a POST of a type nor a PUT of a resource."
        raise Problem(400, "not-supported", sentence, where=where)
    try:
        resource = check_shape(item.get("resource"), found[1])
    except Problem as problem:
        raise problem.at(where) from problem
    return _Entry(
        index=index,
        full_url=str(item.get("fullUrl", "")),
        method=method,
        kind=found[1],
        id=found[2] or "",
        resource=copy.deepcopy(resource),
        if_match=_text(request.get("ifMatch")),
        if_none_exist=_text(request.get("ifNoneExist")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _stage(entry: _Entry, writer: Writer, names: dict[str, str]) -> Done:
    try:
        if entry.method == "POST":
            return writer.create(entry.kind, entry.resource, entry.if_none_exist)
        body = _resolved(entry, names)
        return writer.update(entry.kind, entry.id, body, entry.if_match)
    except Problem as problem:
        raise problem.at(entry.where) from problem


def _learn(names: dict[str, str], entry: _Entry, found: Done) -> None:
    if entry.full_url:
        names[entry.full_url] = f"{found.resource['resourceType']}/{found.resource['id']}"


def _finish(entry: _Entry, made: Done, names: dict[str, str], writer: Writer) -> Done:
    body = _resolved(entry, names)
    return Done(201, writer.unit.restage(made.resource, body))


def _resolved(entry: _Entry, names: dict[str, str]) -> Resource:
    body: Resource = rewritten(entry.resource, names)
    _check_no_placeholder(body, entry.where)
    return body


def _check_no_placeholder(node: Any, where: str) -> None:
    if isinstance(node, list):
        for item in node:
            _check_no_placeholder(item, where)
    elif isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str) and reference.startswith("urn:uuid:"):
            sentence = "A reference names an entry that is not in the transaction."
            raise Problem(400, "not-found", sentence, where=where)
        for value in node.values():
            _check_no_placeholder(value, where)


def _answer(done: Done) -> Resource:
    words = {200: "200 OK", 201: "201 Created"}
    response = {
        "status": words[done.status],
        "location": done.location,
        "etag": etag(done.resource),
        "lastModified": done.resource["meta"]["lastUpdated"],
    }
    return {"response": response}
