"""RGB profiles of primaries and a gamma, written by hand (ICC.1:2001-04)."""

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.pixels.colour_conversion import fill_table
from viewer.pixels.colour_table import LEVELS, ColourTable

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
    red: Chromaticity,
    green: Chromaticity,
    blue: Chromaticity,
    *,
    gamma: float = 0.0,
    response: NDArray[np.float64] | None = None,
) -> bytes:
    """A display profile of three primaries, a white of D65, and one gamma or measured response."""
    columns = matrix_of(red, green, blue).T
    curve = struct.pack(">4sIIH2x", b"curv", 0, 1, round(gamma * 256))
    if response is not None:
        steps = np.floor(response * 65535 + 0.5).astype(">u2").tobytes()
        curve = struct.pack(">4sII", b"curv", 0, len(response)) + steps
        curve += bytes(-len(curve) % 4)
    colours = {
        b"rXYZ": _fixed(columns[0]),
        b"gXYZ": _fixed(columns[1]),
        b"bXYZ": _fixed(columns[2]),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    return _assembled(colours, b"XYZ ")


def _assembled(colours: Mapping[bytes, bytes], space: bytes) -> bytes:
    text = b"desc" + struct.pack(">II", 0, 5) + b"test\0" + bytes(4 + 4 + 2 + 1 + 67)
    blocks = {
        b"desc": text + bytes(-len(text) % 4),
        b"cprt": b"text" + bytes(4) + b"none" + bytes(4),
        b"wtpt": _fixed(_xyz(_D50)),
        **colours,
    }
    at = 132 + 12 * len(blocks)
    table, body = struct.pack(">I", len(blocks)), b""
    for name, block in blocks.items():
        table += struct.pack(">4sII", name, at + len(body), len(block))
        body += block
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4s4s4s4s4s", size, bytes(4), b"\x02\x10\0\0", b"mntr", b"RGB ", space)
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(24 + 4)
    head += _fixed(_xyz(_D50))[8:]
    return head + bytes(128 - len(head)) + table + body


@lru_cache(maxsize=3)
def table_of(source: bytes, target: bytes = b"") -> ColourTable:
    """The table between two profiles, made in this process; empty is sRGB. UnusableProfile."""
    entries = np.empty((LEVELS**3, 3), np.uint8)
    fill_table(source, target, entries)
    return ColourTable(entries)


def _fixed(xyz: NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(float(v) * 65536) for v in xyz))


def mutations(profile: bytes, count: int, seed: int = 18) -> Iterator[bytes]:
    """A profile with a few bytes changed, so many times, always the same ones."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        mutated = bytearray(profile)
        for at in rng.integers(0, len(mutated), rng.integers(1, 6)):
            mutated[at] = rng.integers(0, 256)
        yield bytes(mutated)


def table_profile(points: int = 5) -> bytes:
    """A display profile whose colours are a table of Lab (mft1) each way, as scanners have them."""
    steps = np.arange(256, dtype=np.uint8)
    grid = np.linspace(0, 255, points)
    r, g, b = np.meshgrid(grid, grid, grid, indexing="ij")
    forward = np.stack([(r + g + b) / 3, 128 + (r - g) / 3, 128 + (g - b) / 3], axis=-1)
    lightness, red, blue = r, (g - 128) * 2, (b - 128) * 2
    back = np.stack([lightness + red, lightness, lightness - blue], axis=-1)
    unity = struct.pack(">9i", *(65536 if n % 4 == 0 else 0 for n in range(9)))

    def table(values: NDArray[np.float64]) -> bytes:
        head = b"mft1" + bytes(4) + bytes((3, 3, points, 0)) + unity
        clut = np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8).tobytes()
        body = head + steps.tobytes() * 3 + clut + steps.tobytes() * 3
        return body + bytes(-len(body) % 4)

    return _assembled({b"A2B0": table(forward), b"B2A0": table(back)}, b"Lab ")
