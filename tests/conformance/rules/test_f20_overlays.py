"""F20: overlay planes lie where their origin says, drawn above the picture and never in it."""

import numpy as np
import pytest

from viewer.model.overlay_plane import OverlayBitmap, OverlayPlane
from viewer.pixels.bitmaps import on_image, packed, unpacked


@pytest.mark.parametrize(
    ("row", "column", "rows", "columns"),
    [(1, 1, 5, 7), (2, 3, 2, 2), (-1, 0, 4, 4), (4, 6, 10, 10), (-3, -3, 20, 20), (9, 9, 2, 2)],
)
def test_f20_origin_is_one_based_and_may_lie_outside(
    row: int, column: int, rows: int, columns: int
) -> None:
    plane = OverlayPlane(0x6000, rows, columns, row, column)
    bits = np.random.default_rng(5).random((rows, columns)) < 0.5
    expected = np.zeros((5, 7), dtype=np.bool_)
    for r in range(rows):
        for c in range(columns):
            image_row, image_column = row - 1 + r, column - 1 + c
            if 0 <= image_row < 5 and 0 <= image_column < 7:
                expected[image_row, image_column] = bits[r, c]
    assert np.array_equal(on_image(packed(plane, bits), 5, 7), expected)


def test_f20_bits_follow_each_other_without_gaps_lowest_first() -> None:
    plane = OverlayPlane(0x6000, 2, 3)
    bits = unpacked(OverlayBitmap(plane, bytes([0b00101001])))
    assert bits.astype(int).tolist() == [[1, 0, 0], [1, 0, 1]]


def test_f20_frames_of_a_plane_begin_at_their_image_frame() -> None:
    plane = OverlayPlane(0x6000, 2, 3, frames=2, first_frame=3)
    assert [plane.frame_on(frame) for frame in range(6)] == [None, None, None, 0, 1, None]
    assert OverlayPlane(0x6000, 2, 3).frame_on(17) == 0


def test_f20_too_few_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="bit for each"):
        OverlayBitmap(OverlayPlane(0x6000, 3, 3), b"\x00")
