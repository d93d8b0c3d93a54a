"""The modality and VOI steps that a header states (PS3.3 C.11.1, C.11.2)."""

import struct
from collections.abc import Iterable

from viewer.loading import tags
from viewer.loading.fields import Fields, swapped_words
from viewer.model.presentation import ModalityLut, Rescale, VoiFunction, VoiLut, Window
from viewer.model.study import Photometric, StoredFormat

_PET_UNITS = {"BQML": "Bq/ml", "CNTS": "counts", "GML": "g/ml", "PROPCNTS": "counts"}
_DOSE_UNITS = {"GY": "Gy", "RELATIVE": "relative dose"}
_CONTRADICTIONS = {
    ("IDENTITY", Photometric.MONOCHROME1),
    ("INVERSE", Photometric.MONOCHROME2),
}
_UNSPECIFIED = {"US", "UNSPECIFIED"}


def modality_step(
    sources: Iterable[Fields], top: Fields, stored: StoredFormat, repairs: list[str]
) -> Rescale | ModalityLut:
    """The first of ``sources`` that states a modality step; a LUT wins over a rescale.

    Dose grids and fractional segmentations scale in their own way (F22).
    """
    modality = top.text(tags.MODALITY)
    if modality == "RTDOSE":
        return _dose(top, repairs)
    if modality == "SEG":
        return Rescale(1 / (top.short(tags.MAXIMUM_FRACTIONAL_VALUE) or 1), 0.0, "")
    for fields in sources:
        lut = _modality_lut(fields.item(tags.MODALITY_LUTS), stored, repairs)
        if lut is not None:
            return lut
        slope, intercept = fields.number(tags.SLOPE), fields.number(tags.INTERCEPT)
        wrong = _unreadable(fields, slope, intercept)
        if wrong:
            repairs.append(f"{wrong}; stored values are shown.")
            break
        if slope is None and intercept is None:
            continue
        for name, value in (("Slope", slope), ("Intercept", intercept)):
            if value is None:
                repairs.append(f"Rescale {name} is missing; {int(name == 'Slope')} is assumed.")
        slope = 1.0 if slope is None else slope
        return Rescale(slope, intercept or 0.0, _unit(fields, top))
    return Rescale(1.0, 0.0, "")


def _unreadable(fields: Fields, slope: float | None, intercept: float | None) -> str:
    """What is wrong with a rescale that is there: a value without its step would be a wrong one."""
    if slope == 0:
        return "Rescale Slope is 0"
    for name, tag, value in (
        ("Slope", tags.SLOPE, slope),
        ("Intercept", tags.INTERCEPT, intercept),
    ):
        if value is None and fields.data(tag).strip(b" \0"):
            return f"Rescale {name} is not a number"
    return ""


def _dose(top: Fields, repairs: list[str]) -> Rescale:
    scaling = top.number(tags.DOSE_GRID_SCALING)
    if scaling is None or scaling <= 0:
        repairs.append("Dose Grid Scaling is missing; stored values are shown, not doses.")
        return Rescale(1.0, 0.0, "")
    units = top.text(tags.DOSE_UNITS)
    return Rescale(scaling, 0.0, _DOSE_UNITS.get(units, units))


def _unit(fields: Fields, top: Fields) -> str:
    stated = fields.text(tags.RESCALE_TYPE)
    if stated:
        return "" if stated.upper() in _UNSPECIFIED else stated
    modality = top.text(tags.MODALITY)
    if modality == "PT":
        units = top.text(tags.PET_UNITS)
        return _PET_UNITS.get(units, units)
    # C.8.2.1.1: without Rescale Type the output of a CT image is HU
    return "HU" if modality == "CT" else ""


def _modality_lut(item: Fields, stored: StoredFormat, repairs: list[str]) -> ModalityLut | None:
    table = _table(item, stored.stored_range, repairs)
    if table is None:
        return None
    first, entries, _ = table
    unit = item.text(tags.MODALITY_LUT_TYPE)
    return ModalityLut(first, entries, "" if unit.upper() in _UNSPECIFIED else unit)


def _table(
    item: Fields, inputs: tuple[float, float], repairs: list[str]
) -> tuple[int, tuple[int, ...], int] | None:
    """First mapped value, entries, bits; entries are unsigned whatever their VR says (F5, F9)."""
    if tags.LUT_DESCRIPTOR not in item:
        return None
    descriptor, data = item.shorts(tags.LUT_DESCRIPTOR), item.data(tags.LUT_DATA)
    if len(descriptor) != 3 or not data:
        repairs.append("A lookup table in the header is incomplete and not used.")
        return None
    count, first, bits = descriptor[0] or 65536, descriptor[1], descriptor[2]
    if first > 32767 and (inputs[0] < 0 or first > inputs[1]):
        first -= 65536
    entries = lut_entries(data, count, little=item.little)
    if len(entries) < count:
        repairs.append(f"A lookup table has {len(entries)} of {count} entries.")
    if not 8 <= bits <= 16 or max(entries).bit_length() > bits:
        mended = max(8, max(entries).bit_length())
        repairs.append(f"A lookup table says {bits} bits an entry; {mended} are used.")
        bits = mended
    return first, entries, bits


