"""What a presentation state draws on images: graphic layers, vector graphics and texts."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from viewer.loading.fields import Fields
from viewer.loading.shutters import cielab
from viewer.loading.state_parts import Refused, references
from viewer.model.presentation_state import (
    Anchor,
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GraphicType,
    Justification,
    Place,
    TextBox,
    TextObject,
    Units,
)

_REFERENCED_IMAGES = 0x00081140
_ANNOTATIONS, _LAYER = 0x00700001, 0x00700002
_BOX_UNITS, _ANCHOR_UNITS, _GRAPHIC_UNITS = 0x00700003, 0x00700004, 0x00700005
_TEXT, _TEXTS, _GRAPHICS = 0x00700006, 0x00700008, 0x00700009
_BOX_FIRST, _BOX_SECOND, _JUSTIFICATION = 0x00700010, 0x00700011, 0x00700012
_ANCHOR, _ANCHOR_VISIBLE = 0x00700014, 0x00700015
_DIMENSIONS, _COUNT, _DATA, _TYPE, _FILLED = (
    0x00700020, 0x00700021, 0x00700022, 0x00700023, 0x00700024,
)  # fmt: skip
_LAYERS, _ORDER, _GREY, _LAYER_DESCRIPTION, _LAB = (
    0x00700060, 0x00700062, 0x00700066, 0x00700068, 0x00700401,
)  # fmt: skip
_COMPOUNDS, _COMPOUND = 0x00700209, 0x00700226

_COUNTS = {
    GraphicType.POINT: (1, 1),
    GraphicType.CIRCLE: (2, 2),
    GraphicType.ELLIPSE: (4, 4),
    GraphicType.POLYLINE: (2, 1 << 17),
    GraphicType.INTERPOLATED: (2, 1 << 13),
}
_MOST_LAYERS, _MOST_OBJECTS, _MOST_POINTS, _LONGEST_TEXT = 1000, 10_000, 1 << 18, 10_240
_FARTHEST = float(1 << 20)

E_ = TypeVar("E_", bound=StrEnum)


def layers(fields: Fields) -> tuple[GraphicLayer, ...]:
    """The graphic layers (C.10.7)."""
    items = fields.items(_LAYERS)
    if len(items) > _MOST_LAYERS:
        raise Refused(f"it has more than {_MOST_LAYERS} graphic layers.")
    return tuple(_layer(item) for item in items)


def _layer(item: Fields) -> GraphicLayer:
    name, order = item.text(_LAYER), item.integer(_ORDER)
    if not name or order is None:
        raise Refused("one of its graphic layers has no name or no order.")
    grey = item.short(_GREY)
    return GraphicLayer(
        name,
        order,
        item.text(_LAYER_DESCRIPTION),
        None if grey is None else grey / 65535,
        cielab(item.shorts(_LAB)),
    )


def annotations(fields: Fields) -> tuple[GraphicAnnotation, ...]:
    """The graphic annotations (C.10.5)."""
    items = fields.items(_ANNOTATIONS)
    objects = [o for item in items for o in (*item.items(_GRAPHICS), *item.items(_TEXTS))]
    if len(objects) > _MOST_OBJECTS:
        raise Refused(f"it draws more than {_MOST_OBJECTS} objects.")
    if sum(len(one.data(_DATA)) // 8 for one in objects) > _MOST_POINTS:
        raise Refused(f"it draws more than {_MOST_POINTS} points.")
    found = tuple(_annotation(item) for item in items)
    for item in items:
        _check_compounds(item)
    return found


def _check_compounds(item: Fields) -> None:
    """Compound graphics are drawn by the simple objects that stand for them (C.10.5.1.3)."""
    drawn = _compound_ids((*item.items(_GRAPHICS), *item.items(_TEXTS)))
    if not _compound_ids(item.items(_COMPOUNDS)) <= drawn or (item.items(_COMPOUNDS) and not drawn):
        raise Refused("it holds a compound graphic without the simple graphics that draw it.")


def _compound_ids(items: Iterable[Fields]) -> set[int]:
    return {number for one in items for number in one.longs(_COMPOUND)[:1]}


def _annotation(item: Fields) -> GraphicAnnotation:
    return GraphicAnnotation(
        references(item, _REFERENCED_IMAGES),
        item.text(_LAYER),
        tuple(_graphic(one) for one in item.items(_GRAPHICS)),
        tuple(_text(one) for one in item.items(_TEXTS)),
    )


def _graphic(item: Fields) -> GraphicObject:
    kind = _one_of(GraphicType, item.uid(_TYPE), "graphic type")
    dimensions = item.short(_DIMENSIONS)
    if dimensions not in {None, 2}:
        raise Refused(f"one of its graphics has {dimensions} dimensions.")
    points, count = _places(item, _DATA), item.short(_COUNT)
    least, most = _COUNTS[kind]
    if (count is not None and count != len(points)) or not least <= len(points) <= most:
        raise Refused(f"a graphic of type {kind} has {len(points)} points.")
    return GraphicObject(
        _one_of(Units, item.uid(_GRAPHIC_UNITS), "unit"), kind, points, _yes(item, _FILLED)
    )


def _text(item: Fields) -> TextObject:
    text = item.text(_TEXT).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > _LONGEST_TEXT:
        raise Refused(f"one of its texts has more than {_LONGEST_TEXT} characters.")
    box, anchor = _box(item), _anchor(item)
    if box is None and anchor is None:
        raise Refused("one of its texts has no place.")
    return TextObject(text, box, anchor)


def _box(item: Fields) -> TextBox | None:
    first, second = _places(item, _BOX_FIRST), _places(item, _BOX_SECOND)
    if not first and not second:
        return None
    if len(first) != 1 or len(second) != 1:
        raise Refused("the box of one of its texts is not two corners.")
    return TextBox(
        _one_of(Units, item.uid(_BOX_UNITS), "unit"),
        first[0],
        second[0],
        _one_of(Justification, item.uid(_JUSTIFICATION) or "LEFT", "justification"),
    )


def _anchor(item: Fields) -> Anchor | None:
    at = _places(item, _ANCHOR)
    if not at:
        return None
    if len(at) != 1:
        raise Refused("the anchor of one of its texts is not one point.")
    units = _one_of(Units, item.uid(_ANCHOR_UNITS), "unit")
    return Anchor(units, at[0], _yes(item, _ANCHOR_VISIBLE))


def _places(item: Fields, tag: int) -> tuple[Place, ...]:
    data = item.data(tag)
    numbers = item.floats(tag)
    if len(data) % 8 or len(numbers) * 4 != len(data):
        raise Refused("a coordinate of its graphics is not a number.")
    if numbers and max(map(abs, numbers)) > _FARTHEST:
        raise Refused("a coordinate of its graphics is far outside every image.")
    return tuple(Place(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True))


def _yes(item: Fields, tag: int) -> bool:
    text = item.uid(tag)
    if text not in {"", "Y", "N"}:
        raise Refused(f"one of its graphics says {text[:16]!r} where Y or N belongs.")
    return text == "Y"


def _one_of(kind: type[E_], text: str, what: str) -> E_:
    try:
        return kind(text)
    except ValueError:
        raise Refused(f"its {what} {text[:32]!r} is not known here.") from None
