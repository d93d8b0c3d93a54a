"""W3: decoding alone, one thread, MB of decoded bytes a CPU second, every result compared."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from tests.bench import codestreams, data
from tests.bench.table import Line, is_there, rates, show
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import EncodedFrame, cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline

_FRAMES = 16
_ROUNDS = 3


def main() -> None:
    """Measure and print."""
    with_sdl = is_there("dicomsdl")
    lines = []
    for name in data.SYNTAXES:
        if name == "raw":
            continue
        files = sorted(data.ct(name).iterdir())[:: data.SLICES // _FRAMES][:_FRAMES]
        frames = [_cut(file) for file in files]
        alone = [codestreams.read(str(file)) for file in files]
        for frame, other in zip(frames, alone, strict=True):
            np.testing.assert_array_equal(decode_frame(frame).pixels, codestreams.decode(other))
        acts: dict[str, Callable[[], object]] = {
            "ours": partial(_all, decode_frame, frames),
            "imagecodecs": partial(_all, codestreams.decode, alone),
        }
        if with_sdl and name != "HTJ2K":
            acts["dicomsdl"] = partial(_all, _dicomsdl, [str(file) for file in files])
        megabytes = len(files) * data.ROWS * data.COLUMNS * 2 / 1e6
        found = rates(_ROUNDS, 1, acts)
        speed = {way: rate * megabytes for way, rate in found.items()}
        limit = speed["imagecodecs"]
        for peer in acts.keys() - {"ours"}:
            goal = "≥ 0.9 ×" if peer == "imagecodecs" else ""
            lines.append(Line(name, "MB/s", (peer, speed[peer]), limit, speed["ours"], goal))
    show("W3 decoding CT 512², MB a CPU second, one thread (limit: the codec alone)", lines)


def _all(decode: Callable[..., object], frames: Sequence[object]) -> None:
    for frame in frames:
        decode(frame)


def _cut(file: Path) -> EncodedFrame:
    content = file.read_bytes()
    read = read_header(io.BytesIO(content), name=file.name)
    return cut_frame(outline(PlainBytes(content), where=file.name), 0, read.instance)


def _dicomsdl(file: str) -> object:
    import dicomsdl

    return dicomsdl.open(file).pixelData(storedvalue=True)
