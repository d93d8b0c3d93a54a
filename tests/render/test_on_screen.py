"""Pictures as an X server of 24 and of 30 bits holds them for its screen, read from its memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit import grey_reference
from tests.kit.pictures import IDENTITY, stored
from tests.kit.x_server import x_server
from tests.render.x_server_program import (
    APART,
    PANE,
    PLAIN,
    SCENES,
    SIDE,
    SPACING,
    ZOOM,
    board,
    ramp,
)
from viewer.calibration.vectors import placed
from viewer.model.presentation import Presentation

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(60)]  # a server and a program of their own


class Shown(NamedTuple):
    """What stands in the pane on the screen, red, green and blue, and what the program told."""

    pixels: NDArray[np.uint16]
    told: dict[str, Any]


class Screen(NamedTuple):
    """What was shown on a server of so many bits a colour."""

    bits: int
    shown: dict[str, Shown]

    def levels(self, name: str) -> NDArray[np.int64]:
        """Grey levels of 8 bits that the screen shows."""
        pixels = self.shown[name].pixels
        assert (pixels == pixels[:, :, :1]).all(), "not grey"
        return (pixels[:, :, 0] >> (self.bits - 8)).astype(np.int64)


@pytest.fixture(scope="module", params=[24, 30])
def screen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Screen:
    folder = tmp_path_factory.mktemp("server")
    shown: dict[str, Shown] = {}
    with x_server(folder, request.param) as server:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.render.x_server_program"],
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "xcb", "DISPLAY": server.display},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert program.stdin is not None
        assert program.stdout is not None
        with program:
            for _ in SCENES:
                told = json.loads(program.stdout.readline())
                x, y = told["at"]
                whole = server.pixels()
                shown[told["name"]] = Shown(whole[y : y + PANE, x : x + PANE].copy(), told)
                program.stdin.write("next\n")
                program.stdin.flush()
        assert program.returncode == 0
    return Screen(server.bits, shown)


def _reference(values: NDArray[np.int16], *, invert: bool = False) -> NDArray[np.uint8]:
    """Levels of the whole pane by the standard's text, one value at a time."""
    look = Presentation(PLAIN, invert=invert)
    form = stored()
    known = {v: grey_reference.level(v, form, IDENTITY, look, 8) for v in np.unique(values)}
    levels = np.vectorize(known.__getitem__, otypes=[np.uint8])(values)
    return placed(levels, PANE, PANE)


def test_f53_a_checkerboard_one_to_one_is_exact_on_the_screen(screen: Screen) -> None:
    most = (1 << screen.bits) - 1
    expected = placed((board() * 255).astype(np.uint8), PANE, PANE).astype(np.int64) // 255 * most
    assert (screen.shown["board"].pixels == expected[:, :, None]).all()
    assert screen.shown["board"].told["depth"] == 3 * screen.bits


@pytest.mark.parametrize(
    ("name", "invert", "mirrored"),
    [("window", False, False), ("inverted", True, False), ("flipped", False, True)],
)
def test_grey_one_to_one_is_that_of_the_reference_on_the_screen(
    screen: Screen, name: str, *, invert: bool, mirrored: bool
) -> None:
    values = ramp()[:, ::-1] if mirrored else ramp()
    expected = _reference(values, invert=invert)
    np.testing.assert_array_equal(screen.levels(name), expected)
    whole = screen.shown[name].pixels[:, :, 0].astype(np.float64)
    true = expected / 255 * ((1 << screen.bits) - 1)
    assert np.abs(whole - true).max() < 1  # the level between, where the screen has more


def test_an_enlarged_picture_is_within_a_level_of_the_reference_on_the_screen(
    screen: Screen,
) -> None:
    at = (np.arange(PANE) + 0.5 - PANE / 2) / ZOOM + SIDE / 2 - 0.5
    values = 2 * at[None, :] + at[:, None] - 260
    p = np.clip((values - (PLAIN.centre - 0.5)) / (PLAIN.width - 1) + 0.5, 0, 1)
    difference = np.abs(screen.levels("enlarged") - p * 255)
    assert difference.max() <= 1
    assert len(np.unique(screen.levels("enlarged"))) > 100


def test_f53_the_true_size_is_true_by_the_ruler_on_the_screen(screen: Screen) -> None:
    found = screen.shown["ruler"]
    row = found.pixels[PANE // 2, :, 0].astype(np.float64)
    half = PANE // 2
    columns = np.arange(PANE)
    first = (row[:half] * columns[:half]).sum() / row[:half].sum()
    second = (row[half:] * columns[half:]).sum() / row[half:].sum()
    millimetres = (second - first) * found.told["pitch"]
    assert millimetres == pytest.approx(APART * SPACING, rel=0.01)


def test_the_window_system_reads_back_what_is_in_its_memory(screen: Screen) -> None:
    for name, shown in screen.shown.items():
        grabbed = shown.told["grabbed"]
        held = [int(shown.pixels[n, n, 0] >> (screen.bits - 8)) for n in range(0, PANE, 7)]
        assert grabbed == held, name
