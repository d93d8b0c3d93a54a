"""The store's one SQLite connection: SQLCipher with a raw key, exclusive, durable."""

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlcipher3 import dbapi2

from workstation.errors import DiskFull, StoreDamaged, StoreError, StoreUnwritable, WrongKey
from workstation.store.keys import Keys
from workstation.store.migrations import MIGRATIONS
from workstation.store.takeover import is_plain, take_over, unlock

Row = tuple[object, ...]
Parameter = str | bytes | int | float | None
_LEAST_SQLITE = (3, 51, 3)  # earlier ones can lose a reset write-ahead log (R2, S2)
_PRAGMAS: tuple[tuple[str, str, object], ...] = (
    ("locking_mode", "EXCLUSIVE", "exclusive"),  # before the first read: then no -shm exists (S1)
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("secure_delete", "ON", 1),
    ("temp_store", "MEMORY", 2),
    ("foreign_keys", "ON", 1),
)
"""Name, what is set, and what must be read back (R2)."""


def sqlite_version() -> str:
    """Version of the SQLite that the store runs on."""
    return str(dbapi2.sqlite_version)


class Database:
    """One connection behind one lock; every public call is atomic and may come from any thread."""

    def __init__(self, file: Path, keys: Keys) -> None:
        """Open or create the file and bring its schema up to date.

        One that an earlier Lightbox wrote in clear is encrypted first. Raises StoreUnwritable,
        WrongKey, StoreDamaged (the file was set aside), StoreError (in use, or written by a newer
        Lightbox).
        """
        if tuple(int(n) for n in sqlite_version().split(".")) < _LEAST_SQLITE:
            raise StoreError(f"SQLite {sqlite_version()} is too old for a safe store.")
        self._file = file
        self._lock = threading.RLock()
        self.keys = keys
        """Of this store; what else is sealed in it is sealed under them."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.parent.chmod(0o700)
            file.with_name(file.name + "-shm").unlink(missing_ok=True)  # of a Lightbox before (S1)
        except OSError as error:
            raise StoreUnwritable(
                f"The store's folder {file.parent} cannot be written: {error.strerror}."
            ) from error
        if is_plain(file):
            with _damage_set_aside(file), self._faults():
                take_over(file, keys)
        _refuse_other_key(file, keys)
        with self._faults():
            self._connection = dbapi2.connect(
                str(file), check_same_thread=False, isolation_level=None, timeout=1.0
            )
        try:
            with _damage_set_aside(file, self._connection), self._faults():
                unlock(self._connection, keys)
                self._prepare()
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

    def forget_deleted(self) -> None:
        """Bring the deletion of what was deleted to the file itself: the log holds it until then.

        With ``secure_delete`` nothing of it is left afterwards (S12).
        """
        with self._lock, self._faults():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _prepare(self) -> None:
        for name, wanted, _ in _PRAGMAS:
            self._connection.execute(f"PRAGMA {name}={wanted}").fetchall()
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("COMMIT")
        for name, _, expected in _PRAGMAS:
            if self._connection.execute(f"PRAGMA {name}").fetchone()[0] != expected:
                raise StoreError(f"The store's database does not take {name}; it is not used.")
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


def _refuse_other_key(file: Path, keys: Keys) -> None:
    """The salt in front of the file tells a file of other keys from one that is damaged."""
    try:
        with file.open("rb") as data:
            salt = data.read(len(keys.database_salt()))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreUnwritable(f"The store cannot be read: {error.strerror}.") from error
    if salt and salt != keys.database_salt():
        raise WrongKey(
            f"The store's database {file} was not encrypted with the keys beside it, or its "
            "beginning is damaged. It was not touched: bring back the key file that belongs to "
            "it, or move both away."
        )


@contextlib.contextmanager
def _damage_set_aside(file: Path, connection: dbapi2.Connection | None = None) -> Iterator[None]:
    """A file that turns out to be damaged is closed, kept under another name, and told."""
    try:
        yield
    except StoreDamaged as damage:
        if connection is not None:
            connection.close()
        raise StoreDamaged(f"{damage} It was set aside as {_set_aside(file)}.") from damage


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
