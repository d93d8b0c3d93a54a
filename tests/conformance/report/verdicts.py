"""Who is right where programs differ: read from ``verdicts.toml``, which is kept by hand."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tests.conformance.report.compare import Kind, Outcome
from viewer.model.study import Instance

_FILE = Path(__file__).with_name("verdicts.toml")
_SILENT = frozenset({Kind.EQUAL, Kind.CLOSE})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reason: ``cell`` stands in the table, ``why`` below it."""

    peer: str
    kind: Kind
    cell: str
    why: str
    files: tuple[str, ...] = ()
    photometric: str = ""
    words: str = ""

    def fits(self, peer: str, path: str, instance: Instance, outcome: Outcome) -> bool:
        """Whether every condition holds."""
        stored = instance.format
        return (
            self.peer == peer
            and self.kind is outcome.kind
            and self.words in outcome.words
            and (not self.files or any(fnmatch(path, glob) for glob in self.files))
            and self.photometric in {"", stored.photometric.value if stored else ""}
        )


def load() -> tuple[Verdict, ...]:
    """Read every verdict."""
    entries = tomllib.loads(_FILE.read_text())["verdict"]
    return tuple(
        Verdict(**{**entry, "kind": Kind(entry["kind"]), "files": tuple(entry.get("files", ()))})
        for entry in entries
    )


def needs_one(outcome: Outcome) -> bool:
    """Whether an outcome must be explained."""
    return outcome.kind not in _SILENT


def find(
    verdicts: Sequence[Verdict], peer: str, path: str, instance: Instance, outcome: Outcome
) -> Verdict | None:
    """The first verdict that fits."""
    return next((v for v in verdicts if v.fits(peer, path, instance, outcome)), None)
