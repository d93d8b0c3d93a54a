"""Frozen dataclasses to JSON and back, strictly by their annotations; bytes as base64."""

import base64
import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class CodecError(ValueError):
    """Stored text that is not what its type says."""


def encode(value: object) -> str:
    """Give the JSON text of a value."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def decode(kind: type[T], text: str) -> T:
    """Give the value again; raises CodecError when the text does not fit the type."""
    try:
        made: T = _made(kind, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CodecError(f"stored {kind.__name__} cannot be read") from error
    return made


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value


def _made(kind: Any, raw: Any) -> Any:
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _made_union(get_args(kind), raw)
    if origin is tuple:
        return _made_tuple(get_args(kind), raw)
    if origin is not None and issubclass(origin, Mapping):
        return dict(raw)
    if is_dataclass(kind) and isinstance(kind, type):
        return _made_dataclass(kind, raw)
    return _made_simple(kind, raw)


def _made_simple(kind: Any, raw: Any) -> Any:
    if isinstance(kind, type):
        if issubclass(kind, Enum):
            return kind(raw)
        if issubclass(kind, tuple):
            return kind(*raw)  # a NamedTuple of numbers
        if kind is datetime:
            return datetime.fromisoformat(raw)
        if kind is bytes:
            return base64.b64decode(raw, validate=True)
        if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
            return float(raw)
        if kind is object or type(raw) is kind:
            return raw
    raise TypeError(kind)


def _made_dataclass(kind: type, raw: Any) -> Any:
    hints = _hints(kind)
    unknown = set(raw) - {f.name for f in fields(kind)}
    if unknown:
        raise KeyError(str(sorted(unknown)))
    return kind(**{name: _made(hints[name], value) for name, value in raw.items()})


def _made_union(kinds: tuple[Any, ...], raw: Any) -> Any:
    if raw is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return _made(kind, raw)
        except (TypeError, ValueError, KeyError):
            continue
    raise TypeError(kinds)


def _made_tuple(kinds: tuple[Any, ...], raw: Any) -> Any:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_made(kinds[0], v) for v in raw)
    return tuple(_made(k, v) for k, v in zip(kinds, raw, strict=True))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
