"""The colour maps are the standard's palettes (PS3.6 Annex B.1), as pydicom holds them."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_palette_files

from viewer.pixels.colour_maps import coloured, load_colour_maps

RESOURCES = Path(__file__).parents[2] / "resources"
MAPS = {m.id: m for m in load_colour_maps(RESOURCES / "colour_maps.toml")}


@pytest.mark.parametrize(
    ("ident", "file"),
    [
        ("HOT_IRON", "hotiron.dcm"),
        ("HOT_METAL_BLUE", "hotmetalblue.dcm"),
        ("PET", "pet.dcm"),
        ("PET_20_STEP", "pet20step.dcm"),
    ],
)
def test_every_entry_is_the_standards(ident: str, file: str) -> None:
    (path,) = get_palette_files(file)
    palette = dcmread(path, force=True)
    found = coloured(np.arange(256, dtype=np.uint8), MAPS[ident])
    for channel, name in enumerate(("Red", "Green", "Blue")):
        data = palette[f"{name}PaletteColorLookupTableData"].value
        np.testing.assert_array_equal(found[:, channel], np.frombuffer(data, np.uint8))


def test_no_map_is_left_unproven() -> None:
    assert set(MAPS) == {"HOT_IRON", "HOT_METAL_BLUE", "PET", "PET_20_STEP", "RAINBOW"}


def test_the_rainbow_goes_from_blue_over_green_to_red() -> None:
    found = coloured(np.arange(256, dtype=np.uint8), MAPS["RAINBOW"])
    pure = [(0, 0, 255), (0, 255, 255), (0, 255, 0), (255, 255, 0), (255, 0, 0)]
    assert [tuple(found[level]) for level in (0, 64, 128, 191, 255)] == pure
    assert np.abs(np.diff(found.astype(int), axis=0)).max() <= 5  # no step that is not in the data
