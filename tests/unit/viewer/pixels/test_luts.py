"""The formulas: vectors of the standard's text, edges, and inputs that no header should give."""

import numpy as np
import pytest

from viewer.model.presentation import ModalityLut, VoiLut
from viewer.pixels import luts


@pytest.mark.parametrize(
    ("centre", "width", "x", "expected"),
    [
        (40, 400, -160, 0.0),
        (40, 400, -159, 0.6391),
        (40, 400, 39, 127.1805),
        (40, 400, 40, 127.8195),
        (40, 400, 239, 255.0),
        (128, 1, 127.5, 0.0),
        (128, 1, 128, 255.0),
        (40, 2, 39, 0.0),
        (40, 2, 39.5, 127.5),
        (40, 2, 40, 255.0),
    ],
)
def test_linear_gives_the_vectors(centre: float, width: float, x: float, expected: float) -> None:
    assert luts.linear(x, centre, width) * 255 == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (luts.linear_exact, -160, 0.0),
        (luts.linear_exact, 239, 254.3625),
        (luts.linear_exact, 240, 255.0),
        (luts.sigmoid, -160, 30.3967),
        (luts.sigmoid, 40, 127.5),
        (luts.sigmoid, 240, 224.6033),
    ],
)
def test_exact_and_sigmoid_give_the_vectors(function: object, x: float, expected: float) -> None:
    assert callable(function)
    assert function(x, 40, 400) * 255 == pytest.approx(expected, abs=5e-5)


def test_a_sigmoid_far_out_is_zero_without_a_warning() -> None:
    assert luts.sigmoid(-1e9, 0, 1) == 0.0
    assert luts.sigmoid(1e9, 0, 1) == 1.0


def test_a_modality_lut_clamps_and_keeps_large_entries_unsigned() -> None:
    lut = ModalityLut(-3, (40000, 50000, 65535), "")
    assert luts.modality_lut([-100, -3, -2, -1, 100], lut).tolist() == [
        40000,
        40000,
        50000,
        65535,
        65535,
    ]


def test_a_voi_lut_rounds_its_input_half_up_and_spreads_over_its_bits() -> None:
    lut = VoiLut(10, (0, 100, 255), 8)
    given = luts.voi_lut([-5, 10.49, 10.5, 11.4, 11.5, 99], lut)
    assert given.tolist() == [0, 0, 100 / 255, 100 / 255, 1, 1]


def test_voi_lut_entries_beyond_its_bits_are_white() -> None:
    assert luts.voi_lut(1, VoiLut(0, (0, 4095), 8)) == 1.0


def test_min_max_ends_in_black_and_white() -> None:
    assert luts.min_max([-1, 0, 25, 100, 101], 0, 100).tolist() == [0, 0, 0.25, 1, 1]


def test_min_max_of_a_flat_image_is_black() -> None:
    assert luts.min_max([7, 8], 7, 7).tolist() == [0, 1]


def test_min_max_of_integers_is_the_linear_window_between_them() -> None:
    x = np.arange(-1200, 3200)
    wide = luts.linear(x, (-1024 + 3071 + 1) / 2, 3071 + 1024 + 1)
    assert np.allclose(luts.min_max(x, -1024, 3071), wide, atol=1e-12)


def test_quantise_rounds_half_up() -> None:
    assert luts.quantise([0, 0.5 / 255, 0.49 / 255, 1], 8).tolist() == [0, 1, 0, 255]
    assert luts.quantise([1.0], 16).dtype == np.uint16
    with pytest.raises(ValueError, match="1 to 16 bits"):
        luts.quantise([0], 17)


def test_rescale_never_rounds() -> None:
    assert luts.rescale([2031], 0.684, 200)[0] == pytest.approx(1589.204)
