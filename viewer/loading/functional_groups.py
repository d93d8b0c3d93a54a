"""What each frame says of itself: its own functional group, else the shared one, else the object.

PS3.3 C.7.6.16; fidelity F14.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.model.geometry import ImagePlane, PointLps, Spacing


@dataclass(frozen=True, slots=True)
class Groups:
    """Functional groups of one object."""

    top: Fields
    shared: Fields
    frames: tuple[Fields, ...]
    dimensions: tuple[int, ...] = ()
    """Tags of the attributes that Dimension Index Values count, in their order (C.7.6.17)."""
    segments: Mapping[int, str] = field(default_factory=dict)
    """Number of each segment of a segmentation to its label (C.8.20.2)."""

    @classmethod
    def of(cls, top: Fields) -> "Groups":
        """Find the groups of a data set; classic objects have none."""
        pointers = (item.shorts(tags.DIMENSION_POINTER) for item in top.items(tags.DIMENSIONS))
        return cls(
            top,
            top.item(tags.SHARED_GROUPS),
            top.items(tags.FRAME_GROUPS),
            tuple(p[0] << 16 | p[1] if len(p) == 2 else 0 for p in pointers),
            {
                number: item.text(tags.SEGMENT_LABEL)
                for item in top.items(tags.SEGMENTS)
                for number in item.shorts(tags.SEGMENT_NUMBER)[:1]
            },
        )

    def __bool__(self) -> bool:
        """Whether the object has functional groups at all."""
        return bool(self.frames or self.shared.raw)

    def group(self, frame: int, tag: int) -> Fields | None:
        """One group of a frame: its own, else the shared one, else None."""
        if not self:
            return None  # as in every classic object
        for holder in (*self.frames[frame : frame + 1], self.shared):
            items = holder.items(tag)
            if items:
                return items[0]
        return None

    def sources(self, frame: int, tag: int) -> tuple[Fields, ...]:
        """Where an attribute of the group may stand, nearest first."""
        group = self.group(frame, tag)
        return (self.top,) if group is None else (group, self.top)

    def numbers(self, frame: int, group: int, tag: int) -> tuple[float, ...]:
        """Decimal strings of a frame, nearest first."""
        for source in self.sources(frame, group):
            numbers = source.numbers(tag)
            if numbers:
                return numbers
        return ()

    def dimension_index(self, frame: int) -> tuple[int, ...]:
        """Dimension Index Values of a frame; empty where they do not fit the dimensions."""
        content = self.group(frame, tags.FRAME_CONTENT_GROUP)
        values = () if content is None else content.longs(tags.DIMENSION_VALUES)
        return values if len(values) == len(self.dimensions) else ()

    def part(self, frame: int) -> tuple[int, ...]:
        """Values of those dimensions that do not count places along a stack."""
        values = self.dimension_index(frame)
        pairs = zip(self.dimensions, values, strict=False)
        return tuple(value for tag, value in pairs if tag not in _PLACES)


_PLACES = {
    tags.IN_STACK_POSITION, tags.POSITION, tags.POSITION_GROUP, tags.VOLUME_POSITION,
    tags.SLIDE_POSITION, tags.SLICE_LOCATION, tags.STACK_ID,
}  # fmt: skip
"""Dimensions along a stack; which stack it is is told by Stack ID itself."""


def spacing_of(numbers: Sequence[float]) -> Spacing | None:
    """A pair of positive millimetres, else None."""
    if len(numbers) != 2 or min(numbers) <= 0 or not all(map(math.isfinite, numbers)):
        return None
    return Spacing(numbers[0], numbers[1])


def planes(groups: Groups, frames: int, repairs: list[str]) -> tuple[ImagePlane | None, ...]:
    """The plane of each frame; None where the header gives none that can be one."""
    offsets = groups.top.numbers(tags.GRID_FRAME_OFFSETS)
    if frames > 1 and not groups:
        return _dose_planes(groups, frames, offsets, repairs)
    found = [_plane(groups, frame, repairs) for frame in range(frames)]
    return tuple(found)


def _plane(groups: Groups, frame: int, repairs: list[str]) -> ImagePlane | None:
    position = groups.numbers(frame, tags.POSITION_GROUP, tags.POSITION)
    cosines = groups.numbers(frame, tags.ORIENTATION_GROUP, tags.ORIENTATION)
    spacing = spacing_of(groups.numbers(frame, tags.MEASURES_GROUP, tags.PIXEL_SPACING))
    if not position and not cosines:
        return None
    if len(position) != 3 or len(cosines) != 6 or spacing is None:
        _once(repairs, "Position, orientation or spacing of the image plane is incomplete.")
        return None
    directions = _directions(cosines, repairs)
    if directions is None:
        return None
    return ImagePlane(PointLps(*position), directions[0], directions[1], spacing)


def _directions(cosines: Sequence[float], repairs: list[str]) -> tuple[PointLps, PointLps] | None:
    """Unit, perpendicular directions; small rounding is mended, more is refused."""
    row, column = PointLps(*cosines[:3]), PointLps(*cosines[3:])
    if not (0.9 < row.norm < 1.1 and 0.9 < column.norm < 1.1) or abs(row.dot(column)) > 0.02:
        _once(repairs, "The direction cosines of the image plane are not a pair of directions.")
        return None
    exact = max(abs(row.norm - 1), abs(column.norm - 1), abs(row.dot(column))) <= 1e-4
    if exact:
        return row, column
    _once(repairs, "The direction cosines of the image plane were made perpendicular unit vectors.")
    origin = PointLps(0.0, 0.0, 0.0)
    row = origin.plus(row, 1 / row.norm)
    column = column.plus(row, -row.dot(column))
    return row, origin.plus(column, 1 / column.norm)


def _dose_planes(
    groups: Groups, frames: int, offsets: Sequence[float], repairs: list[str]
) -> tuple[ImagePlane | None, ...]:
    """Planes along Grid Frame Offset Vector (PS3.3 C.8.8.3.2), the only classic way."""
    first = _plane(groups, 0, repairs) if len(offsets) == frames and offsets[0] == 0 else None
    if first is None:
        return (None,) * frames
    return tuple(
        ImagePlane(
            first.position.plus(first.normal, offset), first.row, first.column, first.spacing
        )
        for offset in offsets
    )


def _once(repairs: list[str], sentence: str) -> None:
    if sentence not in repairs:
        repairs.append(sentence)
