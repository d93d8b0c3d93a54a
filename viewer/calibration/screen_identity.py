"""By what a screen is known again, also after it was plugged in elsewhere."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_NO_SERIAL = re.compile(r"(?:0x)?0*1?", re.IGNORECASE)
"""What makers write who give no number: nothing, zeros, or one."""


@dataclass(frozen=True, slots=True)
class ScreenIdentity:
    """What a screen tells of itself; ``connector`` is where it is plugged in."""

    manufacturer: str
    model: str
    serial: str
    connector: str
    width: int
    """Device pixels."""
    height: int

    @property
    def has_serial(self) -> bool:
        """Whether it tells a number that can be its own."""
        return _NO_SERIAL.fullmatch(self.serial.strip()) is None

    @property
    def key(self) -> str:
        """Maker, model, serial number and size; the connector where there is no number."""
        number = self.serial.strip() if self.has_serial else self.connector
        parts = (self.manufacturer.strip(), self.model.strip(), number)
        made = " ".join(part for part in parts if part) or "Screen"
        return f"{made} {self.width}x{self.height}"


def screen_title(key: str) -> str:
    """A key as a reader is told it: '1920 × 1080' for 'Screen 1920x1080', behind 'Screen:'."""
    sized = re.sub(r"\b(\d+)x(\d+)(?= at | #|$)", r"\1 × \2", key)
    return re.sub(r"^screen (?=\S)", "", sized, flags=re.IGNORECASE)


def screen_keys(attached: Sequence[ScreenIdentity]) -> tuple[str, ...]:
    """A key for each screen; two that tell the same number are told apart by their connectors, and
    by their order where those have one name.
    """
    count = Counter(screen.key for screen in attached)
    keys = [
        screen.key if count[screen.key] == 1 else f"{screen.key} at {screen.connector}"
        for screen in attached
    ]
    before = [keys[:place].count(key) for place, key in enumerate(keys)]
    return tuple(f"{key} #{n + 1}" if n else key for key, n in zip(keys, before, strict=True))
