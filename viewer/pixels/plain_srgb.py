"""The ICC profile that says plain sRGB, for objects that must have a profile (PS3.3 C.11.15)."""

import struct

from viewer.model.colour import ColourProfile

_D50 = (0.9642, 1.0, 0.8249)
_PRIMARIES = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
"""Adapted to D50 (IEC 61966-2-1)."""
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def _numbers(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _text(words: str) -> bytes:
    """ICC.1 10.15, one record in English."""
    return (
        b"mluc"
        + bytes(4)
        + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2 * len(words), 28)
        + (words.encode("utf-16-be"))
    )


def _profile() -> bytes:
    """Version 4, of the class of input devices, by primaries and one parametric curve."""
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _numbers(*_CURVE)
    tags = {
        b"desc": _text("sRGB"),
        b"cprt": _text("No copyright, use freely"),
        b"wtpt": b"XYZ " + bytes(4) + _numbers(*_D50),
        **{name: b"XYZ " + bytes(4) + _numbers(*xyz) for name, xyz in _PRIMARIES.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = at + len(body)
    head = struct.pack(">I4s4s4s4s4s", size, b"", b"\x04\x30", b"scnr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += _numbers(*_D50) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body


PLAIN_SRGB = ColourProfile(_profile(), "SRGB")


def is_plain(profile: ColourProfile | None) -> bool:
    """Whether colours need no conversion to sRGB: without a profile, or with the one above."""
    return profile is None or profile.data.rstrip(b"\0") == PLAIN_SRGB.data.rstrip(b"\0")
