"""Makes and unlocks the keys of a store: by its passphrase, or by itself through a key store."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from workstation.errors import KeysDamaged, StoreError, StoreLocked, StoreUnwritable
from workstation.logs import Log
from workstation.store.key_file import (
    KeptSlot,
    KeyFile,
    PassphraseSlot,
    Slot,
    new_kept_slot,
    new_passphrase_slot,
)
from workstation.store.keys import Keys
from workstation.store.secret import Secret
from workstation.store.stretching import FLOOR, Cost, calibrated, passphrase_of
from workstation.store.takeover import is_plain
from workstation.store.tries import Tries

LEAST_CHARACTERS = 10
"""Of a passphrase: nobody slows down the tries at a stolen disk (SP 800-63B asks for 8)."""
DATABASE = "lightbox.db"


class Keeper(Protocol):
    """A key store that keeps a secret for this user."""

    ident: str
    """Stands in the key file."""

    @property
    def name(self) -> str:
        """What the user knows it as."""
        ...

    def why_not(self) -> str:
        """Why it is not used; empty when a secret is safe in it."""
        ...

    def get(self, account: str) -> bytearray | None:
        """Give a secret, or None."""
        ...

    def set(self, account: str, secret: bytearray) -> bool:
        """Keep a secret; whether it is given back as it was."""
        ...

    def delete(self, account: str) -> None:
        """Forget a secret."""
        ...


class Vault:
    """The keys of the store in one folder. Its calls block: on the disk, on purpose, on a desktop.

    Each that unlocks raises StoreLocked, KeysDamaged, StoreUnwritable, StoreError.
    """

    def __init__(
        self,
        folder: Path,
        keeper: Keeper,
        *,
        now: Callable[[], float] = time.time,
        cost: Callable[[], Cost] = calibrated,
        least: Cost = FLOOR,
    ) -> None:
        """Read nothing yet. ``cost`` and ``least`` of a passphrase are those of the store."""
        self._folder = folder
        self._file = KeyFile(folder, least=least)
        self._tries = Tries(folder / "tries.json", now)
        self._keeper = keeper
        self._cost = cost
        self._locked = folder / "locked"
        self._log = Log("vault")

    @property
    def is_new(self) -> bool:
        """Whether there are no keys yet; raises KeysDamaged when there is data that needs some."""
        if self._file.exists:
            return False
        database = self._folder / DATABASE
        if database.exists() and database.stat().st_size and not is_plain(database):
            raise KeysDamaged(
                f"The store in {self._folder} has lost its key file keys.json, without which "
                "nobody can read it. Bring the file back from a copy of this folder; nothing was "
                "changed."
            )
        return True

    @property
    def keeper_name(self) -> str:
        """The key store as the user knows it."""
        return self._keeper.name

    def keeper_problem(self) -> str:
        """Why the key store is not used; empty when it is fit."""
        return self._keeper.why_not()

    @property
    def opens_by_itself(self) -> bool:
        """Whether a key store was to open it; raises KeysDamaged, StoreError."""
        return any(isinstance(slot, KeptSlot) for slot in self._file.slots())

    def wait_s(self) -> float:
        """Seconds until a passphrase is taken again after too many wrong ones."""
        return self._tries.wait_s()

    def by_itself(self) -> Keys | None:
        """Unlock through the key store; None when that is not set up or it gives nothing now.

        Nor when it was locked: ending the program is no way round the passphrase then.
        """
        if self._locked.exists():
            return None

        def kept(account: str) -> Secret | None:
            found = self._keeper.get(account)
            return _moved(found) if found is not None else None

        return self._file.by_kept(self._keeper.ident, kept)

    def create(self, passphrase: str, *, by_itself: bool) -> Keys:
        """Make the keys of a new store; ``by_itself``: let the key store open it from now on."""
        if why := weakness(passphrase):
            raise StoreError(why)
        keys = Keys.new()
        typed = passphrase_of(passphrase)
        try:
            slot = new_passphrase_slot(keys, typed, self._cost())
        finally:
            typed.wipe()
        self._file.write(keys, (slot,))
        if by_itself:
            self.let_open_by_itself(keys, wanted=True)
        return keys

    def create_kept(self) -> Keys:
        """Make the keys of a store that only its key store opens: for stores of no value."""
        keys = Keys.new()
        slot = self._kept_slot(keys)
        if slot is None:
            raise StoreUnwritable("The key of the demo's store cannot be written.")
        self._file.write(keys, (slot,))
        return keys

    def unlock(self, passphrase: str) -> Keys:
        """Unlock; StoreLocked says whether it was wrong, and how long to wait."""
        wait = self._tries.wait_s()
        if wait > 0:
            raise StoreLocked(_too_often(self._tries.wrong, wait), wait_s=wait)
        try:
            self._tries.begin()
        except OSError as error:
            raise StoreUnwritable(
                f"The store's folder {self._folder} cannot be written: {error.strerror}. No "
                "passphrase is taken while wrong ones cannot be counted."
            ) from error
        typed = passphrase_of(passphrase)
        try:
            keys = self._file.by_passphrase(typed)
        finally:
            typed.wipe()
        if keys is None:
            wait = self._tries.wait_s()
            self._log.warning("wrong passphrase", number=self._tries.wrong)
            words = _too_often(self._tries.wrong, wait) if wait else _WRONG
            raise StoreLocked(words, wait_s=wait)
        self._tries.succeeded()
        self._locked.unlink(missing_ok=True)
        return keys

    def lock(self) -> None:
        """Ask for the passphrase next time, also at the next start; the keys are the caller's."""
        try:
            self._locked.touch()
        except OSError as error:  # it is locked all the same until the program ends
            self._log.error("lock", error)

    def let_open_by_itself(self, keys: Keys, *, wanted: bool) -> bool:
        """Set up or take away the way through the key store; whether it is now as wanted.

        The passphrase opens the store all the same.
        """
        slots = self._slots()
        others = tuple(slot for slot in slots if not isinstance(slot, KeptSlot))
        made = self._kept_slot(keys) if wanted and not self._keeper.why_not() else None
        self._file.write(keys, others if made is None else (*others, made))
        for slot in slots:
            if isinstance(slot, KeptSlot) and slot.keeper == self._keeper.ident:
                self._keeper.delete(slot.account)
        return (made is not None) is wanted

    def change_passphrase(self, keys: Keys, passphrase: str) -> None:
        """Let another passphrase open it and the old one no more."""
        if why := weakness(passphrase):
            raise StoreError(why)
        typed = passphrase_of(passphrase)
        try:
            slot = new_passphrase_slot(keys, typed, self._cost())
        finally:
            typed.wipe()
        others = tuple(s for s in self._slots() if not isinstance(s, PassphraseSlot))
        self._file.write(keys, (slot, *others))

    def _slots(self) -> tuple[Slot, ...]:
        return self._file.slots()

    def _kept_slot(self, keys: Keys) -> KeptSlot | None:
        account = f"store {secrets.token_hex(8)}"
        with_keeper = Secret.random()
        try:
            if not self._keeper.set(account, with_keeper.content):
                return None
            return new_kept_slot(keys, self._keeper.ident, account, with_keeper)
        finally:
            with_keeper.wipe()


_WRONG = "That is not the passphrase of this store."


def weakness(passphrase: str) -> str:
    """Why a new passphrase is not taken; empty when it is."""
    if len(passphrase) < LEAST_CHARACTERS:
        return f"The passphrase needs {LEAST_CHARACTERS} characters at least."
    if len(set(passphrase)) < 4:
        return "The passphrase repeats the same few characters; take another one."
    return ""


def _too_often(wrong: int, wait: float) -> str:
    seconds = max(1, round(wait))
    span = f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"
    return f"{wrong} wrong passphrases in a row: the next one is taken in {span}."


def _moved(content: bytearray) -> Secret:
    secret = Secret(content)
    content[:] = bytes(len(content))
    return secret
