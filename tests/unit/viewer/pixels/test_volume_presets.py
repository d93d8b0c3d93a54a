"""Looks in 3D as data: what ships is sound, what is wrong is named."""

from pathlib import Path

import pytest

from viewer.model.presentation import Window
from viewer.pixels.volume_presets import (
    VolumeKind,
    VolumePreset,
    load_volume_presets,
    volume_presets_for,
)

ROOT = Path(__file__).parents[4]
GOOD = """
[[preset]]
id = "x"
name = "X"
unit = "HU"
kind = "shaded"
points = [
    { value = 0, opacity = 0.0, colour = "#000000" },
    { value = 100, opacity = 0.5, colour = "#ff8000" },
]
"""


def _load(tmp_path: Path, text: str) -> tuple[VolumePreset, ...]:
    path = tmp_path / "looks.toml"
    path.write_text(text, encoding="utf-8")
    return load_volume_presets(path)


def test_what_ships_has_bone_vessels_lung_skin_for_hounsfield_units_and_mip_for_all() -> None:
    presets = load_volume_presets(ROOT / "resources" / "volume_presets.toml")
    in_hu = [preset.id for preset in volume_presets_for(presets, "HU")]
    assert in_hu == ["bone", "vessels", "lung", "skin", "mip"]
    assert [preset.id for preset in volume_presets_for(presets, "")] == ["mip_of_images"]


def test_bone_is_seen_and_air_is_not_in_each_look_that_needs_it() -> None:
    presets = {p.id: p for p in load_volume_presets(ROOT / "resources" / "volume_presets.toml")}
    for name in ("bone", "vessels", "skin", "lung"):
        tints = presets[name].tints
        assert tints[0].opacity == 0
        assert tints[0].value >= -1000
    assert presets["bone"].tints[0].value > 100  # above soft tissue


def test_a_look_moves_and_stretches_with_the_window(tmp_path: Path) -> None:
    (preset,) = _load(tmp_path, GOOD)
    assert preset.window == Window(50, 100, "X")
    assert preset.seen_through(Window(50, 100)) == preset.tints
    moved = preset.seen_through(Window(300, 200))
    assert [tint.value for tint in moved] == [200, 400]
    assert moved[1].red == 1.0
    assert moved[1].green == pytest.approx(128 / 255)


def test_the_brightest_look_goes_from_black_to_white_through_the_window() -> None:
    mip = VolumePreset("mip", "MIP", VolumeKind.BRIGHTEST)
    low, high = mip.seen_through(Window(100, 50))
    assert (low.value, low.opacity, low.red) == (75, 1, 0)
    assert (high.value, high.opacity, high.red) == (125, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("value = 100", "value = -5", "rise"),
        ("opacity = 0.0", "opacity = 0.2", "invisible"),
        ("opacity = 0.5", "opacity = 1.5", "between 0 and 1"),
        ("#ff8000", "orange", "no colour"),
        ('unit = "HU"', "", "unit"),
        ('kind = "shaded"', 'kind = "glowing"', "glowing"),
        ('name = "X"', "", "name"),
        ('name = "X"', 'name = "X"\nambient = 3.0', "light"),
        ('name = "X"', 'name = "X"\npower = 0', "power"),
        ('name = "X"', 'name = "X"\nshine = 1', "shine"),
        ("points = [", 'points2 = "', "holds no list"),
        ("[[preset]]", "[[look]]", "holds no list"),
        ("[[preset]]", GOOD + "[[preset]]", "twice"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, word: str) -> None:
    assert old in GOOD
    with pytest.raises(ValueError, match=word):
        _load(tmp_path, GOOD.replace(old, new, 1))


def test_the_brightest_look_has_no_points(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="window"):
        _load(tmp_path, GOOD.replace("shaded", "brightest"))
