"""A preview is said to be one, and nothing is measured on it."""

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import grabbed, make_room
from tests.kit.executors import StepExecutor
from tests.kit.viewer import arrays_of, cache_of, chest
from viewer.loading.frames import FrameCache


def test_nothing_is_measured_on_a_preview(qtbot: QtBot) -> None:
    study = chest(1)
    caches: list[FrameCache] = []

    def cache(executor: StepExecutor) -> FrameCache:
        caches.append(cache_of(arrays_of(study), executor))
        return caches[0]

    room = make_room(qtbot, study, cache=cache)
    room.open(study)
    frame, previews = room.viewport().state.frame, caches[0].previews
    assert frame is not None
    previews._pixels[frame] = np.zeros((64, 48), np.int16)
    room.key(Qt.Key.Key_L)
    room.drag(room.at(10, 10), room.at(30, 20))
    assert room.measured == []
    assert room.notices == ["This is a preview; measure once the image is decoded."]
    previews.drop(frame)
    room.drag(room.at(10, 10), room.at(30, 20))
    assert len(room.measured) == 1


def test_a_preview_is_named_as_one(qtbot: QtBot) -> None:
    study = chest(1)
    room = make_room(qtbot, study)
    room.open(study)
    pane = room.pane()
    plain = grabbed(pane)
    pane.picture.preview, pane.picture.waiting = True, "frame"
    pane.picture.changed.emit()
    assert not pane.picture.at_rest
    changed = np.argwhere(grabbed(pane) != plain)
    assert len(changed) > 100
    assert changed[:, 0].min() > pane.height() * 0.8
