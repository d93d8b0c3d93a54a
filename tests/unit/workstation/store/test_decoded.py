"""Kept frames come back bit by bit or not at all, whatever happened to them on the disk."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.vault import open_database
from viewer.loading.decoded import Decoded
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from workstation.store.decoded import DecodedStore, Room
from workstation.store.sealing import OVERHEAD

ORIGIN = "digest form"
RECORD = 4 * 5 * 2 + OVERHEAD


class Place:
    """A store in a folder, opened again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = open_database(folder / "lightbox.db")
        self.stores: list[DecodedStore] = []

    def store(self, room: Room | None = None) -> DecodedStore:
        made = DecodedStore(
            self.folder / "decoded",
            self.database,
            lambda sop: f"sha256 of {sop}",
            room=room or Room(spare=0),
        )
        self.stores.append(made)
        return made

    def files(self) -> list[Path]:
        return sorted((self.folder / "decoded").iterdir())

    def close(self) -> None:
        for store in self.stores:
            store.close()
        self.database.close()


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


def _ref(number: int = 0, series: str = "2") -> FrameRef:
    return FrameRef(StudyUid("1"), SeriesUid(series), SopUid(f"{series}.{number}"), number % 3)


def _frame(number: int = 0, dtype: str = "<u2") -> Decoded:
    return Decoded((np.arange(20).reshape(4, 5) + number).astype(dtype), notes=("a note",))


def _pixels(store: DecodedStore, number: int = 0, series: str = "2") -> NDArray[Any] | None:
    found = store.get(_ref(number, series), ORIGIN)
    return None if found is None else found.pixels


@pytest.mark.parametrize("dtype", ["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<f4", "<f8"])
def test_a_frame_comes_back_as_it_was_after_a_restart(place: Place, dtype: str) -> None:
    first = place.store()
    first.keep(_ref(), ORIGIN, _frame(dtype=dtype))
    first.close()
    found = place.store().get(_ref(), ORIGIN)
    assert found is not None
    assert found.pixels.dtype.str == dtype
    np.testing.assert_array_equal(found.pixels, _frame(dtype=dtype).pixels)
    assert found.notes == ("a note",)


def test_colour_keeps_its_shape(place: Place) -> None:
    store = place.store()
    colour = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    store.keep(_ref(), ORIGIN, Decoded(colour))
    found = _pixels(store)
    assert found is not None
    np.testing.assert_array_equal(found, colour)


def test_another_origin_is_dropped_and_can_be_kept_anew(place: Place) -> None:
    store = place.store()
    store.keep(_ref(), ORIGIN, _frame())
    assert store.has(_ref(), ORIGIN)
    assert not store.has(_ref(), "other form")
    assert store.get(_ref(), "other form") is None
    assert store.get(_ref(), ORIGIN) is None
    store.keep(_ref(), "other form", _frame(7))
    found = store.get(_ref(), "other form")
    assert found is not None
    assert found.pixels[0, 0] == 7


