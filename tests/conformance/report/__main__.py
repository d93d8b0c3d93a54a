"""``python -m tests.conformance.report DATA OUT``: write the table; 1 when a row is unexplained."""

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydicom.uid import UID

from tests.conformance.report import verdicts
from tests.conformance.report.compare import Ours, Outcome, compared, ours
from tests.conformance.report.opinions import Peer, peers
from tests.conformance.report.table import Row, markdown

_LEFT_OUT = ("malformed",)
"""Folders of files that are broken on purpose."""


def rows(data: Path, files: Sequence[Path], programs: Sequence[Peer]) -> Iterator[Row]:
    """One row for each file with pixels; an outcome that needs a verdict may lack it."""
    known = verdicts.load()
    for file in files:
        mine = ours(file)
        if mine is None:
            continue
        path = file.relative_to(data).as_posix()
        found = []
        for peer in programs:
            outcome = compared(mine, peer, file)
            needed = verdicts.needs_one(outcome)
            why = verdicts.find(known, peer.name, path, mine.instance, outcome) if needed else None
            found.append((outcome, why))
        yield _row(path, mine, tuple(found))


def unexplained(found: Sequence[Row], programs: Sequence[Peer]) -> list[str]:
    """A sentence for each outcome that no verdict explains."""
    return [
        f"{row.path}: {peer.name}: {outcome.kind.value} {outcome.largest:g} {outcome.words}"
        for row in found
        for peer, (outcome, verdict) in zip(programs, row.outcomes, strict=True)
        if verdict is None and verdicts.needs_one(outcome)
    ]


def files_of(data: Path) -> list[Path]:
    """Every file that is not broken on purpose."""
    return sorted(
        file
        for file in data.rglob("*")
        if file.is_file() and file.relative_to(data).parts[0] not in _LEFT_OUT
    )


def main() -> int:
    """Write the page, or say which rows lack a verdict."""
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    if not data.is_dir():
        sys.stderr.write(f"{data} is not a folder of DICOM files.\n")
        return 2
    programs = peers()
    found = list(rows(data, files_of(data), programs))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(markdown(found, [peer.name for peer in programs], _versions()))
    missing = unexplained(found, programs)
    sys.stderr.writelines(f"{line}\n" for line in missing)
    sys.stdout.write(f"{len(found)} files; {len(missing)} outcomes without a verdict\n")
    return 1 if missing else 0


def _row(
    path: str, mine: Ours, outcomes: tuple[tuple[Outcome, verdicts.Verdict | None], ...]
) -> Row:
    instance, stored = mine.instance, mine.instance.format
    assert stored is not None
    syntax = UID(instance.transfer_syntax).name if instance.transfer_syntax else "not said"
    state = "refused" if mine.refused else "rows missing" if mine.missing else ""
    return Row(
        path, instance.modality or "?", syntax.split(" (")[0].split(",")[0],
        stored.photometric.value, instance.frames, outcomes, state,
    )  # fmt: skip


def _versions() -> str:
    names = ("pydicom", "highdicom", "SimpleITK", "imagecodecs")
    told = [f"{name} {importlib.metadata.version(name)}" for name in names]
    done = subprocess.run(["dcmconv", "--version"], check=False, capture_output=True, text=True)
    words = done.stdout.split()
    told.append(f"dcmtk {words[2].lstrip('v')}" if len(words) > 2 else "dcmtk")
    return "With " + ", ".join(told) + "."


if __name__ == "__main__":
    sys.exit(main())
