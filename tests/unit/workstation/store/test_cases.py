"""The case store: what was put is given back whole or not at all."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.platform import a_case, a_study
from viewer.errors import MissingInstance
from viewer.model.refs import SopUid, StudyUid
from workstation.errors import DiskFull, StoreError, StoreUnwritable
from workstation.store.cases import CaseStore, Readiness
from workstation.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "lightbox.db")
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path, database: Database) -> CaseStore:
    return CaseStore(tmp_path / "instances", database)


def test_put_then_open(store: CaseStore) -> None:
    store.expect("1.2", 2)
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    assert store.readiness("1.2") == Readiness(1, 2)
    assert store.sops(StudyUid("1.2")) == ("1.2.1.1",)
    with store.open(SopUid("1.2.1.1")) as data:
        assert data.read() == b"first"


def test_other_bytes_under_a_known_uid_are_refused(store: CaseStore) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    with pytest.raises(StoreError, match="other content"):
        store.put("1.2", "1.2.1", "1.2.1.1", b"second")
    with store.open(SopUid("1.2.1.1")) as data:
        assert data.read() == b"first"


@pytest.mark.parametrize("uid", ["../../x", "/etc/x", "C:\\x", "nul\x00l", "1" * 10_000])
def test_r24_names_on_disk_never_come_from_uids(store: CaseStore, tmp_path: Path, uid: str) -> None:
    store.put("1.2", "1.2.1", uid, b"data")
    names = [f.name for f in (tmp_path / "instances").iterdir()]
    assert len(names) == 1
    assert len(names[0]) == 32
    with store.open(SopUid(uid)) as data:
        assert data.read() == b"data"


def test_a_truncated_file_is_refused_and_can_be_fetched_again(
    store: CaseStore, tmp_path: Path
) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"whole content")
    file = next((tmp_path / "instances").iterdir())
    file.write_bytes(b"whole")
    with pytest.raises(MissingInstance, match="damaged"):
        store.open(SopUid("1.2.1.1"))
    assert store.held("1.2") == frozenset()
    store.put("1.2", "1.2.1", "1.2.1.1", b"whole content")
    with store.open(SopUid("1.2.1.1")) as data:
        assert data.read() == b"whole content"


@pytest.mark.parametrize(
    ("number", "dropped"), [(errno.ENOENT, True), (errno.EIO, True), (errno.EMFILE, False)]
)
def test_only_what_is_lost_is_dropped(
    store: CaseStore, monkeypatch: pytest.MonkeyPatch, number: int, dropped: bool
) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"data")

    def fails(_file: Path) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "read_bytes", fails)
    with pytest.raises(MissingInstance):
        store.open(SopUid("1.2.1.1"))
    monkeypatch.undo()
    assert store.held("1.2") == (frozenset() if dropped else {"1.2.1.1"})


def _meanwhile(store: CaseStore, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Another download puts the same image between the question and the answer."""
    write = CaseStore._write

    def slow(this: CaseStore, name: str, given: bytes) -> None:
        monkeypatch.setattr(CaseStore, "_write", write)
        store.put("1.2", "1.2.1", "1.2.1.1", data)
        write(this, name, given)

    monkeypatch.setattr(CaseStore, "_write", slow)


def test_the_same_image_from_two_downloads_is_kept_once(
    store: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meanwhile(store, monkeypatch, b"data")
    store.put("1.2", "1.2.1", "1.2.1.1", b"data")
    assert len(list((tmp_path / "instances").iterdir())) == 1
    with store.open(SopUid("1.2.1.1")) as data:
        assert data.read() == b"data"


def test_another_image_from_a_second_download_is_told(
    store: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meanwhile(store, monkeypatch, b"first")
    with pytest.raises(StoreError, match="other content"):
        store.put("1.2", "1.2.1", "1.2.1.1", b"second")
    assert [f.read_bytes() for f in (tmp_path / "instances").iterdir()] == [b"first"]


def test_a_manifest_that_cannot_be_written_leaves_no_file(
    store: CaseStore, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as change:
        change.write(
            "CREATE TRIGGER full BEFORE INSERT ON instance "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    with pytest.raises(DiskFull):
        store.put("1.2", "1.2.1", "1.2.1.1", b"data")
    assert list((tmp_path / "instances").iterdir()) == []


def test_an_instance_that_is_not_there(store: CaseStore) -> None:
    with pytest.raises(MissingInstance, match="not on this computer"):
        store.open(SopUid("9.9"))


def test_leftovers_of_an_interrupted_write_go(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "instances"
    folder.mkdir()
    (folder / "abc.part").write_bytes(b"half")
    CaseStore(folder, database)
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing(
    store: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="free some space"):
        store.put("1.2", "1.2.1", "1.2.1.1", b"data")
    monkeypatch.undo()
    assert store.held("1.2") == frozenset()
    assert list((tmp_path / "instances").iterdir()) == []


def test_an_unwritable_folder_is_told(tmp_path: Path, database: Database) -> None:
    (tmp_path / "in-the-way").write_text("")
    with pytest.raises(StoreUnwritable, match="cannot be written"):
        CaseStore(tmp_path / "in-the-way", database)


def test_a_remembered_case_of_an_older_form_is_left_out(
    store: CaseStore, database: Database
) -> None:
    store.remember((a_case("a"), a_case("b")))
    with database.transaction() as change:
        change.write("UPDATE worklist SET entry = '{\"id\": 3}' WHERE position = 0")
    assert [c.id for c in store.remembered()] == ["b"]


def test_the_worklist_is_remembered(store: CaseStore) -> None:
    cases = (a_case("a"), a_case("b", priors=(a_study("9.8", 4),)))
    store.remember(cases)
    assert store.remembered() == cases
    store.remember(cases[:1])
    assert store.remembered() == cases[:1]


def test_instances_of_an_older_store_are_checked_by_their_digest(
    store: CaseStore, database: Database, tmp_path: Path
) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    with database.transaction() as change:
        change.write("UPDATE instance SET checksum = NULL")
    with store.open(SopUid("1.2.1.1")) as data:
        assert data.read() == b"first"
    next((tmp_path / "instances").iterdir()).write_bytes(b"other")
    with pytest.raises(MissingInstance, match="damaged"):
        store.open(SopUid("1.2.1.1"))


def test_an_instance_in_the_place_of_another_is_not_given(store: CaseStore, tmp_path: Path) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    store.put("1.2", "1.2.1", "1.2.1.2", b"other")
    one, two = sorted((tmp_path / "instances").iterdir())
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    for sop in ("1.2.1.1", "1.2.1.2"):
        with pytest.raises(MissingInstance, match="damaged"):
            store.open(SopUid(sop))
