"""W4 and W5 in the window: steps painted by a real reading area, in a process of its own."""

import json
import subprocess
import sys
from typing import Any

from tests.bench.room import LINKED
from tests.bench.table import Line, show

_HELD = "≤ 50 ms"


def main() -> None:
    """Measure and print."""
    command = [sys.executable, "-m", "tests.bench.room"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    show("W4 in the window, from the call to the paint, ms (limit: the fastest step)", _drawn(told))
    show("W5 in the window, ms (limit: the fastest step)", _planes(told))


def _drawn(told: dict[str, Any]) -> list[Line]:
    lines = []
    for name, words in (("scroll", "scroll"), ("window", "window")):
        peer = ("pyqtgraph", told.get(f"pyqtgraph_{name}"))
        what = f"CT 512² {words} at 1000×1000"
        lines += [
            Line(what, "ms", peer, told[f"{name}_least"], told[name]),
            Line(f"{what}, 95 of 100", "ms", ("median", told[name]), None, told[f"{name}_p95"],
                 "≤ 2 ×"),
        ]  # fmt: skip
    for name, words in (("linked", "scroll"), ("linked_window", "window")):
        what = f"{LINKED} linked panes, {words}"
        lines.append(Line(what, "ms", ("", None), told[f"{name}_least"], told[name], "≤ 16 ms"))
    for name, words in (("one", "one pane"), ("linked", f"{LINKED} panes")):
        lines += _held(told, name, f"in {words}")
    return lines


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
