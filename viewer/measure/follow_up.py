"""What became of a finding: a measurement against the same one of a prior, and sums of targets."""

from collections.abc import Iterable
from dataclasses import dataclass

from viewer.measure import codes
from viewer.measure.labels import number, sign, text
from viewer.measure.registry import Reading
from viewer.model.measurement import Measurement, Unit

_DIAMETERS = frozenset({codes.LENGTH, codes.LONG_AXIS})
"""What counts in a sum of target lesions (RECIST)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A number now and before, in one unit by one kind of calibration."""

    now: Measurement
    before: Measurement

    def words(self, since: str) -> str:
        """'+2.0 mm (+16.7 %) from 12.0 mm on 2025-01-02'; from nothing there is no percentage."""
        now, before, unit = self.now.value, self.before.value, self.now.unit
        mark = sign(unit) if unit is Unit.DEGREE else f" {sign(unit)}".rstrip()
        then = f"{text(before, unit)} on {since}" if since else text(before, unit)
        by = f"{_signed(number(now - before, unit))}{mark}{_share(now, before)}"
        return f"{by} from {then}"


def change(now: Reading, before: Reading) -> Change | None:
    """Compare the first numbers; None where they are no two of a kind."""
    if not (now.measurements and before.measurements):
        return None
    a, b = now.measurements[0], before.measurements[0]
    alike = (a.name, a.unit, a.calibration) == (b.name, b.unit, b.calibration)
    return Change(a, b) if alike else None


@dataclass(frozen=True, slots=True)
class TargetSum:
    """Sum of the long axes of target lesions, mm; ``left_out`` have none in mm."""

    millimetres: float
    count: int
    left_out: int = 0

    def words(self, before: "TargetSum | None" = None) -> str:
        """'sum of 3 targets 54.2 mm', against the sum of a prior where it is of as many."""
        many = f"{self.count} target{'s' if self.count > 1 else ''}"
        said = f"sum of {many} {text(self.millimetres, Unit.MILLIMETRE)}"
        if self.left_out:
            said += f" ({self.left_out} without a length in mm left out)"
        if before is not None and (before.count, before.left_out) == (self.count, self.left_out):
            said += _share(self.millimetres, before.millimetres)
        return said


def target_sum(readings: Iterable[Reading]) -> TargetSum | None:
    """Add up the long axis of each target lesion; None where there is none."""
    total, count, left_out = 0.0, 0, 0
    for reading in readings:
        first = reading.measurements[0] if reading.measurements else None
        if first is not None and first.unit is Unit.MILLIMETRE and first.name in _DIAMETERS:
            total += first.value
            count += 1
        else:
            left_out += 1
    return TargetSum(total, count, left_out) if count else None


def _share(now: float, before: float) -> str:
    if before <= 0:
        return ""
    return f" ({_signed(f'{(now / before - 1) * 100:.1f}'.replace('-', '−'))} %)"


def _signed(shown: str) -> str:
    """With a plus where it is no minus; nothing stays nothing."""
    if not float(shown.replace("−", "-")):
        return shown.lstrip("−")
    return shown if shown.startswith("−") else f"+{shown}"
