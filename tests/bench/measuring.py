"""Measuring: what one step of an edit costs, against numpy on a mask of the whole image.

A shape of a million pixels must be measured anew within one frame of the screen, 16 ms, and 500
annotations in one series must not slow scrolling by more than a fifth.
"""

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from tests.bench.table import Line, show
from tests.kit.viewer import NOW, ct_instance, frame_of
from viewer.measure.registry import Ground, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint

_SIZE = 1400
_FRAME_MS = 16.0
_ROUNDS = 15
_RADIUS = 565.0
_CORNERS = 400


def main() -> None:
    """Print the table."""
    instance = ct_instance(rows=_SIZE, columns=_SIZE)
    stored = np.random.default_rng(1).integers(-1000, 2000, (_SIZE, _SIZE)).astype(np.int16)
    floats = stored.astype(np.float32)
    row, column = np.mgrid[:_SIZE, :_SIZE]
    middle = _SIZE / 2

    def literal() -> object:
        inside = (row - middle) ** 2 + (column - middle) ** 2 <= _RADIUS**2
        values = stored[inside].astype(np.float64) - 1024
        return values.mean(), values.std(ddof=1), values.min(), values.max(), np.median(values)

    peer = _ms(literal)
    ring = [2 * math.pi * n / _CORNERS for n in range(_CORNERS)]
    circle = [(middle, middle), (middle + _RADIUS, middle)]
    outline = [(middle + _RADIUS * math.cos(t), middle + _RADIUS * math.sin(t)) for t in ring]
    lines = []
    for what, kind, points, pixels in (
        ("circle", AnnotationKind.CIRCLE, circle, stored),
        (f"outline of {_CORNERS} points", AnnotationKind.FREEHAND, outline, stored),
        ("circle on float pixels", AnnotationKind.CIRCLE, circle, floats),
    ):
        made = Annotation(
            AnnotationId("a"), kind, frame_of(instance), tuple(PixelPoint(*p) for p in points),
            (), None, Provenance("", NOW),
        )  # fmt: skip
        ground = Ground(instance, pixels)
        ours = _ms(lambda made=made, ground=ground: read(made, ground))  # type: ignore[misc]  # bound
        lines.append(Line(what, "ms", ("numpy", peer), _FRAME_MS, ours, "≤ 16 ms"))
    show(f"Statistics of {round(math.pi * _RADIUS**2):,} pixels", lines)
    show("500 annotations in a series of 100 images, on the GUI thread alone", _drawn())


def _drawn() -> list[Line]:
    """Steps with annotations against the same steps without any, in a process of their own."""
    command = [sys.executable, "-m", "tests.bench.drawn"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    none, pointer = ("none", told["step_none"]), ("none", told["pointer_none"])
    return [
        Line("a step, 5 on each image", "ms", none, None, told["step_spread"], "≤ 1.2 ×"),
        Line("a step, all 500 on one image", "ms", none, None, told["step_one"], "≤ 1.2 ×"),
        Line("– the step onto that image", "ms", none, None, told["landing_one"]),
        Line("a step, 5 on each, never shown before", "ms", none, None, told["first_spread"]),
        Line("– shown for the second time", "ms", none, None, told["second_spread"]),
        Line("a step, 500 on one, never shown before", "ms", none, None, told["first_one"]),
        Line("the pointer moves over all 500", "ms", pointer, None, told["pointer_one"], "≤ 16 ms"),
        Line("one of 500 is dragged", "ms", pointer, None, told["drag_one"], "≤ 16 ms"),
    ]


def _ms(act: Callable[[], object]) -> float:
    act()
    found = []
    for _ in range(_ROUNDS):
        start = time.thread_time()
        act()
        found.append((time.thread_time() - start) * 1000)
    return median(found)
