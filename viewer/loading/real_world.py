"""Mappings of stored values to real-world values (PS3.3 C.7.6.16.2.11, fidelity F15)."""

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.functional_groups import Groups
from viewer.model.quantities import RealWorldMapping

_QUANTITY = {"246205007", "G-C1C6"}
"""Code 'Quantity' in SNOMED CT and SNOMED-RT."""


def real_world_mappings(
    groups: Groups, frame: int, repairs: list[str], *, signed: bool
) -> tuple[RealWorldMapping, ...]:
    """The mappings of a frame: its own, else the shared ones, else those of the object."""
    for holder in (*groups.frames[frame : frame + 1], groups.shared, groups.top):
        items = holder.items(tags.REAL_WORLD_MAPPINGS)
        if items:
            made = [_mapping(item, repairs, signed=signed) for item in items]
            return tuple(mapping for mapping in made if mapping is not None)
    return ()


def _mapping(item: Fields, repairs: list[str], *, signed: bool) -> RealWorldMapping | None:
    ends = _ends(item, signed=signed)
    if ends is None or ends[0] > ends[1]:
        repairs.append("A real-world value mapping does not say from where to where it reaches.")
        return None
    entries = item.doubles(tags.REAL_WORLD_LUT)
    line = (item.doubles(tags.REAL_WORLD_SLOPE), item.doubles(tags.REAL_WORLD_INTERCEPT))
    if not entries and not (line[0] and line[1]):
        repairs.append("A real-world value mapping has neither slope and intercept nor a table.")
        return None
    if entries and len(entries) < ends[1] - ends[0] + 1:
        repairs.append("A real-world value mapping has fewer entries than it maps values.")
    unit = item.item(tags.MEASUREMENT_UNITS)
    return RealWorldMapping(
        first=ends[0],
        last=ends[1],
        unit=unit.text(tags.CODE_VALUE) or unit.text(tags.LONG_CODE_VALUE),
        slope=1.0 if entries else line[0][0],
        intercept=0.0 if entries else line[1][0],
        entries=entries,
        label=item.text(tags.LUT_LABEL),
        explanation=item.text(tags.LUT_EXPLANATION),
        quantity=_quantity(item),
    )


def _ends(item: Fields, *, signed: bool) -> tuple[float, float] | None:
    """First and last value mapped: as doubles for float pixels, else as stored values."""
    first, last = (
        item.doubles(tags.REAL_WORLD_FIRST_DOUBLE),
        item.doubles(tags.REAL_WORLD_LAST_DOUBLE),
    )
    if first and last:
        return first[0], last[0]
    low = item.shorts(tags.REAL_WORLD_FIRST, signed=signed)
    high = item.shorts(tags.REAL_WORLD_LAST, signed=signed)
    return (low[0], high[0]) if low and high else None


def _quantity(item: Fields) -> str:
    for content in item.items(tags.QUANTITY_DEFINITION):
        name = content.item(tags.CONCEPT_NAME).text(tags.CODE_VALUE)
        if name in _QUANTITY:
            return content.item(tags.CONCEPT_CODE).text(tags.CODE_MEANING)
    return ""
