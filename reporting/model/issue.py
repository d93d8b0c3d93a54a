"""What the pre-sign rules have to say about a draft."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """BLOCK stops signing; WARN is shown and can be signed over."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Issue:
    """What one rule found: ``rule`` its id, ``where`` a section id or '', ``why`` a sentence."""

    rule: str
    severity: Severity
    where: str
    why: str
    acknowledgeable: bool = False
    """Whether the reader may sign over this block by saying so in the sign dialog."""
