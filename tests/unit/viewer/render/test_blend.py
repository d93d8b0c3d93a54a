"""Mixing colours into a picture: the compiled loop is its reference, and only that."""

import numpy as np
import pytest

from tests.kit.fusion import MAPS
from viewer.render import blend as blending
from viewer.render.blend import blend, blend_reference


@pytest.mark.parametrize("percent", [0, 1, 40, 50, 99, 100])
def test_the_loop_equals_its_reference(percent: int) -> None:
    random = np.random.default_rng(percent)
    picture = random.integers(0, 256, (37, 53, 3)).astype(np.uint8)
    levels = random.integers(0, 256, (37, 53)).astype(np.uint8)
    there = random.random((37, 53)) > 0.3
    table = random.integers(0, 256, (256, 3)).astype(np.uint8)
    table.flags.writeable = False
    found, expected = picture.copy(), picture.copy()
    blend(found, levels, there, table, percent)
    blend_reference(expected, levels, there, table, percent)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(found[~there], picture[~there])
    if percent == 0:
        np.testing.assert_array_equal(found, picture)
    if percent == 100:
        np.testing.assert_array_equal(found[there], table[levels[there]])


def test_halves_are_rounded_up() -> None:
    picture = np.array([[[1, 0, 255]]], np.uint8)
    table = np.repeat(np.array([[0, 1, 254]], np.uint8), 256, axis=0)
    table.flags.writeable = False
    blend(picture, np.zeros((1, 1), np.uint8), np.ones((1, 1), np.bool_), table, 50)
    assert picture.tolist() == [[[1, 1, 255]]]


def test_what_does_not_fit_is_refused() -> None:
    picture, levels = np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5), np.uint8)
    there, table = np.ones((4, 5), np.bool_), np.zeros((256, 3), np.uint8)
    with pytest.raises(ValueError, match="does not fit"):
        blend(picture, levels[:3], there, table, 40)
    with pytest.raises(ValueError, match="0 to 100 percent"):
        blend(picture, levels, there, table, 101)
    with pytest.raises(ValueError, match="in RGB"):
        blend(picture[..., :2], levels, there, table, 40)


def test_warm_up_leaves_nothing_to_compile_for_a_fused_picture() -> None:
    blending.warm_up()
    before = len(blending._blend.signatures)  # type: ignore[attr-defined]  # of numba
    table = np.frombuffer(MAPS[0].entries, np.uint8).reshape(256, 3)
    levels = np.zeros((3, 4), np.uint8)
    blend(np.zeros((3, 4, 3), np.uint8), levels, levels == 0, table, 40)
    assert len(blending._blend.signatures) == before  # type: ignore[attr-defined]
