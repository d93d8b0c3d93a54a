"""What the reader is told about the display: what the self-test found, and that nothing is measured
until somebody measures it (F26, F64)."""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.calibration.verdict import ScreenVerdict

_UNMEASURED = "No measurement of this display is on record; do not use it for diagnosis."
_MOST = 4


@dataclass(frozen=True, slots=True)
class DisplayWords:
    """A few words for the status bar, and the reasons in full."""

    text: str
    why: str


MARK = "the self-test of this screen failed"
"""What images bear on a screen on which the self-test failed."""
SPANS = "this window lies on two screens that are not alike"
"""What images bear that one of the screens shows wrongly, whatever is done."""


def display_words(verdicts: Sequence[ScreenVerdict], here: Sequence[str]) -> DisplayWords:
    """Words for what is known of the screens; ``here`` are those on which images stand."""
    if not verdicts:
        return DisplayWords("display: self-test not yet run, not calibrated", _UNMEASURED)
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if not failed:
        told = " ".join(_passed(verdict) for verdict in verdicts)
        return DisplayWords(
            "display: self-test passed, not calibrated", f"{told} {_UNMEASURED}".strip()
        )
    why = " ".join(f"Screen {_name(one)}: {_reasons(one)}" for one in failed)
    mine = [one for one in failed if one.screen in here]
    text = "display: NOT DIAGNOSTIC"
    if not mine:
        text += " on another screen"
    return DisplayWords(text, f"{why} {_UNMEASURED}")


def _passed(verdict: ScreenVerdict) -> str:
    bits, count = verdict.bits, verdict.pictures
    return (
        f"Screen {_name(verdict)}: {count} test pictures were drawn and read back from the "
        f"window without a difference, {bits} bits a colour."
    )


def _reasons(verdict: ScreenVerdict) -> str:
    more = len(verdict.reasons) - _MOST
    told = " ".join(verdict.reasons[:_MOST]) or "no test picture could be drawn."
    return f"{told} {more} more." if more > 0 else told


def _name(verdict: ScreenVerdict) -> str:
    return verdict.screen or "without a name"
