"""What is known of one monitor: its depth, its pitch, its measured response and how old that is."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class DisplayProfile:
    """One screen; made by measuring, never by a vendor's name or a setting (F26)."""

    screen: str
    """Stable name of the screen: EDID serial and connector, or the screen's name."""
    bits: int = 8
    """Depth that really reaches the panel."""
    mm_per_pixel: float | None = None
    """Pitch of a device pixel, checked with a ruler (F53); None disables true size."""
    table: tuple[int, ...] | None = None
    """Driving level for each P-value, in equal steps from 0 to 1; None is the identity."""
    measured_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a profile that would drive the screen wrongly."""
        if not 8 <= self.bits <= 16:
            raise ValueError("a screen has 8 to 16 bits")
        if self.mm_per_pixel is not None and not 0 < self.mm_per_pixel < math.inf:
            raise ValueError("the pitch of a screen is a positive number of mm")
        if self.measured_at is not None and self.measured_at.tzinfo is None:
            raise ValueError("the time of a measurement needs an offset")
        if self.table is not None:
            self._check_table(self.table)

    def _check_table(self, table: tuple[int, ...]) -> None:
        if len(table) < 2:
            raise ValueError("a display table needs at least two entries")
        if min(table) < 0 or max(table) >= 1 << self.bits:
            raise ValueError(f"a display table of {self.bits} bits has levels outside them")
        if any(b < a for a, b in pairwise(table)):
            raise ValueError("a display table must never fall")

    def why_not_diagnostic(self, now: datetime, max_age: timedelta) -> tuple[str, ...]:
        """Reasons, one sentence each, why this screen must not be called diagnostic (F26)."""
        reasons = []
        if self.measured_at is None:
            reasons.append("This screen was never measured.")
        elif self.measured_at > now:
            reasons.append("The measurement of this screen is dated in the future.")
        elif now - self.measured_at > max_age:
            reasons.append(
                f"The measurement of this screen is older than {max_age.days} days "
                f"({self.measured_at.date().isoformat()})."
            )
        if self.table is None:
            reasons.append("This screen has no calibration table.")
        return tuple(reasons)
