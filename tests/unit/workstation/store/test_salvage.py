"""A damaged database gives what can still be read of it to a new one, and is kept."""

from pathlib import Path

import pytest

from tests.kit.platform import a_case, a_signed_report
from tests.kit.vault import open_database, some_keys
from viewer.model.refs import SopUid
from workstation.errors import StoreDamaged
from workstation.session.opening import make_ready
from workstation.store.cases import CaseStore
from workstation.store.outbox import Outbox
from workstation.store.plain_images import IMAGES

PAGE = 4096
DRAFTS = 60


def _filled(folder: Path) -> Path:
    file = folder / "lightbox.db"
    database = open_database(file)
    outbox = Outbox(database)
    for number in range(3):
        outbox.add_signed(
            a_signed_report(f"case-{number}", f"r{number}", 1), a_case(f"case-{number}")
        )
    with database.transaction() as change:
        for number in range(DRAFTS):
            change.write(
                "INSERT INTO draft (report, revision, reading, body) VALUES ('r', ?, 'c', ?)",
                (number, f"{number} ".ljust(1500, "x")),
            )
    CaseStore(folder / IMAGES, database).put("1", "1.1", "1.1.1", b"image")
    database.close()
    return file


def _damage(file: Path, page: int) -> None:
    data = bytearray(file.read_bytes())
    data[page * PAGE + 100] ^= 1
    file.write_bytes(data)


def _pages_of(file: Path, table: str) -> list[int]:
    """Pages of a table, from 0, by what is lost when they are damaged: found by trying."""
    database = open_database(file)
    (count,) = database.read("PRAGMA page_count")
    (root,) = database.read("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
    database.close()
    return [int(str(root[0])) - 1, int(str(count[0])) - 1]


def test_r16_rows_of_whole_pages_are_brought_over(tmp_path: Path) -> None:
    file = _filled(tmp_path)
    before = file.read_bytes()
    pages = len(before) // PAGE
    told: list[str] = []
    lost: list[int] = []
    for page in range(pages // 3, pages, 5):
        for left in tmp_path.glob("lightbox.db*"):
            left.unlink()
        file.write_bytes(before)
        _damage(file, page)
        damaged = file.read_bytes()
        words = make_ready(tmp_path, some_keys(), told.append)
        assert "set aside as lightbox.db.damaged-1" in words
        assert (tmp_path / "lightbox.db.damaged-1").read_bytes() == damaged
        database = open_database(file)
        drafts = database.read("SELECT count(*) FROM draft")[0][0]
        assert isinstance(drafts, int)
        lost.append(DRAFTS - drafts)
        assert len(Outbox(database).entries()) >= 2
        database.close()
    assert 0 < max(lost) <= 4
    assert min(lost) == 0
    assert told


def test_r16_images_come_along(tmp_path: Path) -> None:
    file = _filled(tmp_path)
    root, _ = _pages_of(file, "draft")
    _damage(file, root)
    assert "3 signed reports, 0 revisions of drafts, 1 images" in make_ready(
        tmp_path, some_keys(), lambda _: None
    )
    database = open_database(file)
    with CaseStore(tmp_path / IMAGES, database).open(SopUid("1.1.1")) as data:
        assert data.read() == b"image"
    database.close()


def test_what_cannot_be_read_at_all_is_set_aside_and_told(tmp_path: Path) -> None:
    file = _filled(tmp_path)
    _damage(file, 0)
    words = make_ready(tmp_path, some_keys(), lambda _: None)
    assert "0 signed reports" in words
    assert make_ready(tmp_path, some_keys(), lambda _: None) == ""


def test_without_making_ready_damage_is_still_set_aside(tmp_path: Path) -> None:
    file = _filled(tmp_path)
    _damage(file, 3)
    with pytest.raises(StoreDamaged, match="damaged-1"):
        open_database(file)
