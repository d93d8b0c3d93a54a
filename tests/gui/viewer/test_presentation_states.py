"""Presentation states through the real widgets: offered, applied, named, changed, taken back."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room
from tests.kit.presentation_states import (
    area,
    drawn,
    graphic,
    item,
    layer,
    read,
    reference,
    state,
)
from tests.kit.viewer import IDENTITY, chest, sets_of
from viewer.model.presentation_state import PresentationState
from viewer.model.refs import SopUid
from viewer.model.study import Study

PLAIN = chest(3)
SHOWN = str(PLAIN.series[0].instances[1].ref.sop)
REFUSAL = "Presentation state ODD is not applied: it turns the image by 45 degrees."


def made(label: str, created: str, **values: object) -> PresentationState:
    ds = state(
        images=[reference(SHOWN)],
        ContentLabel=label,
        PresentationCreationDate=created,
        RescaleSlope=1,
        RescaleIntercept=0,
        RescaleType="US",
        SoftcopyVOILUTSequence=[item(WindowCenter=1000, WindowWidth=2000)],
        PresentationLUTShape="INVERSE",
        DisplayedAreaSelectionSequence=[area((1, 1), (48, 64))],
        GraphicLayerSequence=[layer("L", 1, GraphicLayerRecommendedDisplayGrayscaleValue=65535)],
        GraphicAnnotationSequence=[drawn(graphic("POLYLINE", 4, 60, 44, 60))],
    )
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return read(ds)


OLD = made("OLD", "20250101")
NEW = made("NEW", "20260101", ImageHorizontalFlip="Y")
CASE = replace(PLAIN, presentation_states=(OLD, NEW), refused_states=(REFUSAL,))


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    return opened(qtbot, CASE)


def opened(qtbot: QtBot, study: Study) -> Room:
    made_room = make_room(qtbot, study)
    made_room.open(study)
    made_room.viewport().go_to_index(1)
    made_room.settle()
    return made_room


def offered(room: Room) -> list[QAction]:
    """The entries of the button's menu, as it is when it is opened."""
    bar = room.area.findChild(QToolBar, "viewer.tools")
    assert isinstance(bar, QToolBar)
    button = bar.widgetForAction(room.area.actions_by_id()["view.state"])
    assert isinstance(button, QToolButton)
    menu = button.menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    *states, _line, save = menu.actions()
    assert save.objectName() == "view.state_save"
    return states


def corner(room: Room) -> str:
    return room.pane().accessibleDescription()


def test_states_are_offered_newest_first_with_creator_and_date(room: Room) -> None:
    texts = [action.text() for action in offered(room)]
    assert texts[:3] == [
        "None: the image's own look",
        "NEW: As it was read, One Reader, 2026-01-01",
        "OLD: As it was read, One Reader, 2025-01-01",
    ]
    assert texts[-1] == REFUSAL
    assert not offered(room)[-1].isEnabled()
    assert [action.isChecked() for action in offered(room)[:3]] == [True, False, False]


def test_a_state_decides_the_whole_picture_and_stands_in_the_pane(room: Room) -> None:
    before = grabbed(room.pane())
    offered(room)[2].trigger()
    room.settle()
    shown = room.pane().picture.pixels
    assert shown is not None
    assert room.viewport().state.applied == OLD
    stored = room.arrays[(OLD.references[0].sop, 0)]
    place = room.viewport().transform()
    assert place is not None
    middle = shown[shown.shape[0] // 2, shown.shape[1] // 2]
    p = 1 - (stored[32, 24] - 999.5) / 1999 - 0.5
    assert abs(int(middle) - p * 255) <= 6  # between four pixels of the ramp
    assert not np.array_equal(before, grabbed(room.pane()))
    assert "Presentation state OLD" in corner(room)
    assert [action.isChecked() for action in offered(room)[:3]] == [False, False, True]


def test_graphics_of_the_state_are_drawn_above(room: Room) -> None:
    offered(room)[2].trigger()
    room.settle()
    place = room.at(24, 59.5)
    line = grabbed(room.pane())[place.y() - 2 : place.y() + 3, place.x()]
    assert line.max() > 240


def test_the_key_steps_through_states_and_back_to_the_image(room: Room) -> None:
    own = room.viewport().state.look
    room.key(Qt.Key.Key_P)
    assert room.viewport().state.applied == NEW
    assert room.viewport().state.look.flip_horizontal
    room.key(Qt.Key.Key_P)
    assert room.viewport().state.applied == OLD
    assert not room.viewport().state.look.flip_horizontal
    room.key(Qt.Key.Key_P)
    assert room.viewport().state.applied is None
    assert room.viewport().state.look == own
    assert room.informed[-1] == "The image's own look."


def test_the_readers_window_is_marked_as_changed(room: Room) -> None:
    room.key(Qt.Key.Key_P)
    room.viewport().set_window(500, 100)
    room.settle()
    assert corner(room).endswith("Presentation state NEW · CHANGED")
    room.key(Qt.Key.Key_Escape)
    assert corner(room).endswith("Presentation state NEW")


def test_images_that_the_state_does_not_mean_keep_their_own_look(room: Room) -> None:
    room.key(Qt.Key.Key_P)
    room.viewport().go_to_index(0)
    room.settle()
    look = room.viewport().state.look
    assert (look.presentation_lut, look.flip_horizontal) == (None, False)
    assert "Not in presentation state NEW" in corner(room)


def test_an_image_without_states_says_so(qtbot: QtBot) -> None:
    room = opened(qtbot, PLAIN)
    room.key(Qt.Key.Key_P)
    assert room.notices == ["No presentation state is for this image."]
    assert offered(room)[-1].text() == "No presentation state is for this image"


def test_states_that_arrive_later_are_offered(qtbot: QtBot) -> None:
    room = opened(qtbot, PLAIN)
    room.area.grow(CASE, [], sets_of(CASE), IDENTITY)
    room.settle()
    assert len([a for a in offered(room) if a.isCheckable()]) == 3


def test_states_for_other_images_of_the_series_lead_there(qtbot: QtBot) -> None:
    """And what is for no image of the case says so."""
    away = made("AWAY", "20260101")
    away = replace(away, references=(replace(away.references[0], sop=SopUid("1.2.3")),))
    room = opened(qtbot, replace(PLAIN, presentation_states=(OLD, away)))
    room.viewport().go_to_index(0)
    entries = {action.text(): action for action in offered(room)}
    refusal = entries["Presentation state AWAY is not applied: none of its images is here."]
    assert not refusal.isEnabled()
    entries["OLD: As it was read, One Reader, 2025-01-01 · Series 3, image 2"].trigger()
    room.settle()
    assert room.viewport().state.index == 1
    assert room.viewport().state.governed
