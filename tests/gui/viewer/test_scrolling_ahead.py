"""Scrolling in a JPEG 2000 series never opened before waits for nothing but its own frame."""

import io
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.gui.viewer.test_covers import Files
from tests.kit import codestreams, dicom_files
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.frames import FrameCache
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import assemble, read_header
from viewer.loading.outline import outline
from viewer.loading.pool import DecodePool
from viewer.model.refs import SopUid
from viewer.model.study import Instance

COUNT, FAR = 40, 33
JPEG_2000 = "1.2.840.10008.1.2.4.90"


class SlowDecoder:
    """Decodes for real, one frame at each turn that the test gives, and writes down which."""

    workers = 1

    def __init__(self) -> None:
        self.decoded: list[SopUid] = []

    def decode(self, data: bytes, frame: int, instance: Instance) -> Decoded:
        self.decoded.append(instance.ref.sop)
        return decode_frame(cut_frame(outline(PlainBytes(data), where="file"), frame, instance))

    def preview(self, _data: bytes, _frame: int, _instance: Instance) -> None:
        return None

    def close(self) -> None:
        pass


def _pixels(number: int) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Each slice has a level of its own in its lower half and noise in the upper one."""
    levels = np.full((32, 32), number * 50, np.uint16)
    levels[:16] = np.random.default_rng(number).integers(0, 4000, (16, 32))
    return levels


class Opened:
    """A room with the series in it and only its first image decoded."""

    def __init__(self, qtbot: QtBot) -> None:
        files = [
            dicom_files.encoded(
                [codestreams.jpeg_2000(_pixels(n))], JPEG_2000, number=n + 1, Rows=32, Columns=32,
                BitsStored=16, HighBit=15, WindowCenter=1000, WindowWidth=2000,
                ImagePositionPatient=[0, 0, n], ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
                PixelSpacing=[1, 1],
            )
            for n in range(COUNT)
        ]  # fmt: skip
        reads = [read_header(io.BytesIO(data), name="file") for data in files]
        source = Files({r.instance.ref.sop: d for r, d in zip(reads, files, strict=True)})
        (study,) = assemble(reads)
        self.decoder = SlowDecoder()
        pool = cast(DecodePool, self.decoder)
        self.room: Room = make_room(
            qtbot, study, cache=lambda executor: FrameCache(source, pool, executor, 1 << 26)
        )
        from tests.kit.viewer import IDENTITY, sets_of

        self.room.area.open_case(study, (), sets_of(study), IDENTITY)
        while not self.room.pane().picture.at_rest:
            self.room.executor.step()

    def wanted(self) -> SopUid:
        """The object whose frame the pane asks for."""
        frame = self.room.viewport().state.frame
        assert frame is not None
        return frame.sop

    def turns(self) -> Iterator[None]:
        """Let one piece of work after the other be done."""
        while len(self.room.executor):
            self.room.executor.step()
            yield


@pytest.fixture
def opened(qtbot: QtBot) -> Opened:
    return Opened(qtbot)


def test_the_first_image_does_not_wait_for_the_others(opened: Opened) -> None:
    assert len(opened.decoder.decoded) < 5
    assert opened.room.pane().picture.at_rest


def test_a_far_frame_is_decoded_next_though_all_others_were_asked_for_before(
    opened: Opened,
) -> None:
    """Only what a decoder has begun already comes before it: one a worker, and one that waits."""
    before = len(opened.decoder.decoded)
    opened.room.viewport().go_to_index(FAR)
    wanted = opened.wanted()
    assert len(opened.decoder.decoded) == before, "nothing is decoded on the GUI thread"
    for _ in opened.turns():
        if opened.room.pane().picture.at_rest:
            break
    order = opened.decoder.decoded[before:]
    assert wanted in order
    assert order.index(wanted) <= opened.decoder.workers + 1
    assert len(opened.decoder.decoded) < COUNT, "the rest is still to come"


def test_each_step_of_a_quick_scroll_asks_for_itself_first(opened: Opened) -> None:
    """Frames that were passed over are not decoded before the one at which scrolling stops."""
    begun = len(opened.decoder.decoded)
    for index in range(3, FAR + 1, 5):
        opened.room.viewport().go_to_index(index)
    wanted = opened.wanted()
    for _ in opened.turns():
        if wanted in opened.decoder.decoded:
            break
    assert opened.decoder.decoded[begun:].index(wanted) <= opened.decoder.workers + 1


def test_the_screen_says_that_it_loads_and_changes_to_the_right_frame_alone(
    opened: Opened,
) -> None:
    pane = opened.room.pane()
    first = pane.picture.shown
    assert first is not None
    calm = pane.grab().toImage()
    opened.room.viewport().go_to_index(FAR)
    assert (pane.picture.waiting, pane.picture.at_rest) == ("frame", False)
    assert pane.grab().toImage() != calm, "a note that it is being decoded stands over the picture"
    seen = []
    for _ in opened.turns():
        shown = pane.picture.shown
        assert shown is not None, "the picture of before stays until the new one is there"
        seen.append(shown.index)
        if pane.picture.at_rest:
            break
        assert pane.picture.waiting in {"frame", "picture"}
    assert set(seen) == {first.index, FAR}
    assert seen == sorted(seen, key=lambda index: index == FAR), "and never back again"
    picture = pane.picture.pixels
    assert picture is not None
    slice_shown = int(opened.wanted().rsplit(".", 1)[1]) - 1
    level = np.floor(((slice_shown * 50 - 999.5) / 1999 + 0.5) * 255 + 0.5)
    assert int(picture[picture.shape[0] * 7 // 10, picture.shape[1] // 2]) == int(level)


def test_a_key_pressed_meanwhile_acts_at_once(opened: Opened) -> None:
    opened.room.viewport().go_to_index(FAR)
    from PySide6.QtTest import QTest

    decoded = len(opened.decoder.decoded)
    QTest.keyClick(opened.room.pane(), Qt.Key.Key_Home)
    assert opened.room.viewport().state.index == 0
    assert len(opened.decoder.decoded) == decoded
