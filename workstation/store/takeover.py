"""Takes over a database that an earlier Lightbox wrote in clear: encrypted copy, then the old."""

import os
from pathlib import Path

from sqlcipher3 import dbapi2

from workstation.errors import StoreDamaged, StoreError
from workstation.store.folders import overwrite, shred, sync_folder
from workstation.store.keys import Keys

_PLAIN = b"SQLite format 3\0"


def is_plain(file: Path) -> bool:
    """Whether a database lies in clear."""
    try:
        with file.open("rb") as data:
            return data.read(len(_PLAIN)) == _PLAIN
    except OSError:
        return False


def key_pragma(keys: Keys) -> str:
    """The statement that gives the key; never kept, never logged."""
    secret = keys.database_key()
    try:
        return f"\"x'{secret.content.hex()}'\""
    finally:
        secret.wipe()


def unlock(connection: dbapi2.Connection, keys: Keys) -> None:
    """Give a new connection its key; raises StoreError when this SQLite cannot encrypt."""
    if connection.execute("PRAGMA cipher_version").fetchone() is None:
        raise StoreError("The SQLite of this installation cannot encrypt; nothing is stored.")
    connection.execute(f"PRAGMA key={key_pragma(keys)}")


def take_over(file: Path, keys: Keys) -> None:
    """Replace a database in clear by its encrypted copy; raises sqlcipher3's and store errors.

    Whatever moment the power fails at, one whole database is there afterwards.
    """
    sealed = file.with_name(file.name + ".sealing")
    sealed.unlink(missing_ok=True)  # of an attempt that was cut off
    counted = _copy(file, sealed, keys)
    _check(sealed, keys, counted)
    with file.open("r+b", buffering=0) as old:
        os.replace(sealed, file)  # noqa: PTH105 - atomic
        sync_folder(file.parent)
        overwrite(old.fileno())
    for suffix in ("-wal", "-journal"):
        shred(file.with_name(file.name + suffix))


def _copy(file: Path, sealed: Path, keys: Keys) -> list[tuple[str, int]]:
    connection = dbapi2.connect(str(file), isolation_level=None, timeout=1.0)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()  # folds the log in
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise StoreDamaged("The store's database, still in clear, is damaged.")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        counted = _counted(connection)
        connection.execute(f"ATTACH DATABASE ? AS sealed KEY {key_pragma(keys)}", (str(sealed),))
        connection.execute("SELECT sqlcipher_export('sealed')").fetchall()
        connection.execute(f"PRAGMA sealed.user_version={version}")
        connection.execute("DETACH DATABASE sealed")
    finally:
        connection.close()
    return counted


def _check(sealed: Path, keys: Keys, counted: list[tuple[str, int]]) -> None:
    connection = dbapi2.connect(str(sealed), isolation_level=None)
    try:
        unlock(connection, keys)
        whole = not connection.execute("PRAGMA cipher_integrity_check").fetchall()
        whole = whole and connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        if not whole or _counted(connection) != counted:
            raise StoreError(
                "The store could not be encrypted: its copy is not the same. It was not changed."
            )
    finally:
        connection.close()
    descriptor = os.open(sealed, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _counted(connection: dbapi2.Connection) -> list[tuple[str, int]]:
    """Tables and their numbers of rows."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall()
    return [
        (str(name), connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - names of our schema
        for (name,) in names
    ]
