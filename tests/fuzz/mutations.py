"""Codestreams changed by a seeded generator, so that every case can be made again by its number."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.kit import codestreams, dicom_files

ROWS, COLUMNS = 64, 48
_Y, _X = np.mgrid[:ROWS, :COLUMNS]
_NOISE = np.random.default_rng(26).integers(0, 40, (ROWS, COLUMNS))
GREY = (1000 + 12 * _X + 9 * _Y + _NOISE).astype(np.uint16)
_EIGHT = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
_SIXTEEN = {"BitsStored": 16, "HighBit": 15}
_COLOUR = {**_EIGHT, "SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422",
           "PlanarConfiguration": 0}  # fmt: skip
_TREE = "1.2.840.10008.1.2.4."


def _grey_jpeg() -> bytes:
    return codestreams.jpeg((GREY >> 4).astype(np.uint8))


def _colour_jpeg() -> bytes:
    grey = (GREY >> 4).astype(np.uint8)
    return codestreams.jpeg(np.stack([grey, grey // 2, 255 - grey], axis=-1))


@dataclass(frozen=True, slots=True)
class Family:
    """One codec: its transfer syntax, whole codestreams, header values, allowed difference."""

    syntax: str
    streams: tuple[Callable[[], bytes], ...]
    values: tuple[dict[str, Any], ...] = ({},)
    tolerance: int = 0


FAMILIES: dict[str, Family] = {
    "rle": Family("1.2.840.10008.1.2.5", (lambda: codestreams.rle(GREY),)),
    "jpeg": Family(_TREE + "50", (_grey_jpeg, _colour_jpeg), (_EIGHT, _COLOUR), tolerance=2),
    "jpeg-lossless": Family(_TREE + "70", (lambda: codestreams.jpeg_lossless(GREY, 12),)),
    "jpeg-ls": Family(_TREE + "80", (lambda: codestreams.jpeg_ls(GREY),), (_SIXTEEN,)),
    "jpeg-2000": Family(_TREE + "90", (lambda: codestreams.jpeg_2000(GREY),), (_SIXTEEN,)),
    "htj2k": Family(_TREE + "201", (lambda: codestreams.htj2k(GREY),), (_SIXTEEN,)),
}


def mutated_file(name: str, number: int) -> bytes:
    """A whole DICOM file with codestream ``number`` of a family; 0 is the unchanged one."""
    family = FAMILIES[name]
    which = number % len(family.streams)
    values = family.values[which % len(family.values)]
    stream = family.streams[which]()
    if number:
        stream = mutate(stream, np.random.default_rng([number, len(name), len(stream)]))
    return dicom_files.encoded([stream], family.syntax, Rows=ROWS, Columns=COLUMNS, **values)


def mutate(stream: bytes, dice: np.random.Generator) -> bytes:
    """Change a codestream in one to three places."""
    data = bytearray(stream)
    for _ in range(int(dice.integers(1, 4))):
        # as often near the beginning, where headers lie, as anywhere
        reach = len(data) if dice.random() < 0.6 else min(len(data), 200)
        at = int(dice.integers(2, max(reach, 3)))
        _CHANGES[int(dice.integers(len(_CHANGES)))](data, at, dice)
    return bytes(data) or b"\0"


def _flip(data: bytearray, at: int, dice: np.random.Generator) -> None:
    if at < len(data):
        data[at] ^= 1 << int(dice.integers(8))


def _overwrite(data: bytearray, at: int, dice: np.random.Generator) -> None:
    new = dice.integers(0, 256, int(dice.integers(1, 9)), np.uint8).tobytes()
    data[at : at + len(new)] = new


def _remove(data: bytearray, at: int, dice: np.random.Generator) -> None:
    del data[at : at + int(dice.integers(1, 17))]


def _insert(data: bytearray, at: int, dice: np.random.Generator) -> None:
    data[at:at] = dice.integers(0, 256, int(dice.integers(1, 17)), np.uint8).tobytes()


def _blank(data: bytearray, at: int, dice: np.random.Generator) -> None:
    count = min(int(dice.integers(1, 33)), len(data) - at)
    data[at : at + max(count, 0)] = bytes([int(dice.choice([0, 0xFF]))]) * max(count, 0)


def _repeat(data: bytearray, at: int, dice: np.random.Generator) -> None:
    data[at:at] = data[at : at + int(dice.integers(1, 65))]


def _cut(data: bytearray, at: int, _dice: np.random.Generator) -> None:
    del data[max(at, 64) :]


_CHANGES = (_flip, _flip, _flip, _overwrite, _remove, _insert, _blank, _repeat, _cut)
