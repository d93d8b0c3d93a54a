"""Window presets: the shipped numbers, who gets which, and files that are wrong."""

from pathlib import Path

import pytest

from viewer.model.presentation import VoiFunction, Window
from viewer.pixels.presets import DIGITS, Preset, load_presets, presets_for

SHIPPED = Path(__file__).parents[4] / "resources/window_presets.toml"


@pytest.fixture(scope="module")
def shipped() -> tuple[Preset, ...]:
    return load_presets(SHIPPED)


def test_the_shipped_numbers(shipped: tuple[Preset, ...]) -> None:
    numbers = {p.name: (p.window.width, p.window.centre) for p in shipped if p.modality == "CT"}
    assert numbers == {
        "Brain": (80, 40),
        "Stroke": (40, 40),
        "Stroke, narrow": (8, 32),
        "Subdural": (200, 75),
        "Temporal bone": (4000, 700),
        "Lung": (1500, -600),
        "Soft tissue": (400, 40),
        "Abdomen": (400, 50),
        "Liver": (150, 90),
        "Bone": (2000, 400),
        "CT angiography": (600, 200),
        "Spine": (300, 40),
        "Pelvis": (400, 40),
    }


@pytest.mark.parametrize(
    "part", ["", "HEAD", "chest", "ABDOMEN", "CHESTABDPELVIS", "LSPINE", "KNEE", "PELVIS"]
)
def test_each_digit_calls_one_preset(shipped: tuple[Preset, ...], part: str) -> None:
    offered = presets_for(shipped, "CT", part)
    keys = [p.key for p in offered if p.key is not None]
    assert len(keys) == len(set(keys))
    assert set(keys) <= set(DIGITS)
    assert {p.name for p in offered if p.key == 9} == {"Bone"}


def by_key(presets: tuple[Preset, ...]) -> dict[int | None, str]:
    return {p.key: p.name for p in presets if p.key is not None}


def test_the_body_part_decides(shipped: tuple[Preset, ...]) -> None:
    head = presets_for(shipped, "CT", "HEAD")
    assert head[0].name == "Brain"
    assert by_key(head)[3] == "Brain"
    assert by_key(presets_for(shipped, "CT", "CHEST"))[4] == "Lung"
    assert "Lung" not in {p.name for p in head}
    assert {"Lung", "Brain", "Spine"} <= {p.name for p in presets_for(shipped, "CT", "")}


def test_other_modalities_get_none_and_suv_needs_its_unit(shipped: tuple[Preset, ...]) -> None:
    assert presets_for(shipped, "MR", "HEAD") == ()
    assert presets_for(shipped, "PT", "", "BQML") == ()
    body = presets_for(shipped, "PT", "", "SUV")[0]
    assert body.window == Window(3, 6, body.name, VoiFunction.LINEAR_EXACT)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("nonsense", "no list of presets"),
        ("a = 1", "no list of presets"),
        ('[[preset]]\nname = "A"\nmodality = "CT"\ncentre = 1\nwidth = 0', "preset 1 is wrong"),
        ('[[preset]]\nname = "A"\nmodality = "CT"\ncentre = 1', "preset 1 is wrong"),
        (
            '[[preset]]\nname = "A"\nmodality = "CT"\ncentre = 1\nwidth = 2\nkey = 2',
            "digit from 3 to 9",
        ),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=match):
        load_presets(path)


def test_presets_in_suv_become_windows_on_the_values_of_the_image(
    shipped: tuple[Preset, ...],
) -> None:
    body = presets_for(shipped, "PT", "", "Bq/ml", suv_factor=0.0005)[0]
    assert body.window == Window(6000, 12000, body.name, VoiFunction.LINEAR_EXACT)
    assert body.key == 3
    assert presets_for(shipped, "PT", "", "Bq/ml", suv_factor=0) == ()
