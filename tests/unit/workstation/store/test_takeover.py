"""A store that an earlier Lightbox wrote in clear is encrypted as a whole, and can be cut off."""

import hashlib
import secrets
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from tests.kit.vault import some_keys
from viewer.model.refs import SopUid
from workstation.errors import StoreDamaged
from workstation.store import takeover
from workstation.store.cases import CaseStore
from workstation.store.database import Database
from workstation.store.folders import shred
from workstation.store.migrations import MIGRATIONS
from workstation.store.plain_images import IMAGES, lies_in_clear, seal_earlier

CLEAR = 7
"""The schema's last version in clear."""
DB = "lightbox.db"


def _plain_store(folder: Path) -> None:
    """A store as version 7 of the schema left it: database and images in clear."""
    (folder / "instances").mkdir(parents=True)
    (folder / "decoded").mkdir()
    (folder / "decoded" / ("d" * 32)).write_bytes(b"CANARY of a decoded frame")
    plain = dbapi2.connect(str(folder / DB), isolation_level=None)
    plain.execute("PRAGMA journal_mode=WAL").fetchall()
    for number, script in enumerate(MIGRATIONS[:CLEAR], start=1):
        for statement in script:
            plain.execute(statement)
        plain.execute(f"PRAGMA user_version={number}")
    plain.execute("INSERT INTO signed VALUES ('r', 1, 'case', 'sha', x'00')")
    plain.execute(
        "INSERT INTO draft (report, revision, reading, body) VALUES ('r', 2, 'case', 'CANARY')"
    )
    for number in range(3):
        data = f"CANARY image {number}".encode()
        name = secrets.token_hex(16)
        (folder / "instances" / name).write_bytes(data)
        plain.execute(
            "INSERT INTO instance (sop, study, series, file, size, sha256) "
            "VALUES (?, '1', '1.1', ?, ?, ?)",
            (f"1.1.{number}", name, len(data), hashlib.sha256(data).hexdigest()),
        )
    plain.close()


def _clear_text(folder: Path) -> list[str]:
    return [f.name for f in folder.rglob("*") if f.is_file() and b"CANARY" in f.read_bytes()]


def _check(folder: Path, images: int = 3) -> None:
    database = Database(folder / DB, some_keys())
    assert database.read("SELECT body FROM draft") == [("CANARY",)]
    assert database.read("SELECT report FROM signed") == [("r",)]
    with pytest.raises(Exception, match="refused"), database.transaction() as change:
        change.write("UPDATE signed SET sha256 = 'x'")  # the triggers came along
    cases = CaseStore(folder / IMAGES, database)
    for number in range(images):
        with cases.open(SopUid(f"1.1.{number}")) as data:
            assert data.read() == f"CANARY image {number}".encode()
    database.close()
    assert _clear_text(folder) == []


def test_a_store_in_clear_is_taken_over_whole(tmp_path: Path) -> None:
    _plain_store(tmp_path)
    assert len(_clear_text(tmp_path)) >= 5
    assert lies_in_clear(tmp_path, DB)
    assert seal_earlier(tmp_path, DB, some_keys()) == 3
    assert not lies_in_clear(tmp_path, DB)
    _check(tmp_path)


def test_it_is_gone_on_with_after_it_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plain_store(tmp_path)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    for place in ("workstation.store.takeover.os.replace", "workstation.store.plain_images._seal"):
        with monkeypatch.context() as patch:
            patch.setattr(place, cut_off)
            with pytest.raises(KeyboardInterrupt):
                seal_earlier(tmp_path, DB, some_keys())
        assert lies_in_clear(tmp_path, DB)
    assert seal_earlier(tmp_path, DB, some_keys()) == 3
    _check(tmp_path)


def test_an_image_that_was_damaged_in_clear_is_left_to_be_fetched_again(tmp_path: Path) -> None:
    _plain_store(tmp_path)
    next((tmp_path / "instances").iterdir()).write_bytes(b"CANARY damaged")
    seal_earlier(tmp_path, DB, some_keys())
    database = Database(tmp_path / DB, some_keys())
    assert len(database.read("SELECT sop FROM instance")) == 2
    database.close()
    assert _clear_text(tmp_path) == []


def test_a_database_in_clear_that_is_damaged_is_set_aside(tmp_path: Path) -> None:
    _plain_store(tmp_path)
    data = bytearray((tmp_path / DB).read_bytes())
    data[4096:12000] = b"\xff" * (12000 - 4096)
    (tmp_path / DB).write_bytes(data)
    with pytest.raises(StoreDamaged, match="damaged-1"):
        seal_earlier(tmp_path, DB, some_keys())
    assert (tmp_path / f"{DB}.damaged-1").read_bytes()[100:] == data[100:]


def test_a_copy_that_is_not_the_same_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plain_store(tmp_path)
    before = (tmp_path / DB).read_bytes()
    monkeypatch.setattr(takeover, "_counted", lambda _: [("other", secrets.randbits(60))])
    with pytest.raises(Exception, match="not changed"):
        seal_earlier(tmp_path, DB, some_keys())
    assert (tmp_path / DB).read_bytes()[100:] == before[100:]


def test_shredding_overwrites_before_it_deletes(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"CANARY")
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    shred(tmp_path / "one")
    assert not (tmp_path / "one").exists()
    assert (tmp_path / "two").read_bytes() == bytes(6)
    shred(tmp_path / "one")
