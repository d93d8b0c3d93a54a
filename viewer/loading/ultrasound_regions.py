"""Sequence of Ultrasound Regions becomes facts; an item that cannot be true is told and left out.

PS3.3 C.8.5.5; fidelity F36.
"""

import math

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.functional_groups import Groups
from viewer.model.ultrasound import AxisUnit, RegionAxis, UltrasoundRegion

_MOST = 64
_FARTHEST = 1 << 20
_SMALLEST, _LARGEST = 1e-9, 1e6
"""A step between two pixels outside these, in any unit, is no calibration."""


def ultrasound_regions(
    groups: Groups, frame: int, rows: int, columns: int, repairs: list[str]
) -> tuple[UltrasoundRegion, ...]:
    """The regions of a frame: its own, else the shared ones, else those of the object."""
    holders = (*groups.frames[frame : frame + 1], groups.shared, groups.top)
    items = next(filter(None, (h.items(tags.ULTRASOUND_REGIONS) for h in holders)), ())
    if len(items) > _MOST:
        _once(repairs, f"The image has more than {_MOST} ultrasound regions; none is used.")
        return ()
    found: list[UltrasoundRegion] = []
    for number, item in enumerate(items, start=1):
        region = _region(item, rows, columns)
        if isinstance(region, str):
            _once(repairs, f"Ultrasound region {number} is not used: {region}.")
        else:
            found.append(region)
    return tuple(found)


def _region(item: Fields, rows: int, columns: int) -> UltrasoundRegion | str:
    """A region, or what is wrong with it."""
    edges = [next(iter(item.longs(tag)), None) for tag in tags.REGION_EDGES]
    if None in edges:
        return "its edges are missing"
    left, top, right, bottom = (edge for edge in edges if edge is not None)
    if left > right or top > bottom:
        return "its edges are the wrong way round"
    # some makers count the edge past the last pixel; farther out the numbers belong to another
    # matrix, as in an image that was made smaller after it was calibrated
    if right > columns or bottom > rows:
        return f"it reaches outside the image of {columns} columns and {rows} rows"
    x = _axis(item, tags.REGION_X, left)
    y = _axis(item, tags.REGION_Y, top)
    if isinstance(x, str):
        return x
    if isinstance(y, str):
        return y
    flags = next(iter(item.longs(tags.REGION_FLAGS)), 0)
    return UltrasoundRegion(
        left,
        top,
        min(right, columns - 1),
        min(bottom, rows - 1),
        x,
        y,
        low_priority=bool(flags & 1),
        spatial_format=item.short(tags.REGION_FORMAT) or 0,
        data_type=item.short(tags.REGION_DATA) or 0,
    )


def _axis(item: Fields, wanted: tuple[int, int, int, int], edge: int) -> RegionAxis | str:
    unit_tag, delta_tag, zero_tag, value_tag = wanted
    code = item.short(unit_tag)
    if code is None or code not in AxisUnit.__members__.values():
        return "the unit of an axis is missing or unknown"
    unit = AxisUnit(code)
    if unit is AxisUnit.NONE:
        return RegionAxis(unit, 0.0)
    delta = next(iter(item.doubles(delta_tag)), math.nan)
    if not _SMALLEST <= abs(delta) <= _LARGEST:
        return "the size of a step along an axis cannot be true"
    zero = next(iter(item.signed_longs(zero_tag)), None)
    if zero is not None and abs(zero) > _FARTHEST:
        return "its reference pixel is too far away"
    at_zero = next(iter(item.doubles(value_tag)), 0.0)
    return RegionAxis(unit, delta, None if zero is None else edge + zero, at_zero)


def _once(repairs: list[str], sentence: str) -> None:
    if sentence not in repairs:
        repairs.append(sentence)
