"""The case store: what was put is given back whole or not at all."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.platform import a_case, a_study
from tests.kit.vault import open_database
from viewer.errors import MissingInstance
from viewer.model.refs import SopUid, StudyUid
from workstation.errors import DiskFull, StoreError, StoreUnwritable
from workstation.store.cases import CaseStore, Readiness
from workstation.store.database import Database
from workstation.store.pixels import Containers, Spot
from workstation.store.sealing import OVERHEAD


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "lightbox.db")
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


def _file(tmp_path: Path) -> Path:
    return next((tmp_path / "instances").iterdir())


def test_a_truncated_file_is_refused_and_can_be_fetched_again(
    store: CaseStore, tmp_path: Path
) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"whole content")
    file = _file(tmp_path)
    file.write_bytes(file.read_bytes()[:-1])
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

    def fails(*_: object) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Containers, "read", fails)
    with pytest.raises(MissingInstance):
        store.open(SopUid("1.2.1.1"))
    monkeypatch.undo()
    assert store.held("1.2") == (frozenset() if dropped else {"1.2.1.1"})


def _meanwhile(store: CaseStore, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Another download puts the same image between the question and the answer."""
    append = Containers.append

    def slow(this: Containers, *given: Any) -> tuple[Spot, ...]:
        monkeypatch.setattr(Containers, "append", append)
        store.put("1.2", "1.2.1", "1.2.1.1", data)
        return append(this, *given)

    monkeypatch.setattr(Containers, "append", slow)


def test_the_same_image_from_two_downloads_is_kept_once(
    store: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meanwhile(store, monkeypatch, b"data")
    store.put("1.2", "1.2.1", "1.2.1.1", b"data")
    assert _file(tmp_path).stat().st_size == 4 + OVERHEAD
    with store.open(SopUid("1.2.1.1")) as data:
        assert data.read() == b"data"


def test_another_image_from_a_second_download_is_told(
    store: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meanwhile(store, monkeypatch, b"first")
    with pytest.raises(StoreError, match="other content"):
        store.put("1.2", "1.2.1", "1.2.1.1", b"second")
    assert _file(tmp_path).stat().st_size == 5 + OVERHEAD


def test_a_manifest_that_cannot_be_written_leaves_no_record(
    store: CaseStore, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as change:
        change.write(
            "CREATE TRIGGER full BEFORE INSERT ON instance "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    with pytest.raises(DiskFull):
        store.put("1.2", "1.2.1", "1.2.1.1", b"data")
    assert _file(tmp_path).stat().st_size == 0


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


def test_many_at_once_are_kept_by_one_write(
    store: CaseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    synced: list[int] = []
    fsync = os.fsync

    def counted(file: int) -> None:
        synced.append(file)
        fsync(file)

    monkeypatch.setattr(os, "fsync", counted)
    images = [(f"1.2.1.{n}", f"image {n}".encode()) for n in range(1, 9)]
    refused = store.put_all("1.2", "1.2.1", [*images, ("1.2.1.8", b"other")])
    assert sorted(refused) == ["1.2.1.1", "1.2.1.8"]
    assert len(synced) == 1
    assert len(store.held("1.2")) == 8
    for sop, content in images[1:]:
        with store.open(SopUid(sop)) as data:
            assert data.read() == content
    assert store.put_all("1.2", "1.2.1", images[1:]) == {}
    assert len(synced) == 1


def test_r3_an_instance_in_the_place_of_another_is_not_given(
    store: CaseStore, tmp_path: Path
) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    store.put("1.2", "1.2.1", "1.2.1.2", b"other")
    file = _file(tmp_path)
    both = file.read_bytes()
    half = len(both) // 2
    file.write_bytes(both[half:] + both[:half])
    for sop in ("1.2.1.1", "1.2.1.2"):
        with pytest.raises(MissingInstance, match="damaged"):
            store.open(SopUid(sop))


def test_r3_a_series_in_the_place_of_another_is_not_given(store: CaseStore, tmp_path: Path) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    store.put("1.2", "1.2.2", "1.2.2.1", b"other")
    one, two = sorted((tmp_path / "instances").iterdir())
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    for sop in ("1.2.1.1", "1.2.2.1"):
        with pytest.raises(MissingInstance, match="damaged"):
            store.open(SopUid(sop))


@pytest.mark.parametrize("at", [0, 3, 4, 19, 20, 31])
def test_r3_one_flipped_bit_is_refused(store: CaseStore, tmp_path: Path, at: int) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"data")
    data = bytearray(_file(tmp_path).read_bytes())
    data[at] ^= 1
    _file(tmp_path).write_bytes(data)
    with pytest.raises(MissingInstance, match="damaged"):
        store.open(SopUid("1.2.1.1"))


def test_r3_a_row_that_names_another_record_is_refused(
    store: CaseStore, database: Database
) -> None:
    store.put("1.2", "1.2.1", "1.2.1.1", b"first")
    store.put("1.2", "1.2.1", "1.2.1.2", b"other")
    with database.transaction() as change:
        change.write("UPDATE instance SET place = 0 WHERE sop = '1.2.1.2'")
    with pytest.raises(MissingInstance, match="damaged"):
        store.open(SopUid("1.2.1.2"))


def test_r3_no_nonce_comes_twice_whatever_a_power_cut_left(
    tmp_path: Path, database: Database
) -> None:
    """The row of a written image is lost with the power: its place is used again, its nonce not."""
    nonces = []
    for _ in range(3):
        store = CaseStore(tmp_path / "instances", database)
        store.put("1.2", "1.2.1", "1.2.1.1", b"data")
        nonces.append(_file(tmp_path).read_bytes()[-12:])
        with database.transaction() as change:
            change.write("DELETE FROM instance")
    assert len(set(nonces)) == 3
    assert _file(tmp_path).stat().st_size == 4 + OVERHEAD


def test_r1_no_content_lies_in_clear(store: CaseStore, database: Database, tmp_path: Path) -> None:
    canary = b"DOE^JOHN^CANARY" * 100
    store.put("1.2.840.1", "1.2.840.1.1", "1.2.840.1.1.1", canary)
    database.close()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            told = file.read_bytes()
            assert b"CANARY" not in told
            assert b"1.2.840" not in told
            assert b"CREATE TABLE" not in told
