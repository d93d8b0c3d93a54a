"""Shapes that are kept as pictures look as when they are drawn anew, and never stay behind."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QImage, QPainter
from pytestqt.qtbot import QtBot

from viewer.model.annotation import AnnotationId
from viewer.qt import layers, shape_painter
from viewer.qt.area import Area
from viewer.qt.shape_painter import paint_shapes
from viewer.qt.stamps import Stamps
from viewer.viewport.placing import Box
from viewer.viewport.shapes import Shape
from viewer.viewport.transform import PanePoint

WIDTH, HEIGHT = 420, 300
TAKEN = (Box(0, 0, 96, 60),)


def shapes(count: int) -> list[Shape]:
    chance = np.random.default_rng(count)
    found = []
    for n in range(count):
        x, y = chance.uniform(20, 380), chance.uniform(20, 270)
        points = tuple(PanePoint(x + dx, y + dy) for dx, dy in ((0, 0), (40, 12), (13, 44)))
        found.append(
            Shape(
                AnnotationId(str(n)),
                points,
                f"{n}.5 mm\n⚠ warned",
                selected=False,
                drawing=False,
                paths=(points,),
                arrow=n % 3 == 0,
                ties=(points[:2],),
            )
        )
    return found


def painted(
    drawn: list[Shape],
    stamps: Stamps,
    *,
    ratio: float = 1.0,
    left: float = 0.0,
    size: int = 12,
    kept: bool = True,
) -> NDArray[np.int16]:
    image = QImage(int(WIDTH * ratio), int(HEIGHT * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(0x909090)
    painter = QPainter(image)
    font = QFont()
    font.setPixelSize(size)
    painter.setFont(font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = Area(QRectF(left, 0, WIDTH - left, HEIGHT), ratio, stamps)
    stamps.ready(painter, ratio)
    stamps.on_screen = kept  # else as on paper: drawn anew
    paint_shapes(painter, drawn, area, TAKEN)
    painter.end()
    held = np.frombuffer(image.constBits(), np.uint8)
    return held.reshape(image.height(), image.width(), 4).astype(np.int16)


@pytest.mark.parametrize("count", [5, 40])
@pytest.mark.parametrize(("ratio", "left"), [(1.0, 0.0), (1.5, 2 / 1.5), (2.0, 0.5)])
def test_pictures_look_as_what_is_drawn_anew(
    qtbot: QtBot, count: int, ratio: float, left: float
) -> None:
    drawn, stamps = shapes(count), Stamps()
    painted(drawn, stamps, ratio=ratio, left=left)
    first = painted(drawn, stamps, ratio=ratio, left=left)  # as pictures from now on
    assert len(stamps.layers._kept) == 1
    again = painted([replace(one) for one in drawn], stamps, ratio=ratio, left=left)
    np.testing.assert_array_equal(first, again)
    direct = painted(drawn, Stamps(), ratio=ratio, left=left, kept=False)
    assert np.abs(first - direct).max() <= 3  # blended in another order
    assert (first != painted([], Stamps(), ratio=ratio, left=left)).any()


@pytest.mark.parametrize("count", [5, 40])
def test_a_change_shows_at_the_next_paint(qtbot: QtBot, count: int) -> None:
    drawn, stamps = shapes(count), Stamps()
    before = painted(drawn, stamps)
    for changed in (
        [*drawn[:-1], replace(drawn[-1], label="7.0 mm")],
        [*drawn[:-1], replace(drawn[-1], selected=True)],
        drawn[:-1],
        [],
    ):
        now = painted(changed, stamps)
        assert (now != before).any()
        np.testing.assert_array_equal(now, painted(changed, Stamps()))
    for _ in range(3):
        assert np.abs(painted(drawn, stamps) - before).max() <= 3
    np.testing.assert_array_equal(
        painted(drawn, stamps, size=15), painted(drawn, Stamps(), size=15)
    )


def test_what_is_dragged_among_many_is_drawn_above_all_and_the_others_are_kept(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, stamps = shapes(40), Stamps()
    chosen = replace(drawn[7], selected=True, drawing=True)
    painted([*drawn[:7], chosen, *drawn[8:]], stamps)
    made = []
    monkeypatch.setattr(shape_painter, "piece", lambda *args: made.append(args))
    moved = replace(chosen, points=drawn[9].points, paths=drawn[9].paths)
    painted([*drawn[:7], moved, *drawn[8:]], stamps)
    assert made == []


def test_no_more_is_kept_than_is_stated(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "_BYTES", 3 * WIDTH * HEIGHT * 4)
    stamps = Stamps()
    sets = [shapes(30 + n) for n in range(6)]
    for one in sets:
        painted(one, stamps)
    kept = stamps.layers._kept.values()
    assert len(kept) == 3
    assert stamps.layers._bytes == sum(one.bytes for one in kept)
    assert [len(one.shapes) for one in kept] == [33, 34, 35]


def test_labels_keep_off_what_is_chosen_and_off_level_lines(qtbot: QtBot) -> None:
    line = tuple(PanePoint(x, 150.0) for x in (300.0, 410.0))  # no room at its right
    level = Shape(AnnotationId("l"), line, "12.0 mm", False, False, paths=(line,))
    for others in ([], shapes(30)):
        chosen = replace(level, id=AnnotationId("c"), selected=True)
        found = painted([chosen, *others], Stamps())
        bare = painted([replace(chosen, label=""), *others], Stamps())
        covered = (found != bare)[143:158, 300:411]
        assert not covered.any()
