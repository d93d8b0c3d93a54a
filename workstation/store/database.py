"""The store's one SQLite connection: SQLCipher's own SQLite, exclusive, durable at every commit.

The file is not encrypted yet; opening it with a key is the only thing that will change here.
"""

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlcipher3 import dbapi2

from workstation.errors import DiskFull, StoreDamaged, StoreError, StoreUnwritable
from workstation.store.migrations import MIGRATIONS

Row = tuple[object, ...]
Parameter = str | bytes | int | float | None
_LEAST_SQLITE = (3, 51, 3)  # earlier ones can lose a reset write-ahead log (R2, S2)


def sqlite_version() -> str:
    """Version of the SQLite that the store runs on."""
    return str(dbapi2.sqlite_version)


class Database:
    """One connection behind one lock; every public call is atomic and may come from any thread."""

    def __init__(self, file: Path) -> None:
        """Open or create the file and bring its schema up to date.

        Raises StoreUnwritable, StoreDamaged (the file was set aside), StoreError (in use, or
        written by a newer Lightbox).
        """
        if tuple(int(n) for n in sqlite_version().split(".")) < _LEAST_SQLITE:
            raise StoreError(f"SQLite {sqlite_version()} is too old for a safe store.")
        self._file = file
        self._lock = threading.RLock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.parent.chmod(0o700)
        except OSError as error:
            raise StoreUnwritable(
                f"The store's folder {file.parent} cannot be written: {error.strerror}."
            ) from error
        with self._faults():
            self._connection = dbapi2.connect(
                str(file), check_same_thread=False, isolation_level=None, timeout=1.0
            )
        try:
            with self._faults():
                self._prepare()
        except StoreDamaged as damage:
            self._connection.close()
            raise StoreDamaged(f"{damage} It was set aside as {_set_aside(file)}.") from damage
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file; further calls fail."""
        with self._lock:
            self._connection.close()

    def read(self, sql: str, parameters: Sequence[Parameter] = ()) -> list[Row]:
        """All rows of a query."""
        with self._lock, self._faults():
            return list(self._connection.execute(sql, tuple(parameters)))

    @contextlib.contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Everything inside is committed and on disk when the block ends, or nothing is."""
        with self._lock, self._faults():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection)
            except BaseException:
                with contextlib.suppress(dbapi2.Error):
                    self._connection.execute("ROLLBACK")
                raise
            try:
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(dbapi2.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        for pragma in (
            "locking_mode=EXCLUSIVE",  # before the first read: then no -shm file exists (S1)
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "temp_store=MEMORY",
            "foreign_keys=ON",
        ):
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("COMMIT")
        if self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise StoreDamaged("The store's database is damaged.")
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise StoreError(
                "The store was written by a newer Lightbox; this one does not touch it."
            )
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            with self.transaction() as change:
                for statement in script:
                    change.write(statement)
                change.write(f"PRAGMA user_version={number}")

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except dbapi2.Error as error:
            raise _sentence(error, self._file) from error


class Transaction:
    """What may be done inside ``Database.transaction``."""

    def __init__(self, connection: dbapi2.Connection) -> None:
        """Bind the connection."""
        self._connection = connection

    def write(self, sql: str, parameters: Sequence[Parameter] = ()) -> int:
        """Run one statement; gives the number of changed rows."""
        return self._connection.execute(sql, tuple(parameters)).rowcount

    def read(self, sql: str, parameters: Sequence[Parameter] = ()) -> list[Row]:
        """All rows of a query, as this transaction sees them."""
        return list(self._connection.execute(sql, tuple(parameters)))


def _sentence(error: dbapi2.Error, file: Path) -> StoreError:
    words = str(error).casefold()
    if "full" in words:
        return DiskFull(f"The disk of {file.parent} is full: free some space, then try again.")
    if "locked" in words or "busy" in words:
        return StoreError("Another Lightbox has this store open; close it first.")
    if "readonly" in words or "unable to open" in words:
        return StoreUnwritable(f"The store in {file.parent} cannot be written.")
    if "malformed" in words or "not a database" in words:
        return StoreDamaged("The store's database is damaged.")
    if "disk i/o" in words:
        return StoreError("The disk reports an error on the store's database.")
    return StoreError(f"The store refused ({type(error).__name__}).")


def _set_aside(file: Path) -> str:
    """Rename the damaged file and its log; nothing is ever deleted."""
    number = 1
    while (aside := file.with_name(f"{file.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("", "-wal"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            os.replace(part, aside.with_name(aside.name + suffix))  # noqa: PTH105 - atomic rename
    return aside.name
