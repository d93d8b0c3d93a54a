"""Argon2id: how long a passphrase is worked on before it opens anything (RFC 9106)."""

import os
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from workstation.store.secret import KEY_BYTES, Secret

SALT_BYTES = 16
_GOAL_S = 0.5  # unlocking stays below a second (R33)


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """What one try costs: memory in KiB, passes over it, lanes."""

    memory_kib: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        """Refuse what would bring this computer to its knees, or is no cost; ValueError."""
        if not (8 <= self.memory_kib <= 2 << 20 and 1 <= self.passes <= 64):
            raise ValueError("no cost of a passphrase")
        if not (1 <= self.lanes <= 16 and self.memory_kib >= 8 * self.lanes):
            raise ValueError("no cost of a passphrase")

    @property
    def work(self) -> int:
        """KiB written in all."""
        return self.memory_kib * self.passes

    def at_least(self, least: "Cost") -> bool:
        """Whether neither memory nor work is below ``least``."""
        return self.memory_kib >= least.memory_kib and self.work >= least.work


FLOOR = Cost(64 << 10, 3, 4)
"""The second choice of RFC 9106; nothing below it opens a store."""
_STEPS = (Cost(256 << 10, 4, 4), Cost(256 << 10, 3, 4), Cost(128 << 10, 4, 4), Cost(96 << 10, 3, 4))


def stretched(passphrase: Secret, salt: bytes, cost: Cost) -> Secret:
    """Give the key of a passphrase."""
    made = bytearray(KEY_BYTES)
    Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    ).derive_into(bytes(passphrase.content), made)
    secret = Secret(made)
    made[:] = bytes(KEY_BYTES)
    return secret


def calibrated(clock: Callable[[], float] = time.perf_counter) -> Cost:
    """Give the highest cost that this computer works off in about half a second."""
    begun = clock()
    stretched(Secret(b"calibration"), os.urandom(SALT_BYTES), FLOOR).wipe()
    per_kib = (clock() - begun) / FLOOR.work
    return next((cost for cost in _STEPS if cost.work * per_kib <= _GOAL_S), FLOOR)


def passphrase_of(typed: str) -> Secret:
    """What was typed, in the one form that every keyboard gives (NFKC, SP 800-63B)."""
    return Secret(unicodedata.normalize("NFKC", typed).encode("utf-8", "surrogatepass"))
