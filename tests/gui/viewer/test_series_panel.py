"""Nothing that arrived is missing from the series panel: each entry says what it is, or why not."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.real_volumes import RULES
from tests.kit.viewer import IDENTITY, ct_instance, projection_instance, series_of, study_of
from viewer.model.split import split
from viewer.model.study import Study

ANNOTATION = "1.2.840.10008.5.1.4.1.1.91.1"
REASON = "Microscopy Bulk Simple Annotations: cannot be shown here."


def _study() -> Study:
    slices = [ct_instance("1.2.1", n, z=n * 2.0) for n in range(9) if n != 4]
    note = ct_instance("1.2.2", sop_class=ANNOTATION, format=None, planes=(), modality="ANN")
    cine = replace(
        projection_instance("", 0), modality="XA", frames=4, frame_times_ms=(40.0,) * 4,
        frame_time_ms=40.0, sop_class="1.2.840.10008.5.1.4.1.1.12.1",
    )  # fmt: skip
    return study_of(
        series_of(slices), series_of([note], number=8, description=""),
        series_of([cine], number=9, description="Left coronary"),
    )  # fmt: skip


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, _study())
    _open(made)
    return made


def _open(room: Room, *unread: str) -> None:
    study = _study()
    sets = {one.uid: split(one, RULES) for one in study.series}
    room.area.grow(study, (), sets, IDENTITY, {study.uid: unread} if unread else None)
    room.settle()


def _items(room: Room) -> list[QTreeWidgetItem]:
    panel = room.area.findChild(QTreeWidget, "series.panel")
    assert isinstance(panel, QTreeWidget)
    head = panel.topLevelItem(0)
    assert head is not None
    children = (head.child(n) for n in range(head.childCount()))
    return [child for child in children if child is not None]


def test_a_gap_is_noted_in_the_panel_and_told_in_full(room: Room) -> None:
    chest = _items(room)[0]
    assert "NOTE" in chest.text(0)
    assert "Slices are missing between image 4 and 5" in chest.toolTip(0)


def test_what_cannot_be_shown_has_an_entry_with_its_reason(room: Room) -> None:
    note = _items(room)[1]
    assert note.text(0).splitlines()[1:] == [REASON]
    assert not note.icon(0).isNull()
    note.treeWidget().itemActivated.emit(note, 0)
    told = room.pane().findChild(QLabel, "document.message")
    assert isinstance(told, QLabel)
    assert told.text().startswith(REASON)


def test_a_cine_says_its_rate(room: Room) -> None:
    assert "4 images · 25 a second" in _items(room)[2].text(0)


def test_what_cannot_be_read_has_an_entry_too(room: Room) -> None:
    assert len(_items(room)) == 3
    _open(room, "It is not DICOM.", "The header ends too early.")
    lost = _items(room)[-1]
    assert lost.text(0).splitlines() == ["2 objects", "Cannot be read"]
    assert lost.toolTip(0).splitlines() == ["It is not DICOM.", "The header ends too early."]
    lost.treeWidget().itemActivated.emit(lost, 0)  # it is no series to hang
    _open(room)
    assert len(_items(room)) == 3


def test_a_frame_that_cannot_be_decoded_has_a_sign_and_its_reason(qtbot: QtBot) -> None:
    study = study_of(series_of([ct_instance("1.2.1", 0)]))
    room = make_room(qtbot, study, arrays={})
    room.open(study)
    item = _items(room)[0]
    assert item.toolTip(0).endswith("The pixel data ends after 12 of 512 rows.")
    assert not item.icon(0).isNull()
