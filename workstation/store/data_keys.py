"""The key of each series file, wrapped in a row of its own: without the row the file is noise."""

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from workstation.store.database import Database, Transaction
from workstation.store.sealing import Counter, DamagedRecord, SeriesSeal
from workstation.store.secret import Secret

_BLOCK = 1024
"""Nonces that are reserved at a time."""


class DataKeys:
    """Makes, finds and deletes the keys of series files by the files' names."""

    def __init__(self, database: Database) -> None:
        """Use the database's own keys for the wrapping."""
        self._database = database

    def create(self, file: str, change: Transaction) -> SeriesSeal:
        """Make the key of a new file; it counts once the transaction is committed."""
        key = Secret.random()
        try:
            wrapped = self._database.keys.wrapped(key)
            change.write(
                "INSERT INTO dek (file, wrapped, next) VALUES (?, ?, ?)", (file, wrapped, _BLOCK)
            )
            return SeriesSeal(key, Counter(0, _BLOCK, lambda: self._reserved(file)))
        finally:
            key.wipe()

    def of(self, file: str) -> SeriesSeal:
        """The key of a file; raises DamagedRecord when there is none, or it is not ours."""
        rows = self._database.read("SELECT wrapped FROM dek WHERE file = ?", (file,))
        if not rows or not isinstance(rows[0][0], bytes):
            raise DamagedRecord
        try:
            key = self._database.keys.unwrapped(rows[0][0])
        except (InvalidUnwrap, ValueError) as error:
            raise DamagedRecord from error
        try:
            return SeriesSeal(key, Counter(0, 0, lambda: self._reserved(file)))
        finally:
            key.wipe()

    def shred(self, file: str, change: Transaction) -> None:
        """Delete the key of a file: ``Database.forget_deleted`` afterwards makes it final."""
        change.write("DELETE FROM dek WHERE file = ?", (file,))

    def _reserved(self, file: str) -> tuple[int, int]:
        with self._database.transaction() as change:
            change.write("UPDATE dek SET next = next + ? WHERE file = ?", (_BLOCK, file))
            rows = change.read("SELECT next FROM dek WHERE file = ?", (file,))
            if not rows:
                raise DamagedRecord
            end = int(str(rows[0][0]))
        return end - _BLOCK, end
