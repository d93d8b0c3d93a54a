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


class Checksums:
    """Tags of AES-GCM under a key that everybody knows: twenty times as fast here as SHA-256.

    They tell damage from what was written, and are no protection against anybody.
    """

    LENGTH = 16

    def __init__(self) -> None:
        """Take the known key."""
        self._sum = AESGCM(bytes(16))

    def of(self, content: Buffer, about: bytes) -> bytes:
        """The checksum of some content, as that which it is about."""
        return self._sum.encrypt(_nonce(about), b"", content)

    def fits(self, checksum: Buffer, content: Buffer, about: bytes) -> bool:
        """Whether content and meaning are those of the checksum."""
        try:
            self._sum.decrypt(_nonce(about), checksum, content)
        except (InvalidTag, ValueError):
            return False
        return True


class CheckedRecords:
    """Content in clear with a checksum behind it; the store is not encrypted yet."""

    overhead = Checksums.LENGTH

    def __init__(self) -> None:
        """Make ready."""
        self._sums = Checksums()

    def seal(self, content: Buffer, about: bytes) -> tuple[Buffer, ...]:
        """The content itself, then its checksum."""
        return content, self._sums.of(content, about)

    def open(self, record: memoryview, about: bytes) -> memoryview:
        """The content within ``record``; raises DamagedRecord."""
        content, checksum = record[: -self.overhead], record[-self.overhead :]
        if not self._sums.fits(checksum, content, about):
            raise DamagedRecord
        return content


def _nonce(about: bytes) -> bytes:
    return hashlib.sha256(about).digest()[:12]
