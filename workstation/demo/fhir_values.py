"""How a FHIR search parameter matches a value: token, reference and date (FHIR R4 §3.1.1)."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from workstation.demo.problems import Problem

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T.+)?)?)?")
_PREFIXES = ("eq", "ge", "gt", "le", "lt")


def values_at(node: object, path: str) -> Iterator[Any]:
    """Walk ``path`` (dots) through objects and lists; gives every value at its end."""
    if isinstance(node, list):
        for item in node:
            yield from values_at(item, path)
    elif not path:
        yield node
    elif isinstance(node, dict):
        first, _, rest = path.partition(".")
        if first in node:
            yield from values_at(node[first], rest)


def tokens_of(value: object) -> Iterator[tuple[str, str]]:
    """Give (system, code) of a code, Coding, CodeableConcept or Identifier."""
    if isinstance(value, bool):
        yield "", str(value).lower()
    elif isinstance(value, str):
        yield "", value
    elif isinstance(value, dict):
        for coding in value.get("coding", ()):
            yield coding.get("system", ""), coding.get("code", "")
        code = value.get("code", value.get("value"))
        if isinstance(code, str):
            yield value.get("system", ""), code


def token_matches(value: object, wanted: str) -> bool:
    """``code``, ``system|code``, ``|code`` or ``system|``."""
    system, bar, code = wanted.rpartition("|")
    return any(
        (not code or code == has) and (not bar or system == of) for of, has in tokens_of(value)
    )


def reference_matches(value: object, wanted: str, base: str) -> bool:
    """``Type/id``, ``id`` or an address below ``base``."""
    has = value.get("reference", "") if isinstance(value, dict) else ""
    wanted = wanted.removeprefix(base + "/")
    return bool(has) and (has == wanted or ("/" not in wanted and has.endswith(f"/{wanted}")))


def date_matches(value: object, wanted: str) -> bool:
    """Prefixes eq, ge, gt, le, lt; both sides are ranges as precise as they are written."""
    prefix = wanted[:2] if wanted[:2] in _PREFIXES else "eq"
    low, high = date_range(wanted.removeprefix(prefix))
    try:
        first, last = _value_range(value)
    except Problem:
        return False
    match prefix:
        case "ge":
            return last >= low
        case "gt":
            return last > high
        case "le":
            return first <= high
        case "lt":
            return first < low
        case _:
            return low <= first and last <= high


def date_range(text: str) -> tuple[datetime, datetime]:
    """Give first and last instant that a FHIR date or dateTime may mean; raises Problem."""
    text = text.replace(" ", "+")  # a plus sign that arrived unencoded in a query
    found = _DATE.fullmatch(text)
    if not found:
        raise Problem(400, "value", "A date in the request is not a FHIR date.")
    year, month, day, time = found.groups()
    try:
        if time:
            instant = datetime.fromisoformat(text)
            instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
            return instant, instant
        first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        return first, _after(first.date(), month, day) - timedelta(microseconds=1)
    except ValueError as error:
        raise Problem(400, "value", "A date in the request does not exist.") from error


def _after(first: date, month: str | None, day: str | None) -> datetime:
    if day:
        following = first + timedelta(days=1)
    elif month:
        following = (first + timedelta(days=31)).replace(day=1)
    else:
        following = date(first.year + 1, 1, 1)
    return datetime(following.year, following.month, following.day, tzinfo=UTC)


def _value_range(value: object) -> tuple[datetime, datetime]:
    if isinstance(value, dict):
        start, end = value.get("start"), value.get("end")
        low = date_range(start)[0] if start else datetime.min.replace(tzinfo=UTC)
        return low, date_range(end)[1] if end else datetime.max.replace(tzinfo=UTC)
    return date_range(str(value))
