"""An earlier report of the same patient, as plain text beside the draft."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PriorText:
    """What was written before; from outside, so shown as plain text only."""

    date: str
    """YYYY-MM-DD or empty."""
    title: str
    """Study description or report title."""
    text: str
