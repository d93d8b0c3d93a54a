"""Values of one data set by tag, converted on demand and never by raising."""

import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from viewer.loading.charset import codec_for, decode_text, visible

SPECIFIC_CHARACTER_SET = 0x00080005
_TEXT_LIMIT = 64 * 1024
_EXACT_DIGITS = 15
"""So many digits fit into a number of 64 bits without rounding."""
_ESCAPE = b"\x1b"

Raw = bytes | tuple["Fields", ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Raw values of a data set or item: bytes, or the items of a sequence."""

    raw: Mapping[int, Raw]
    little: bool = True
    codec: str = "latin-1"

    def __contains__(self, tag: int) -> bool:
        """Whether the element is there, even if empty."""
        return tag in self.raw

    def data(self, tag: int) -> bytes:
        """The value's bytes, empty when absent or a sequence."""
        value = self.raw.get(tag, b"")
        return value if isinstance(value, bytes) else b""

    def items(self, tag: int) -> tuple["Fields", ...]:
        """Items of a sequence, empty when absent."""
        value = self.raw.get(tag, ())
        return value if isinstance(value, tuple) else ()

    def item(self, tag: int) -> "Fields":
        """The first item of a sequence, or a data set without elements."""
        items = self.items(tag)
        return items[0] if items else Fields({}, self.little, self.codec)

    def text(self, tag: int) -> str:
        """The whole value as text, without padding, hidden characters made visible."""
        data = self.raw.get(tag)
        if not data or not isinstance(data, bytes):
            return ""
        data = data[:_TEXT_LIMIT]
        # most values have no escape sequence; this is what reading headers spends its time on
        text = (
            decode_text(data, self.codec) if _ESCAPE in data else data.decode(self.codec, "replace")
        )
        text = text.strip(" \0").replace("\0", "")
        return text if text.isprintable() else visible(text)

    def texts(self, tag: int) -> tuple[str, ...]:
        """The values of a text element, split at backslashes."""
        text = self.text(tag)
        return tuple(part.strip() for part in text.split("\\")) if text else ()

    def uid(self, tag: int) -> str:
        """A UID or code string: ASCII, padding removed."""
        data = self.raw.get(tag)
        if not data or not isinstance(data, bytes):
            return ""
        text = data[:_TEXT_LIMIT].decode("latin-1").strip(" \0")
        return text if text.isprintable() else visible(text)

    def numbers(self, tag: int) -> tuple[float, ...]:
        """Decimal strings (DS, IS) as finite floats; empty when any of them is not a number."""
        data = self.data(tag)
        if not data or b"_" in data:  # which Python would take between digits
            return ()
        parts = data[:_TEXT_LIMIT].decode("latin-1").replace("\0", " ").split("\\")
        try:
            numbers = tuple(map(float, parts))
        except ValueError:  # perhaps only for a value that is left empty
            numbers = _numbers([part for part in parts if part.strip(" ")])
        return numbers if all(map(math.isfinite, numbers)) else ()

    def number(self, tag: int) -> float | None:
        """The first decimal string."""
        numbers = self.numbers(tag)
        return numbers[0] if numbers else None

    def integer(self, tag: int) -> int | None:
        """The first integer string (IS)."""
        data = self.raw.get(tag)
        if isinstance(data, bytes) and len(data) <= _EXACT_DIGITS:
            digits = data.strip(b" \0")
            if digits.isdigit():
                return int(digits)
        number = self.number(tag)
        return None if number is None else int(number)

    def shorts(self, tag: int, *, signed: bool = False) -> tuple[int, ...]:
        """16-bit binary values (US or SS)."""
        return self._unpack(tag, "h" if signed else "H")

    def short(self, tag: int) -> int | None:
        """The first unsigned 16-bit value."""
        data = self.data(tag)[:2]
        return int.from_bytes(data, "little" if self.little else "big") if len(data) == 2 else None

    def longs(self, tag: int) -> tuple[int, ...]:
        """32-bit unsigned values (UL)."""
        return self._unpack(tag, "I")

    def signed_longs(self, tag: int) -> tuple[int, ...]:
        """32-bit signed values (SL)."""
        return self._unpack(tag, "i")

    def doubles(self, tag: int) -> tuple[float, ...]:
        """64-bit floats (FD) that are finite; empty otherwise."""
        values: tuple[float, ...] = self._unpack(tag, "d")
        return values if all(map(math.isfinite, values)) else ()

    def floats(self, tag: int) -> tuple[float, ...]:
        """32-bit floats (FL) that are finite; empty otherwise."""
        values: tuple[float, ...] = self._unpack(tag, "f")
        return values if all(map(math.isfinite, values)) else ()

    def _unpack(self, tag: int, code: str) -> tuple[int, ...]:
        data = self.data(tag)
        count = len(data) // struct.calcsize(code)
        return struct.unpack_from(f"{'<' if self.little else '>'}{count}{code}", data)


def _numbers(parts: Iterable[str]) -> tuple[float, ...]:
    try:
        return tuple(map(float, parts))
    except ValueError:
        return ()


def swapped_words(data: bytes) -> bytes:
    """Bytes that lie in 16-bit words of the other order (PS3.5 8.1.1, OW); half a word is lost."""
    even = bytearray(data[: len(data) // 2 * 2])
    even[0::2], even[1::2] = even[1::2], even[0::2]
    return bytes(even)


def item_codec(raw: Mapping[int, Raw], inherited: str) -> str:
    """The codec that a data set's Specific Character Set asks for, else the one around it."""
    value = raw.get(SPECIFIC_CHARACTER_SET)
    if not isinstance(value, bytes):
        return inherited
    return _codec_of(value[:_TEXT_LIMIT]) or inherited


@lru_cache(maxsize=64)
def _codec_of(value: bytes) -> str | None:
    """The codec of a Specific Character Set; the same few come with every header."""
    return codec_for([part.strip(" \0") for part in value.decode("latin-1").split("\\")])
