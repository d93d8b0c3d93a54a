"""A fenced decoder may write no cache: all that is compiled must be before its fences stand."""

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import io
import numba, numpy as np
from PIL import Image
from tests.kit import codestreams
from viewer.loading import jpeg, jpeg_loops, rle

def compiled():
    found = {**vars(jpeg_loops), **vars(rle)}
    loops = {k: f for k, f in found.items() if isinstance(f, numba.core.registry.CPUDispatcher)}
    assert loops
    return {name: list(map(str, loop.signatures)) for name, loop in loops.items()}

jpeg.warm_up()
rle.warm_up()
before = compiled()
grey = np.random.default_rng(3).integers(0, 256, (16, 24), np.uint8)
made = io.BytesIO()
Image.fromarray(grey).save(made, "jpeg", progressive=True)
for stream in (codestreams.jpeg(grey), made.getvalue(), codestreams.jpeg_lossless(grey, 8)):
    assert jpeg.decode(stream, None)[0].shape == grey.shape
packed = codestreams.rle(grey)
rle.decode(packed, grey.dtype, (1, *grey.shape), False)
rle.decode(packed[: len(packed) * 2 // 3], grey.dtype, (1, *grey.shape), True)
assert compiled() == before, compiled()
"""


def test_nothing_is_compiled_after_the_fences() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4],
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
