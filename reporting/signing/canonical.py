"""The exact bytes that are signed: one JSON text for one value, whoever writes it."""

import json
import math
from collections.abc import Mapping, Sequence

from reporting.errors import ExportFailed

_DEEPEST = 64


def canonical(value: Mapping[str, object]) -> bytes:
    """Canonical JSON in the manner of RFC 8785, UTF-8; raises ExportFailed.

    Members sorted by the UTF-16 code units of their names, no white space, only the escapes that
    JSON demands. One difference to RFC 8785: a number stays as it was given (``8.0`` is not
    turned into ``8``), because FHIR decimals carry their precision.
    """
    try:
        return _text(value, 0).encode("utf-8")
    except UnicodeEncodeError:
        raise ExportFailed("The report holds a character that cannot be written.") from None


def _text(value: object, depth: int) -> str:
    if depth > _DEEPEST:
        raise ExportFailed("The report is nested too deeply to be signed.")
    match value:
        case None | bool() | str() | int():
            return json.dumps(value, ensure_ascii=False)
        case float():
            return _number(value)
        case Mapping():
            return _object(value, depth)
        case Sequence() if not isinstance(value, (bytes, bytearray, memoryview)):
            return "[" + ",".join(_text(item, depth + 1) for item in value) + "]"
        case _:
            raise ExportFailed(f"A {type(value).__name__} cannot be written as signed JSON.")


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ExportFailed("A number in the report is not finite.")
    return json.dumps(value)


def _object(value: Mapping[object, object], depth: int) -> str:
    names = [name for name in value if isinstance(name, str)]
    if len(names) != len(value):
        raise ExportFailed("A member of the signed JSON has a name that is not text.")
    ordered = sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    members = (
        f"{json.dumps(name, ensure_ascii=False)}:{_text(value[name], depth + 1)}"
        for name in ordered
    )
    return "{" + ",".join(members) + "}"
