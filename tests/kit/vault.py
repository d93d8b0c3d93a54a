"""Keys for stores of tests: made without a passphrase, the same in every process."""

from pathlib import Path

from workstation.store.database import Database
from workstation.store.keys import Keys
from workstation.store.secret import Secret
from workstation.store.stretching import Cost

CHEAP = Cost(64, 1, 1)
"""What a passphrase costs in tests: nothing."""


def some_keys(number: int = 1) -> Keys:
    """Keys that are the same for the same number."""
    return Keys(Secret(bytes([number]) * 32))


def open_database(file: Path) -> Database:
    """The database of a test."""
    return Database(file, some_keys())


class FakeKeeper:
    """A key store in memory; ``forgets``: it takes everything and gives nothing back."""

    ident = "os"
    name = "Fake key store"

    def __init__(self, *, forgets: bool = False, why_not: str = "") -> None:
        self.kept: dict[str, bytes] = {}
        self._forgets = forgets
        self._why_not = why_not

    def why_not(self) -> str:
        """As it was told."""
        return self._why_not

    def get(self, account: str) -> bytearray | None:
        """What is kept."""
        kept = self.kept.get(account)
        return bytearray(kept) if kept is not None else None

    def set(self, account: str, secret: bytearray) -> bool:
        """Keep it, or not."""
        if not self._forgets:
            self.kept[account] = bytes(secret)
        return not self._forgets

    def delete(self, account: str) -> None:
        """Forget it."""
        self.kept.pop(account, None)
