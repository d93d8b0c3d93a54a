"""The database's promises: pragmas, one owner, damage set aside, newer schema refused."""

from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from tests.kit.vault import open_database, some_keys
from workstation.errors import StoreDamaged, StoreError, StoreUnwritable, WrongKey
from workstation.store.database import Database, Transaction, sqlite_version
from workstation.store.migrations import MIGRATIONS
from workstation.store.takeover import unlock


def test_r2_pragmas_read_back(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s" / "lightbox.db")
    wanted = {
        "locking_mode": "exclusive",
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "temp_store": 2,
        "foreign_keys": 1,
        "user_version": len(MIGRATIONS),
    }
    found = {name: database.read(f"PRAGMA {name}")[0][0] for name in wanted}
    assert found == wanted
    assert not list((tmp_path / "s").glob("*-shm"))
    database.close()


def test_r2_sqlite_is_new_enough() -> None:
    assert tuple(int(n) for n in sqlite_version().split(".")) >= (3, 51, 3)


def test_a_second_lightbox_is_told(tmp_path: Path) -> None:
    first = open_database(tmp_path / "lightbox.db")
    with pytest.raises(StoreError, match="Another Lightbox"):
        open_database(tmp_path / "lightbox.db")
    first.close()
    open_database(tmp_path / "lightbox.db").close()


def test_a_newer_store_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "lightbox.db"
    open_database(file).close()
    raw = dbapi2.connect(str(file))
    unlock(raw, some_keys())
    raw.execute("PRAGMA user_version=999")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError, match="newer Lightbox"):
        open_database(file)


def test_damage_is_set_aside_and_never_deleted(tmp_path: Path) -> None:
    file = tmp_path / "lightbox.db"
    open_database(file).close()
    data = bytearray(file.read_bytes())
    data[2000] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreDamaged, match="damaged-1"):
        open_database(file)
    assert (tmp_path / "lightbox.db.damaged-1").read_bytes() == data
    open_database(file).close()


def test_another_key_is_told_from_damage_and_nothing_is_touched(tmp_path: Path) -> None:
    file = tmp_path / "lightbox.db"
    open_database(file).close()
    before = file.read_bytes()
    with pytest.raises(WrongKey, match="not touched"):
        Database(file, some_keys(2))
    assert [f.name for f in tmp_path.iterdir()] == ["lightbox.db"]
    assert file.read_bytes() == before
    open_database(file).close()


def test_what_is_no_database_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "lightbox.db"
    file.write_bytes(b"this is no database" * 400)
    with pytest.raises(WrongKey):
        open_database(file)
    assert file.read_bytes().startswith(b"this is no database")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnwritable, match="cannot be written"):
        open_database(tmp_path / "file" / "lightbox.db")


def test_a_failing_transaction_leaves_nothing(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lightbox.db")
    with pytest.raises(StoreError), database.transaction() as change:
        _write_then_fail(change)
    assert database.read("SELECT * FROM expected") == []
    database.close()


def _write_then_fail(change: Transaction) -> None:
    change.write("INSERT INTO expected VALUES ('1.2', 3)")
    change.write("INSERT INTO no_such_table VALUES (1)")
