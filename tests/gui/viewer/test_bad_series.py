"""Series that are not what a tool needs: the tool says why it cannot work, the rest goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from tests.kit.dicom_files import dataset, written
from tests.kit.real_area import RESOURCES, RealArea, real_area
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.keymap import Command, CommandKind, load_keymap

COMMANDS = load_keymap(RESOURCES / "keymap.toml")
ROWS, COLUMNS = 64, 80


def _slice(number: int, **values: Any) -> Dataset:
    """A CT image large enough to be drawn on; z = ``number`` mm."""
    rows, columns = values.get("Rows", ROWS), values.get("Columns", COLUMNS)
    pixels = (np.arange(rows * columns) % 997 + 7 * number).astype("<u2")
    made: dict[str, Any] = {"Rows": rows, "Columns": columns, "PixelData": pixels.tobytes()}
    return dataset(number, **(made | values))


def _no_geometry() -> list[Dataset]:
    gone = (
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "PixelSpacing",
        "FrameOfReferenceUID",
    )
    return [_slice(n, **dict.fromkeys(gone)) for n in range(1, 7)]


def _two_orientations() -> list[Dataset]:
    turned = [1, 0, 0, 0, 0, -1]
    return [_slice(n) for n in range(1, 6)] + [
        _slice(n, ImageOrientationPatient=turned, ImagePositionPatient=[0, n, 0])
        for n in range(6, 11)
    ]


def _missing_slices() -> list[Dataset]:
    return [_slice(n) for n in range(1, 20) if n not in {5, 6, 12}]


def _one_slice() -> list[Dataset]:
    return [_slice(1)]


def _not_square() -> list[Dataset]:
    return [_slice(n, PixelSpacing=[2.0, 0.5]) for n in range(1, 7)]


def _mixed_sizes() -> list[Dataset]:
    return [_slice(n) for n in range(1, 5)] + [_slice(n, Rows=32, Columns=48) for n in range(5, 9)]


def _empty_frame() -> list[Dataset]:
    return [_slice(n, **({"PixelData": b""} if n == 3 else {})) for n in range(1, 6)]


def _only_padding() -> list[Dataset]:
    blank = np.full(ROWS * COLUMNS, 2000, "<u2").tobytes()
    return [_slice(n, PixelData=blank, PixelPaddingValue=2000) for n in range(1, 6)]


def _cut_short() -> list[Dataset]:
    return [_slice(n, PixelData=b"\1\0" * (COLUMNS * 20)) for n in range(1, 6)]


def _one_place() -> list[Dataset]:
    return [_slice(n, ImagePositionPatient=[0, 0, 4]) for n in range(1, 6)]


def _nonsense_spacing() -> list[Dataset]:
    return [_slice(n, PixelSpacing=[0, 0]) for n in range(1, 6)]


SERIES: dict[str, Callable[[], list[Dataset]]] = {
    "no geometry": _no_geometry,
    "two orientations": _two_orientations,
    "missing slices": _missing_slices,
    "one slice": _one_slice,
    "pixels not square": _not_square,
    "mixed sizes": _mixed_sizes,
    "an empty frame": _empty_frame,
    "padding only": _only_padding,
    "cut short": _cut_short,
    "one place": _one_place,
    "no spacing": _nonsense_spacing,
}


@pytest.fixture
def read(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], RealArea]]:
    opened: list[RealArea] = []

    def make(name: str) -> RealArea:
        for number, made in enumerate(SERIES[name]()):
            (tmp_path / f"{number:02}.dcm").write_bytes(written(made))
        room = real_area([tmp_path], size=(800, 500))
        qtbot.addWidget(room.area, before_close_func=lambda _w: room.area.shut_down())
        room.area.to_report.connect(lambda _m: room.notices.append("put into the report"))
        room.area.activateWindow()
        qtbot.waitUntil(room.area.isActiveWindow)
        room.open()
        opened.append(room)
        return room

    yield make
    for room in opened:
        _close_dialogs(room)


def _close_dialogs(room: RealArea) -> int:
    found = [d for d in room.area.findChildren(QDialog) if d.isVisible()]
    for dialog in found:
        dialog.reject()
    menu = QApplication.activePopupWidget()
    if menu is not None:
        menu.close()
    room.area.activateWindow()
    QApplication.processEvents()
    return len(found) + (menu is not None)


def _seen(room: RealArea) -> tuple[object, ...]:
    """What a reader can see of a command: states, panes, tools, checks, panels, annotations."""
    area = room.area
    widgets = [w for w in area.findChildren(ViewportWidget) if w.isVisible()]
    return (
        [(w.objectName(), w.viewport.state, w.size(), w.hasFocus()) for w in widgets],
        [a.isChecked() for a in area.actions()],
        area.annotations(),
        [w.overlay_now() for w in widgets],
    )


def _fire(room: RealArea, command: Command) -> str:
    """Do a command as a reader does; give what it did: effect, notice, dialog, or nothing."""
    before, told = _seen(room), len(room.notices)
    action = room.area.actions_by_id()[command.id]
    if not action.isEnabled():
        return "grey: " + action.toolTip()
    action.trigger()
    room.settle()
    if command.kind is CommandKind.TOOL:
        _drag(room)
    if _close_dialogs(room):
        return "dialog"
    if len(room.notices) > told:
        return "notice: " + room.notices[-1]
    return "effect" if _seen(room) != before else "nothing"


def _drag(room: RealArea) -> None:
    widget = next(w for w in room.area.findChildren(ViewportWidget) if w.isVisible())
    middle = widget.rect().center()
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(widget, middle + QPoint(30, 40))
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=middle + QPoint(30, 40))
    room.settle()


def _part(number: int) -> list[Command]:
    """Every third command; many panes last, since every further command redraws them all."""
    ordered = sorted(COMMANDS, key=lambda c: c.id.startswith("layout."))
    return ordered[number::3]


@pytest.mark.qt_log_ignore("does not support", extend=True)  # a menu without a screen
@pytest.mark.timeout(60)  # fifty commands, and what they compile for the first time
@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("name", SERIES)
def test_every_command_works_or_says_why_not(
    read: Callable[[str], RealArea], name: str, part: int
) -> None:
    room = read(name)
    silent = {command.id for command in _part(part) if _fire(room, command) == "nothing"}
    assert {one for one in silent if not one.startswith(ALREADY_SO)} == set()
    assert room.pane().picture.at_rest or room.pane().picture.error is not None


ALREADY_SO = (
    "frame.", "layout.1", "window.auto", "view.fit", "view.reset", "mpr.straighten", "mpr.thinner",
    "screen.",
)  # fmt: skip
"""An end, layout, window, fit or plane may stand already; screens are the window's matter."""

