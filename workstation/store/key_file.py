"""The key file: the master key wrapped once for each way to unlock, and nothing secret in clear.

It is JSON with an HMAC over everything in it, so that nobody makes a way to unlock cheaper unseen.
A copy lies beside it: with it lost, everything in the store would be lost.
"""

import base64
import hmac
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.errors import KeysDamaged, StoreError, StoreUnwritable
from workstation.store.folders import replace_durably
from workstation.store.keys import Keys, keys_from
from workstation.store.secret import Secret
from workstation.store.stretching import FLOOR, SALT_BYTES, Cost, stretched

_VERSION = 1
_NAMES = ("keys.json", "keys.copy.json")
_MOST_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class PassphraseSlot:
    """Opened by a passphrase."""

    salt: bytes
    cost: Cost
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class KeptSlot:
    """Opened by a secret that a key store keeps under ``account``."""

    keeper: str
    account: str
    salt: bytes
    wrapped: bytes


Slot = PassphraseSlot | KeptSlot


@dataclass(frozen=True, slots=True)
class _Header:
    slots: tuple[Slot, ...]
    mac: bytes


class KeyFile:
    """The file of one store's folder."""

    def __init__(self, folder: Path, *, least: Cost = FLOOR) -> None:
        """Read nothing yet; ``least``: the cost below which no passphrase is tried."""
        self._folder = folder
        self._least = least

    @property
    def exists(self) -> bool:
        """Whether this store has keys."""
        return any((self._folder / name).exists() for name in _NAMES)

    def slots(self) -> tuple[Slot, ...]:
        """The ways to unlock, as they stand in the file; raises KeysDamaged, StoreError."""
        return self._headers()[0].slots

    def by_passphrase(self, passphrase: Secret) -> Keys | None:
        """Unlock; None when it is the passphrase of no slot. Raises KeysDamaged, StoreError."""
        return self._unlocked(lambda slot: self._stretched(slot, passphrase))

    def by_kept(self, keeper: str, secret_of: Callable[[str], Secret | None]) -> Keys | None:
        """Unlock by what a key store keeps of an account; None when it opens nothing."""

        def key(slot: Slot) -> Secret | None:
            if not isinstance(slot, KeptSlot) or slot.keeper != keeper:
                return None
            kept = secret_of(slot.account)
            if kept is None:
                return None
            try:
                return kept.derived("kept", slot.salt)
            finally:
                kept.wipe()

        return self._unlocked(key)

    def write(self, keys: Keys, slots: tuple[Slot, ...]) -> None:
        """Write the file and its copy; returns when both are on disk. Raises StoreUnwritable."""
        content = _content(slots)
        content["mac"] = _text(keys.header_mac(_canonical(content)))
        data = json.dumps(content, indent=1).encode()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            for name in _NAMES:
                replace_durably(self._folder / name, data)
        except OSError as error:
            raise StoreUnwritable(
                f"The store's folder {self._folder} cannot be written: {error.strerror}."
            ) from error

    def _stretched(self, slot: Slot, passphrase: Secret) -> Secret | None:
        if not isinstance(slot, PassphraseSlot):
            return None
        if not slot.cost.at_least(self._least):
            raise KeysDamaged(
                "The store's key file was changed: it makes a passphrase easier to guess than "
                "Lightbox ever does. It is not used."
            )
        return stretched(passphrase, slot.salt, slot.cost)

    def _unlocked(self, key_of: Callable[[Slot], Secret | None]) -> Keys | None:
        changed = False
        tried: set[Slot] = set()
        for header in self._headers():
            for slot in header.slots:
                if slot in tried:
                    continue
                tried.add(slot)
                key = key_of(slot)
                if key is None:
                    continue
                keys = keys_from(slot.wrapped, key)
                key.wipe()
                if keys is None:
                    continue
                if _is_meant(keys, header):
                    return keys
                keys.wipe()
                changed = True
        if changed:
            raise KeysDamaged("The store's key file was changed by another program; not used.")
        return None

    def _headers(self) -> list[_Header]:
        """What can be read of file and copy; they differ only after a power cut or a fault."""
        found: list[_Header] = []
        newer = False
        for name in _NAMES:
            try:
                with (self._folder / name).open("rb") as file:
                    tree = json.loads(file.read(_MOST_BYTES))
                newer = newer or tree["version"] > _VERSION
                header = _header(tree)
            except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
                continue
            if header not in found:
                found.append(header)
        if found:
            return found
        if newer:
            raise StoreError("The store's keys were written by a newer Lightbox.")
        raise KeysDamaged(
            f"The store's key file {self._folder / _NAMES[0]} cannot be read. Nothing was changed; "
            "bring the file back from a copy of this folder."
        )


def new_passphrase_slot(keys: Keys, passphrase: Secret, cost: Cost) -> PassphraseSlot:
    """Make a slot that this passphrase opens."""
    salt = os.urandom(SALT_BYTES)
    key = stretched(passphrase, salt, cost)
    try:
        return PassphraseSlot(salt, cost, keys.master_wrapped(key))
    finally:
        key.wipe()


def new_kept_slot(keys: Keys, keeper: str, account: str, secret: Secret) -> KeptSlot:
    """Make a slot that a secret of a key store opens."""
    salt = os.urandom(SALT_BYTES)
    key = secret.derived("kept", salt)
    try:
        return KeptSlot(keeper, account, salt, keys.master_wrapped(key))
    finally:
        key.wipe()


def _is_meant(keys: Keys, header: _Header) -> bool:
    return hmac.compare_digest(keys.header_mac(_canonical(_content(header.slots))), header.mac)


def _content(slots: tuple[Slot, ...]) -> dict[str, Any]:
    return {"version": _VERSION, "slots": [_plain(slot) for slot in slots]}


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _plain(slot: Slot) -> dict[str, object]:
    match slot:
        case PassphraseSlot(salt, cost, wrapped):
            return {
                "kind": "passphrase",
                "kdf": "argon2id",
                "memory_kib": cost.memory_kib,
                "passes": cost.passes,
                "lanes": cost.lanes,
                "salt": _text(salt),
                "wrapped": _text(wrapped),
            }
        case KeptSlot(keeper, account, salt, wrapped):
            return {
                "kind": "kept",
                "keeper": keeper,
                "account": account,
                "salt": _text(salt),
                "wrapped": _text(wrapped),
            }


def _header(tree: Any) -> _Header:
    if tree["version"] != _VERSION:
        raise ValueError("version")
    return _Header(tuple(_slot(raw) for raw in tree["slots"]), _raw(tree["mac"]))


def _slot(raw: Any) -> Slot:
    salt, wrapped = _raw(raw["salt"]), _raw(raw["wrapped"])
    if raw["kind"] == "kept":
        return KeptSlot(str(raw["keeper"]), str(raw["account"]), salt, wrapped)
    if raw["kind"] != "passphrase" or raw["kdf"] != "argon2id" or len(salt) != SALT_BYTES:
        raise ValueError("slot")
    cost = Cost(*(_number(raw[name]) for name in ("memory_kib", "passes", "lanes")))
    return PassphraseSlot(salt, cost, wrapped)


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError("number")
    return value


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _raw(text: Any) -> bytes:
    return base64.b64decode(text, validate=True)
