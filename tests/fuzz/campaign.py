"""Mutated codestreams through the decoder pool, each beside a second decoder (R26)."""

import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tests.fuzz.mutations import FAMILIES, ROWS, mutated_file
from tests.fuzz.second_opinions import of_cut_ones, same, second_opinions
from viewer.errors import ViewerError
from viewer.loading.decoded import Decoded
from viewer.loading.headers import read_header
from viewer.loading.pool import DecodePool


@dataclass(slots=True)
class Tally:
    """How the cases of one family ended, and each fault as a sentence with its number."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def run(name: str, numbers: Iterable[int], pool: DecodePool, folder: Path) -> Tally:
    """Decode cases of a family; a fault is what decodes and is not what the other decoder gives."""
    tally = Tally()
    decoded: dict[int, Decoded] = {}
    for number in numbers:
        data = mutated_file(name, number)
        try:
            instance = read_header(io.BytesIO(data), name=name).instance
            decoded[number] = pool.decode(data, 0, instance)
        except ViewerError as error:
            _refused(tally, f"{name} {number}", error.sentence)
            continue
        (folder / f"{name}-{number}.dcm").write_bytes(data)
    for opinions, cut in ((second_opinions, False), (of_cut_ones, True)):
        chosen = [n for n, ours in decoded.items() if bool(ours.missing) == cut]
        theirs = opinions(name, [folder / f"{name}-{n}.dcm" for n in chosen])
        for number, other in zip(chosen, theirs, strict=True):
            fault = _fault(name, decoded[number], other)
            tally.counts["faulty" if fault else "cut, rest equal" if cut else "equal"] += 1
            if fault:
                tally.faults.append(f"{name} {number}: {fault}")
    return tally


def _refused(tally: Tally, case: str, sentence: str) -> None:
    lost = "crashed" in sentence or "more than" in sentence
    tally.counts["lost the decoder" if lost else "refused"] += 1
    if not sentence.endswith("."):
        tally.faults.append(f"{case}: it was refused without a sentence: {sentence}")


def _fault(name: str, ours: Decoded, theirs: NDArray[Any] | None) -> str:
    if theirs is None:
        return "it decodes here and nowhere else"
    rows = ours.missing[0][0] if ours.missing else ROWS
    if same(ours.pixels, theirs, rows, FAMILIES[name].tolerance):
        return ""
    return "the second decoder gives other pixels"
