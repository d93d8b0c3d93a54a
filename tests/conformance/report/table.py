"""The rows of ``docs/conformance/pixels.md``: files with the same outcome share one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from tests.conformance.report.compare import Kind, Outcome
from tests.conformance.report.verdicts import Verdict

_HEAD = """\
# Agreement on pixels

Made by `make conformance-report`; do not edit by hand. Each file with pixels of the shared set of
real DICOM is decoded by Lightbox and by four other programs. pydicom and dcmtk are compared on
stored values (colour: RGB of 8 bits), highdicom and SimpleITK on the values after the modality
step. *equal* means no difference in any value of any frame (in floating point: none beyond the
rounding of float32); *±n* is what F3 allows two decoders of lossy JPEG, with the largest
difference. Everything else carries a number: the reasons, and who is right, stand below the
table. The folder of malformed files is the subject of `make fuzz`.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One file: its outcomes in the order of the peers, with verdicts where they need one."""

    path: str
    modality: str
    syntax: str
    photometric: str
    frames: int
    outcomes: tuple[tuple[Outcome, Verdict | None], ...]
    ours: str = ""
    """Why Lightbox shows nothing, or what it marks."""


def markdown(rows: Sequence[Row], peers: Sequence[str], versions: str) -> str:
    """The whole page."""
    reasons = _reasons(rows)
    lines = [_HEAD, versions, "", _summary(rows, peers), "", "## Files", ""]
    columns = ["file", "modality", "transfer syntax", "pixels", *peers]
    lines += [_line(columns), _line(["---"] * len(columns))]
    for folder, alike in _alike(rows):
        name = alike[0].path if len(alike) == 1 else f"{folder}/* ({len(alike)} files)"
        first = alike[0]
        cells = [_cell(outcome, verdict, reasons) for outcome, verdict in first.outcomes]
        marked = f" ({first.ours})" if first.ours else ""
        pixels = f"{first.photometric}{_frames(alike)}{marked}"
        lines.append(_line([name, first.modality, first.syntax, pixels, *cells]))
    lines += ["", "## Reasons", ""]
    lines += [f"{number}. {peer}: {why}" for (peer, why), number in reasons.items()]
    return "\n".join(lines) + "\n"


def _reasons(rows: Iterable[Row]) -> dict[tuple[str, str], int]:
    numbers: dict[tuple[str, str], int] = {}
    for row in rows:
        for _, verdict in row.outcomes:
            if verdict is not None:
                numbers.setdefault((verdict.peer, verdict.why), len(numbers) + 1)
    return numbers


def _cell(outcome: Outcome, verdict: Verdict | None, reasons: dict[tuple[str, str], int]) -> str:
    if verdict is not None:
        return f"{verdict.cell} [{reasons[verdict.peer, verdict.why]}]"
    return "equal" if outcome.kind is Kind.EQUAL else f"±{outcome.largest:g}"


def _alike(rows: Sequence[Row]) -> Iterable[tuple[str, list[Row]]]:
    """Neighbouring files of one folder that came out alike."""

    def key(row: Row) -> tuple[object, ...]:
        shown = tuple(
            (o.kind, v.why if v else "", o.largest if o.kind is Kind.CLOSE else 0.0)
            for o, v in row.outcomes
        )
        folder = str(PurePosixPath(row.path).parent)
        return folder, row.modality, row.syntax, row.photometric, row.ours, shown

    for found, group in groupby(sorted(rows, key=lambda r: (str(key(r)), r.path)), key):
        yield str(found[0]), list(group)


def _frames(rows: Sequence[Row]) -> str:
    most = max(row.frames for row in rows)
    return f", {most} frames" if most > 1 else ""


def _summary(rows: Sequence[Row], peers: Sequence[str]) -> str:
    kinds = (Kind.EQUAL, Kind.CLOSE, Kind.DIFFERENT, Kind.SHAPE, Kind.UNREAD)
    lines = [
        f"{len(rows)} files, {sum(row.frames for row in rows)} frames:",
        "",
        _line(["", *(kind.value for kind in kinds)]),
        _line(["---"] * (len(kinds) + 1)),
    ]
    for at, peer in enumerate(peers):
        tally = Counter(row.outcomes[at][0].kind for row in rows)
        lines.append(_line([peer, *(str(tally[kind]) for kind in kinds)]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