@pytest.mark.parametrize("at", [0, RECORD // 2, RECORD - 1])
def test_one_flipped_bit_is_never_shown(place: Place, at: int) -> None:
    store = place.store()
    store.keep(_ref(0), ORIGIN, _frame())
    store.keep(_ref(1), ORIGIN, _frame(1))
    data = bytearray(place.files()[0].read_bytes())
    data[at] ^= 1
    place.files()[0].write_bytes(data)
    assert _pixels(store, 0) is None
    assert _pixels(store, 1) is not None
    store.close()
    assert not place.store().has(_ref(0), ORIGIN)


def test_records_that_changed_places_are_not_shown(place: Place) -> None:
    store = place.store()
    store.keep(_ref(0), ORIGIN, _frame())
    store.keep(_ref(1), ORIGIN, _frame(1))
    data = place.files()[0].read_bytes()
    place.files()[0].write_bytes(data[RECORD:] + data[:RECORD])
    assert _pixels(store, 0) is None
    assert _pixels(store, 1) is None


def test_a_file_that_is_cut_or_gone_costs_its_frames(place: Place) -> None:
    store = place.store()
    for number in range(3):
        store.keep(_ref(number), ORIGIN, _frame(number))
    store.close()
    place.files()[0].write_bytes(place.files()[0].read_bytes()[: 2 * RECORD - 1])
    again = place.store()
    assert [_pixels(again, n) is not None for n in range(3)] == [True, False, False]
    again.close()
    place.files()[0].unlink()
    assert _pixels(place.store(), 0) is None


def test_the_series_asked_for_longest_ago_goes_first(place: Place) -> None:
    store = place.store(Room(most=4 * RECORD, spare=0))
    for series in ("2", "3"):
        for number in range(2):
            store.keep(_ref(number, series), ORIGIN, _frame(number))
    assert _pixels(store, 0, "2") is not None
    store.keep(_ref(0, "4"), ORIGIN, _frame())
    assert _pixels(store, 0, "3") is None
    assert _pixels(store, 0, "2") is not None
    assert _pixels(store, 0, "4") is not None
    assert len(place.files()) == 2


def test_a_series_is_looked_up_only_when_it_is_asked_for(place: Place) -> None:
    first = place.store()
    for series in ("2", "3"):
        first.keep(_ref(0, series), ORIGIN, _frame(0))
    first.close()
    store = place.store()
    assert _pixels(store, 0, "2") is not None
    with place.database.transaction() as change:
        change.write("UPDATE decoded_frame SET origin = 'other' WHERE sop = '3.0'")
    assert _pixels(store, 0, "3") is None


def test_a_series_that_was_not_looked_up_takes_room_and_can_go(place: Place) -> None:
    first = place.store()
    for series in ("2", "3"):
        first.keep(_ref(0, series), ORIGIN, _frame(0))
    first.close()
    store = place.store(Room(most=2 * RECORD, spare=0))
    store.keep(_ref(0, "4"), ORIGIN, _frame(0))
    assert len(place.files()) == 2
    assert _pixels(store, 0, "2") is None
    assert _pixels(store, 0, "3") is not None
    assert _pixels(store, 0, "4") is not None


def test_what_does_not_fit_at_all_is_not_kept(place: Place) -> None:
    store = place.store(Room(most=RECORD - 1, spare=0))
    store.keep(_ref(), ORIGIN, _frame())
    assert _pixels(store) is None


def test_the_last_bytes_of_the_disk_are_left_alone(place: Place) -> None:
    store = place.store(Room(spare=1 << 62))
    store.keep(_ref(), ORIGIN, _frame())
    assert not store.has(_ref(), ORIGIN)


def test_a_disk_that_refuses_is_no_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store = place.store()
    store.keep(_ref(0), ORIGIN, _frame())

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workstation.store.records.os.write", full)
    store.keep(_ref(1), ORIGIN, _frame(1))
    monkeypatch.undo()
    assert not store.has(_ref(1), ORIGIN)
    assert _pixels(store, 0) is not None


def test_a_database_that_refuses_is_no_error(tmp_path: Path) -> None:
    place = Place(tmp_path)
    store = place.store()
    place.database.close()
    store.keep(_ref(), ORIGIN, _frame())
    assert store.get(_ref(), ORIGIN) is None
    store.close()


def test_leftovers_of_a_crash_are_removed_and_overwritten(place: Place) -> None:
    store = place.store()
    store.keep(_ref(0), ORIGIN, _frame())
    store.flush()
    store.keep(_ref(1), ORIGIN, _frame(1))  # written, not yet remembered: as if killed here
    (place.folder / "decoded" / "left-over").write_bytes(b"x")
    again = place.store()
    assert _pixels(again, 1) is None
    assert len(place.files()) == 1
    again.keep(_ref(1), ORIGIN, _frame(9))
    found = _pixels(again, 1)
    assert found is not None
    assert found[0, 0] == 9


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts in /proc")
def test_however_many_series_are_read_few_files_are_open_and_few_places_known(
    place: Place,
) -> None:
    store = place.store()
    for number in range(60):
        store.keep(_ref(number, f"s{number}"), ORIGIN, _frame(number))
    for number in range(60):
        found = _pixels(store, number, f"s{number}")
        assert found is not None
        assert found[0, 0] == number
    handles = [one for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    opened = [str(one.readlink()) for one in handles]
    mine = [name for name in opened if str(place.folder / "decoded") in name]
    assert 0 < len(mine) <= 16
    assert len(store._entries) <= 16
    store.keep(_ref(1, "s3"), ORIGIN, _frame(1))  # behind what it held, though that was forgotten
    store.flush()
    again = place.store()
    assert [_pixels(again, n, "s3") is not None for n in (1, 3)] == [True, True]


def test_no_uid_is_a_name_on_disk(place: Place) -> None:
    ref = FrameRef(StudyUid("../../x"), SeriesUid("/etc/x"), SopUid("a\0b" * 4000), 0)
    store = place.store()
    store.keep(ref, ORIGIN, _frame())
    assert store.get(ref, ORIGIN) is not None
    assert all(set(file.name) <= set("0123456789abcdef") for file in place.files())


def test_many_threads_read_and_write_at_once(place: Place) -> None:
    store = place.store()
    wrong: list[int] = []

    def work(first: int) -> None:
        for number in range(first, 60, 4):
            store.keep(_ref(number), ORIGIN, _frame(number))
        for number in range(60):
            found = _pixels(store, number)
            store.get(_ref(number, f"s{number}"), ORIGIN)  # of as many series
            store.keep(_ref(number, f"s{number}"), ORIGIN, _frame(number))
            if found is not None and found[0, 0] != number:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert all(_pixels(store, n) is not None for n in range(60))
    for n in range(60):
        found = _pixels(store, n, f"s{n}")
        assert found is not None
        assert found[0, 0] == n
