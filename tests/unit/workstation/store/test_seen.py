"""What was seen comes back, case by case and reader by reader."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.vault import open_database
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from workstation.errors import StoreDamaged
from workstation.store.database import Database
from workstation.store.seen import SeenStore


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "lightbox.db")
    yield opened
    opened.close()


def _frame(sop: int, frame: int = 0, series: str = "1.1") -> FrameRef:
    return FrameRef(StudyUid("1"), SeriesUid(series), SopUid(f"{series}.{sop}"), frame)


def test_it_comes_back_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "lightbox.db"
    first = open_database(file)
    SeenStore(first, reader="r").add("case", [_frame(1), _frame(2)])
    SeenStore(first, reader="r").add("case", [_frame(2), _frame(3, series="1.2")])
    first.close()
    again = open_database(file)
    found = SeenStore(again, reader="r").of("case")
    again.close()
    assert found == {_frame(1), _frame(2), _frame(3, series="1.2")}


def test_cases_and_readers_are_apart(database: Database) -> None:
    SeenStore(database, reader="r").add("case", [_frame(1)])
    assert SeenStore(database, reader="r").of("other") == frozenset()
    assert SeenStore(database, reader="s").of("case") == frozenset()


def test_many_frames_of_one_object_are_one_small_row(database: Database) -> None:
    store = SeenStore(database, reader="r")
    store.add("case", [_frame(1, n) for n in range(500)])
    store.add("case", [_frame(1, n) for n in (501, 502, 900)])
    assert database.read("SELECT frames FROM seen_object") == [("0-499,501-502,900",)]
    assert len(store.of("case")) == 503


def test_nothing_to_add_writes_nothing(database: Database) -> None:
    SeenStore(database, reader="r").add("case", [])
    assert database.read("SELECT * FROM seen_series") == []


@pytest.mark.parametrize("ranges", ["", "x", "1-", "-1", "1-x", "5-2", "0-99999999"])
def test_a_damaged_row_is_told(database: Database, ranges: str) -> None:
    store = SeenStore(database, reader="r")
    store.add("case", [_frame(1)])
    with database.transaction() as change:
        change.write("UPDATE seen_object SET frames = ?", (ranges,))
    with pytest.raises(StoreDamaged, match="cannot be read"):
        store.of("case")
