"""RGB profiles of primaries and a gamma, written by hand (ICC.1:2001-04)."""

import struct

import numpy as np
from numpy.typing import NDArray

Chromaticity = tuple[float, float]

_D65, _D50 = (0.3127, 0.3290), (0.3457, 0.3585)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def _xyz(place: Chromaticity) -> NDArray[np.float64]:
    x, y = place
    return np.array([x / y, 1.0, (1 - x - y) / y])


def matrix_of(red: Chromaticity, green: Chromaticity, blue: Chromaticity) -> NDArray[np.float64]:
    """Linear RGB with a white of D65 to XYZ adapted to D50."""
    primaries = np.stack([_xyz(p) for p in (red, green, blue)], axis=1)
    scaled = primaries * np.linalg.solve(primaries, _xyz(_D65))
    cones = _BRADFORD @ np.stack([_xyz(_D65), _xyz(_D50)], axis=1)
    adapt = np.linalg.inv(_BRADFORD) @ np.diag(cones[:, 1] / cones[:, 0]) @ _BRADFORD
    return np.asarray(adapt @ scaled)


def profile_of(
    red: Chromaticity, green: Chromaticity, blue: Chromaticity, *, gamma: float
) -> bytes:
    """A display profile of three primaries, a white of D65 and one gamma."""
    columns = matrix_of(red, green, blue).T
    curve = struct.pack(">4sIIH2x", b"curv", 0, 1, round(gamma * 256))
    text = b"desc" + struct.pack(">II", 0, 5) + b"test\0" + bytes(4 + 4 + 2 + 1 + 67)
    blocks = {
        b"desc": text + bytes(-len(text) % 4),
        b"cprt": b"text" + bytes(4) + b"none" + bytes(4),
        b"wtpt": _fixed(_xyz(_D50)),
        b"rXYZ": _fixed(columns[0]),
        b"gXYZ": _fixed(columns[1]),
        b"bXYZ": _fixed(columns[2]),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    at = 132 + 12 * len(blocks)
    table, body = struct.pack(">I", len(blocks)), b""
    for name, block in blocks.items():
        table += struct.pack(">4sII", name, at + len(body), len(block))
        body += block
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4s4s4s4s4s", size, bytes(4), b"\x02\x10\0\0", b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(24 + 4)
    head += _fixed(_xyz(_D50))[8:]
    return head + bytes(128 - len(head)) + table + body


def _fixed(xyz: NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(float(v) * 65536) for v in xyz))
