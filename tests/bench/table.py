"""Lines of the benches' tables: what, peer, limit, ours, ratio, goal."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median


@dataclass(frozen=True, slots=True)
class Line:
    """One measured thing; None where there is no such figure."""

    what: str
    unit: str
    peer: tuple[str, float | None] = ("", None)
    limit: float | None = None
    ours: float | None = None
    goal: str = ""


def show(title: str, lines: list[Line]) -> None:
    """Print one table."""
    head = (
        f"{'what':46}",
        f"{'peer':>24}",
        f"{'limit':>9}",
        f"{'ours':>9}",
        f"{'ratio':>8}",
        "goal",
    )
    sys.stdout.write(f"\n{title}\n{'  '.join(head)}\n")
    for line in lines:
        name, figure = line.peer
        peer = f"{name} {_number(figure)}" if figure is not None else name or "–"
        cells = (
            f"{line.what + ', ' + line.unit:46}", f"{peer:>24}", f"{_number(line.limit):>9}",
            f"{_number(line.ours):>9}", f"{_ratio(line):>8}", line.goal,
        )  # fmt: skip
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
    sys.stdout.flush()


def say(words: str) -> None:
    """Print a remark."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def is_there(module: str) -> bool:
    """Whether a peer is installed; says so when it is not."""
    found = find_spec(module) is not None
    if not found:
        say(f"{module} is not installed: it is left out.")
    return found


def rates(rounds: int, count: int, acts: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Medians of ``count`` per CPU second of each act; the acts take turns in every round."""
    spent: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            begun = time.process_time()
            act()
            spent[name].append(count / (time.process_time() - begun))
    return {name: median(values) for name, values in spent.items()}


def take_turns(
    acts: Mapping[str, Callable[[], object]], *, rounds: int = 15, share: float = 0.5
) -> dict[str, float]:
    """Wall time of each act, ms, after one that does not count; they take turns in every round.

    ``share`` of the rounds took no longer: a half for the median, 0.95 for the slow ones.
    """
    spent: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(rounds + 1):
        for name, act in acts.items():
            begun = time.perf_counter()
            act()
            if turn:
                spent[name].append((time.perf_counter() - begun) * 1e3)
    return {name: float(quantile(values, share)) for name, values in spent.items()}


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of them do not pass, between neighbours where it lies so."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def _number(figure: float | None) -> str:
    if figure is None:
        return "–"
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def _ratio(line: Line) -> str:
    peer = line.peer[1]
    if peer is None or line.ours is None:
        return "–"
    return f"{line.ours / peer:.2f} ×"
