"""The bytes of an object that its header was read from, to read it again without the object."""

import struct
from typing import BinaryIO

from viewer.loading.guard import FileBytes, PlainBytes

_HEAD = struct.Struct("<QI")
_PIECE = struct.Struct("<QQI")
_MOST = 4 * 1024 * 1024


class BeyondNoted(Exception):
    """Something is asked for that was not read the first time."""


class NotedBytes(FileBytes):
    """A file that notes what is read of it."""

    def __init__(self, file: BinaryIO) -> None:
        """Note nothing yet."""
        super().__init__(file)
        self._pieces: dict[tuple[int, int], bytes] = {}

    def read_at(self, offset: int, count: int) -> bytes:
        """As of any file."""
        data = super().read_at(offset, count)
        self._pieces[offset, count] = data
        return data

    def noted(self, needed: int) -> bytes:
        """What was read, for ``ReplayedBytes``; empty when that is too much to keep.

        Of the beginning only the first ``needed`` bytes: those before the pixel data.
        """
        if needed > _MOST:
            return b""
        needed += 4  # in implicit VR the walk looks at twelve bytes, of which the head is eight
        beginning = self.first(needed)[:needed]
        pieces = [
            _PIECE.pack(offset, count, len(data)) + data
            for (offset, count), data in self._pieces.items()
            if offset + count > len(beginning)
        ]
        parts = [_HEAD.pack(self.size or 0, len(beginning)), beginning, *pieces]
        return b"".join(parts) if sum(map(len, parts)) <= _MOST else b""


class ReplayedBytes(PlainBytes):
    """What was noted, as the file that it was read from; BeyondNoted for anything else."""

    def __init__(self, noted: bytes) -> None:
        """Take what ``NotedBytes.noted`` gave."""
        size, length = _HEAD.unpack_from(noted)
        at = _HEAD.size + length
        super().__init__(noted[_HEAD.size : at])
        self.size = size
        self._pieces: dict[tuple[int, int], bytes] = {}
        while at < len(noted):
            offset, count, held = _PIECE.unpack_from(noted, at)
            at += _PIECE.size
            self._pieces[offset, count] = noted[at : at + held]
            at += held

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to ``count`` bytes."""
        data = super().read_at(offset, count)
        if len(data) == count or len(data) == max((self.size or 0) - offset, 0):
            return data
        piece = self._pieces.get((offset, count))
        if piece is None:
            raise BeyondNoted
        return piece