def lut_entries(data: bytes, count: int, *, little: bool) -> tuple[int, ...]:
    """Up to ``count`` entries of LUT Data: in words, or in bytes where these are as many."""
    if count <= len(data) <= count + 1 and count > 1:
        # two entries of 8 bits lie in a word; in big endian the words are swapped
        return tuple((data if little else swapped_words(data))[:count])
    held = min(count, len(data) // 2)
    return struct.unpack_from(f"{'<' if little else '>'}{held}H", data) if held else (data[0],)


def check_polarity(top: Fields, stored: StoredFormat, repairs: list[str]) -> None:
    """Tell of a Presentation LUT Shape that contradicts the photometric interpretation (F10)."""
    shape, photometric = top.text(tags.PRESENTATION_LUT_SHAPE), stored.photometric
    if (shape, photometric) in _CONTRADICTIONS:
        repairs.append(
            f"Presentation LUT Shape {shape} contradicts {photometric}; {photometric} is used."
        )


def _voi_source(sources: Iterable[Fields]) -> Fields:
    """The nearest of ``sources`` that states windows or VOI LUTs; nothing of the others (F8)."""
    for fields in sources:
        window = fields.data(tags.WINDOW_CENTRE) and fields.data(tags.WINDOW_WIDTH)
        if window or fields.items(tags.VOI_LUTS):
            return fields
    return Fields({})


def windows(sources: Iterable[Fields], repairs: list[str]) -> tuple[Window, ...]:
    """Every window of the nearest of ``sources`` that states any look, in its order (F8)."""
    fields = _voi_source(sources)
    centres, widths = _listed(fields, tags.WINDOW_CENTRE), _listed(fields, tags.WINDOW_WIDTH)
    if not centres or not widths:
        return ()
    if len(centres) != len(widths):
        repairs.append("Window centres and widths differ in number.")
    explanations = fields.texts(tags.WINDOW_EXPLANATION)
    function = _function(fields.text(tags.VOI_FUNCTION), repairs)
    pairs = zip(centres, widths, strict=False)
    made = [
        _window(centre, width, explanations[i] if i < len(explanations) else "", function, repairs)
        for i, (centre, width) in enumerate(pairs)
    ]
    return tuple(w for w in made if w is not None)


def _function(text: str, repairs: list[str]) -> VoiFunction:
    try:
        return VoiFunction(text or "LINEAR")
    except ValueError:
        repairs.append(f"The VOI LUT function {text[:64]!r} is unknown; LINEAR is used.")
        return VoiFunction.LINEAR


def _listed(fields: Fields, tag: int) -> list[float | None]:
    """Each value in its place; None for one that is no number."""
    data = fields.data(tag).strip(b" \0")
    return [Fields({tag: part}).number(tag) for part in data.split(b"\\")] if data else []


def _window(
    centre: float | None,
    width: float | None,
    explanation: str,
    function: VoiFunction,
    repairs: list[str],
) -> Window | None:
    if centre is None or width is None:
        repairs.append("A window in the header is not a pair of numbers and not used.")
        return None
    if width <= 0:
        repairs.append(f"A window of width {width:g} in the header is not used.")
        return None
    if width < 1 and function is VoiFunction.LINEAR:
        repairs.append(f"A linear window of width {width:g} is applied as LINEAR_EXACT.")
        function = VoiFunction.LINEAR_EXACT
    return Window(centre, width, explanation, function)


def voi_luts(
    sources: Iterable[Fields],
    stored: StoredFormat,
    step: Rescale | ModalityLut,
    repairs: list[str],
) -> tuple[VoiLut, ...]:
    """The VOI LUTs of the nearest of ``sources`` that states any look, in its order (F8)."""
    fields = _voi_source(sources)
    inputs = _modality_range(stored, step)
    made = [_voi_lut(item, inputs, repairs) for item in fields.items(tags.VOI_LUTS)]
    return tuple(lut for lut in made if lut is not None)


def _voi_lut(item: Fields, inputs: tuple[float, float], repairs: list[str]) -> VoiLut | None:
    table = _table(item, inputs, repairs)
    if table is None:
        return None
    first, entries, bits = table
    needed = max(entries).bit_length()
    if needed < bits:
        repairs.append(
            f"A VOI LUT says {bits} bits an entry, its entries need only {needed}; "
            f"white is {(1 << bits) - 1}."
        )
    return VoiLut(first, entries, bits, item.text(tags.LUT_EXPLANATION))


def _modality_range(stored: StoredFormat, step: Rescale | ModalityLut) -> tuple[float, float]:
    if isinstance(step, ModalityLut):
        return 0, 65535
    ends = [step.slope * value + step.intercept for value in stored.stored_range]
    return min(ends), max(ends)


def padding(top: Fields, *, signed: bool, floating: int = 0) -> tuple[float, float] | None:
    """Range of stored values that mean 'no pixel' (C.7.5.1.1.2); signed as the pixels are (F11).

    ``floating`` is the number of bits of float pixels, 0 for integers.
    """
    if floating:
        value, limit = _float_padding(top, floating)
    else:
        value = next(iter(top.shorts(tags.PADDING, signed=signed)), None)
        limit = next(iter(top.shorts(tags.PADDING_LIMIT, signed=signed)), None)
    if value is None:
        return None
    limit = value if limit is None else limit
    return min(value, limit), max(value, limit)


def _float_padding(top: Fields, bits: int) -> tuple[float | None, float | None]:
    if bits == 32:
        found = top.floats(tags.FLOAT_PADDING), top.floats(tags.FLOAT_PADDING_LIMIT)
    else:
        found = top.doubles(tags.DOUBLE_PADDING), top.doubles(tags.DOUBLE_PADDING_LIMIT)
    return next(iter(found[0]), None), next(iter(found[1]), None)
