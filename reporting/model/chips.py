"""A measurement stands in the text as a chip: one token that names it, never a copied number."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reporting.model.finding import Finding
from viewer.model.measurement import MeasurementId

_CHIP = re.compile(r"\{\{m:([^{}\s]{1,128})\}\}")


@dataclass(frozen=True, slots=True)
class Chip:
    """The place of one measurement in a text."""

    measurement: MeasurementId

    @property
    def token(self) -> str:
        """How it is stored: ``{{m:<measurement id>}}``."""
        return f"{{{{m:{self.measurement}}}}}"


def split_chips(text: str) -> tuple[str | Chip, ...]:
    """The text as runs of plain words and chips, in order, nothing lost."""
    parts: list[str | Chip] = []
    end = 0
    for found in _CHIP.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        parts.append(Chip(MeasurementId(found.group(1))))
        end = found.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def chips_in(texts: Iterable[str]) -> tuple[MeasurementId, ...]:
    """Measurements that the texts name, each once, in the order they first appear."""
    seen = {
        part.measurement: None
        for text in texts
        for part in split_chips(text)
        if isinstance(part, Chip)
    }
    return tuple(seen)


def by_measurement(findings: Sequence[Finding]) -> dict[MeasurementId, Finding]:
    """Findings by the measurement that their chips name."""
    return {finding.measurement.id: finding for finding in findings}


def words(text: str, findings: Mapping[MeasurementId, Finding]) -> str:
    """The text as it reads: each chip replaced by its label; a chip nobody knows stays a token."""
    return "".join(_word(part, findings) for part in split_chips(text))


def _word(part: str | Chip, findings: Mapping[MeasurementId, Finding]) -> str:
    if isinstance(part, str):
        return part
    finding = findings.get(part.measurement)
    return part.token if finding is None else finding.label
