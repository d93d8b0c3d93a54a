"""F64: known pictures through the real viewport path, read back; any difference is told."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import make_room
from tests.kit import grey_reference
from tests.kit.executors import AtOnce
from tests.kit.pictures import IDENTITY, stored
from tests.kit.viewer import chest
from viewer.calibration.display import DisplayProfile
from viewer.calibration.vectors import difference, placed, vectors
from viewer.calibration.verdict import ScreenVerdict
from viewer.model.presentation import Presentation
from viewer.pixels.pipeline import PixelPipeline
from viewer.qt import colours, viewport_widget
from viewer.qt.device_grid import DeviceGrid
from viewer.qt.image import image_of
from viewer.qt.screens import screens_by_key
from viewer.qt.self_test import SelfTest
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render import plane_request
from viewer.render.painted import Painted
from viewer.viewport.transform import PaneTransform

ROOT = Path(__file__).parents[3]


def _verdict(qtbot: QtBot) -> ScreenVerdict:
    test = SelfTest(AtOnce())
    with qtbot.waitSignal(test.finished, timeout=9000) as heard:
        test.start(QApplication.primaryScreen())
    assert heard.args is not None
    verdict = heard.args[0]
    assert isinstance(verdict, ScreenVerdict)
    return verdict


def test_f64_passes_where_every_picture_is_right(qtbot: QtBot) -> None:
    verdict = _verdict(qtbot)
    assert verdict.reasons == ()
    assert verdict.passed
    assert (verdict.pictures, verdict.bits) == (10, 8)


def test_f64_takes_less_than_two_seconds_warm(qtbot: QtBot) -> None:
    _verdict(qtbot)
    assert _verdict(qtbot).seconds < 2


def test_f64_the_vectors_are_those_of_the_text() -> None:
    for vector in vectors():
        form = stored(photometric=vector.photometric)
        look = Presentation(vector.window, invert=vector.invert)
        row = vector.stored[31, ::3].tolist()
        text = [grey_reference.level(x, form, IDENTITY, look, 8) for x in row]
        assert vector.levels[31, ::3].tolist() == text


@pytest.mark.parametrize("rule", ["F6", "F7", "F10", "F53"])
def test_f64_every_rule_has_a_picture(rule: str) -> None:
    assert any(vector.rule == rule for vector in vectors())


def _sabotaged(qtbot: QtBot, *rules: str) -> None:
    verdict = _verdict(qtbot)
    assert not verdict.passed
    for rule in rules:
        assert any(f"({rule})" in why for why in verdict.reasons), verdict.reasons


@pytest.mark.parametrize("by", [(1, 0), (0, 1), (-1, 0), (0.5, 0)])
def test_f64_a_shift_is_found(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, by: tuple[float, float]
) -> None:
    def shifted(self: ViewportWidget, painter: QPainter, _grid: DeviceGrid) -> None:
        image = self._image
        assert image is not None
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QPointF(*by), image)

    monkeypatch.setattr(ViewportWidget, "_paint_picture", shifted)
    _sabotaged(qtbot, "F6", "F53", "F44")


def test_f64_a_scaled_picture_is_found(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def scaled(self: ViewportWidget, painter: QPainter, _grid: DeviceGrid) -> None:
        assert self._image is not None
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(1.01, 1.01)
        painter.drawImage(QPointF(0, 0), self._image)

    monkeypatch.setattr(ViewportWidget, "_paint_picture", scaled)
    _sabotaged(qtbot, "F6", "F53", "F44")


def test_f64_a_wrong_table_is_found(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    table = PixelPipeline.table

    def wrong(self: PixelPipeline, *args: Any, **more: Any) -> Any:
        made = table(self, *args, **more).copy()
        made[made == 128] = 129
        return made

    monkeypatch.setattr(PixelPipeline, "table", wrong)
    _sabotaged(qtbot, "F6", "F10", "F44")


def test_f64_polarity_applied_twice_is_found(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(painted: Painted) -> QImage:
        image = image_of(painted).copy()
        image.invertPixels()
        return image

    monkeypatch.setattr(viewport_widget, "image_of", twice)
    _sabotaged(qtbot, "F6", "F7", "F10", "F53", "F44")


def test_f64_a_display_that_loses_bits_is_found(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def coarse(painted: Painted) -> QImage:
        return image_of(painted).convertToFormat(QImage.Format.Format_RGB16)

    monkeypatch.setattr(viewport_widget, "image_of", coarse)
    _sabotaged(qtbot, "F6", "F7")


def test_f64_a_plane_half_a_pixel_off_is_found(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = plane_request.PlaneRequest.transform

    def moved(self: plane_request.PlaneRequest) -> PaneTransform:
        place = real(self)
        return replace(place, offset_x=place.offset_x + 0.5)

    monkeypatch.setattr(plane_request.PlaneRequest, "transform", moved)
    verdict = _verdict(qtbot)
    assert [("(F44)" in why) for why in verdict.reasons] == [True]


def test_f64_what_cannot_be_drawn_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: PixelPipeline, *args: Any, **more: Any) -> Any:
        raise ValueError("no table")

    monkeypatch.setattr(PixelPipeline, "table", broken)
    verdict = _verdict(qtbot)
    assert not verdict.passed
    assert verdict.pictures == 10
    assert "cannot be drawn" in verdict.reasons[0]


def test_f64_the_difference_is_told_in_numbers() -> None:
    low = np.zeros((4, 4), np.uint8)
    found = np.zeros((4, 4, 3), np.uint8)
    assert difference(found, low, low) == ""
    found[1, 2, 1] = 7
    assert difference(found, low, low) == "1 pixels (6.2 %) are wrong, by up to 7 of 255 levels"
    assert difference(found, low, low + np.uint8(7)) == ""
    assert "not 3 × 4" in difference(found, low[:, :3], low[:, :3])


def test_f64_every_image_bears_the_mark_of_a_failed_screen(qtbot: QtBot) -> None:
    room = make_room(qtbot, chest(3))
    room.open(chest(3))
    assert "NOT DIAGNOSTIC" not in room.pane().accessibleDescription()
    before = room.pane().grab().toImage()
    failed = "the self-test of this screen failed"
    room.area.mark_displays(dict.fromkeys(screens_by_key(), failed))
    assert "NOT DIAGNOSTIC · the self-test" in room.pane().accessibleDescription()
    marked = room.pane().grab().toImage()
    places = [(x, y) for x in range(0, 200, 2) for y in range(0, 200, 2)]
    assert any(marked.pixelColor(*at) == colours.ALARM for at in places)
    room.area.mark_displays({"another screen": failed})
    assert room.pane().grab().toImage() == before


def test_f53_a_picture_lies_on_whole_pixels() -> None:
    board = vectors()[-1].levels
    for height, width in ((161, 161), (200, 163)):
        pane = placed(board, height, width)
        assert pane.sum() == board.sum(dtype=np.int64)


@pytest.mark.parametrize("scale", ["1.25", "1.5", "2"])
def test_f64_passes_at_every_scale(scale: str) -> None:
    told = _in_process({"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale})
    assert told["reasons"] == []
    assert told["passed"]


@pytest.mark.xvfb
@pytest.mark.parametrize(("depth", "bits"), [(24, 8), (30, 10)])
def test_f64_passes_on_a_screen_of_this_depth(depth: int, bits: int) -> None:
    with _screen(depth) as display:
        told = _in_process({"QT_QPA_PLATFORM": "xcb", "DISPLAY": display})
    assert told["reasons"] == []
    assert told["passed"]
    assert told["bits"] == bits
    assert not told["shown"], "a window of the self-test was visible or took the focus"


@pytest.mark.xvfb
def test_f64_fails_on_a_screen_that_loses_bits() -> None:
    with _screen(16) as display:
        told = _in_process({"QT_QPA_PLATFORM": "xcb", "DISPLAY": display})
    assert not told["passed"]
    assert told["bits"] == 5


def _in_process(more: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.viewer.self_test_program"],
        cwd=ROOT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=11,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@contextmanager
def _screen(depth: int) -> Iterator[str]:
    """An X server of our own; gives its display."""
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb here")
    told, tell = os.pipe()
    command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", f"800x600x{depth}"]
    server = subprocess.Popen(
        [*command, "-nolisten", "tcp"], pass_fds=[tell], stderr=subprocess.DEVNULL
    )
    os.close(tell)
    try:
        with os.fdopen(told) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


_TABLE = tuple(int(255 * (n / 255) ** 1.8) for n in range(256))


def _driven(qtbot: QtBot) -> ScreenVerdict:
    test = SelfTest(AtOnce())
    profile = DisplayProfile("measured", 8, None, _TABLE)
    with qtbot.waitSignal(test.finished, timeout=9000) as heard:
        test.start(QApplication.primaryScreen(), profile)
    assert heard.args is not None
    verdict = heard.args[0]
    assert isinstance(verdict, ScreenVerdict)
    return verdict


def test_f64_a_screen_is_tested_with_its_own_table(qtbot: QtBot) -> None:
    verdict = _driven(qtbot)
    assert verdict.reasons == ()
    assert verdict.passed


def test_f64_a_table_that_is_not_used_is_found(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PixelPipeline, "_response", lambda *_: None)
    verdict = _driven(qtbot)
    for rule in ("F6", "F7", "F10", "F44"):
        assert any(f"({rule})" in why for why in verdict.reasons)
