"""What independent programs decode; each runs as a process of its own, so that it may crash."""

import io
import pickle
import shutil
import subprocess
import sys
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


def second_opinion(name: str, file: Path) -> NDArray[Any] | None:
    """Stored values (or RGB) that another decoder makes of a file; None when it refuses."""
    if name in _PROGRAMS:
        return _dcmtk(_PROGRAMS[name], file)
    return _python(_READERS[name], file)


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


def _python(script: str, file: Path) -> NDArray[Any] | None:
    out = file.with_suffix(".pickle")
    done = subprocess.run(
        [sys.executable, "-c", script, file, out],
        capture_output=True, check=False, timeout=_SECONDS, cwd=_ROOT,
    )  # fmt: skip
    if done.returncode != 0:
        return None
    found: NDArray[Any] = pickle.loads(out.read_bytes())  # noqa: S301  written by the line above
    return found


_WITH_ITK = """
import pickle, sys
import SimpleITK as sitk
pixels = sitk.GetArrayFromImage(sitk.ReadImage(sys.argv[1]))
open(sys.argv[2], "wb").write(pickle.dumps(pixels.reshape(pixels.shape[-2:])))
"""
_WITH_OPENJPH = """
import pickle, sys
import imagecodecs
from pydicom import dcmread
from pydicom.encaps import generate_frames
ds = dcmread(sys.argv[1])
stream = next(generate_frames(ds.PixelData, number_of_frames=1))
open(sys.argv[2], "wb").write(pickle.dumps(imagecodecs.htj2k_decode(stream)))
"""
_READERS: dict[str, str] = {"jpeg-2000": _WITH_ITK, "htj2k": _WITH_OPENJPH}

_WITH_LIBJPEG = """
import pickle, sys
import imagecodecs
from pydicom import dcmread
from pydicom.encaps import generate_frames
ds = dcmread(sys.argv[1])
stream = next(generate_frames(ds.PixelData, number_of_frames=1))
open(sys.argv[2], "wb").write(pickle.dumps(imagecodecs.jpeg8_decode(stream)))
"""


def of_a_cut_one(name: str, file: Path) -> NDArray[Any] | None:
    """What a decoder makes of a cut JPEG file that goes on where dcmtk refuses: libjpeg-turbo."""
    return _python(_WITH_LIBJPEG, file) if name.startswith("jpeg") else None


def same(ours: NDArray[Any], theirs: NDArray[Any], rows: int, tolerance: int) -> bool:
    """Whether the first ``rows`` rows are equal within the tolerance."""
    if ours.shape != theirs.shape:
        return False
    apart = np.abs(ours[:rows].astype(np.int64) - theirs[:rows].astype(np.int64))
    return bool(apart.size == 0 or apart.max() <= tolerance)
