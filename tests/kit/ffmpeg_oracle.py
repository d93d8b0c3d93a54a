"""What ffmpeg's own decoders, which wrap no other library, make of a codestream."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

INSTALLED = shutil.which("ffmpeg") is not None
_CODECS = {".j2k": "jpeg2000", ".jls": "jpegls", ".jpg": "mjpeg"}


def samples(stream: bytes, kind: str, precision: int, folder: Path) -> NDArray[Any] | None:
    """Grey samples as coded, unsigned (of signed ones half the range is added); None: it fails.

    ``kind`` is .j2k, .jls or .jpg.
    """
    coded, raw = folder / f"x{kind}", folder / "x.raw"
    coded.write_bytes(stream)
    raw.unlink(missing_ok=True)
    done = subprocess.run(
        ["ffmpeg", "-hide_banner", "-y", "-f", "image2", "-c:v", _CODECS[kind], "-i", coded,
         "-f", "rawvideo", raw],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    layout = re.search(r"rawvideo.*? gray(\d*)(le)?\b.*? (\d+)x(\d+)", done.stderr)
    if done.returncode != 0 or layout is None:
        return None
    bits, columns, rows = int(layout[1] or 8), int(layout[3]), int(layout[4])
    values = np.frombuffer(raw.read_bytes(), np.uint8 if bits == 8 else "<u2")
    # nine bits and more may stand at the upper end of sixteen
    return values.reshape(rows, columns).astype(np.int64) >> max(bits - precision, 0)