_NOWHERE = "The images do not say where they lie in the patient."
WHY_NO_MPR = {
    "no geometry": _NOWHERE,
    "one slice": "Fewer than 3 slices make no volume.",
    "one place": "Several images lie at one position.",
    "no spacing": _NOWHERE,
}


@pytest.mark.parametrize("name", WHY_NO_MPR)
def test_a_greyed_command_says_why_by_its_key(read: Callable[[str], RealArea], name: str) -> None:
    room = read(name)
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(room.pane(), Qt.Key.Key_M, shift)
    assert room.notices[-1].endswith(WHY_NO_MPR[name])
    QTest.keyClick(room.pane(), Qt.Key.Key_S, shift)  # the slab of planes that cannot be
    assert room.notices[-1].endswith(WHY_NO_MPR[name])


def test_what_needs_planes_says_so_while_there_are_none(read: Callable[[str], RealArea]) -> None:
    room = read("missing slices")
    QTest.keyClick(room.pane(), Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert room.notices[-1] == "Slab of the planes needs MPR first (Shift+M)."


def _corners(room: RealArea, number: int = 1) -> str:
    overlay = room.pane(number).overlay_now()
    assert overlay is not None
    return " | ".join(line.text for lines in overlay.corners.values() for line in lines)


def test_what_is_missing_stands_in_the_corner(read: Callable[[str], RealArea]) -> None:
    assert "gap" in _corners(read("missing slices")).casefold()


def test_lengths_are_in_pixels_where_no_unit_is_right(read: Callable[[str], RealArea]) -> None:
    room = read("no geometry")
    room.do("tool.length")
    _drag(room)
    (made,) = room.area.annotations()
    found = room.area._measuring.measure(made.id)
    assert found is not None
    assert found.label.endswith(" px")


def test_pixels_that_are_not_square_are_drawn_in_their_shape(
    read: Callable[[str], RealArea],
) -> None:
    transform = read("pixels not square").pane().viewport.transform()
    assert transform is not None
    assert transform.aspect == pytest.approx(4.0)


@pytest.mark.parametrize(("name", "sets"), [("two orientations", 2), ("mixed sizes", 2)])
def test_what_does_not_belong_together_hangs_apart(
    read: Callable[[str], RealArea], name: str, sets: int
) -> None:
    room = read(name)
    shown = set()
    for _ in range(sets):
        target = room.area.shown(0)
        assert target is not None
        shown.add(target.id)
        room.do("series.previous")
        if room.notices and room.notices[-1] == "This is the first series.":
            break
    room.do("series.next")
    target = room.area.shown(0)
    assert target is not None
    shown.add(target.id)
    assert len(shown) == sets


def test_an_empty_frame_says_why_and_its_neighbours_are_shown(
    read: Callable[[str], RealArea],
) -> None:
    room = read("an empty frame")
    problems = []
    room.do("frame.first")
    for _ in range(5):
        picture = room.pane().picture
        problems.append(picture.error.sentence if picture.error else "")
        room.do("frame.next")
    assert [bool(problem) for problem in problems] == [False, False, True, False, False]
    assert problems[2].endswith(".")
