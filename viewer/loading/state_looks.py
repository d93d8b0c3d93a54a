"""How a presentation state says an image looks: grey steps and displayed areas."""

from dataclasses import replace

from viewer.loading.fields import Fields
from viewer.loading.grayscale import lut_entries, windows
from viewer.loading.state_parts import Refused, references
from viewer.model.presentation import Area, ImageEdge, LutShape, PresentationLut, Rescale
from viewer.model.presentation_state import (
    DisplayedArea,
    LutTable,
    Placing,
    PresentationState,
    SizeMode,
    SoftcopyVoi,
    TableStep,
)

_REFERENCED_IMAGES = 0x00081140
_WINDOW_CENTRE, _WINDOW_WIDTH = 0x00281050, 0x00281051
_INTERCEPT, _SLOPE, _RESCALE_TYPE = 0x00281052, 0x00281053, 0x00281054
_MODALITY_LUTS, _MODALITY_TYPE = 0x00283000, 0x00283004
_DESCRIPTOR, _EXPLANATION, _DATA = 0x00283002, 0x00283003, 0x00283006
_VOI_LUTS, _SOFTCOPY_VOI = 0x00283010, 0x00283110
_PRESENTATION_LUTS, _SHAPE = 0x20500010, 0x20500020
_AREAS, _FIRST, _SECOND = 0x0070005A, 0x00700052, 0x00700053
_MODE, _SPACING, _ASPECT, _MAGNIFICATION = 0x00700100, 0x00700101, 0x00700102, 0x00700103

OWNER, PLACING, EDGE, FINE = "LIGHTBOX", 0x01, 0x02, 0x03
"""Private elements of a displayed area (PS3.5 7.8.1): ``placing``, ``edge``, ``fine``."""
_PRIVATE = 0x00710000

_UNSPECIFIED = {"US", "UNSPECIFIED"}
_MOST_ZOOM = 1024.0
_FARTHEST = 1 << 20
"""Pixels from the origin at which no image is any more."""


def refuse_grey_steps(fields: Fields) -> None:
    """Refuse a colour state that has them: colours have neither window nor polarity (F17)."""
    steps = (_MODALITY_LUTS, _SLOPE, _INTERCEPT, _SOFTCOPY_VOI, _PRESENTATION_LUTS, _SHAPE)
    if any(tag in fields for tag in steps):
        raise Refused("it is for colour images and gives them a grey transformation.")


def with_grey_steps(state: PresentationState, fields: Fields) -> PresentationState:
    """The state with its modality, VOI and presentation steps (C.11.1, C.11.8, C.11.6)."""
    return replace(
        state,
        modality=_modality(fields),
        voi=tuple(_voi(item) for item in fields.items(_SOFTCOPY_VOI)),
        presentation_lut=_presentation(fields),
    )


def _modality(fields: Fields) -> Rescale | TableStep:
    luts, slope, intercept = (
        fields.items(_MODALITY_LUTS), fields.number(_SLOPE), fields.number(_INTERCEPT),
    )  # fmt: skip
    given = _SLOPE in fields or _INTERCEPT in fields
    if (luts and given) or len(luts) > 1:
        raise Refused("it gives two modality transformations.")
    if luts:
        unit = luts[0].text(_MODALITY_TYPE)
        return TableStep(table(luts[0]), _unit(unit))
    if not given:
        return Rescale(1.0, 0.0, "")
    if slope is None or intercept is None or slope == 0:
        raise Refused("its rescale has no slope or no intercept.")
    return Rescale(slope, intercept, _unit(fields.text(_RESCALE_TYPE)))


def _unit(text: str) -> str:
    return "" if text.upper() in _UNSPECIFIED else text


def _voi(item: Fields) -> SoftcopyVoi:
    repairs: list[str] = []
    found = windows([item], repairs)
    if repairs:
        raise Refused(f"a window of it is wrong. {repairs[0]}")
    tables = tuple(table(lut) for lut in item.items(_VOI_LUTS))
    if not (found or tables):
        raise Refused("one of its VOI transformations has neither a window nor a table.")
    return SoftcopyVoi(references(item, _REFERENCED_IMAGES), tables, found)


def _presentation(fields: Fields) -> LutShape | PresentationLut:
    luts, shape = fields.items(_PRESENTATION_LUTS), fields.uid(_SHAPE)
    if len(luts) > 1 or (luts and shape):
        raise Refused("it gives two presentation LUTs.")
    if luts:
        found = table(luts[0])
        return PresentationLut(found.entries, found.bits, found.explanation)
    try:
        return LutShape(shape or "IDENTITY")
    except ValueError:
        raise Refused(f"its Presentation LUT Shape is {shape[:16]!r}.") from None


