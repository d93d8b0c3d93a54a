"""Colours in place of grey: which P-value gets which colour, and what a wrong table is told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.kit.drawn import render_view
from tests.kit.viewer import ct_instance, ramp
from viewer.calibration.display import DisplayProfile
from viewer.model.presentation import ColourMap, Presentation, Window
from viewer.pixels.colour_maps import load_colour_maps
from viewer.pixels.pipeline import PixelPipeline
from viewer.render.compositor import RenderRequest
from viewer.viewport.transform import PaneSize

BACKWARDS = ColourMap("B", "Backwards", bytes(v for n in range(256) for v in (255 - n, n, 7)))
LOOK = Presentation(Window(40, 400), zoom=1.0, colour_map=BACKWARDS)
PANE = PaneSize(60, 80)


def test_each_pixel_has_the_colour_of_its_p_value() -> None:
    instance, frame = ct_instance(), ramp()
    found = render_view(frame, instance, LOOK, PANE)
    grey = PixelPipeline.of(instance).p_values(frame, LOOK, bits=8)
    inner = found[8:72, 6:54]
    np.testing.assert_array_equal(inner[..., 0], 255 - grey)
    np.testing.assert_array_equal(inner[..., 1], grey)
    assert not found[:8].any()  # outside the image lies the background, not the map's first colour


def test_a_displays_own_table_does_not_choose_the_colour() -> None:
    table = tuple(min(v + 40, 255) for v in range(256))
    display = DisplayProfile("Test", 8, table=table)
    request = RenderRequest(ramp(), ct_instance(), LOOK, PANE, display=display)
    without = replace(request, display=None)
    np.testing.assert_array_equal(
        request.compose(request.sample()), without.compose(without.sample())
    )


def _file(tmp_path: Path, stops: str, more: str = "") -> Path:
    path = tmp_path / "maps.toml"
    path.write_text(f'[[map]]\nid = "A"\nname = "A"\nstops = {stops}\n{more}', encoding="utf-8")
    return path


def test_stops_are_joined_by_straight_lines(tmp_path: Path) -> None:
    (made,) = load_colour_maps(_file(tmp_path, "[[0, 0, 10, 255], [255, 255, 10, 0]]"))
    table = np.frombuffer(made.entries, np.uint8).reshape(256, 3)
    np.testing.assert_array_equal(table[:, 0], np.arange(256))
    np.testing.assert_array_equal(table[:, 2], np.arange(256)[::-1])
    assert set(table[:, 1]) == {10}


@pytest.mark.parametrize(
    ("stops", "words"),
    [
        ("[[0, 0, 0, 0]]", "rise from 0 to 255"),
        ("[[0, 0, 0, 0], [255, 0, 0, 256]]", "between 0 and 255"),
        ("[[0, 0, 0], [255, 0, 0]]", "three colours"),
        ("[[0, 0, 0, 0], [9, 0, 0, 0], [9, 0, 0, 0], [255, 0, 0, 0]]", "rise"),
        ('"red"', "in A"),
    ],
)
def test_a_wrong_map_is_refused(tmp_path: Path, stops: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_colour_maps(_file(tmp_path, stops))


def test_an_id_stands_once(tmp_path: Path) -> None:
    again = '[[map]]\nid = "A"\nname = "B"\nstops = [[0, 0, 0, 0], [255, 1, 1, 1]]'
    with pytest.raises(ValueError, match="stands twice"):
        load_colour_maps(_file(tmp_path, "[[0, 0, 0, 0], [255, 1, 1, 1]]", again))
    with pytest.raises(ValueError, match="256 colours"):
        ColourMap("A", "A", b"123")
