"""multipart/related cut into parts while it streams (RFC 2046 §5.1, PS3.18 §8.7.1)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workstation.errors import BadAnswer, Unreachable

PART_CAP = 2 << 30
"""Largest part that is accepted, bytes."""
_HEADER_CAP = 16 << 10
_PREAMBLE_CAP = 64 << 10
_PADDING = 100
"""White space that may follow a boundary on its line."""
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One whole part; header names in lower case."""

    headers: Mapping[str, str]
    data: bytes = field(repr=False)


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a multipart Content-Type names; None for any other type."""
    if not content_type.lower().lstrip().startswith("multipart/"):
        return None
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise BadAnswer("A multipart answer names no boundary.")
    found = re.sub(r"\\(.)", r"\1", match.group(1)) if match.group(1) is not None else match[2]
    if not 0 < len(found) <= 200 or not found.isascii():
        raise BadAnswer("A multipart answer names an unusable boundary.")
    return found.encode("ascii")


class MultipartReader:
    """Push chunks in, get whole parts out; holds no more than one part."""

    def __init__(self, boundary: bytes, *, part_cap: int = PART_CAP) -> None:
        """``boundary`` as in the Content-Type, without dashes."""
        self._mark = b"\r\n--" + boundary
        self._cap = part_cap
        self._held = _Window()
        # The first boundary may stand at the very start, where no line ends before it.
        self._held.append(b"\r\n")
        self._seen = 0
        self._headers: Mapping[str, str] | None = None
        self._started = False
        self._closed = False

    def feed(self, chunk: bytes) -> list[Part]:
        """Take the next bytes; BadAnswer when they break the format or a cap."""
        if self._closed:
            return []
        self._held.append(chunk)
        found: list[Part] = []
        while not self._closed and self._step(found):
            pass
        return found

    def finish(self) -> None:
        """Say that no more will come: Unreachable unless the closing boundary has been seen."""
        if not self._closed:
            raise Unreachable("The platform stopped in the middle of the images.")

    def _step(self, found: list[Part]) -> bool:
        if self._started and self._headers is None:
            return self._take_headers()
        return self._take_body(found)

    def _take_headers(self) -> bool:
        held = self._held
        # A part without headers starts with the empty line itself.
        end = 0 if held.copy(0, 2) == b"\r\n" else held.find(b"\r\n\r\n", 0)
        if end < 0:
            if len(held) > _HEADER_CAP:
                raise BadAnswer("A part of a multipart answer has endless headers.")
            return False
        self._headers = _parse_headers(held.copy(0, end))
        # The line end before the body stays: a body may be empty, and then it opens the mark.
        held.drop(end + 2 if end else 0)
        self._seen = 0
        return True

    def _take_body(self, found: list[Part]) -> bool:
        held, mark = self._held, self._mark
        at = held.find(mark, self._seen)
        if at < 0:
            self._seen = max(0, len(held) - len(mark) + 1)
            self._check_size(len(held))
            return False
        after = at + len(mark)
        following = held.copy(after, after + _PADDING + 2)
        closed = following.startswith(b"--")
        end = 2 if closed else _line_end(following)
        if end is None:
            self._seen = at
            return False
        if end < 0:
            self._seen = at + 1
            return True
        self._check_size(at)
        if self._started:
            found.append(Part(self._headers or {}, held.copy(2, at)))
        self._started = True
        self._headers = None
        self._closed = closed
        held.drop(after + end)
        self._seen = 0
        return True

    def _check_size(self, size: int) -> None:
        cap = self._cap if self._started else _PREAMBLE_CAP
        if size > cap + len(self._mark) + 2:
            raise BadAnswer("A part of a multipart answer is larger than any image may be.")


class _Window:
    """Bytes that come at the end and go at the front, in one buffer that is used again.

    A plain bytearray gives its memory back after each part and faults it in again: 5 x slower.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(1 << 16)
        self._start = 0
        self._end = 0

    def __len__(self) -> int:
        return self._end - self._start

    def append(self, data: bytes) -> None:
        needed = len(self) + len(data)
        if self._end + len(data) > len(self._buffer):
            self._buffer[: len(self)] = self._buffer[self._start : self._end]
            self._start, self._end = 0, len(self)
            if needed > len(self._buffer):
                self._buffer += bytes(max(needed, 3 * len(self._buffer) // 2) - len(self._buffer))
        self._buffer[self._end : self._end + len(data)] = data
        self._end += len(data)

    def find(self, wanted: bytes, start: int) -> int:
        at = self._buffer.find(wanted, self._start + start, self._end)
        return at - self._start if at >= 0 else -1

    def copy(self, start: int, end: int) -> bytes:
        begin, last = self._start + start, min(self._start + end, self._end)
        return bytes(memoryview(self._buffer)[begin : max(begin, last)])

    def drop(self, count: int) -> None:
        self._start += count


def _line_end(following: bytes) -> int | None:
    """Where the boundary's line ends; None: more is needed; -1: it is no boundary but content."""
    rest = following.lstrip(b" \t")
    padding = len(following) - len(rest)
    if rest.startswith(b"\r\n"):
        return padding + 2
    open_end = rest in {b"", b"\r"} or following == b"-"
    return None if open_end and padding <= _PADDING else -1


def _parse_headers(block: bytes) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for line in block.decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers


def related(parts: Sequence[bytes], boundary: str, *, media_type: str) -> tuple[str, bytes]:
    """Build a multipart/related body: its Content-Type and the bytes."""
    pieces: list[bytes] = []
    for part in parts:
        pieces += [f"--{boundary}\r\nContent-Type: {media_type}\r\n\r\n".encode(), part, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return f'multipart/related; type="{media_type}"; boundary={boundary}', b"".join(pieces)
