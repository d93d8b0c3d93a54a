"""What a foreign measurement says, and how far that is from what its own points give (F52)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from viewer.errors import GeometryError
from viewer.measure import codes, labels
from viewer.measure.foreign import Foreign
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Ground, Reading, read
from viewer.model.geometry import Spacing
from viewer.model.imported import StoredNumber
from viewer.model.measurement import Measurement, Ucum, Unit

_SHOWN = 6
"""Numbers that stand in a label."""
_TO_OURS: Mapping[str, tuple[Unit, float]] = MappingProxyType(
    {
        "cm": (Unit.MILLIMETRE, 10.0),
        "m": (Unit.MILLIMETRE, 1000.0),
        "um": (Unit.MILLIMETRE, 1e-3),
        "cm2": (Unit.MILLIMETRE_2, 100.0),
        "cm3": (Unit.MILLILITRE, 1.0),
        "mm3": (Unit.MILLILITRE, 1e-3),
        "rad": (Unit.DEGREE, 57.29577951308232),
        "{pixels}": (Unit.PIXEL, 1.0),
        "pixels": (Unit.PIXEL, 1.0),
        "px": (Unit.PIXEL, 1.0),
        "g/ml{SUVbw}": (Unit.SUV_BW, 1.0),
    }
)
_PLAIN = frozenset({"1", ""})
_ANGLES = frozenset({codes.ANGLE.value, codes.COBB.value})
_SAME = (
    _ANGLES,
    frozenset({codes.AREA.value, "131184002"}),
    frozenset({codes.LENGTH.value, codes.PATH_LENGTH.value, codes.DISTANCE.value}),
)
"""Codes that different writers give to one quantity."""
_FINE, _RELATIVE = 0.1, 1e-5


def read_foreign(one: Foreign, ground: Ground) -> Reading:
    """Its stored numbers as lines; notes where they differ from what its points give.

    Raises GeometryError as ``read`` does.
    """
    spacing = _spacing(one, ground)
    lines = [one.name]
    lines += [_line(number, spacing) for number in one.numbers[:_SHOWN]]
    more = len(one.numbers) - _SHOWN
    lines += [f"and {more} more numbers"] if more > 0 else []
    lines.append(f"Imported: {one.source}")
    notes = [one.unchecked] if one.unchecked else list(differences(one, ground))
    if one.off >= _FINE / 2:
        notes.append(f"It lies {one.off:.1f} mm from the plane of this image.")
    return Reading((), tuple(lines), tuple(notes), "")


def differences(one: Foreign, ground: Ground) -> Iterator[str]:
    """A sentence for each stored number that is not what we measure between the same points."""
    if not one.comparable or not one.numbers:
        return
    record = KINDS[one.annotation.kind]
    if ground.pixels is None and record.probes:
        return
    try:
        found = read(one.annotation, ground)
    except GeometryError as error:
        yield error.sentence
        return
    spacing = _spacing(one, ground)
    for number in one.numbers:
        same = _ours(number, found.measurements)
        told = [_difference(number, ours, spacing) for ours in same]
        if told and all(told):
            kind = one.group.calibration
            under = f" (stored under calibration {kind})" if _other(kind, same[0]) else ""
            yield f"{told[0]}{under}."


def _spacing(one: Foreign, ground: Ground) -> Spacing | None:
    held = one.annotation
    return ground.of(held).scale(held.on.frame, held.pixels).spacing


def _other(calibration: str, ours: Measurement) -> bool:
    return bool(calibration) and calibration != ours.calibration.value


def _ours(number: StoredNumber, found: tuple[Measurement, ...]) -> list[Measurement]:
    """The numbers of ours that are the same quantity: by its name, or by that of what it is of.

    Some writers state an angle, others what it lacks to 180 degrees: either will do.
    """
    same = [
        one
        for one in found
        if _alike(number.name.value, one.name.value)
        and _value(number.derivation) == _value(one.derivation)
    ]
    if same and same[0].name.value in _ANGLES:
        same += [one for one in found if one.name == codes.SUPPLEMENT]
    return same or [  # a statistic under its own name, as cornerstone writes it
        one
        for one in found
        if one.derivation is not None and number.name.value == one.derivation.value
    ]


def _alike(code: str, ours: str) -> bool:
    return code == ours or any({code, ours} <= same for same in _SAME)


def _value(code: object) -> str:
    return str(getattr(code, "value", ""))


def _difference(number: StoredNumber, ours: Measurement, spacing: Spacing | None) -> str:
    """In words with both numbers; empty where they differ by no more than rounding.

    A bare number, as many write, is of whatever unit makes it equal.
    """
    unit, factor = _TO_OURS.get(number.unit, (number.unit, 1.0))
    stored = number.value * factor
    close = abs(stored - ours.value) <= _rounding(number, ours, factor, spacing)
    if close and (str(unit) == str(ours.unit) or number.unit in _PLAIN):
        return ""
    name = number.derivation.meaning if number.derivation else number.name.meaning
    here = labels.text(ours.value, ours.unit, spacing)
    if str(unit) != str(ours.unit):
        said = f"{number.value:.6g} {labels.sign(Ucum(number.unit))}".strip()
        plain = " without a unit" if number.unit in _PLAIN else ""
        return f"{name or 'Value'} is stored as {said}{plain}, its points give {here}"
    shown = labels.text(stored, ours.unit, spacing)
    if shown == here:
        shown, here = f"{stored:.6g}", f"{ours.value:.6g} {labels.sign(ours.unit)}".strip()
    return f"{name or 'Value'} is stored as {shown}, its points give {here}"


def _rounding(
    number: StoredNumber, ours: Measurement, factor: float, spacing: Spacing | None
) -> float:
    """How far two equal values may be apart: half the last digit stored, or that is shown."""
    fine = spacing is not None and min(spacing) < _FINE
    match ours.unit:
        case Unit.MILLIMETRE | Unit.MILLIMETRE_2:
            last = 0.01 if fine else 0.1
        case Unit.DEGREE | Unit.HOUNSFIELD | Unit.PIXEL | Unit.PIXEL_2:
            last = 0.1
        case _:  # four digits are shown, of ratios and uptake values two decimals
            last = 1e-3 * abs(ours.value)
    return max(number.step * factor / 2, last / 2, _RELATIVE * abs(ours.value))


def _line(number: StoredNumber, spacing: Spacing | None) -> str:
    of = f", {number.derivation.meaning.lower()}" if number.derivation else ""
    try:
        unit: Unit | Ucum = Unit(number.unit or Unit.ONE)
    except ValueError:
        unit = Ucum(number.unit)
    value = labels.text(number.value, unit, spacing)
    off = number.plus_minus
    sure = f" ± {labels.uncertainty_text(off, unit)}" if off is not None else ""
    return f"{number.name.meaning or 'Value'}{of} {value}{sure}"
