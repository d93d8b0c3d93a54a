"""JPEG frames: every bit of the code is gone through before pixels are believed (F4, R26).

libjpeg decodes the DCT processes; the lossless process is decoded here while it is checked.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.loading import codecs, jpeg_loops
from viewer.loading.jpeg_loops import CUT, WHOLE, Code
from viewer.loading.jpeg_scans import CorruptJpeg, JpegScans, Scan, no_tables, read_scans

_ENDINGS = {
    jpeg_loops.BAD_CODE: "its code leads nowhere",
    jpeg_loops.CUT: "its code ends early",
    jpeg_loops.LEFT_OVER: "more code follows than there are pixels",
    jpeg_loops.OUT_OF_RANGE: "its samples leave their range",
}
_OVERSHOOT = 1.5
"""How far a block may go beyond what samples of full range and rounding explain."""


def decode(data: bytes, colour: str | None) -> tuple[NDArray[Any], int]:
    """Pixels (rows, columns[, 3]) and how many rows from the top are sound.

    ``colour``: what three components of a DCT process are, YCBCR or RGB; they come as RGB.
    CorruptJpeg where the code does not lead through all of its data.
    """
    found = read_scans(data)
    if found.process == "lossless":
        return _lossless(found)
    sound = _sequential(found) if found.process == "sequential" else _progressive(found)
    if sound < found.rows:
        data += b"\xff\xd9"
    pixels = codecs.jpeg(data, colour if len(found.components) == 3 else None)
    if sound < found.rows:
        pixels = pixels.copy()
        pixels[sound:] = 0
    return pixels, sound


def warm_up() -> None:
    """Load every compiled loop, so that none is compiled once the process is fenced in."""
    code = Code(np.zeros(9, np.uint8), np.array([0, 1], np.int64), no_tables())
    blocks = np.zeros((1, 3), np.int32)
    as_sent = np.frombuffer(b"\0", np.uint8)  # read-only, which is another type to the compiler
    jpeg_loops.unstuff(as_sent, code.data, code.bounds)
    jpeg_loops.sequential(code, 1, 0, blocks, np.ones((1, 64), np.int64), np.ones(1), (11, 10))
    jpeg_loops.progressive_dc(code, 1, 0, blocks, False)
    jpeg_loops.progressive_ac(code, 0, 4, (1, 63, False), np.zeros((1, 64), np.bool_))
    jpeg_loops.lossless(code, 0, blocks[:, :2], 1, 8, np.zeros((1, 1, 1), np.uint16))


def _code(scan: Scan) -> Code:
    return Code(scan.code, scan.bounds, scan.tables)


def _sound(found: JpegScans, scan: Scan, ended: int, done: int, width: int, height: int) -> int:
    """Rows of a scan that are sound; CorruptJpeg for all but a codestream cut short."""
    if ended == WHOLE:
        # without an end marker nothing proves that the last units are what was encoded
        return found.rows if found.whole else max((found.rows - 1) // height * height, 0)
    if ended != CUT or found.whole or len(scan.components) < len(found.components):
        raise CorruptJpeg(_ENDINGS[ended])
    return min(done // width * height, found.rows)


def _sequential(found: JpegScans) -> int:
    seen: list[int] = []
    rows = found.rows
    for scan in found.scans:
        high, wide = found.mcus(scan, 8)
        ended, done = jpeg_loops.sequential(
            _code(scan), high * wide, scan.interval, _blocks(found, scan), _quantisers(found),
            _limits(found), (found.precision + 3, found.precision + 2),
        )  # fmt: skip
        down = found.down if len(scan.components) > 1 else 1
        sound = _sound(found, scan, ended, done, wide, 8 * down)
        if sound < found.rows and down > 1:
            sound = max(sound - 2, 0)  # chroma is interpolated with the row below
        rows = min(rows, sound)
        seen += scan.components
    if sorted(seen) != list(range(len(found.components))):
        raise CorruptJpeg("its scans do not hold each component once")
    return rows


def _progressive(found: JpegScans) -> int:
    known = [
        np.zeros((math.prod(found.units(n, 8)), 64), np.bool_) for n in range(len(found.components))
    ]
    begun: set[int] = set()
    for scan in found.scans:
        if not (scan.first <= scan.last <= 63) or (scan.first == 0 and scan.last):
            raise CorruptJpeg("a scan names coefficients that are not there")
        if scan.first == 0:
            ended, _ = jpeg_loops.progressive_dc(
                _code(scan), math.prod(found.mcus(scan, 8)), scan.interval,
                _blocks(found, scan), scan.high > 0,
            )  # fmt: skip
            begun.update(scan.components)
        elif len(scan.components) > 1 or scan.components[0] not in begun:
            raise CorruptJpeg("a scan comes before what it refines")
        else:
            ended, _ = jpeg_loops.progressive_ac(
                _code(scan), scan.interval, scan.ac_tables[0],
                (scan.first, scan.last, scan.high > 0), known[scan.components[0]],
            )  # fmt: skip
        if ended != WHOLE:
            raise CorruptJpeg(_ENDINGS[ended])
    if len(begun) < len(found.components) or not found.whole:
        raise CorruptJpeg("its code ends early")
    return found.rows


def _lossless(found: JpegScans) -> tuple[NDArray[Any], int]:
    if any((c.across, c.down) != (1, 1) for c in found.components) or not (
        2 <= found.precision <= 16
    ):
        raise CorruptJpeg("its components are not sampled alike")
    out = np.zeros((found.rows, found.columns, len(found.components)), np.uint16)
    rows, seen = found.rows, list[int]()
    for scan in found.scans:
        if not 1 <= scan.first <= 7 or scan.low >= found.precision:
            raise CorruptJpeg("a scan names a predictor that is not there")
        chosen = np.array(list(zip(scan.components, scan.dc_tables, strict=True)), np.int32)
        ended, done = jpeg_loops.lossless(
            _code(scan), scan.interval, chosen, scan.first, found.precision - scan.low, out
        )
        rows = min(rows, _sound(found, scan, ended, done, 1, 1))
        if scan.low:
            out[..., list(scan.components)] <<= np.uint16(scan.low)
        seen += scan.components
    if sorted(seen) != list(range(len(found.components))):
        raise CorruptJpeg("its scans do not hold each component once")
    out[rows:] = 0
    pixels = out.astype(np.uint8) if found.precision <= 8 else out
    return (pixels[..., 0] if pixels.shape[2] == 1 else pixels), rows


def _blocks(found: JpegScans, scan: Scan) -> NDArray[np.int32]:
    """Component and tables of every block of an MCU (A.2)."""
    rows = []
    for n, dc, ac in zip(scan.components, scan.dc_tables, scan.ac_tables, strict=True):
        c = found.components[n]
        times = c.across * c.down if len(scan.components) > 1 else 1
        rows += [(n, dc, ac)] * times
    return np.array(rows, np.int32)


def _quantisers(found: JpegScans) -> NDArray[np.int64]:
    try:
        return np.stack([found.quantisers[c.quantiser] for c in found.components])
    except KeyError:
        raise CorruptJpeg("a quantisation table is missing") from None


def _limits(found: JpegScans) -> NDArray[np.float64]:
    full = 8.0 * (1 << (found.precision - 1))
    error = np.sqrt((_quantisers(found).astype(np.float64) ** 2).sum(axis=1)) / 2
    limits: NDArray[np.float64] = ((full + error) * _OVERSHOOT) ** 2
    return limits
