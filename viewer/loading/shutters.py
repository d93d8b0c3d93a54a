"""The display shutter that a data set describes (PS3.3 C.7.6.11, C.7.6.15, F19)."""

from collections.abc import Callable

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.model.shutter import Circle, Lab, Rectangle, Shutter, Vertex

_FARTHEST = 1_000_000
_MOST_CORNERS = 4096


def read_shutter(fields: Fields, repairs: list[str]) -> Shutter | None:
    """The shutter; None without one. A shape that says nothing clear is told and not applied."""
    if tags.SHUTTER_SHAPE not in fields:
        return None
    shapes = [shape.upper() for shape in fields.texts(tags.SHUTTER_SHAPE) if shape]
    parts: dict[str, object] = {}
    for shape in shapes:
        reader = _READERS.get(shape)
        part = reader(fields) if reader else None
        if part is None:
            repairs.append(f"The shutter {shape[:16]} is described wrongly and not applied.")
        else:
            parts[shape] = part
    if not parts:
        return None
    rectangle, circle = parts.get("RECTANGULAR"), parts.get("CIRCULAR")
    polygon, group = parts.get("POLYGONAL"), parts.get("BITMAP")
    return Shutter(
        rectangle=rectangle if isinstance(rectangle, Rectangle) else None,
        circle=circle if isinstance(circle, Circle) else None,
        polygon=polygon if isinstance(polygon, tuple) else (),
        bitmap_group=group if isinstance(group, int) else None,
        p_value=fields.short(tags.SHUTTER_P_VALUE) or 0,
        colour=cielab(fields.shorts(tags.SHUTTER_COLOUR)),
    )


def cielab(values: tuple[int, ...]) -> Lab | None:
    """A colour from its three 16-bit values (PS3.3 C.10.7.1.1); None where there are not three."""
    if len(values) != 3:
        return None
    lightness, a, b = values
    return Lab(lightness * 100 / 0xFFFF, a * 255 / 0xFFFF - 128, b * 255 / 0xFFFF - 128)


def _whole(fields: Fields, *wanted: int) -> list[int] | None:
    """The integer strings of several elements one after the other; None when any is missing."""
    numbers: list[int] = []
    for tag in wanted:
        found = fields.numbers(tag)
        if not found or any(abs(n) > _FARTHEST or n != int(n) for n in found):
            return None
        numbers += [int(n) for n in found]
    return numbers


def _rectangle(fields: Fields) -> Rectangle | None:
    edges = _whole(
        fields, tags.SHUTTER_LEFT, tags.SHUTTER_RIGHT, tags.SHUTTER_UPPER, tags.SHUTTER_LOWER
    )
    return Rectangle(*edges) if edges and len(edges) == 4 else None


def _circle(fields: Fields) -> Circle | None:
    numbers = _whole(fields, tags.SHUTTER_CENTRE, tags.SHUTTER_RADIUS)
    return Circle(*numbers) if numbers and len(numbers) == 3 and numbers[2] >= 0 else None


def _polygon(fields: Fields) -> tuple[Vertex, ...] | None:
    numbers = _whole(fields, tags.SHUTTER_POLYGON)
    if not numbers or len(numbers) % 2 or not 6 <= len(numbers) <= 2 * _MOST_CORNERS:
        return None
    return tuple(Vertex(*pair) for pair in zip(numbers[0::2], numbers[1::2], strict=True))


def _bitmap(fields: Fields) -> int | None:
    group = fields.short(tags.SHUTTER_GROUP)
    return group if group in tags.OVERLAY_GROUPS else None


_READERS: dict[str, Callable[[Fields], object]] = {
    "RECTANGULAR": _rectangle,
    "CIRCULAR": _circle,
    "POLYGONAL": _polygon,
    "BITMAP": _bitmap,
}
