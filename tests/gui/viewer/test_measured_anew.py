"""What the report is told of a measurement stays what the image says."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import make_room
from tests.gui.viewer.room import move as room_move
from tests.gui.viewer.test_measuring import act, click, drag
from tests.kit.executors import StepExecutor
from tests.kit.viewer import arrays_of, cache_of, chest, ct_instance, frame_of, series_of, study_of
from viewer.loading.frames import FrameCache
from viewer.model.measurement import Unit
from viewer.model.quantities import Suv, SuvScale
from viewer.model.study import StoredFormat
from viewer.pixels.measured import readouts

FRAME = 64 * 48 * 2


def test_a_region_on_a_dropped_frame_is_told_once_it_is_decoded_again(qtbot: QtBot) -> None:
    study = chest(4)
    arrays = arrays_of(study)
    caches: list[FrameCache] = []

    def small(executor: StepExecutor) -> FrameCache:
        caches.append(cache_of(arrays, executor, budget=FRAME))
        return caches[0]

    room = make_room(qtbot, study, cache=small)
    room.open(study)
    act(room, "tool.circle")
    drag(room, (20, 20), (26, 20))
    first = room.measured[-1]
    drag(room, (20, 20), (24, 24))
    moved = room.measured[-1]
    assert moved.label != first.label
    act(room, "frame.next")
    act(room, "frame.next")
    drawn_on = room.area.annotations()[0].on
    assert caches[0].get(drawn_on) is None
    told = len(room.measured)
    act(room, "annotation.undo")
    assert room.measured[told:] == [first]
    assert room.numberless == []


def test_a_probe_moved_to_where_nothing_is_has_no_number(qtbot: QtBot) -> None:
    study = study_of(series_of([ct_instance(format=_padded())]))
    arrays = {key: np.where(np.indices(a.shape)[0] < 32, 40, -2000).astype(np.int16)
              for key, a in arrays_of(study).items()}  # fmt: skip
    room = make_room(qtbot, study, arrays=arrays)
    room.open(study)
    act(room, "tool.probe")
    click(room, (20, 20))
    (made,) = room.measured
    drag(room, (20, 20), (20, 50))
    assert room.area.annotations()[0].pixels[0].row > 40
    assert room.numberless == [made.measurement.id]
    act(room, "annotation.undo")
    assert room.measured[-1].measurement.value == made.measurement.value


def test_another_series_keeps_the_values_it_was_read_by(qtbot: QtBot) -> None:
    pet = ct_instance("1.2.1", modality="PT", suv=Suv((SuvScale("SUVbw", 0.5, "g/ml"),)))
    ct = ct_instance("1.2.2")
    study = study_of(series_of([pet]), series_of([ct], number=4))
    room = make_room(qtbot, study)
    room.open(study)
    room.area.go_to(frame_of(pet))
    room.settle()
    room.viewport().read_as(readouts(pet)[-1].name)
    act(room, "tool.circle")
    drag(room, (20, 20), (26, 20))
    made = room.measured[-1]
    assert made.others[1].unit != Unit.SUV_BW
    act(room, "layout.2")
    act(room, "pane.next")
    room.area.go_to(frame_of(ct))
    room.settle()
    assert room.finding(made.measurement.of) == made


def test_another_way_to_read_the_values_reaches_what_is_drawn_and_what_is_told(
    qtbot: QtBot,
) -> None:
    scales = (SuvScale("SUVbw", 0.5, "g/ml"), SuvScale("SUVlbm", 0.25, "g/ml"))
    pet = ct_instance("1.2.1", modality="PT", suv=Suv(scales))
    study = study_of(series_of([pet]))
    room = make_room(qtbot, study)
    room.open(study)
    act(room, "tool.length")
    drag(room, (5, 5), (9, 5))
    act(room, "tool.circle")
    drag(room, (20, 20), (26, 20))
    before = room.measured[-1]
    told = len(room.measured)
    QTest.mousePress(room.pane(), Qt.MouseButton.LeftButton, pos=room.at(10, 40))
    room_move(room.pane(), room.at(15, 40), Qt.MouseButton.LeftButton)
    first = room.pane().overlay_now()
    room.viewport().read_as("SUVlbm")
    room.settle()
    (made,) = room.measured[told:]
    assert made.measurement.id == before.measurement.id
    assert made.others[1].unit == Unit.SUV_LBM
    assert made.others[1].value == pytest.approx(before.others[1].value / 2)
    assert room.informed[-1] == "Measurements of this series read anew, in the report too: 1."
    now = room.pane().overlay_now()
    assert first is not None
    assert now is not None
    assert now.shapes[-1].drawing
    assert now.shapes[-1].label != first.shapes[-1].label  # the one that is being drawn
    QTest.mouseRelease(room.pane(), Qt.MouseButton.LeftButton, pos=room.at(15, 40))
    room.viewport().read_as("SUVlbm")
    assert len(room.measured) == told + 2  # the new one, once


def _padded() -> StoredFormat:
    stored = ct_instance().format
    assert stored is not None
    return replace(stored, padding=(-2000, -2000))
