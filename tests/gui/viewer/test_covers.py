"""Overlays, shutter and colours in the panes: shown, toggled by key, their state always told."""

import io
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QTreeWidget
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit import dicom_files
from tests.kit.icc import profile_of
from tests.kit.viewer import chest, ct_instance, grey_format, series_of, study_of
from viewer.loading.frames import FrameCache
from viewer.loading.headers import assemble, read_header
from viewer.loading.pool import DecodePool
from viewer.model.presentation import Rescale, Window
from viewer.model.refs import SopUid, StudyUid
from viewer.model.study import Study
from viewer.qt import colours
from viewer.qt.window_menu import fill_window_menu
from viewer.render.graphics import GRAPHICS_COLOUR

SHIFT = Qt.KeyboardModifier.ShiftModifier
ADOBE = profile_of((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), gamma=563 / 256)


class Files:
    """Whole files by SOP Instance."""

    def __init__(self, files: Mapping[SopUid, bytes]) -> None:
        self.files = dict(files)

    def sops(self, study: StudyUid) -> tuple[SopUid, ...]:
        return tuple(self.files)

    def open(self, sop: SopUid) -> BinaryIO:
        return io.BytesIO(self.files[sop])


def grey_file(**overlay: Any) -> bytes:
    """40 × 40 pixels, half covered by a shutter, a square drawn by an overlay."""
    ds = dicom_files.dataset(
        Rows=40, Columns=40, PixelSpacing=[1, 1], WindowCenter=2048, WindowWidth=4096,
        ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge=1, ShutterRightVerticalEdge=20,
        ShutterUpperHorizontalEdge=1, ShutterLowerHorizontalEdge=40, ShutterPresentationValue=65535,
    )  # fmt: skip
    ds.PixelData = np.full((40, 40), 1000, "<u2").tobytes()
    bits = np.zeros((40, 40), np.uint8)
    bits[5:15, 5:15] = 1
    values = {"rows": 40, "data": np.packbits(bits.reshape(-1), bitorder="little").tobytes()}
    values |= overlay
    ds.add_new(0x60000010, "US", values["rows"])
    ds.add_new(0x60000011, "US", 40)
    ds.add_new(0x60000040, "CS", "G")
    ds.add_new(0x60000050, "SS", [1, 1])
    ds.add_new(0x60000100, "US", 1)
    ds.add_new(0x60000102, "US", 0)
    ds.add_new(0x60003000, "OW", values["data"])
    return dicom_files.written(ds)


def colour_file() -> bytes:
    ds = dicom_files.dataset(
        2, series="2", Rows=40, Columns=40, SamplesPerPixel=3, PhotometricInterpretation="RGB",
        PlanarConfiguration=0, BitsAllocated=8, BitsStored=8, HighBit=7, ICCProfile=ADOBE,
        PixelSpacing=[1, 1], Modality="XC",
    )  # fmt: skip
    ds.PixelData = np.full((40, 40, 3), (40, 200, 90), np.uint8).tobytes()
    ds["PixelData"].VR = "OB"
    return dicom_files.written(ds)


@pytest.fixture
def pool() -> Iterator[DecodePool]:
    with closing(DecodePool(workers=1)) as one:
        yield one


def room_of(qtbot: QtBot, pool: DecodePool, *files: bytes) -> Room:
    reads = [read_header(io.BytesIO(data), name="file") for data in files]
    source = Files({r.instance.ref.sop: d for r, d in zip(reads, files, strict=True)})
    (study,) = assemble(reads)
    room = make_room(
        qtbot, study, cache=lambda executor: FrameCache(source, pool, executor, 1 << 26)
    )
    room.open(study)
    return room


def drawn(room: Room, number: int = 1) -> NDArray[Any]:
    pixels = room.pane(number).picture.pixels
    assert pixels is not None
    assert room.pane(number).picture.at_rest
    return pixels


def corner_words(room: Room) -> list[str]:
    pane = room.pane()
    overlay = pane._compose(pane.viewport.state)
    assert overlay is not None
    return [line.text for lines in overlay.corners.values() for line in lines]


def painted(picture: NDArray[Any]) -> bool:
    return picture.ndim == 3 and bool((picture == GRAPHICS_COLOUR).all(axis=2).any())


def test_overlays_are_drawn_and_toggled_by_key(qtbot: QtBot, pool: DecodePool) -> None:
    room = room_of(qtbot, pool, grey_file())
    assert painted(drawn(room))
    assert not any("Overlays" in word for word in corner_words(room))
    room.key(Qt.Key.Key_O)
    assert not painted(drawn(room))
    assert "Overlays off" in corner_words(room)
    assert "Overlays off" in room.pane().accessibleDescription()
    assert not room.area.actions_by_id()["view.overlays"].isChecked()
    room.key(Qt.Key.Key_O)
    assert painted(drawn(room))
    assert room.area.actions_by_id()["view.overlays"].isChecked()


