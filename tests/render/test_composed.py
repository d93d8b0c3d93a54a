"""Whole pictures against ones that were looked at: every layer in its place, to the pixel.

A missing baseline fails; ``LIGHTBOX_WRITE_BASELINES=1`` writes it anew, to be looked at before it
is committed.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.kit.icc import profile_of, table_of
from tests.kit.pictures import COLOUR_STORED, instance, stored, windowed
from viewer.model.colour import ColourProfile, Palette, SupplementalPalette
from viewer.model.overlay_plane import OverlayPlane
from viewer.model.presentation import Presentation
from viewer.model.shutter import Circle, Rectangle, Shutter, Vertex
from viewer.pixels.bitmaps import packed
from viewer.render.compositor import RenderRequest
from viewer.render.graphics import DrawnOverlay
from viewer.render.marks import marked
from viewer.viewport.transform import PaneSize

BASELINES = Path(__file__).parent / "baselines"
ROWS, COLUMNS = 96, 128
PANE = PaneSize(180, 140)
FORM = stored(rows=ROWS, columns=COLUMNS, signed=False, bits_stored=12, high_bit=11)


def head() -> NDArray[np.uint16]:
    """An ellipse of soft tissue in a bright ring, off the middle, so that a turn shows."""
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    r = np.hypot((row - 44) / 38, (column - 70) / 50)
    values = np.where(r < 0.9, 900 + 6 * column + 3 * row, np.where(r < 1, 3600, 60))
    values[20:30, 100:104] = 2500
    return values.astype(np.uint16)


def letter(kind: str = "F", group: int = 0x6000) -> DrawnOverlay:
    """A letter that looks different in all eight positions, reaching beyond the upper left."""
    image = Image.new("1", (60, 60))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 59, 59), outline=1)
    draw.line((20, 10, 20, 50), fill=1, width=1)
    draw.line((20, 10, 44, 10), fill=1, width=1)
    draw.line((20, 28, 36, 28), fill=1, width=3)
    plane = OverlayPlane(group, 60, 60, -9, -9, roi=kind == "R")
    return DrawnOverlay.of(packed(plane, np.asarray(image)))


ALL_SHAPES = Shutter(
    rectangle=Rectangle(12, 120, 6, 90),
    circle=Circle(48, 64, 56),
    polygon=(Vertex(1, 30), Vertex(1, 128), Vertex(96, 128), Vertex(96, 1), Vertex(40, 1)),
    p_value=22_000,
)


def grey(look: Presentation, **how: Any) -> NDArray[Any]:
    request = RenderRequest(head(), instance(FORM, **how.pop("image", {})), look, PANE, **how)
    return request.compose(request.sample())


def colour(look: Presentation, **how: Any) -> NDArray[Any]:
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    frame = np.dstack([column * 2, row * 2, 255 - column]).astype(np.uint8)
    form = replace(COLOUR_STORED, rows=ROWS, columns=COLUMNS)
    request = RenderRequest(frame, instance(form, **how.pop("image", {})), look, PANE, **how)
    return request.compose(request.sample())


SOFT = windowed(1400, 1600)
ADOBE = {
    "colour_profile": ColourProfile(
        profile_of((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), gamma=563 / 256)
    )
}
HOT = {
    "supplemental": SupplementalPalette(
        Palette(2000, bytes(range(0, 250, 5)), bytes(50), bytes(range(250, 0, -5)))
    )
}
SCENES: dict[str, Callable[[], NDArray[Any]]] = {
    "overlays-fit": lambda: grey(SOFT, overlays=(letter(), letter("R", 0x6002))),
    "overlays-reduced-turned": lambda: grey(
        replace(SOFT, zoom=0.6, quarter_turns=1), overlays=(letter(),)
    ),
    "overlays-enlarged-flipped": lambda: grey(
        replace(SOFT, zoom=2.5, flip_horizontal=True), overlays=(letter(),)
    ),
    "shutter-inverted": lambda: grey(replace(SOFT, invert=True), shutter=ALL_SHAPES),
    "shutter-turned-with-overlay": lambda: grey(
        replace(SOFT, quarter_turns=3, flip_horizontal=True),
        shutter=ALL_SHAPES,
        overlays=(letter(),),
    ),
    "supplemental": lambda: grey(SOFT, image=HOT),
    "profile-shutter-overlay": lambda: colour(
        Presentation(),
        image=ADOBE,
        colours=table_of(ADOBE["colour_profile"].data),
        shutter=ALL_SHAPES,
        overlays=(letter(),),
    ),
    "lossy": lambda: marked(grey(SOFT), "LOSSY JPEG 2000 24:1"),
}


@pytest.mark.parametrize("name", SCENES)
def test_composed_picture(name: str) -> None:
    picture, file = SCENES[name](), BASELINES / f"{name}.png"
    if os.environ.get("LIGHTBOX_WRITE_BASELINES"):
        Image.fromarray(picture).save(file)
    with Image.open(file) as held:
        expected = np.asarray(held)
    # littlecms may round a colour otherwise in another release; all else is ours
    most = 1 if "profile" in name else 0
    assert picture.shape == expected.shape
    assert np.abs(picture.astype(int) - expected).max() <= most


def test_no_two_baselines_are_the_same() -> None:
    files = sorted(BASELINES.glob("*.png"))
    assert {file.stem for file in files} == set(SCENES)
    assert len({file.read_bytes() for file in files}) == len(files)
