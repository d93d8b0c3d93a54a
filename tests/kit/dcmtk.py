"""dcmtk's ``dcm2pnm`` as a second opinion on grey levels: it floors where the text rounds (F13)."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


def levels_by_dcmtk(data: bytes, folder: Path, *options: str, bits: int = 16) -> NDArray[np.int64]:
    """Levels of the first frame of a file as dcmtk draws them; skips where dcmtk is not here."""
    program = shutil.which("dcm2pnm")
    if program is None:
        pytest.skip("dcmtk is not on this machine")
    source, target = folder / "in.dcm", folder / "out.pgm"
    source.write_bytes(data)
    command = [program, *options, "+opn", str(bits), str(source), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=10)
    words = [
        word
        for line in target.read_text().splitlines()
        if not line.startswith("#")
        for word in line.split()
    ]
    width, height = int(words[1]), int(words[2])
    levels: NDArray[Any] = np.array(words[4:], dtype=np.int64)
    return levels.reshape(height, width)


def is_floor(levels: NDArray[np.int64], exact: NDArray[np.float64]) -> bool:
    """Whether levels are the floor of exact ones, but for what float64 cannot tell from a whole."""
    return bool(((np.floor(exact - 1e-6) <= levels) & (levels <= np.floor(exact + 1e-6))).all())
