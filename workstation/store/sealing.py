"""How records of pixels lie on disk: AES-256-GCM, each sealed with what it is about (R3).

A record is ``ciphertext ‖ tag ‖ nonce``. The nonce is a counter of 96 bits under a key that only
its own series file has; the words about it go in as associated data, so that no record is taken for
another one.
"""

import threading
from collections.abc import Callable
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workstation.store.secret import Secret

Buffer = bytes | bytearray | memoryview

_TAG = 16
_NONCE = 12
OVERHEAD = _TAG + _NONCE
"""Bytes by which a record is longer than its content."""
MOST_CONTENT = (1 << 31) - 1 - OVERHEAD


class DamagedRecord(Exception):
    """A record is not what was sealed, or is another record, or of another key."""


class Seal(Protocol):
    """Turns contents into records and back; safe to call from several threads."""

    def seal(self, content: Buffer, about: bytes) -> tuple[Buffer, ...]:
        """The record, in pieces that follow each other."""
        ...

    def open(self, record: memoryview, about: bytes) -> memoryview:
        """The content, in memory of its own; raises DamagedRecord."""
        ...

    def open_bytes(self, record: memoryview, about: bytes) -> bytes:
        """The content as bytes; raises DamagedRecord."""
        ...


class Counter:
    """Nonces of one key: each is given once, ever.

    ``reserve`` makes the next block ours on the disk before one of it is used, so that neither
    a power cut nor a second run gives one again.
    """

    def __init__(self, first: int, end: int, reserve: Callable[[], tuple[int, int]]) -> None:
        """``first`` up to ``end`` are reserved already."""
        self._next = first
        self._end = end
        self._reserve = reserve
        self._lock = threading.Lock()

    def take(self) -> bytes:
        """The next nonce, big-endian; raises what ``reserve`` raises."""
        with self._lock:
            if self._next >= self._end:
                self._next, self._end = self._reserve()
            nonce = self._next
            self._next += 1
        return nonce.to_bytes(_NONCE, "big")


class SeriesSeal:
    """The seal of one series file."""

    def __init__(self, key: Secret, counter: Counter) -> None:
        """Take the file's own key; the caller wipes it."""
        self._cipher = AESGCM(bytes(key.content))  # it may read its key later, when ours is wiped
        self._counter = counter

    def seal(self, content: Buffer, about: bytes) -> tuple[Buffer, ...]:
        """Encrypt under the next nonce; ValueError when the content is too long for a record."""
        length = memoryview(content).nbytes
        if length > MOST_CONTENT:
            raise ValueError("too long for one record")
        sealed = bytearray(length + _TAG)
        nonce = self._counter.take()
        self._cipher.encrypt_into(nonce, content, about, sealed)
        return sealed, nonce

    def open(self, record: memoryview, about: bytes) -> memoryview:
        """Decrypt into new memory, which nothing else holds."""
        content = memoryview(bytearray(max(0, len(record) - OVERHEAD)))
        try:
            self._cipher.decrypt_into(record[-_NONCE:], record[:-_NONCE], about, content)
        except (InvalidTag, ValueError) as error:
            raise DamagedRecord from error
        return content

    def open_bytes(self, record: memoryview, about: bytes) -> bytes:
        """Decrypt into a bytes object, which readers of files take without a copy."""
        try:
            return self._cipher.decrypt(record[-_NONCE:], record[:-_NONCE], about)
        except (InvalidTag, ValueError) as error:
            raise DamagedRecord from error
