"""What is shown and what is marked, saved as DICOM through the real widgets and shown again."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.annotations import annotation
from tests.kit.executors import StepExecutor
from tests.kit.report_images import headers
from tests.kit.reporting import STUDY
from tests.kit.viewer import ArrayPool, NoBytes, arrays_of, ct_instance, series_of, study_of
from viewer.loading.frames import FrameCache
from viewer.loading.key_objects import read_key_objects
from viewer.loading.pool import DecodePool
from viewer.loading.presentation_state import read_presentation_state
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.model.refs import SopUid
from viewer.viewport.transform import PanePoint

CASE = study_of(
    series_of([ct_instance(f"{STUDY}.3", n + 1, study=STUDY) for n in range(3)]), uid=STUDY
)
SLICES = CASE.series[0].instances


class _OneHeader(NoBytes):
    def open(self, sop: SopUid) -> BinaryIO:
        return io.BytesIO(headers())


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    def cache(executor: StepExecutor) -> FrameCache:
        pool = cast(DecodePool, ArrayPool(arrays_of(CASE)))
        return FrameCache(_OneHeader(), pool, executor, 1 << 28)

    made = make_room(qtbot, CASE, cache=cache)
    made.open(CASE)
    return made


def save(room: Room, command: str, path: Path) -> None:
    """Save by a command under a name."""
    room.area.actions_by_id()[command].trigger()
    (dialog,) = room.area.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    room.settle()


def shown(room: Room) -> NDArray[Any]:
    pixels = room.pane().picture.pixels
    assert pixels is not None
    return pixels


def test_a_pane_is_saved_and_shown_again_from_the_menu(room: Room, tmp_path: Path) -> None:
    viewport = room.viewport()
    held = annotation(AnnotationKind.LENGTH, SLICES[1], (10, 10), (20, 10))
    room.area.restore((held,))
    viewport.go_to_index(1)
    viewport.zoom_at(PanePoint(100, 120), 1.7)
    viewport.set_window(200, 333)
    viewport.invert()
    room.settle()
    before, look = shown(room), viewport.state.look
    save(room, "view.state_save", tmp_path / "left lung.dcm")
    assert room.notices[-1] == "Saved left lung.dcm: presentation state of 3 images."
    with (tmp_path / "left lung.dcm").open("rb") as data:
        state = read_presentation_state(data, name="left lung")
    assert (state.label, state.description) == ("LEFT LUNG", "left lung")
    assert [len(one.graphics) for one in state.annotations] == [1]
    assert state.annotations[0].texts[0].text.startswith("7.0 mm")

    viewport.reset()
    room.settle()
    room.key(Qt.Key.Key_P)
    assert viewport.state.applied == state
    pane = room.pane().overlay_now()
    assert pane is not None
    assert (len(pane.shapes), pane.graphics) == (1, ())  # drawn once
    room.area.restore((replace(held, pixels=(PixelPoint(10, 10), PixelPoint(21, 10))),))
    room.settle()
    pane = room.pane().overlay_now()
    assert pane is not None
    assert (len(pane.shapes), len(pane.graphics)) == (1, 2)  # the line as it was, and its words
    assert np.array_equal(shown(room), before)
    assert replace(viewport.state.look, modality=None, presentation_lut=None, aspect=None) == (
        replace(look, invert=False)
    )
    room.key(Qt.Key.Key_P)  # put off again
    assert not viewport.state.governed
    save(room, "view.state_save", tmp_path / "no such folder" / "x.dcm")
    assert room.notices[-1] == "x.dcm was not saved: No such file or directory."
    viewport.look_like(replace(viewport.state.look, padding=False))
    room.area.actions_by_id()["view.state_save"].trigger()
    assert room.notices[-1] == (
        "What lies where there is no pixel cannot be kept in a presentation state."
    )
    assert not room.area.findChildren(QFileDialog)


def test_key_images_are_saved(room: Room, tmp_path: Path) -> None:
    room.area.actions_by_id()["key.export"].trigger()
    assert room.notices[-1] == "You have marked no key image in this case."
    room.key(Qt.Key.Key_K)
    frame = room.viewport().state.frame
    assert frame is not None
    save(room, "key.export", tmp_path / "keys.dcm")
    assert room.notices[-1] == "Saved keys.dcm: 1 key image."
    with (tmp_path / "keys.dcm").open("rb") as data:
        keys = read_key_objects(data, name="keys")
    assert keys.names(frame)
    assert not keys.names(replace(frame, sop=SopUid("1")))
