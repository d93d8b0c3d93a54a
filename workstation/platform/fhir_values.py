"""Tolerant reading of FHIR JSON: what is absent or of the wrong type reads as empty."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

Json = dict[str, object]

_REFERENCE = re.compile(r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9.\-]{1,64})(?:/_history/[^/]+)?")
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_UID = re.compile(r"(?:urn:oid:)?([0-9]+(?:\.[0-9]+)+)")


def node(value: object) -> Json:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def nodes(value: object) -> list[Json]:
    """The objects of a list, or none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: object, limit: int = 4000) -> str:
    """A string without control characters, cut at ``limit``."""
    return _UNSHOWABLE.sub("", value).strip()[:limit] if isinstance(value, str) else ""


def texts(value: object) -> list[str]:
    """The non-empty strings of a list."""
    found = [text(item) for item in value] if isinstance(value, list) else []
    return [item for item in found if item]


def count(value: object) -> int:
    """A number of things: never negative, 0 when it is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return min(max(value, 0), 10_000_000)


def codes(concept: object) -> Iterator[tuple[str, str, str]]:
    """(system, code, display) of each coding of a CodeableConcept."""
    for coding in nodes(node(concept).get("coding")):
        yield text(coding.get("system")), text(coding.get("code")), text(coding.get("display"))


def has_code(concepts: object, system: str, code: str) -> bool:
    """Whether a CodeableConcept, or one of a list of them, carries the code."""
    each = nodes(concepts) if isinstance(concepts, list) else [node(concepts)]
    return any((s, c) == (system, code) for concept in each for s, c, _ in codes(concept))


def moment(value: object) -> datetime | None:
    """An instant or a dateTime with an offset; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def covers(period: object, now: datetime) -> bool:
    """Whether a Period holds ``now``; an absent end is open, an unreadable one is not."""
    found = node(period)
    start, end = found.get("start"), found.get("end")
    begins = _edge(start, last=False) if start is not None else now
    ends = _edge(end, last=True) if end is not None else now
    return begins is not None and ends is not None and begins <= now <= ends


def _edge(value: object, *, last: bool) -> datetime | None:
    """First or last moment of a FHIR dateTime of any precision; whole days count in UTC ± 14 h."""
    exact = moment(value)
    if exact is not None or not isinstance(value, str):
        return exact
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    try:
        start = datetime(year, month, day, tzinfo=UTC)
        if not last:
            return start - timedelta(hours=14)
        if not match[3]:
            year, month = (year, month + 1) if match[2] and month < 12 else (year + 1, 1)
            return datetime(year, month, 1, tzinfo=UTC) + timedelta(hours=12)
        return start + timedelta(days=1, hours=12)
    except ValueError:
        return None


def reference(value: object, base: str = "") -> str:
    """``Type/id`` of a Reference; an address of another server stays whole; '' when there is none.

    ``base`` is our FHIR address.
    """
    raw = text(node(value).get("reference") if isinstance(value, dict) else value, 400)
    local = raw.removeprefix(f"{base.rstrip('/')}/") if base else raw
    match = _REFERENCE.fullmatch(local)
    return f"{match[1]}/{match[2]}" if match else raw


def references(values: object, base: str = "") -> list[str]:
    """The non-empty references of a list."""
    return [r for r in (reference(v, base) for v in nodes(values)) if r]


def own_name(resource: Json) -> str:
    """``Type/id`` of a resource."""
    return f"{text(resource.get('resourceType'))}/{text(resource.get('id'))}"


def etag(resource: Json) -> str:
    """The weak ETag that the next change must carry; '' when the version is unknown."""
    version = text(node(resource.get("meta")).get("versionId"))
    return f'W/"{version}"' if version else ""


def identifier(resource: Json, *, system: str = "", kind: str = "") -> Json:
    """The first identifier of that system, or of that type of v2-0203."""
    for found in nodes(resource.get("identifier")):
        if system and found.get("system") == system:
            return found
        if kind and has_code(found.get("type"), V2 + "0203", kind):
            return found
    return {}


def uid(value: object) -> str:
    """A DICOM UID, with or without urn:oid:; '' when it is none."""
    match = _UID.fullmatch(text(value, 80))
    return match[1] if match and len(match[1]) <= 64 else ""


def origin(url: str) -> str:
    """Scheme, host and port of an address, '' when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else ""


DCM = "http://dicom.nema.org/resources/ontology/DCM"
LOINC = "http://loinc.org"
V2 = "http://terminology.hl7.org/CodeSystem/v2-"
V3 = "http://terminology.hl7.org/CodeSystem/v3-"
URI = "urn:ietf:rfc:3986"
