"""What the start-up self-test found on one screen (F64)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScreenVerdict:
    """Whether a screen's pictures came out as the standard has them; that is no calibration."""

    screen: str
    """What the screen is known again by."""
    reasons: tuple[str, ...] = ()
    """Why nothing may be diagnosed on it, one sentence each; none where every picture was right."""
    pictures: int = 0
    """How many pictures were drawn, read back and compared."""
    bits: int = 0
    """Bits of each colour in the window's own store, which was read back."""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether pictures were compared and all of them were right."""
        return self.pictures > 0 and not self.reasons
