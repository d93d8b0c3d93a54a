"""W4: one frame drawn at the size of a pane, ms.

Each line names what limits it (a copy of the bytes that are drawn) and a peer (the same picture in
plain numpy); targets are in performance.md, W4.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.table import Line, show
from tests.kit.pictures import COLOUR_STORED, instance, stored, windowed
from viewer.model.presentation import Rescale
from viewer.render import kernels
from viewer.render.compositor import RenderRequest
from viewer.viewport.transform import PaneSize

ROUNDS = 15
RNG = np.random.default_rng(1)


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    ours: Callable[[], object]
    peer: Callable[[], object] | None
    copied: NDArray[Any]
    goal: str = ""


def main() -> None:
    """Measure and print."""
    kernels.warm_up()
    lines = []
    for row in (*_scrolling(), *_windowing(), *_colour()):
        peer = _time(row.peer) if row.peer is not None else None
        told = ("numpy", peer) if peer is not None else ("", None)
        lines.append(Line(row.name, "ms", told, _time(row.copied.copy), _time(row.ours), row.goal))
    show("W4 drawing, ms (limit: a copy of the bytes that are drawn)", lines)


def _scrolling() -> list[_Row]:
    frame = RNG.integers(0, 4096, (512, 512)).astype(np.int16)
    ct = instance(stored(rows=512, columns=512), modality_lut=Rescale(1, -1024, "HU"))
    scroll = RenderRequest(frame, ct, windowed(40, 400), PaneSize(1000, 1000))
    edge = frame.copy()
    y, x = np.mgrid[:512, :512]
    edge[(y - 256) ** 2 + (x - 256) ** 2 > 256**2] = -2000
    form = stored(rows=512, columns=512, padding=(-2000, -2000))
    padded = replace(scroll, frame=edge, instance=replace(ct, format=form))
    bytes_drawn = np.zeros((1000, 1000), np.uint8)
    return [
        _Row("CT 512² scroll at 1000×1000", _draw(scroll), _numpy(scroll), bytes_drawn),
        _Row("CT 512² scroll, padded corners", _draw(padded), None, bytes_drawn),
    ]


def _windowing() -> list[_Row]:
    rows = []
    for name, height, width, pane in (
        ("CT 512² window at 1000×1000", 512, 512, PaneSize(1000, 1000)),
        ("CR 3000×2500 window at 1200×1600", 3000, 2500, PaneSize(1200, 1600)),
        ("MG 4096×3328 window at 1200×1600", 4096, 3328, PaneSize(1200, 1600)),
    ):
        frame = RNG.integers(0, 4096, (height, width)).astype(np.uint16)
        form = stored(rows=height, columns=width, signed=False, bits_stored=12)
        request = RenderRequest(frame, instance(form), windowed(2000, 3000), pane)
        sampled = request.sample()
        drawn = np.zeros((pane.height, pane.width), np.uint8)
        goal = "≤ 4 ms" if height > 512 else ""
        rows.append(_Row(name, partial(request.compose, sampled), None, drawn, goal))
        if height > 4000:
            rows.append(_Row("MG 4096×3328 zoom (reduced anew)", request.sample, None, frame))
    return rows


def _colour() -> list[_Row]:
    frame = RNG.integers(0, 256, (480, 640, 3), dtype=np.uint8)
    request = RenderRequest(frame, instance(COLOUR_STORED), windowed(0, 1), PaneSize(1000, 1000))
    drawn = np.zeros((1000, 1000, 3), np.uint8)
    return [_Row("US 640×480 RGB at 1000×1000", _draw(request), None, drawn)]


def _draw(request: RenderRequest) -> Callable[[], object]:
    return lambda: request.compose(request.sample())


def _numpy(request: RenderRequest) -> Callable[[], object]:
    """The same picture in plain numpy; the frame and the pane are square."""
    zoom, frame = request.transform().zoom, request.frame
    at = np.clip((np.arange(request.pane.width) + 0.5) / zoom - 0.5, 0, frame.shape[1] - 1)
    first = np.minimum(at.astype(np.int64), frame.shape[1] - 2)
    part = at - first

    def draw() -> NDArray[np.uint8]:
        half = frame[first] * (1 - part)[:, None] + frame[first + 1] * part[:, None]
        whole = half[:, first] * (1 - part) + half[:, first + 1] * part
        x = np.floor(whole + 0.5) - 1024
        p = np.clip((x - 39.5) / 399 + 0.5, 0, 1)
        return np.asarray(np.floor(p * 255 + 0.5), dtype=np.uint8)

    wrong = draw() != request.compose(request.sample())
    if wrong.mean() > 1e-4:  # places computed in another order may round a tie the other way
        raise AssertionError("the compiled picture differs from the numpy picture")
    return draw


def _time(act: Callable[[], object]) -> float:
    """Median of the rounds, ms, after one that does not count."""
    act()
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        spent.append((time.perf_counter() - start) * 1e3)
    return median(spent)
