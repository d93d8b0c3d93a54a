"""The SOP Instance UID of a Part 10 file, from its file meta group alone (PS3.10 §7.1)."""

import struct

_LONG = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UN", b"UR", b"UT"})
_MEDIA_STORAGE_SOP_INSTANCE = 0x0003


def sop_instance_uid(data: bytes) -> str:
    """Give (0002,0003), always explicit little endian; '' when this is no such file."""
    if len(data) < 144 or data[128:132] != b"DICM":
        return ""
    at = 132
    while at + 8 <= len(data):
        group, element = struct.unpack_from("<HH", data, at)
        if group != 0x0002:
            return ""
        kind = data[at + 4 : at + 6]
        if kind in _LONG:
            if at + 12 > len(data):
                return ""
            (length,) = struct.unpack_from("<I", data, at + 8)
            at += 12
        else:
            (length,) = struct.unpack_from("<H", data, at + 6)
            at += 8
        if at + length > len(data):
            return ""
        if element == _MEDIA_STORAGE_SOP_INSTANCE:
            found = data[at : at + length].rstrip(b"\0 ")
            return found.decode("ascii") if _is_uid(found) else ""
        at += length
    return ""


def _is_uid(value: bytes) -> bool:
    return 0 < len(value) <= 64 and all(c in b"0123456789." for c in value)
