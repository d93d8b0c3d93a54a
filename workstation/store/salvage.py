"""Brings what can still be read of a damaged database into a new one; the damaged one stays (R16).

Pages are authenticated one by one, so a row that is read is the row that was written. A table is
read from both ends: what lies behind a damaged page is reached from the other side.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlcipher3 import dbapi2

from workstation.errors import StoreUnwritable
from workstation.store.database import Database, Parameter, Row
from workstation.store.takeover import is_plain, unlock

_TABLES = (
    "signed", "outbox", "draft", "annotations", "key_marks", "seen_series", "seen_object",
    "dek", "container", "instance", "expected", "worklist", "study_use", "case_study",
)  # fmt: skip
"""Each after those that it refers to. Decoded frames are made anew."""


def salvage(aside: Path, into: Database) -> dict[str, int]:
    """Copy readable rows out of a database that was set aside; gives their number by table.

    It is read in a copy, since opening it would fold its log in. Raises StoreError when the new
    one cannot be written.
    """
    copy = aside.with_name(f"{aside.name}.copy")
    try:
        for suffix in ("", "-wal"):
            part = aside.with_name(aside.name + suffix)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + suffix))
        return {table: _copied(copy, into, table) for table in _TABLES}
    except OSError as error:
        raise StoreUnwritable(
            f"The store's folder {aside.parent} cannot be written: {error.strerror}."
        ) from error
    finally:
        for suffix in ("", "-wal"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def _copied(aside: Path, into: Database, table: str) -> int:
    known = {str(row[1]) for row in into.read(f"PRAGMA table_info({table})")}
    copied = 0
    with into.transaction() as change:
        for columns, row in _rows(aside, into, table):
            kept = [(c, v) for c, v in zip(columns, row, strict=True) if c in known]
            names = ", ".join(c for c, _ in kept)
            marks = ", ".join("?" for _ in kept)
            values: list[Parameter] = [v for _, v in kept]  # type: ignore[misc]  # SQLite's own types
            with contextlib.suppress(dbapi2.IntegrityError):  # what it refers to is lost
                copied += change.write(
                    f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of our schema
                    values,
                )
    return copied


def _rows(aside: Path, into: Database, table: str) -> Iterator[tuple[list[str], Row]]:
    """Rows from the beginning, then from the end; some come twice when nothing is damaged."""
    for order in ("ASC", "DESC"):
        connection = dbapi2.connect(str(aside), isolation_level=None)
        try:
            if not is_plain(aside):
                unlock(connection, into.keys)
            connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()  # no -shm (S1)
            key = _key(connection, table)
            found = connection.execute(
                f"SELECT * FROM {table} NOT INDEXED ORDER BY {key} {order}"  # noqa: S608 - constants
            )
            columns = [str(column[0]) for column in found.description]
            while (row := found.fetchone()) is not None:
                yield columns, row
        except dbapi2.Error:
            continue  # a damaged page: the rest is tried from the other end
        finally:
            connection.close()
        if order == "ASC":
            return


def _key(connection: dbapi2.Connection, table: str) -> str:
    """The order in which a table lies: its rowid, or its primary key where it has none."""
    made = connection.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    if made is None or "WITHOUT ROWID" not in str(made[0]).upper():
        return "rowid"
    keys = [
        (number, str(name))
        for _, name, _, _, _, number in connection.execute(f"PRAGMA table_info({table})")
        if number
    ]
    return ", ".join(name for _, name in sorted(keys))


def newest_aside(database: Path) -> Path | None:
    """The database that was set aside last."""
    found = database.parent.glob(f"{database.name}.damaged-*")
    numbers = [int(n) for f in found if (n := f.name.rpartition("-")[2]).isdecimal()]
    return database.with_name(f"{database.name}.damaged-{max(numbers)}") if numbers else None
