"""Frozen values as columns of plain JSON and back: many that are nearly alike, made again fast.

Equal parts are kept once. Only classes that are named beforehand can come out, and each field only
with a type that its annotation allows.
"""

import base64
import json
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, NewType, NoReturn, Union, get_args, get_origin, get_type_hints

_SCALARS = frozenset({str, int, float, bool, type(None)})
_MOST = 1 << 20
"""Parts in a group."""
_PARTS = "parts"
"""A tuple that does not hold scalars alone."""
_SAME, _EACH, _SAME_PART, _EACH_PART = range(4)
"""How a column lies: one scalar for all, a scalar each, one part for all, a part each."""


class ColumnsError(ValueError):
    """Bytes that are not what ``Columns.pack`` gives."""


def _mapping(flat: list[Any]) -> dict[Any, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


_CONTAINERS: Mapping[str, Callable[[Any], Any]] = {
    "tuple": tuple,
    "mapping": _mapping,
    "set": frozenset,
    "bytes": partial(base64.b64decode, validate=True),
}
"""How what holds scalars alone is made of its one cell."""
_NAMES: Mapping[type, str] = {tuple: "tuple", dict: "mapping", frozenset: "set"}


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A value that stands in a row of a group: parts of one kind and depth, alike in shape."""

    group: tuple[int, str, str]
    row: int
    serial: int

    def __repr__(self) -> str:
        return f"@{self.serial}"


class _Kind(NamedTuple):
    """A class with its fields in order and the types that each of them may have."""

    of: Callable[..., Any]
    names: tuple[str, ...]
    types: tuple[frozenset[type], ...]


class Columns:
    """Packs values of one class, and of the classes that its annotations lead to."""

    def __init__(self, root: type) -> None:
        """Learn the classes from the annotations."""
        self._kinds: dict[str, _Kind] = {}
        self._learn(root)

    def pack(self, values: Sequence[Any]) -> bytes:
        """Bytes for ``unpack``; ColumnsError for what the annotations do not name."""
        return _Packing(self._kinds).of(values)

    def unpack(self, data: bytes) -> list[Any]:
        """The values again; ColumnsError when the bytes do not make them."""
        try:
            groups, wanted = json.loads(data)
            pool: list[Any] = []
            for kind, count, columns in groups:
                if not 0 <= count <= _MOST:
                    _refuse()
                cells = [_column(column, count, pool) for column in columns]
                pool.extend(self._made(kind, count, cells))
            return [pool[number] for number in wanted]
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            raise ColumnsError("These are no values in columns.") from error

    def _made(self, name: str, count: int, cells: list[Sequence[Any]]) -> Iterable[Any]:
        kind = self._kinds.get(name)
        if kind is not None:
            for cell, allowed in zip(cells, kind.types, strict=True):
                if not allowed.issuperset(map(type, cell)):
                    raise ValueError(name)
            return map(kind.of, *cells)
        if name == _PARTS:
            return zip(*cells, strict=True) if cells else _refuse()
        return map(_CONTAINERS[name], *cells)

    def _learn(self, kind: Any) -> frozenset[type]:
        """Types of the values that an annotation allows; its classes are learnt on the way."""
        while isinstance(kind, NewType):
            kind = kind.__supertype__
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return frozenset().union(*map(self._learn, get_args(kind)))
        if origin is not None:
            for inner in get_args(kind):
                if inner is not Ellipsis:
                    self._learn(inner)
            return frozenset({dict if issubclass(origin, Mapping) else origin})
        if is_dataclass(kind) or hasattr(kind, "_fields"):
            self._learn_class(kind)
        elif issubclass(kind, Enum):
            self._kinds.setdefault(kind.__name__, _Kind(kind, ("value",), (frozenset({str, int}),)))
        return frozenset({int, float} if kind is float else {kind})

    def _learn_class(self, kind: Any) -> None:
        known = self._kinds.get(kind.__name__)
        if known is not None:
            if known.of is not kind:
                raise TypeError(f"two classes are called {kind.__name__}")
            return
        names = tuple(f.name for f in fields(kind)) if is_dataclass(kind) else kind._fields
        self._kinds[kind.__name__] = _Kind(kind, names, ())
        hints = get_type_hints(kind)
        allowed = tuple(self._learn(hints[name]) for name in names)
        self._kinds[kind.__name__] = _Kind(kind, names, allowed)


def _column(column: Sequence[Any], count: int, pool: list[Any]) -> Sequence[Any]:
    way, held = column
    if way == _SAME:
        return [held] * count
    if way == _SAME_PART:
        return [pool[held]] * count
    if len(held) != count or way not in (_EACH, _EACH_PART):
        _refuse()
    return held if way == _EACH else [pool[number] for number in held]


def _refuse() -> NoReturn:
    raise ValueError("a column")


class _Packing:
    """One packing: parts by what they are made of, so that equal ones are kept once."""

    def __init__(self, kinds: Mapping[str, _Kind]) -> None:
        self._kinds = kinds
        self._known: dict[tuple[str, str], _Part] = {}
        self._seen: dict[int, tuple[Any, _Part]] = {}
        self._groups: dict[tuple[int, str, str], list[list[Any]]] = {}

    def of(self, values: Sequence[Any]) -> bytes:
        wanted = [self._part(value) for value in values]
        starts: dict[tuple[int, str, str], int] = {}
        at = 0
        for key in sorted(self._groups):
            starts[key] = at
            at += len(self._groups[key])

        def number(part: _Part) -> int:
            return starts[part.group] + part.row

        groups = [
            [key[1], len(rows), [_packed([*cells], number) for cells in zip(*rows, strict=True)]]
            for key, rows in sorted(self._groups.items())
        ]
        if any(len(rows) > _MOST for rows in self._groups.values()):
            raise ColumnsError("These are too many values.")
        return json.dumps([groups, [number(part) for part in wanted]]).encode()

    def _cell(self, value: Any) -> Any:
        return value if type(value) in _SCALARS else self._part(value)

    def _part(self, value: Any) -> _Part:
        seen = self._seen.get(id(value))
        if seen is None:
            kind, inner = self._taken_apart(value)
            seen = self._seen[id(value)] = value, self._kept(kind, inner)
        return seen[1]

    def _kept(self, kind: str, cells: list[Any]) -> _Part:
        """The part of these cells; ``repr`` tells 1 from 1.0 and 0.0 from -0.0."""
        key = kind, repr(cells)
        known = self._known.get(key)
        if known is None:
            depth = 1 + max((c.group[0] for c in cells if type(c) is _Part), default=0)
            shape = "".join("p" if type(c) is _Part else "-" if c is None else "s" for c in cells)
            rows = self._groups.setdefault((depth, kind, shape), [])
            known = self._known[key] = _Part((depth, kind, shape), len(rows), len(self._known))
            rows.append(cells)
        return known

    def _taken_apart(self, value: Any) -> tuple[str, list[Any]]:
        kind = type(value)
        if kind is bytes:
            return "bytes", [base64.b64encode(value).decode()]
        if kind in (tuple, dict, frozenset):
            held = [part for item in value.items() for part in item] if kind is dict else [*value]
            if _SCALARS.issuperset(map(type, held)):
                return _NAMES[kind], [sorted(held) if kind is frozenset else held]
            if kind is tuple:
                return _PARTS, [*map(self._cell, value)]
        known = self._kinds.get(kind.__name__)
        if known is None or known.of is not kind:
            raise ColumnsError(f"{kind.__name__} cannot be kept.")
        scalars, part = _SCALARS, self._part
        held = [getattr(value, name) for name in known.names]
        return kind.__name__, [v if type(v) in scalars else part(v) for v in held]


def _packed(cells: list[Any], number: Callable[[_Part], int]) -> list[Any]:
    """One column: its cells are all parts, all scalars or all None."""
    parts = type(cells[0]) is _Part
    held = [number(cell) for cell in cells] if parts else cells
    first, shown = held[0], repr(held[0])
    if all(cell is first or repr(cell) == shown for cell in held):
        return [_SAME_PART if parts else _SAME, first]
    return [_EACH_PART if parts else _EACH, held]
