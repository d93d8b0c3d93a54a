"""The reading area through its real widgets: open, scroll, window, measure, report, undo."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QToolBar, QToolButton, QTreeWidget
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room
from tests.kit.drawn import render_view
from tests.kit.viewer import (
    IDENTITY,
    LUNG,
    SOFT,
    chest,
    ct_instance,
    frame_of,
    projection_instance,
    series_of,
    set_of,
    sets_of,
    study_of,
)
from viewer.model.geometry import Spacing
from viewer.model.presentation import Window
from viewer.model.study import ProjectionGeometry, Study
from viewer.qt.numbers_dialog import NumbersDialog
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.tools import ToolId
from viewer.viewport.transform import PanePoint

CURRENT = chest(20, spacing=Spacing(0.5, 0.8))
PRIOR = chest(20, uid="1.3", series="1.3.1", space="1.8", date="20251120")


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, CURRENT, PRIOR)
    made.open(CURRENT)
    return made


@pytest.fixture
def pair(qtbot: QtBot) -> Room:
    made = make_room(qtbot, CURRENT, PRIOR)
    made.open(CURRENT, PRIOR)
    return made


def _is_drawing(pane: ViewportWidget) -> bool:
    return pane.gesture is not None


def _wheel(room: Room, delta: int, keys: Qt.KeyboardModifier) -> None:
    pane = room.pane()
    middle = QPointF(pane.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(pane.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)
    room.settle()


def test_a_case_opens_with_current_left_and_prior_right(pair: Room) -> None:
    assert pair.viewport(1).state.frame == frame_of(CURRENT.series[0].instances[10])
    assert pair.viewport(2).state.frame == frame_of(PRIOR.series[0].instances[10])
    assert pair.pane(2).isVisible()
    assert not pair.pane(3).isVisible()
    assert pair.pane(2).accessibleDescription().startswith("Prior, Series 3 Chest thin, frame 11")


def test_a_case_without_prior_opens_in_one_pane(room: Room) -> None:
    assert not room.pane(2).isVisible()
    assert room.pane().accessibleName() == "Viewport 1"
    assert room.pane().accessibleDescription() == (
        "Series 3 Chest thin, frame 11 of 20, window SOFT centre 40 width 400, axial plane"
    )


def test_the_presented_pixels_are_those_of_the_pipeline(room: Room) -> None:
    """Between overlay texts every pixel on the screen equals the drawn one."""
    room.drag(QPoint(300, 300), QPoint(320, 300), Qt.MouseButton.MiddleButton)
    viewport = room.viewport()
    instance, state = viewport.instance, viewport.state
    assert instance is not None
    frame = room.arrays[(instance.ref.sop, 0)]
    expected = render_view(frame, instance, state.look, state.pane)
    found = grabbed(room.pane())
    assert found.shape == expected.shape
    inner = (slice(120, -120), slice(100, -60))
    np.testing.assert_array_equal(found[inner], expected[inner])
    assert len(np.unique(expected[inner])) > 20


def test_a_drawn_length_has_the_millimetres_of_the_phantom(room: Room) -> None:
    room.key(Qt.Key.Key_L)
    start, end = room.at(8, 10), room.at(38, 50)
    room.drag(start, end)
    (found,) = room.measured
    a, b = room.under(start), room.under(end)
    expected = np.hypot((b.column - a.column) * 0.8, (b.row - a.row) * 0.5)
    assert found.measurement.value == pytest.approx(expected, rel=1e-9)
    assert found.measurement.value == pytest.approx(np.hypot(24, 20), abs=0.2)
    assert found.label == f"{expected:.1f} mm"
    assert found.image == "Series 3, image 11"
    assert room.saved[-1] == room.area.annotations()
    assert len(room.area.annotations()) == 1


def test_a_length_drawn_on_the_screen_is_seen_there(room: Room) -> None:
    room.key(Qt.Key.Key_L)
    before = grabbed(room.pane())
    start, end = room.at(8, 30), room.at(38, 30)
    room.drag(start, end)
    room.key(Qt.Key.Key_Tab)
    changed = np.argwhere(before != grabbed(room.pane()))
    middle = (start + end) / 2
    near = np.abs(changed - (middle.y(), middle.x())).max(axis=1) < 4
    assert near.any()


def test_dragging_an_end_measures_again_under_the_same_id(room: Room) -> None:
    room.key(Qt.Key.Key_L)
    room.drag(room.at(8, 10), room.at(28, 10))
    room.key(Qt.Key.Key_S)
    room.drag(room.at(28, 10), room.at(38, 10))
    first, second = room.measured
    assert second.measurement.id == first.measurement.id
    assert second.measurement.value == pytest.approx(first.measurement.value * 1.5, abs=0.1)
    assert room.viewport().state.index == 10


def test_undo_redo_and_delete_by_key(room: Room) -> None:
    room.key(Qt.Key.Key_L)
    room.drag(room.at(8, 10), room.at(28, 10))
    ctrl = Qt.KeyboardModifier.ControlModifier
    room.key(Qt.Key.Key_Z, modifier=ctrl)
    assert room.area.annotations() == ()
    room.key(Qt.Key.Key_Z, modifier=ctrl | Qt.KeyboardModifier.ShiftModifier)
    assert len(room.area.annotations()) == 1
    room.key(Qt.Key.Key_Delete)
    assert room.area.annotations() == ()
    room.key(Qt.Key.Key_Z, modifier=ctrl)
    assert len(room.area.annotations()) == 1
    room.key(Qt.Key.Key_Z, modifier=ctrl)
    room.key(Qt.Key.Key_Z, modifier=ctrl)
    assert room.informed == ["Undo (Ctrl+Z): There is nothing to undo."]


def test_the_chosen_measurement_goes_to_the_report(room: Room) -> None:
    room.key(Qt.Key.Key_R)
    assert room.notices == ["Click a measurement first, then put it into the report."]
    room.key(Qt.Key.Key_L)
    room.drag(room.at(8, 10), room.at(28, 10))
    room.key(Qt.Key.Key_R)
    assert room.reported == room.measured


def test_escape_cancels_a_drawing_first_and_resets_second(room: Room) -> None:
    room.key(Qt.Key.Key_4)
    room.key(Qt.Key.Key_L)
    pane = room.pane()
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=room.at(8, 10))
    assert _is_drawing(pane)
    room.key(Qt.Key.Key_Escape)
    assert not _is_drawing(pane)
    assert room.viewport().state.look.voi != SOFT
    room.key(Qt.Key.Key_Escape)
    assert room.viewport().state.look.voi == SOFT
    assert room.viewport().state.index == 10
    assert room.area.annotations() == ()


def test_click_and_click_measures_too(room: Room) -> None:
    room.key(Qt.Key.Key_L)
    for place in (room.at(8, 10), room.at(28, 10)):
        QTest.mouseClick(room.pane(), Qt.MouseButton.LeftButton, pos=place)
    assert len(room.measured) == 1


@pytest.mark.parametrize(
    ("key", "modifier", "index"),
    [
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, 11),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 9),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 19),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier, 0),
    ],
)
def test_frames_by_key(room: Room, key: Qt.Key, modifier: Qt.KeyboardModifier, index: int) -> None:
    room.key(key, modifier=modifier)
    assert room.viewport().state.index == index


def test_wheel_scrolls_and_zooms(room: Room) -> None:
    _wheel(room, -120, Qt.KeyboardModifier.NoModifier)
    assert room.viewport().state.index == 11
    _wheel(room, 120, Qt.KeyboardModifier.ShiftModifier)
    assert room.viewport().state.index == 1
    before = room.viewport().transform()
    _wheel(room, 120, Qt.KeyboardModifier.ControlModifier)
    after = room.viewport().transform()
    assert before is not None
    assert after is not None
    assert after.zoom == pytest.approx(before.zoom * 1.2)


def test_windows_by_key(room: Room) -> None:
    room.key(Qt.Key.Key_4)
    voi = room.viewport().state.look.voi
    assert isinstance(voi, Window)
    assert (voi.explanation, voi.centre, voi.width) == ("Lung", -600, 1500)
    room.key(Qt.Key.Key_2)
    assert room.viewport().state.look.voi == LUNG
    room.key(Qt.Key.Key_1)
    assert room.viewport().state.look.voi == SOFT
    room.key(Qt.Key.Key_0)
    assert room.viewport().state.look.voi is None
    assert room.viewport().state.fallback is not None


def test_window_by_drag_and_by_held_key(room: Room) -> None:
    pane = room.pane()
    QTest.keyPress(pane, Qt.Key.Key_W)
    room.drag(QPoint(200, 200), QPoint(260, 200))
    QTest.keyRelease(pane, Qt.Key.Key_W)
    voi = room.viewport().state.look.voi
    assert isinstance(voi, Window)
    assert voi.width == pytest.approx(400 * np.exp(0.2))
    room.drag(QPoint(200, 200), QPoint(200, 260))
    assert room.viewport().state.look.voi == voi
    assert room.viewport().state.index > 10
    assert room.area.actions_by_id()["tool.scroll"].isChecked()


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_the_right_button_zooms_and_a_click_opens_the_menu(room: Room, qtbot: QtBot) -> None:
    room.drag(QPoint(200, 200), QPoint(200, 260), Qt.MouseButton.RightButton)
    assert room.viewport().state.look.zoom is not None
    QTest.mouseClick(room.pane(), Qt.MouseButton.RightButton, pos=QPoint(200, 200))
    menu = QApplication.activePopupWidget()
    assert menu is not None
    menu.close()


def test_every_action_has_a_key_a_name_and_fits_a_tool_button(room: Room) -> None:
    actions = room.area.actions()
    assert len({a.objectName() for a in actions}) == len(actions)
    assert all(a.text() and not a.shortcut().isEmpty() for a in actions)
    bar = room.area.findChild(QToolBar, "viewer.tools")
    assert isinstance(bar, QToolBar)
    for action in bar.actions():
        button = bar.widgetForAction(action)
        if isinstance(button, QToolButton):
            assert button.accessibleName() == action.text()
            assert f"({action.shortcut().toString()})" in action.toolTip()
            assert not action.icon().isNull()


def test_a_tool_button_toggled_without_a_click_takes_up_its_tool(room: Room) -> None:
    length = _tool_button(room, "tool.length")
    length.toggle()  # what AT-SPI does
    assert room.area.actions_by_id()["tool.length"].isChecked()
    assert room.pane().cursor().shape() is Qt.CursorShape.CrossCursor
    assert not _tool_button(room, "tool.scroll").isChecked()


def _tool_button(room: Room, command: str) -> QToolButton:
    bar = room.area.findChild(QToolBar, "viewer.tools")
    assert isinstance(bar, QToolBar)
    button = bar.widgetForAction(room.area.actions_by_id()[command])
    assert isinstance(button, QToolButton)
    return button


def test_the_window_menu_offers_own_windows_first(room: Room) -> None:
    button = _tool_button(room, "tool.window")
    menu = button.menu()
    menu.aboutToShow.emit()
    texts = [a.text() for a in menu.actions()]
    assert texts[:3] == [
        "Image 1: SOFT  W 400 L 40\t1",
        "Image 2: LUNG  W 1500 L −600\t2",
        "Minimum to maximum\t0",
    ]
    assert any(text.startswith("Lung") for text in texts)
    assert menu.actions()[0].isChecked()
    menu.actions()[1].trigger()
    assert room.viewport().state.look.voi == LUNG


def test_double_click_maximises_and_restores(pair: Room) -> None:
    QTest.mouseDClick(pair.pane(2), Qt.MouseButton.LeftButton)
    assert pair.pane(2).isVisible()
    assert not pair.pane(1).isVisible()
    QTest.mouseDClick(pair.pane(2), Qt.MouseButton.LeftButton)
    assert pair.pane(1).isVisible()


def test_layouts_and_tab(pair: Room) -> None:
    pair.key(Qt.Key.Key_4, modifier=Qt.KeyboardModifier.AltModifier)
    assert pair.pane(4).isVisible()
    pair.key(Qt.Key.Key_Tab)
    assert pair.pane(2).hasFocus()
    pair.key(Qt.Key.Key_Backtab, number=2, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert pair.pane(1).hasFocus()
    pair.key(Qt.Key.Key_2, modifier=Qt.KeyboardModifier.AltModifier)
    assert not pair.pane(3).isVisible()


def test_keys_act_on_the_active_pane_only(pair: Room) -> None:
    QTest.mouseClick(pair.pane(2), Qt.MouseButton.LeftButton, pos=QPoint(50, 300))
    pair.pane(2).setFocus()
    pair.key(Qt.Key.Key_Down, number=2)
    assert pair.viewport(2).state.index == 11
    assert pair.viewport(1).state.index == 10


def test_link_across_studies_by_key(pair: Room) -> None:
    pair.key(Qt.Key.Key_Down)
    assert pair.viewport(2).state.index == 10
    pair.key(Qt.Key.Key_U)
    pair.key(Qt.Key.Key_Down)
    assert (pair.viewport(1).state.index, pair.viewport(2).state.index) == (12, 11)
    assert pair.area.actions_by_id()["view.link"].isChecked()
    pair.key(Qt.Key.Key_U)
    pair.key(Qt.Key.Key_Down)
    assert pair.viewport(2).state.index == 11
    assert pair.informed == [
        "Panes scroll together from where they stand now.",
        "Scroll link is off.",
    ]


def test_series_panel_groups_and_takes_series_into_the_active_pane(pair: Room) -> None:
    panel = pair.area.findChild(QTreeWidget, "series.panel")
    assert isinstance(panel, QTreeWidget)
    heads = [panel.topLevelItem(n) for n in range(panel.topLevelItemCount())]
    assert [h.text(0) for h in heads if h] == [
        "Current\n2026-11-24\nCT chest\n0 of 20 images seen",
        "Prior\n2025-11-20\nCT chest\n0 of 20 images seen",
    ]
    item = heads[1].child(0) if heads[1] else None
    assert item is not None
    assert item.text(0).splitlines()[:2] == ["3 · Chest thin", "CT · 20 images"]
    assert not item.icon(0).isNull()
    panel.itemActivated.emit(item, 0)
    assert pair.viewport(1).state.target == pair.viewport(2).state.target
    assert pair.viewport(1).state.index == 0


def test_a_dragged_series_hangs_where_it_is_dropped(pair: Room) -> None:
    pair.pane(2).display_set_dropped.emit(str(CURRENT.series[0].uid))
    assert pair.viewport(2).state.frame == frame_of(CURRENT.series[0].instances[0])
    pair.pane(2).display_set_dropped.emit("no such set")
    assert pair.viewport(2).state.frame == frame_of(CURRENT.series[0].instances[0])


def test_seen_is_told_when_a_picture_stands(room: Room, qtbot: QtBot) -> None:
    heard: list[object] = []
    room.area.seen.connect(heard.append)
    room.key(Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: heard == [room.viewport().state.frame])
    panel = room.area.findChild(QTreeWidget, "series.panel")
    assert isinstance(panel, QTreeWidget)
    head = panel.topLevelItem(0)
    assert head is not None
    item = head.child(0)
    assert item is not None
    assert "seen" in item.text(0)


def test_jumps_go_to_the_pane_that_shows_the_series(pair: Room) -> None:
    pair.area.go_to(frame_of(PRIOR.series[0].instances[3]))
    assert pair.viewport(2).state.index == 3
    assert pair.viewport(1).state.index == 10
    pair.area.go_to(frame_of(chest(1, uid="9", series="9.9").series[0].instances[0]))
    assert pair.notices == ["The image of this finding is not here yet."]


def test_a_case_grows_while_it_is_read(qtbot: QtBot) -> None:
    room = make_room(qtbot, CURRENT, PRIOR)
    part = study_of(series_of(CURRENT.series[0].instances[:5]))
    room.area.grow(part, (), sets_of(part), IDENTITY)
    room.settle()
    room.key(Qt.Key.Key_4)
    frame = room.viewport().state.frame
    room.area.grow(CURRENT, [PRIOR], sets_of(CURRENT, PRIOR), IDENTITY)
    room.settle()
    assert room.viewport().state.frame == frame
    assert room.viewport().state.count == 20
    voi = room.viewport().state.look.voi
    assert isinstance(voi, Window)
    assert voi.explanation == "Lung"
    assert room.pane(2).isVisible()
    assert room.viewport(2).state.target is not None


def test_annotations_are_restored_and_told_for_findings(room: Room) -> None:
    room.key(Qt.Key.Key_L)
    room.drag(room.at(8, 10), room.at(28, 10))
    saved, found = room.area.annotations(), room.measured[0]
    room.area.close_case()
    assert room.area.annotations() == ()
    assert room.viewport().state.target is None
    room.area.restore(saved)
    assert room.finding(saved[0].id) is None
    room.open(CURRENT)
    room.area.restore(saved)
    assert room.finding(saved[0].id) == found


def test_projections_turn_flip_and_say_where_their_length_holds(qtbot: QtBot) -> None:
    facts = ProjectionGeometry(imager_spacing=Spacing(0.2, 0.2))
    study = study_of(
        series_of(
            [projection_instance(view, n, projection=facts) for n, view in enumerate(("LL", "PA"))]
        )
    )
    room = make_room(qtbot, study)
    room.open(study)
    assert [room.viewport(n).state.index for n in (1, 2)] == [1, 0]
    assert room.area.actions_by_id()[f"tool.{ToolId.WINDOW}"].isChecked()
    room.area.actions_by_id()["view.turn"].trigger()
    room.area.actions_by_id()["view.flip"].trigger()
    look = room.viewport().state.look
    assert (look.quarter_turns, look.flip_horizontal) == (3, True)
    room.key(Qt.Key.Key_L)
    room.drag(room.at(8, 10), room.at(28, 10))
    assert room.measured[0].label.endswith(" mm at detector")


def test_sections_do_not_turn(room: Room) -> None:
    room.area.actions_by_id()["view.flip"].trigger()
    assert room.notices == ["Only projection images can be turned or flipped."]


def test_a_frame_that_cannot_be_decoded_is_told_on_the_pane(qtbot: QtBot) -> None:
    room = make_room(qtbot, CURRENT, arrays={})
    room.open(CURRENT)
    pane = room.pane()
    assert pane.picture.error is not None
    assert grabbed(pane).max() > 150
    assert pane.picture.pixels is None


def test_a_length_can_be_placed_by_numbers(room: Room, qtbot: QtBot) -> None:
    room.area.actions_by_id()["annotation.by_numbers"].trigger()
    dialog = room.area.findChild(NumbersDialog)
    assert isinstance(dialog, NumbersDialog)
    assert not dialog.isModal()
    numbers = {box.accessibleName(): box for box in dialog.findChildren(QDoubleSpinBox)}
    for name, value in zip(
        ("From column", "From row", "To column", "To row"), (9, 11, 39, 51), strict=True
    ):
        numbers[name].setValue(value)
    dialog.accept()
    (found,) = room.measured
    assert found.measurement.value == pytest.approx(np.hypot(24, 20), rel=1e-12)
    assert room.area.annotations()[0].pixels == ((8, 10), (38, 50))


def test_the_value_under_the_pointer_is_shown(room: Room) -> None:
    pane = room.pane()
    pane.pointer = pane.to_pane(QPointF(room.at(4, 7)))
    before = grabbed(pane)
    pane.pointer = None
    after = grabbed(pane)
    rows = np.argwhere(before != after)[:, 0]
    assert len(rows) > 30
    assert rows.min() > pane.height() / 2


def test_series_by_key(qtbot: QtBot) -> None:
    study = study_of(
        series_of([ct_instance("1.2.1", n) for n in range(3)], number=1),
        series_of([ct_instance("1.2.2", n) for n in range(9)], number=2),
    )
    room = make_room(qtbot, study)
    room.open(study)
    assert room.area.shown(0) == set_of(study.series[1])
    room.key(Qt.Key.Key_PageDown)
    assert room.area.shown(0) == set_of(study.series[1])
    room.key(Qt.Key.Key_PageUp)
    assert room.area.shown(0) == set_of(study.series[0])
    assert room.area.shown(1) is None


def test_studies_by_key(pair: Room) -> None:
    ctrl = Qt.KeyboardModifier.ControlModifier
    pair.key(Qt.Key.Key_PageDown, modifier=ctrl)
    assert pair.area.shown(0) == set_of(PRIOR.series[0])
    pair.key(Qt.Key.Key_PageDown, modifier=ctrl)
    assert pair.area.shown(0) == set_of(PRIOR.series[0])
    pair.key(Qt.Key.Key_PageUp, modifier=ctrl)
    assert pair.area.shown(0) == set_of(CURRENT.series[0])


def test_an_untouched_prior_opens_at_its_middle_however_it_arrives(qtbot: QtBot) -> None:
    room = make_room(qtbot, CURRENT, PRIOR)

    def part(study: Study, count: int) -> Study:
        return replace(study, series=(series_of(study.series[0].instances[:count]),))

    for count in (4, 8):
        now, then = part(CURRENT, count), part(PRIOR, count)
        room.area.grow(now, [then], sets_of(now, then), IDENTITY)
        room.settle()
    assert (room.viewport(1).state.index, room.viewport(2).state.index) == (2, 4)
    room.viewport(2).scroll(1)
    room.area.grow(CURRENT, [PRIOR], sets_of(CURRENT, PRIOR), IDENTITY)
    assert (room.viewport(1).state.index, room.viewport(2).state.index) == (2, 5)


def test_zoom_by_key_keeps_the_middle(room: Room) -> None:
    before = room.viewport().transform()
    room.key(Qt.Key.Key_Plus)
    room.key(Qt.Key.Key_Plus)
    room.key(Qt.Key.Key_Minus)
    after = room.viewport().transform()
    assert before is not None
    assert after is not None
    assert after.zoom == pytest.approx(before.zoom * 1.25)
    pane = room.viewport().state.pane
    middle = PanePoint(pane.width / 2, pane.height / 2)
    assert after.to_pixel(middle) == pytest.approx(before.to_pixel(middle))
