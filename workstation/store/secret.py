"""Keys in memory that can be overwritten, and that no log, traceback or pickle ever shows."""

import hashlib
import hmac
import os
from typing import NoReturn

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class Secret:
    """Some secret bytes. Python may have copied them elsewhere before: see docs/security.md."""

    __slots__ = ("_content",)

    def __init__(self, content: bytes | bytearray | memoryview) -> None:
        """Take a copy; the caller overwrites its own."""
        self._content = bytearray(content)

    @classmethod
    def random(cls) -> "Secret":
        """Make a new 256-bit key from the system's generator."""
        return cls(os.urandom(KEY_BYTES))

    @property
    def content(self) -> bytearray:
        """The bytes themselves, not a copy; ValueError once they are overwritten."""
        if not self._content:
            raise ValueError("this key was overwritten")
        return self._content

    @property
    def is_wiped(self) -> bool:
        """Whether it is overwritten."""
        return not self._content

    def derived(self, purpose: str, salt: bytes = b"", length: int = KEY_BYTES) -> "Secret":
        """Give the key of one purpose (HKDF-SHA256, RFC 5869)."""
        made = bytearray(length)
        info = b"lightbox " + purpose.encode()
        HKDF(SHA256(), length, salt or None, info).derive_into(self.content, made)
        secret = Secret(made)
        made[:] = bytes(length)
        return secret

    def mac(self, content: bytes) -> bytes:
        """HMAC-SHA256 of some content."""
        return hmac.new(self.content, content, hashlib.sha256).digest()

    def wipe(self) -> None:
        """Overwrite and forget; again does nothing."""
        self._content[:] = bytes(len(self._content))
        self._content = bytearray()

    def __repr__(self) -> str:
        """Say nothing of the content."""
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied or written."""
        raise TypeError("a secret is not written anywhere")
