"""How records of pixels lie on disk: the one place where encryption comes in.

A record is sealed with what it is about, so that it is not taken for another one.
"""

import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Buffer = bytes | bytearray | memoryview


class DamagedRecord(Exception):
    """A record is not what was sealed, or is another record."""


class Seal(Protocol):
    """Turns contents into records and back; safe to call from several threads."""

    overhead: int
    """Bytes by which a record is longer than its content."""

    def seal(self, content: Buffer, about: bytes) -> tuple[Buffer, ...]:
        """The record, in pieces that follow each other."""
        ...

    def open(self, record: memoryview, about: bytes) -> memoryview:
        """The content, perhaps within ``record`` itself; raises DamagedRecord."""
        ...


class CheckedRecords:
    """Content in clear with a checksum behind it; the store is not encrypted yet.

    The checksum is the tag of AES-GCM under a key that everybody knows: the fastest there is here,
    and no protection against anybody.
    """

    overhead = 16

    def __init__(self) -> None:
        """Take the known key."""
        self._sum = AESGCM(bytes(16))

    def seal(self, content: Buffer, about: bytes) -> tuple[Buffer, ...]:
        """The content itself, then its checksum."""
        return content, self._sum.encrypt(_nonce(about), b"", content)

    def open(self, record: memoryview, about: bytes) -> memoryview:
        """The content within ``record``; raises DamagedRecord."""
        content, checksum = record[: -self.overhead], record[-self.overhead :]
        try:
            self._sum.decrypt(_nonce(about), checksum, content)
        except InvalidTag as error:
            raise DamagedRecord from error
        return content


def _nonce(about: bytes) -> bytes:
    return hashlib.sha256(about).digest()[:12]
