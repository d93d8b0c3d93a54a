"""JSON from outside, read so that two readers cannot see two different things in it."""

import json

Json = dict[str, object]


class BadJson(ValueError):
    """Not a JSON object, or one that can be read in two ways."""


def read_object(data: bytes) -> Json:
    """Read an object; raises BadJson for anything else, doubled names and NaN included."""
    try:
        found = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise BadJson("not JSON") from None
    if not isinstance(found, dict):
        raise BadJson("not a JSON object")
    return found


def objects(value: object) -> list[Json]:
    """Give the objects of a list, [] where it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _once(pairs: list[tuple[str, object]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a name occurs twice")
    return found


def _refuse(constant: str) -> object:
    raise BadJson(f"{constant} is not JSON")
