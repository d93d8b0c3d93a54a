"""W4 and W5 in the window: steps painted by a real reading area, in a process of its own."""

import json
import subprocess
import sys
from typing import Any

from tests.bench import cornerstone, data
from tests.bench.room import LINKED, SIDE, STEPS, TALL
from tests.bench.table import Line, quantile, show

_HELD = "≤ 50 ms"


def main() -> None:
    """Measure and print; cornerstone3D runs before and after ours, pyqtgraph between."""
    before = _cornerstone()
    told = _ran()
    after = _cornerstone() if before else {}
    for name in ("scroll", "window"):
        spent = before.get(f"{name}_flushed", []) + after.get(f"{name}_flushed", [])
        if spent:
            told[f"cornerstone_{name}"] = quantile(spent, 0.5)
            told[f"cornerstone_{name}_p95"] = quantile(spent, 0.95)
            told[f"cornerstone_{name}_event"] = quantile(before[name] + after[name], 0.5)
    lines = _drawn(told)
    for modality in data.PROJECTIONS:
        lines += _projection(modality, _ran(modality))
    show("W4 in the window, from the call to the paint, ms (limit: the fastest step)", lines)
    show("W5 in the window, ms (limit: the fastest step)", _planes(told))


def _ran(*wanted: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.room", *wanted]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def _cornerstone() -> dict[str, Any]:
    frames = [data.slice_of(number) for number in range(STEPS + 1)]
    return cornerstone.measure(frames, SIDE, (1000.0, 400.0), -1024.0)


def _drawn(told: dict[str, Any]) -> list[Line]:
    lines = []
    for words in ("scroll", "window"):
        what = f"CT 512² {words} at 1000×1000"
        anchor = told.get(f"cornerstone_{words}")
        event = told.get(f"cornerstone_{words}_event")
        lines += [
            Line(what, "ms", ("cornerstone3D", anchor), told[f"{words}_least"], told[words],
                 "≤ 0.5 ×"),
            Line("– told drawn, pixels not yet", "ms", ("cornerstone3D", event)),
            Line(what, "ms", ("pyqtgraph", told.get(f"pyqtgraph_{words}")), None, told[words]),
            Line(f"{what}, 95 of 100", "ms", ("median", told[words]), None, told[f"{words}_p95"],
                 "≤ 2 ×"),
        ]  # fmt: skip
    for name, words in (("linked", "scroll"), ("linked_window", "window")):
        what = f"{LINKED} linked panes, {words}"
        lines.append(Line(what, "ms", ("", None), told[f"{name}_least"], told[name], "≤ 16 ms"))
    for name, words in (("one", "one pane"), ("linked", f"{LINKED} panes")):
        lines += _held(told, name, f"in {words}")
    return lines


def _projection(modality: str, told: dict[str, Any]) -> list[Line]:
    what = f"{modality} window at {TALL[0]}×{TALL[1]}"
    held = ("median", told["window"])
    return [
        Line(what, "ms", ("", None), told["window_least"], told["window"], "≤ 4 ms"),
        Line(f"{what}, 95 of 100", "ms", held, None, told["window_p95"], "≤ 2 ×"),
    ]


def _planes(told: dict[str, Any]) -> list[Line]:
    before, after = told["mb_before"], told["mb_after"]
    lines = [
        Line("from the command to the first plane", "ms", ours=told["mpr_first"]),
        Line("memory with the planes open", "MB", ("before", before), None, after, "≤ 1.10 ×"),
    ]
    for name, words in (("turn", "turning"), ("turn_slab", "turning 30 mm slabs")):
        coarse = told[f"coarse_{name}"]
        what = f"{words}, three planes, 1/{coarse}"
        lines.append(Line(what, "ms", ("", None), told[f"{name}_least"], told[name], "≤ 40 ms"))
    for name, words in (("open", "opening"), ("turn", "turning"), ("turn_slab", "turning slabs")):
        lines += _held(told, name, words)
    return lines


def _held(told: dict[str, Any], name: str, words: str) -> list[Line]:
    """How long the GUI thread was held at a stretch: by the clock, and by what it computed."""
    return [
        Line(f"GUI thread held, {words}", "ms", ("", None), None, told[f"held_{name}"], _HELD),
        Line("– of it at work itself", "ms", ("", None), None, told[f"own_{name}"], _HELD),
    ]
