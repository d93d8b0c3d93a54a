"""Numbers of content items with unit, derivation and uncertainty (PS3.16 TID 300, 310)."""

import math

from viewer.loading.fields import Fields
from viewer.model.imported import StoredNumber
from viewer.model.refs import Code

_CONTENT, _CONCEPT, _CODE = 0x0040A730, 0x0040A043, 0x0040A168
_VALUE, _SCHEME, _MEANING = 0x00080100, 0x00080102, 0x00080104
_MEASURED, _NUMBER, _FLOATING, _UNITS = 0x0040A300, 0x0040A30A, 0x0040A161, 0x004008EA
_DERIVATION, _UPPER = "121401", frozenset({"371886008", "R-00364"})
_SNOMED = {
    "G-D7FE": "410668003", "G-A185": "103339001", "G-A186": "103340004", "G-A166": "42798000",
    "G-A16A": "131184002", "M-02550": "81827009", "G-A197": "131191004", "G-A193": "103355008",
    "R-00317": "373098007", "R-10047": "386136009", "R-404FB": "255605001", "G-A437": "56851009",
    "R-00319": "373099004", "F-01723": "1483009",
}  # fmt: skip
"""Codes of SNOMED RT that older programs write, as the concepts they are in SNOMED CT."""
_MOST_DIGITS = 32


def number_of(item: Fields) -> tuple[StoredNumber, ...] | None:
    """The number of a NUM item; nothing where it states none, None where it is no number."""
    measured = item.item(_MEASURED)
    text = measured.text(_NUMBER)
    if not text and _FLOATING not in measured:
        return ()
    floating = measured.doubles(_FLOATING)
    value = floating[0] if floating else measured.number(_NUMBER)
    if value is None or (_FLOATING in measured and not floating):
        return None
    children = {concept(one.item(_CONCEPT)).value: one for one in item.items(_CONTENT)}
    derivation = children.get(_DERIVATION)
    upper = next((children[code] for code in _UPPER if code in children), None)
    off = upper.item(_MEASURED) if upper is not None else None
    return (
        StoredNumber(
            concept(item.item(_CONCEPT)),
            value,
            measured.item(_UNITS).text(_VALUE),
            concept(derivation.item(_CODE)) if derivation is not None else None,
            _uncertainty(off),
            0.0 if floating else _last_digit(text),
        ),
    )


def concept(code: Fields) -> Code:
    """A code, its value in today's SNOMED."""
    value, scheme = code.text(_VALUE), code.text(_SCHEME)
    if scheme in {"SRT", "SNM3", "99SDM"}:
        value, scheme = _SNOMED.get(value, value), "SCT" if value in _SNOMED else scheme
    return Code(value, scheme, code.text(_MEANING))


def _uncertainty(measured: Fields | None) -> float | None:
    if measured is None:
        return None
    floating = measured.doubles(_FLOATING)
    value = floating[0] if floating else measured.number(_NUMBER)
    return value if value is not None and 0 <= value < math.inf else None


def _last_digit(text: str) -> float:
    """What the last digit of a decimal string is worth: 0.1 for '12.3', 1 for '12'."""
    mantissa, _, exponent = text.strip()[:_MOST_DIGITS].lower().partition("e")
    places = len(mantissa.partition(".")[2])
    power = int(exponent) if exponent.lstrip("+-").isdecimal() else 0
    return float(10.0 ** max(min(power - places, 300), -300))
