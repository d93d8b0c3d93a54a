"""The outline of an ICC profile, checked before any colour library sees it (F18, R23)."""

import struct

LARGEST = 4 * 1024 * 1024
_MOST_TAGS = 100
_CLASSES = {b"scnr", b"mntr", b"spac", b"prtr"}
"""Input, display, colour space, output; links and abstract profiles have no RGB of their own."""
_VERSIONS = {2, 4}
_MATRIX = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_TO_SPACE = (b"A2B0", b"A2B1", b"A2B2")
_FROM_SPACE = (b"B2A0", b"B2A1", b"B2A2")
_PARAMETERS = (1, 3, 4, 5, 7)
"""Numbers of a parametric curve by its function (ICC.1 10.18)."""

Tags = dict[bytes, bytes]


def why_unusable(data: bytes) -> str:
    """What is wrong with a profile of RGB colours (ICC.1 7.2, 7.3, 10); '' when nothing is."""
    return _head_fault(data) or _content_fault(data, _TO_SPACE)


def why_no_screen(data: bytes) -> str:
    """What keeps a profile from being that of a screen, as ``why_unusable``."""
    found = _head_fault(data)
    if found:
        return found
    if data[12:16] != b"mntr":
        return "it is not the profile of a screen."
    return _content_fault(data, _FROM_SPACE)


def _head_fault(data: bytes) -> str:
    if len(data) < 132:
        return "it is shorter than a header."
    if len(data) > LARGEST:
        return f"it is longer than {LARGEST // (1024 * 1024)} MiB."
    (size,) = struct.unpack_from(">I", data)
    if data[36:40] != b"acsp":
        return "it does not have the mark of an ICC profile."
    if not 132 <= size <= len(data):
        return f"it says {size} bytes and has {len(data)}."
    if data[8] not in _VERSIONS:
        return f"its version {data[8]} is unknown."
    if data[12:16] not in _CLASSES or data[16:20] != b"RGB ":
        return "it is not one of RGB colours."
    if data[20:24] not in {b"XYZ ", b"Lab "}:
        return "its connection space is unknown."
    return ""


def _content_fault(data: bytes, tables: tuple[bytes, ...]) -> str:
    (size,) = struct.unpack_from(">I", data)
    found: Tags = {}
    (count,) = struct.unpack_from(">I", data, 128)
    if not 1 <= count <= _MOST_TAGS or 132 + 12 * count > size:
        return f"its table says {count} tags."
    for n in range(count):
        name, offset, length = struct.unpack_from(">4sII", data, 132 + 12 * n)
        if offset < 128 or offset + length > size:
            return "one of its tags lies outside it."
        if name in found:
            return "one of its tags is there twice."
        found[name] = data[offset : offset + length]
    return _colour_fault(found, tables)


def _colour_fault(found: Tags, tables: tuple[bytes, ...]) -> str:
    """What the colours themselves lack: tables of their own, or primaries and three curves."""
    for name in (*_TO_SPACE, *_FROM_SPACE):
        if name in found and not _is_table(found[name]):
            return f"its table {name.decode()} is damaged."
    for name in (*_MATRIX, *_CURVES):
        sound = _is_primary if name in _MATRIX else _is_curve
        if name in found and not sound(found[name]):
            return f"its tag {name.decode()} is damaged."
    if any(name in found for name in tables):
        return ""
    lacking = [name.decode() for name in (*_MATRIX, *_CURVES) if name not in found]
    return f"it has no {lacking[0]}." if lacking else ""


def _is_primary(tag: bytes) -> bool:
    return tag[:4] == b"XYZ " and len(tag) >= 20


def _is_curve(tag: bytes) -> bool:
    if len(tag) < 12:
        return False
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        return bool(count <= 65536 and len(tag) >= 12 + 2 * count)
    (function,) = struct.unpack_from(">H", tag, 8)
    known = tag[:4] == b"para" and function < len(_PARAMETERS)
    return known and len(tag) >= 12 + 4 * _PARAMETERS[function]


def _is_table(tag: bytes) -> bool:
    """A table of three colours by three that holds what it says (ICC.1 10.10 to 10.13)."""
    if len(tag) < 32 or tag[8:10] != b"\x03\x03":
        return False
    kind = tag[:4]
    if kind in {b"mft1", b"mft2"}:
        points = 3 * tag[10] ** 3
        if kind == b"mft1":
            return tag[10] >= 2 and len(tag) >= 48 + 3 * 256 * 2 + points
        if len(tag) < 52:
            return False
        before, after = struct.unpack_from(">HH", tag, 48)
        curves = 3 * (before + after)
        within = 2 <= before <= 4096 and 2 <= after <= 4096
        return within and tag[10] >= 2 and len(tag) >= 52 + 2 * (curves + points)
    if kind in {b"mAB ", b"mBA "}:
        return all(at < len(tag) for at in struct.unpack_from(">5I", tag, 12))
    return False
