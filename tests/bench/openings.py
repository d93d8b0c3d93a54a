"""W1: a CT of 600 slices from a folder and from the store, each opening in a process of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import data
from tests.bench.table import Line, is_there, say, show

_ROUNDS = 3
"""Openings from the store, which are short; the median counts."""
_VOLUME_MB = data.SLICES * data.ROWS * data.COLUMNS * 2 / 1e6
_PEERS = {"dicomsdl": "dicomsdl", "SimpleITK": "SimpleITK", "pydicom": "pydicom"}


def main() -> None:
    """Measure and print."""
    peers = [peer for peer, module in _PEERS.items() if is_there(module)]
    lines: list[Line] = []
    for syntax in data.SYNTAXES:
        folder = data.ct(syntax)
        filled = _filled(syntax, folder)
        measured = {way: _open(way, folder) for way in ("folder", "imagecodecs")}
        measured["store"] = _median([_open("store", filled) for _ in range(_ROUNDS)])
        for peer in peers:
            if not (peer == "dicomsdl" and syntax == "HTJ2K"):
                measured[peer] = _open(peer, folder)
        _compare(syntax, measured)
        lines += _lines(syntax, measured)
    show(
        f"W1 CT of {data.SLICES} slices, {_VOLUME_MB:.0f} MB (limit: imagecodecs on every core)",
        lines,
    )


def _filled(syntax: str, folder: Path) -> Path:
    """A new store in which the CT was opened once."""
    to = data.base() / f"store-{syntax}"
    shutil.rmtree(to, ignore_errors=True)
    _run("fill", str(to), str(folder))
    return to


def _open(way: str, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_run(way, str(path)).splitlines()[-1])
    return found


def _median(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: median(found[key] for found in rounds) for key in rounds[0]}


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "tests.bench.opening", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _compare(syntax: str, measured: dict[str, dict[str, Any]]) -> None:
    right = measured["imagecodecs"]["sum"]
    for way, found in measured.items():
        if found["sum"] != right:
            say(f"{syntax}: {way} gives other pixels.")


def _lines(syntax: str, measured: dict[str, dict[str, Any]]) -> list[Line]:
    """First image, all images and memory, against the best peer and the codec alone."""
    codec, folder, store = (measured[way] for way in ("imagecodecs", "folder", "store"))
    peers = {w: m for w, m in measured.items() if w not in ("imagecodecs", "folder", "store")}
    name, best = min(peers.items(), key=lambda p: float(p[1]["all"]), default=("", {}))
    alone = "≤ 1.1 × codec" if syntax != "raw" else ""
    return [
        Line(f"{syntax}: folder, first image", "s", (name, best.get("first")), codec["first"],
             folder["first"], "≤ 0.2 s"),
        Line(f"{syntax}: folder, an image meanwhile", "s", ("imagecodecs", codec["first"]),
             codec["first"], folder["waited"]),
        Line(f"{syntax}: folder, all", "s", ("imagecodecs", codec["all"]), codec["all"],
             folder["all"], alone),
        Line(f"{syntax}: folder, all, with its start", "CPU s", ("imagecodecs", codec["cpu"]),
             codec["cpu"], folder["cpu"]),
        Line(f"{syntax}: folder, all", "s", (name, best.get("all")), codec["all"], folder["all"]),
        Line(f"{syntax}: opened before, first image", "s", (name, best.get("first")), None,
             store["first"], "≤ 0.10 s"),
        Line(f"{syntax}: opened before, all", "s", (name, best.get("all")), None, store["all"],
             "≤ 0.5 s"),
        Line(f"{syntax}: opened before, peak", "MB", (name, best.get("peak_mb")), _VOLUME_MB,
             store["peak_mb"], f"≤ {_VOLUME_MB + 150:.0f} MB"),
    ]  # fmt: skip
