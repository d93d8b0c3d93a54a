"""F4 on the screen: rows without data are hatched and named, and nothing is measured on them."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room
from tests.kit.viewer import arrays_of, cache_of, chest, pixel
from viewer.errors import GeometryError
from viewer.loading.decoded import sound_parts
from viewer.measure.gaps import gap_text, in_gap, refuse_over_gap

STUDY = chest(3)
MISSING = ((32, 64),)


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(
        qtbot, STUDY, cache=lambda executor: cache_of(arrays_of(STUDY), executor, MISSING)
    )
    made.open(STUDY)
    return made


def _band(widget: QWidget, room: Room, first: float, last: float) -> np.ndarray:
    """Grey levels between two image rows, in the middle of the image."""
    top, bottom = room.at(12, first).y(), room.at(36, last).y()
    left, right = room.at(12, first).x(), room.at(36, last).x()
    return grabbed(widget)[top:bottom, left:right]


def test_f04_the_gap_is_hatched_and_the_rest_is_the_picture(qtbot: QtBot, room: Room) -> None:
    whole = make_room(qtbot, STUDY)
    whole.open(STUDY)
    above, hatched = _band(room.pane(), room, 2, 28), _band(room.pane(), room, 36, 60)
    np.testing.assert_array_equal(above, _band(whole.pane(), whole, 2, 28))
    assert (hatched > 200).mean() > 0.05
    assert (hatched < 60).mean() > 0.3


def test_f04_a_length_over_the_gap_is_refused_with_the_sentence(room: Room) -> None:
    room.key(Qt.Key.Key_L)
    room.drag(room.at(10, 10), room.at(10, 50))
    assert room.measured == []
    assert room.notices[-1] == (
        "This image holds no data in its rows 33 to 64; nothing is measured over them."
    )
    room.drag(room.at(10, 10), room.at(30, 20))
    assert len(room.measured) == 1


def test_f04_a_length_dragged_into_the_gap_stays_where_it_was(room: Room) -> None:
    room.key(Qt.Key.Key_L)
    room.drag(room.at(10, 10), room.at(30, 20))
    before = room.saved[-1]
    room.drag(room.at(30, 20), room.at(30, 50))
    assert room.saved[-1] == before
    assert "no data" in room.notices[-1]


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ((), ""),
        (((3, 4),), "row 4"),
        (((2, 4),), "rows 3 to 4"),
        (((0, 2), (5, 6)), "rows 1 to 2, 6"),
    ],
)
def test_f04_gaps_are_named_from_one(missing: tuple[tuple[int, int], ...], words: str) -> None:
    assert gap_text(missing) == words


@pytest.mark.parametrize(
    ("rows", "refused"),
    [((0, 9.4), False), ((0, 9.6), True), ((12, 13), True), ((0, 30), True), ((19.6, 30), False)],
)
def test_f04_a_shape_touches_a_row_by_its_half(rows: tuple[float, float], refused: bool) -> None:
    points = [pixel(3, row) for row in rows]
    if not refused:
        refuse_over_gap(points, ((10, 20),))
        return
    with pytest.raises(GeometryError, match="rows 11 to 20"):
        refuse_over_gap(points, ((10, 20),))


def test_f04_the_value_under_the_pointer_is_none_in_the_gap() -> None:
    assert [in_gap(pixel(0, row), ((10, 20),)) for row in (9.4, 9.6, 19.4, 19.6)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_f04_ranges_are_taken_from_rows_with_data_alone() -> None:
    frame = np.arange(12).reshape(6, 2)
    parts = sound_parts(frame, ((1, 2), (4, 6)))
    assert [part.tolist() for part in parts] == [[[0, 1]], [[4, 5], [6, 7]]]
    assert sound_parts(frame, ())[0] is not frame
