"""PNG files carry the levels themselves, untagged."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from viewer.render.png import write_png


@pytest.mark.parametrize(
    "picture",
    [
        np.arange(256, dtype=np.uint8).reshape(16, 16),
        np.arange(65536, dtype=np.uint16).reshape(256, 256),
        np.arange(48, dtype=np.uint8).reshape(4, 4, 3),
    ],
)
def test_levels_come_back_unchanged_and_untagged(tmp_path: Path, picture: NDArray[Any]) -> None:
    path = tmp_path / "p.png"
    write_png(path, picture)
    data = path.read_bytes()
    assert not any(chunk in data for chunk in (b"gAMA", b"sRGB", b"iCCP", b"cHRM"))
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), picture)


def test_other_arrays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no PNG holds"):
        write_png(tmp_path / "p.png", np.zeros((2, 2), dtype=np.float64))