def test_the_shutter_covers_whatever_the_window_and_opens_by_key(
    qtbot: QtBot, pool: DecodePool
) -> None:
    room = room_of(qtbot, pool, grey_file())
    room.key(Qt.Key.Key_O)

    def right_half() -> set[int]:
        picture = drawn(room)
        picture = picture if picture.ndim == 2 else picture[..., 0]
        inside = np.flatnonzero(picture[picture.shape[0] // 2])
        middle, last = (inside[0] + inside[-1]) // 2 + 20, inside[-1]
        return set(picture[picture.shape[0] // 2, middle : last - 5].tolist())

    assert right_half() == {255}
    room.key(Qt.Key.Key_I)
    assert right_half() == {255}, "also after inversion"
    room.key(Qt.Key.Key_I)
    room.key(Qt.Key.Key_O, modifier=SHIFT)
    assert right_half() == {62}
    assert "Overlays off · Shutter off" in corner_words(room)
    room.key(Qt.Key.Key_Escape)
    assert right_half() == {255}
    assert painted(drawn(room)), "reset shows again what was hidden"


def test_f11_padding_is_black_until_it_is_asked_for(qtbot: QtBot) -> None:
    form = replace(grey_format(64, 48), padding=(-2000, -2000))
    plain = Rescale(1, 0, "HU")
    study = chest(1, format=form, windows=(Window(-1000, 3000),), modality_lut=plain)
    sop = study.series[0].instances[0].ref.sop
    stored = np.full((64, 48), 900, np.int16)
    stored[:, :20] = -2000
    room = make_room(qtbot, study, arrays={(sop, 0): stored})
    room.open(study)
    padded, shown = 0, grey_of(-2000)
    assert levels_of(room) == {padded, grey_of(900)}
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    room.key(Qt.Key.Key_O, modifier=both)
    assert shown > 0
    assert {shown, grey_of(900)} <= levels_of(room)
    assert "Padding shown" in corner_words(room)
    room.key(Qt.Key.Key_O, modifier=both)
    assert levels_of(room) == {padded, grey_of(900)}


def grey_of(stored: int) -> int:
    """The level of a stored value in the window of that image."""
    at = (stored - (-1000 - 0.5)) / (3000 - 1) + 0.5
    return int(np.floor(min(max(at, 0), 1) * 255 + 0.5))


def levels_of(room: Room) -> set[int]:
    """All levels of the picture."""
    return set(np.unique(drawn(room)).tolist())


def test_nothing_to_toggle_is_told(qtbot: QtBot) -> None:
    study = chest(1)
    room = make_room(qtbot, study)
    room.open(study)
    room.key(Qt.Key.Key_O)
    room.key(Qt.Key.Key_O, modifier=SHIFT)
    room.key(Qt.Key.Key_C, modifier=SHIFT)
    assert room.notices == [
        "This image has no overlays.",
        "This image has no shutter.",
        "This image has no colour profile.",
    ]


def test_an_overlay_that_cannot_be_read_is_told_and_the_image_shown(
    qtbot: QtBot, pool: DecodePool
) -> None:
    room = room_of(qtbot, pool, grey_file(rows=4000))
    assert not painted(drawn(room))
    told = [word for word in corner_words(room) if word.startswith("DATA:")]
    assert told
    assert "overlays of this image cannot be shown" in told[0]


def test_colours_by_their_profile_or_as_sent(qtbot: QtBot, pool: DecodePool) -> None:
    room = room_of(qtbot, pool, colour_file())
    middle = drawn(room).shape[0] // 2
    by_profile = drawn(room)[middle, drawn(room).shape[1] // 2].tolist()
    assert by_profile != [40, 200, 90]
    assert "Colour by the image's profile" in corner_words(room)
    room.key(Qt.Key.Key_C, modifier=SHIFT)
    assert drawn(room)[middle, drawn(room).shape[1] // 2].tolist() == [40, 200, 90]
    assert "COLOURS AS SENT" in corner_words(room)


def test_windows_are_disabled_on_colour_with_the_reason(qtbot: QtBot, pool: DecodePool) -> None:
    room = room_of(qtbot, pool, colour_file(), grey_file())
    actions = room.area.actions_by_id()
    kinds = set()
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
        room.key(key)
        colour = not room.viewport().is_grey
        kinds.add(colour)
        for name in ("tool.window", "view.invert", "window.auto", "window.preset_3"):
            assert actions[name].isEnabled() != colour
            assert ("A colour image has no window" in actions[name].toolTip()) == colour
        assert actions["tool.scroll"].isEnabled()
    assert kinds == {True, False}


def test_the_window_menu_of_a_colour_image_says_why_it_is_empty(
    qtbot: QtBot, pool: DecodePool
) -> None:
    room = room_of(qtbot, pool, colour_file())
    menu = QMenu(room.area)
    fill_window_menu(menu, room.viewport().instance, (), None, lambda _voi: None)
    (only,) = menu.actions()
    assert (only.text(), only.isEnabled()) == ("A colour image has no window", False)


def _study(lossy: str) -> Study:
    return study_of(series_of([replace(ct_instance(n=0), lossy=lossy)]))


@pytest.mark.parametrize("lossy", ["JPEG 10:1", ""])
def test_thumbnails_of_lossy_images_carry_the_mark(qtbot: QtBot, lossy: str) -> None:
    study = _study(lossy)
    room = make_room(qtbot, study)
    room.open(study)
    tree = room.area.findChild(QTreeWidget, "series.panel")
    assert isinstance(tree, QTreeWidget)
    head = tree.topLevelItem(0)
    item = head.child(0) if head else None
    assert item is not None
    image = item.icon(0).pixmap(72, 72).toImage()
    band = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height() - 15, image.height())
    }
    assert (colours.WARNING.name() in band) == bool(lossy)
    assert ("LOSSY" in item.text(0)) == bool(lossy)
