"""What independent programs decode; each runs as a process of its own, so that it may crash."""

import io
import pickle
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import ViewerError
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline

_ROOT = Path(__file__).parents[2]
_PROGRAMS = {
    "jpeg": "dcmdjpeg",
    "jpeg-lossless": "dcmdjpeg",
    "jpeg-ls": "dcmdjpls",
    "rle": "dcmdrle",
}
_SECONDS = 20


def lacking() -> list[str]:
    """Programs that are needed and not installed."""
    return sorted({p for p in _PROGRAMS.values() if shutil.which(p) is None})


def second_opinions(name: str, files: Sequence[Path]) -> list[NDArray[Any] | None]:
    """Stored values (or RGB) that another decoder makes of each file; None where it refuses."""
    if name in _PROGRAMS:
        return [_dcmtk(_PROGRAMS[name], file) for file in files]
    return _python(_READERS[name], files)


def _dcmtk(program: str, file: Path) -> NDArray[Any] | None:
    out = file.with_suffix(".native")
    done = subprocess.run([program, file, out], capture_output=True, check=False, timeout=_SECONDS)
    if done.returncode != 0 or not out.exists():
        return None
    return native(out.read_bytes())


def native(data: bytes) -> NDArray[Any] | None:
    """Pixels of a file without compression; None where they are not whole."""
    try:
        instance = read_header(io.BytesIO(data), name="native").instance
        found = decode_frame(cut_frame(outline(PlainBytes(data), where="native"), 0, instance))
    except ViewerError:
        return None
    return None if found.missing else found.pixels


def _python(reader: str, files: Sequence[Path]) -> list[NDArray[Any] | None]:
    """Let one process read all files; after one that crashes it another goes on behind it."""
    found: list[NDArray[Any] | None] = []
    while len(found) < len(files):
        rest = files[len(found) :]
        done = subprocess.run(
            [sys.executable, "-c", _LOOP.replace("READER", reader), *map(str, rest)],
            capture_output=True, check=False, timeout=_SECONDS + len(rest), cwd=_ROOT,
        )  # fmt: skip
        answers = io.BytesIO(done.stdout)
        while len(found) < len(files):
            try:
                found.append(pickle.load(answers))  # noqa: S301  written by the process above
            except EOFError:
                break
        if len(found) < len(files):
            found.append(None)
    return found


_LOOP = """
import pickle, sys
def stream():
    from pydicom import dcmread
    from pydicom.encaps import generate_frames
    return next(generate_frames(dcmread(path).PixelData, number_of_frames=1))
def itk():
    import SimpleITK
    pixels = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(path))
    return pixels.reshape(pixels.shape[-2:])
def openjph():
    import imagecodecs
    return imagecodecs.htj2k_decode(stream())
def libjpeg():
    import imagecodecs
    return imagecodecs.jpeg8_decode(stream())
for path in sys.argv[1:]:
    try:
        found = READER()
    except Exception:
        found = None
    pickle.dump(found, sys.stdout.buffer)
    sys.stdout.flush()
"""
_READERS: dict[str, str] = {"jpeg-2000": "itk", "htj2k": "openjph"}


def of_cut_ones(name: str, files: Sequence[Path]) -> list[NDArray[Any] | None]:
    """What a decoder makes of cut JPEG files that goes on where dcmtk refuses: libjpeg-turbo."""
    return _python("libjpeg", files) if name.startswith("jpeg") else [None] * len(files)


def same(ours: NDArray[Any], theirs: NDArray[Any], rows: int, tolerance: int) -> bool:
    """Whether the first ``rows`` rows are equal within the tolerance."""
    if ours.shape != theirs.shape:
        return False
    apart = np.abs(ours[:rows].astype(np.int64) - theirs[:rows].astype(np.int64))
    return bool(apart.size == 0 or apart.max() <= tolerance)
