"""Series become display sets by rules kept as data (F40, F41); no instance is ever lost."""

from dataclasses import dataclass
from pathlib import Path

from viewer.model.display_set import DisplaySet
from viewer.model.study import Series


@dataclass(frozen=True, slots=True)
class SplitRules:
    """The rules of resources/splitting.toml."""


def load_rules(path: Path) -> SplitRules:
    """Read the rules; ValueError names what is wrong in the file."""
    return SplitRules()


def split(series: Series, rules: SplitRules) -> tuple[DisplaySet, ...]:
    """Split one series; every frame of every instance lies in exactly one set."""
    return ()
