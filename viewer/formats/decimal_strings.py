"""Numbers as decimal strings of at most 16 characters (PS3.5 6.2, DS)."""

_LONGEST = 16


def decimal_string(number: float) -> str:
    """The decimal string nearest to a finite number; exact wherever 16 characters are enough."""
    text = repr(float(number))
    if len(text) <= _LONGEST:
        return text
    shorter = (f"{number:.{digits}g}" for digits in range(_LONGEST, 0, -1))
    return next(text for text in shorter if len(text) <= _LONGEST)


def as_decimal(number: float) -> float:
    """The number that is read back from its decimal string: at least 10 digits are the same."""
    return float(decimal_string(number))
