"""The pictures of the manual come from a real read; `make screenshots` keeps them."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.flows.conftest import Read

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]

PICTURES = {
    "worklist": "01-worklist.png",
    "reading": "03-report.png",
    "sign": "04-sign.png",
    "receipt": "05-receipt.png",
}


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_of(read: Read, name: str) -> None:
    file = read.out / PICTURES[name]
    with Image.open(file) as picture:
        assert picture.size == (1920, 1080)
        grey = np.asarray(picture.convert("L"))
    assert grey.max() > 200
    assert 5 < grey.mean() < 120  # dark, but not empty
    keep = os.environ.get("LIGHTBOX_SCREENSHOTS")
    if keep:
        target = Path(keep)
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target / f"{name}.png")
