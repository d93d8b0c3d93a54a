"""What the reader is told about the display: what the self-test found, and that nothing is measured
until somebody measures it (F26, F64)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viewer.calibration.verdict import ScreenVerdict

_NO_DIAGNOSIS = "Do not use it for diagnosis."
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


def display_words(
    verdicts: Sequence[ScreenVerdict],
    here: Sequence[str],
    unmeasured: Mapping[str, Sequence[str]],
) -> DisplayWords:
    """Words for what is known of the screens; ``here`` are those on which images stand.

    ``unmeasured`` says of each screen why its measurement, or that there is none, forbids to call
    it diagnostic; nothing where it does not.
    """
    reasons = {screen: unmeasured[screen] for screen in here if unmeasured.get(screen)}
    told_of = [f"Screen {_name(one)}: {' '.join(why)}" for one, why in reasons.items()]
    measured = " ".join([*told_of, _NO_DIAGNOSIS] if told_of else [])
    state = "not calibrated" if told_of else "measured"
    if not verdicts:
        return DisplayWords(f"display: self-test not yet run, {state}", measured)
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if not failed:
        told = " ".join(_passed(verdict) for verdict in verdicts)
        return DisplayWords(f"display: self-test passed, {state}", f"{told} {measured}".strip())
    why = " ".join(f"Screen {_name(one.screen)}: {_reasons(one)}" for one in failed)
    mine = [one for one in failed if one.screen in here]
    text = "display: NOT DIAGNOSTIC"
    if not mine:
        text += " on another screen"
    return DisplayWords(text, f"{why} {measured}".strip())


def _passed(verdict: ScreenVerdict) -> str:
    bits, count = verdict.bits, verdict.pictures
    return (
        f"Screen {_name(verdict.screen)}: {count} test pictures were drawn and read back from the "
        f"window without a difference, {bits} bits a colour."
    )


def _reasons(verdict: ScreenVerdict) -> str:
    more = len(verdict.reasons) - _MOST
    told = " ".join(verdict.reasons[:_MOST]) or "no test picture could be drawn."
    return f"{told} {more} more." if more > 0 else told


def _name(screen: str) -> str:
    return screen or "without a name"