def table(item: Fields) -> LutTable:
    """A lookup table that is as long and as deep as it says (C.11.1.1)."""
    descriptor, data = item.shorts(_DESCRIPTOR), item.data(_DATA)
    if len(descriptor) != 3 or not data:
        raise Refused("one of its lookup tables is incomplete.")
    count, first, bits = descriptor[0] or 65536, descriptor[1], descriptor[2]
    entries = lut_entries(data, count, little=item.little)
    if len(entries) < count:
        raise Refused(f"one of its lookup tables has {len(entries)} of {count} entries.")
    if not 1 <= bits <= 16 or max(entries).bit_length() > bits:
        raise Refused(f"one of its lookup tables does not fit {bits} bits.")
    return LutTable(first, entries, bits, item.text(_EXPLANATION))


def areas(fields: Fields) -> tuple[DisplayedArea, ...]:
    """The displayed areas; every state needs one (C.10.4)."""
    found = tuple(_area(item) for item in fields.items(_AREAS))
    if not found:
        raise Refused("it does not say which area is displayed.")
    return found


def _area(item: Fields) -> DisplayedArea:
    corners = [_corner(item, tag) for tag in (_FIRST, _SECOND)]
    # Corners are named as they lie after the image is turned; between them is the same area.
    left, right = sorted(corner[0] for corner in corners)
    top, bottom = sorted(corner[1] for corner in corners)
    try:
        mode = SizeMode(item.uid(_MODE))
    except ValueError:
        raise Refused(f"its size mode is {item.uid(_MODE)[:16]!r}.") from None
    spacing, aspect = _pair(item, _SPACING), _pair(item, _ASPECT)
    if (spacing is None) == (aspect is None):
        raise Refused("a displayed area needs either a pixel spacing or an aspect ratio.")
    vertical, horizontal = spacing or aspect or (1.0, 1.0)
    if mode is SizeMode.TRUE_SIZE and spacing is None:
        raise Refused("it asks for the true size without a pixel spacing.")
    ratio = _magnification(item) if mode is SizeMode.MAGNIFY else None
    return DisplayedArea(
        scope=references(item, _REFERENCED_IMAGES),
        left=left - 1.0,
        top=top - 1.0,
        right=float(right),
        bottom=float(bottom),
        mode=mode,
        aspect=vertical / horizontal,
        column_spacing=horizontal if spacing is not None else None,
        magnification=ratio,
        sides=(vertical, horizontal),
        placing=_placing(item),
        fine=_fine(item),
        edge=_edge(item),
    )


def _placing(item: Fields) -> Placing | None:
    """What Lightbox wrote of the place in the pane; anything else there says nothing."""
    numbers = item.doubles(private_tag(item, PLACING))
    if len(numbers) != 3 or not 0 < numbers[0] <= _MOST_ZOOM or max(map(abs, numbers)) > _FARTHEST:
        return None
    return Placing(*numbers)


def _fine(item: Fields) -> Area | None:
    numbers = item.doubles(private_tag(item, FINE))
    if len(numbers) != 4 or max(map(abs, numbers)) > _FARTHEST:
        return None
    area = Area(*numbers)
    return area if area.left < area.right and area.top < area.bottom else None


def _edge(item: Fields) -> ImageEdge | None:
    found = item.uid(private_tag(item, EDGE)).lower()
    return ImageEdge(found) if found in {*ImageEdge} else None


def private_tag(item: Fields, element: int) -> int:
    """Where an element of Lightbox lies in an item: in the block that bears its name, else 0."""
    blocks = (block for block in range(0x10, 0x100) if item.text(_PRIVATE | block) == OWNER)
    block = next(blocks, None)
    return 0 if block is None else _PRIVATE | block << 8 | element


def _corner(item: Fields, tag: int) -> tuple[int, int]:
    signed = item.signed_longs(tag)
    if len(signed) != 2 or max(map(abs, signed)) > _FARTHEST:
        raise Refused("a corner of its displayed area is not a place.")
    return signed[0], signed[1]


def _pair(item: Fields, tag: int) -> tuple[float, float] | None:
    numbers = item.numbers(tag)
    if not numbers:
        return None
    if len(numbers) != 2 or min(numbers) <= 0 or not 1e-3 < numbers[0] / numbers[1] < 1e3:
        raise Refused("the shape of its pixels is not one that can be drawn.")
    return numbers[0], numbers[1]


def _magnification(item: Fields) -> float:
    ratio = next(iter(item.floats(_MAGNIFICATION)), 0.0)
    if not 1e-3 <= ratio <= 1e3:
        raise Refused(f"it magnifies by {ratio:g}.")
    return ratio
