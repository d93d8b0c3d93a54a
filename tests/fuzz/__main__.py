"""``python -m tests.fuzz [N] [FAMILY NUMBER]``: hostile input in all its forms, with its counts.

N mutations of each of six codecs (500), a tenth as many of three colour profiles, the handmade set
always, and the malformed files where LIGHTBOX_TEST_DICOM holds them, with every other file there
through the window: each must come as a picture, a document or an entry with its reason. A decoder
process that was killed, hung or ate memory must be replaced within a second. With a family and a
number that one case is run alone. The exit code is 1 when anything crashed the program, broke a
limit, or decoded to what no other decoder gives. ``make fuzz CASE="jpeg 17"`` runs the one.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from tests.fuzz import campaign, handmade, profiles, window, workers
from tests.fuzz.mutations import FAMILIES
from tests.fuzz.second_opinions import lacking
from viewer.loading.pool import DecodePool

_ROOT = Path(__file__).parents[2]
_WORKERS = 2


def main(words: list[str]) -> int:
    """Run everything and print the table; 1 when there was a fault."""
    if missing := lacking():
        print(f"These programs are needed and not installed: {', '.join(missing)}.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if len(words) == 2:
            faults = list(_mutations({words[0]: range(int(words[1]), int(words[1]) + 1)}, place))
        else:
            count = int(words[0]) if words else 500
            faults = list(_mutations(dict.fromkeys(FAMILIES, range(count)), place))
            faults += workers.replaced()
            faults += _profiles(max(count // 10, 1))
            faults += _files(place)
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"{len(faults)} faults.")
    return 1 if faults else 0


def _mutations(cases: dict[str, range], folder: Path) -> Iterator[str]:
    with (
        closing(DecodePool(_WORKERS, seconds=5)) as pool,
        ThreadPoolExecutor(_WORKERS) as threads,
    ):
        for name, numbers in cases.items():
            parts = [numbers[k::_WORKERS] for k in range(_WORKERS)]
            tallies = list(threads.map(partial(_run, name, pool, folder), parts))
            counts = sum((tally.counts for tally in tallies), start=Counter[str]())
            told = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
            print(f"{name:14} {len(numbers)} codestreams: {told}", flush=True)
            for tally in tallies:
                yield from tally.faults


def _profiles(count: int) -> Iterator[str]:
    with closing(DecodePool(1, seconds=5)) as pool:
        for name in profiles.PROFILES:
            counts, faults = profiles.run(name, count, pool)
            told = ", ".join(f"{n} {what}" for what, n in sorted(counts.items()))
            print(f"profile {name:6} {count} profiles: {told}", flush=True)
            yield from faults


def _run(name: str, pool: DecodePool, folder: Path, numbers: range) -> campaign.Tally:
    return campaign.run(name, numbers, pool, folder)


def _files(folder: Path) -> Iterator[str]:
    made = folder / "handmade"
    made.mkdir()
    handmade.written(made)
    yield from _set("handmade", made, seconds=0.5, megabytes=300)
    yield from _window("handmade", made)
    shared = Path(os.environ.get("LIGHTBOX_TEST_DICOM", _ROOT / "shared/data/dicom")) / "malformed"
    if shared.is_dir():
        yield from _set("malformed", shared, seconds=2, megabytes=500)
        yield from _window("malformed", shared)
        for folder in sorted(f for f in shared.parent.iterdir() if f.is_dir() and f != shared):
            yield from _window(folder.name[:14], folder)
    else:
        print("malformed      the folder of real DICOM files is not on this machine")


def _window(name: str, folder: Path) -> Iterator[str]:
    """The same files in the reading area."""
    found, ended = window.shown(folder)
    if ended:
        yield f"{name}: the window ended after {len(found)} files with {ended}"
    pictures = sum(window.PICTURE in one["said"] for one in found)
    print(f"{name:14} {len(found)} files in the window: {pictures} show a picture")
    for one in found:
        for fault in window.faults_of(one):
            yield f"{name}: {one['file']}: window: {fault}"


def _set(name: str, folder: Path, *, seconds: float, megabytes: float) -> Iterator[str]:
    results, status = through(folder, render=True)
    if status != 0:
        yield f"{name}: the program ended with status {status} after {len(results)} files"
    refused = sum(one["decode"]["code"] for one in results)
    print(f"{name:14} {len(results)} files: {len(results) - refused} decode, {refused} refused")
    for one in results:
        for act in ("info", "decode", "render"):
            for fault in faults_of(one[act], seconds=seconds, megabytes=megabytes):
                yield f"{name}: {one['file']}: {act}: {fault}"


def through(folder: Path, *, render: bool) -> tuple[list[dict[str, Any]], int]:
    """Put every file of a folder through the program in a process of its own."""
    words = [sys.executable, "-W", "error", "-m", "tests.fuzz.through", str(folder)]
    done = subprocess.run(
        words + ["render"] * render, capture_output=True, text=True, check=False, cwd=_ROOT
    )
    if done.stderr:
        print(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


def faults_of(act: dict[str, Any], *, seconds: float, megabytes: float) -> Iterator[str]:
    """What is wrong with how one file went."""
    if act["code"] not in {0, 1}:
        yield f"it ended with {act['code']}"
    if act["code"] == 1 and (act["said"].count("\n") != 1 or not act["said"].endswith(".\n")):
        yield f"it said no sentence: {act['said'][:200]!r}"
    if act["seconds"] > seconds:
        yield f"it took {act['seconds']:.2f} s"
    if act["peak_mb"] > megabytes:
        yield f"the process had {act['peak_mb']:.0f} MB"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
