"""Graphics of content items: where in which image, or in the patient (PS3.3 C.18.6, C.18.9)."""

from viewer.loading.fields import Fields
from viewer.model.figure import Graphic
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.imported import StoredFigure
from viewer.model.refs import FrameOfReferenceUid, SopUid

_CONTENT, _TYPE, _CONCEPT = 0x0040A730, 0x0040A040, 0x0040A043
_VALUE, _SCHEME = 0x00080100, 0x00080102
_GRAPHIC, _POINTS, _SPACE = 0x00700023, 0x00700022, 0x30060024
_REFERENCED, _SOP, _FRAMES, _SEGMENT = 0x00081199, 0x00081155, 0x00081160, 0x0062000B
_BY_REFERENCE = 0x0040DB73
_NO_SHAPE = frozenset({("99CS3D", "TextPosition"), ("99CS3D", "ControlPoints")})
"""Where words stand and what a spline was drawn by."""
_MOST_POINTS = 100_000
_TOP_LEFT = 0.5
NOT_FINITE = "a coordinate or value of it is no number"
_COUNTS = {Graphic.POINT: 1, Graphic.CIRCLE: 2, Graphic.ELLIPSE: 4, Graphic.ELLIPSOID: 6}


class Refused(Exception):
    """A measurement group that cannot be taken; ``why`` is the rest of a sentence."""

    def __init__(self, why: str) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


def figures_of(parent: Fields, group: Fields, root: Fields) -> list[StoredFigure]:
    """The graphics right below an item; those in an image where it has both. Raises Refused."""
    flat: list[StoredFigure] = []
    solid: list[StoredFigure] = []
    for item in parent.items(_CONTENT):
        kind, name = item.uid(_TYPE), item.item(_CONCEPT)
        if (name.text(_SCHEME), name.text(_VALUE)) in _NO_SHAPE:
            continue
        if kind == "SCOORD":
            flat.append(_flat(item, group, root))
        elif kind == "SCOORD3D":
            solid.append(_solid(item))
    return flat or solid


def _flat(item: Fields, group: Fields, root: Fields) -> StoredFigure:
    graphic, numbers = _graphic(item, 2)
    image = _image(item, root) or _image(group, root)
    if image is None:
        raise Refused("it does not say on which image it lies")
    places = zip(numbers[::2], numbers[1::2], strict=True)
    pixels = tuple(PixelPoint(x - _TOP_LEFT, y - _TOP_LEFT) for x, y in places)
    frames = image.numbers(_FRAMES)
    frame = int(frames[0]) - 1 if frames else 0
    return StoredFigure(graphic, pixels, SopUid(image.uid(_SOP)), frame)


def _solid(item: Fields) -> StoredFigure:
    graphic, numbers = _graphic(item, 3)
    space = item.uid(_SPACE)
    if not space:
        raise Refused("it does not say in which Frame of Reference it lies")
    places = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    points = tuple(PointLps(*place) for place in places)
    return StoredFigure(graphic, points=points, space=FrameOfReferenceUid(space))


def _graphic(item: Fields, size: int) -> tuple[Graphic, tuple[float, ...]]:
    name = item.uid(_GRAPHIC)
    try:
        graphic = Graphic(name)
    except ValueError:
        raise Refused(f"its graphic type {name[:16] or 'is missing and'} is not known") from None
    data = item.data(_POINTS)
    if len(data) > 4 * size * _MOST_POINTS:
        raise Refused(f"it has more than {_MOST_POINTS} points")
    numbers = item.floats(_POINTS)
    if not numbers and data:
        raise Refused(NOT_FINITE)
    wanted = _COUNTS.get(graphic)
    count = len(numbers) // size
    if len(numbers) % size or not count or (wanted is not None and count != wanted):
        raise Refused(f"its {graphic.value.lower()} has a wrong number of coordinates")
    return graphic, numbers


def _image(item: Fields, root: Fields) -> Fields | None:
    """The image an item was selected from: below it, or elsewhere in the document by reference."""
    for child in item.items(_CONTENT):
        target = _at(root, child.longs(_BY_REFERENCE)) if child.longs(_BY_REFERENCE) else child
        if target is None or target.uid(_TYPE) != "IMAGE":
            continue
        for reference in target.items(_REFERENCED):
            if reference.uid(_SOP) and _SEGMENT not in reference:
                return reference
    return None


def _at(root: Fields, path: tuple[int, ...]) -> Fields | None:
    """The content item by a Referenced Content Item Identifier; its first number is the root."""
    found = root
    for number in path[1:]:
        items = found.items(_CONTENT)
        if not 1 <= number <= len(items):
            return None
        found = items[number - 1]
    return found
