"""An X server of a test's own, and what lies in its memory: the pixels as they go to a screen."""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

_HEADER = struct.Struct(">25I")
_COLOUR = 12


class XServer:
    """A running Xvfb with one screen."""

    def __init__(self, display: str, folder: Path, bits: int) -> None:
        """Know where it is and where its memory is kept; ``bits`` a colour."""
        self.display = display
        self.bits = bits
        self._memory = folder / "Xvfb_screen0"

    def pixels(self) -> NDArray[np.uint16]:
        """The whole screen, (rows, columns, 3), as the server holds it."""
        held = self._memory.read_bytes()
        (size, _, _, _, width, height, _, order, _, _, _, bits, line, *more) = _HEADER.unpack(
            held[: _HEADER.size]
        )
        assert (bits, order) == (32, 0)
        start = size + more[6] * _COLOUR
        rows = np.frombuffer(held, "<u4", height * line // 4, start).reshape(height, line // 4)
        shown = rows[:, :width]
        mask = (1 << self.bits) - 1
        channels = [(shown >> shift * self.bits) & mask for shift in (2, 1, 0)]
        return np.stack(channels, axis=2).astype(np.uint16)


@contextmanager
def x_server(folder: Path, depth: int, size: tuple[int, int] = (800, 600)) -> Iterator[XServer]:
    """Start one and end it; skip where there is none, or none of this depth."""
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb here")
    told, tell = os.pipe()
    screen = f"{size[0]}x{size[1]}x{depth}"
    command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", screen, "-fbdir", str(folder)]
    server = subprocess.Popen(
        [*command, "-nolisten", "tcp", "-dpi", "96"], pass_fds=[tell], stderr=subprocess.DEVNULL
    )
    os.close(tell)
    try:
        with os.fdopen(told) as answer:
            number = answer.readline().strip()
        if not number:
            pytest.skip(f"this Xvfb has no screen of depth {depth}")
        yield XServer(f":{number}", folder, depth // 3)
    finally:
        server.terminate()
        server.wait(10)
