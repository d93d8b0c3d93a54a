"""F19: shutters hide exactly the pixels that PS3.3 C.7.6.11 and C.7.6.15 say, whatever the look."""

import io
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.kit import dicom_files
from tests.kit.pictures import COLOUR_STORED, instance, stored, windowed
from viewer.calibration.display import DisplayProfile
from viewer.loading.headers import read_header
from viewer.model.overlay_plane import OverlayPlane
from viewer.model.presentation import Presentation
from viewer.model.shutter import Circle, Lab, Rectangle, Shutter, Vertex
from viewer.model.study import Instance, Photometric
from viewer.pixels.bitmaps import packed
from viewer.pixels.shutter_mask import in_polygon, shutter_mask
from viewer.render.compositor import RenderRequest
from viewer.render.graphics import laid_over
from viewer.viewport.transform import PanePoint, PaneSize

ROWS, COLUMNS = 9, 12


def by_formula(visible: object) -> NDArray[np.bool_]:
    """Hidden pixels of the test image, asked one by one with 1-based row and column."""
    assert callable(visible)
    return np.array(
        [[not visible(r, c) for c in range(1, COLUMNS + 1)] for r in range(1, ROWS + 1)]
    )


def inside(corners: list[Vertex], row: int, column: int) -> bool:
    """Even-odd rule in whole numbers, edges included."""
    odd = False
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = (b.column - a.column) * (row - a.row) - (b.row - a.row) * (column - a.column)
        between = min(a.row, b.row) <= row <= max(a.row, b.row) and min(
            a.column, b.column
        ) <= column <= max(a.column, b.column)
        if cross == 0 and between:
            return True
        if (a.row > row) != (b.row > row):
            at = a.column + Fraction((row - a.row) * (b.column - a.column), b.row - a.row)
            odd ^= column < at
    return odd


def test_f19_rectangle_keeps_its_edges() -> None:
    hidden = shutter_mask(Shutter(rectangle=Rectangle(3, 10, 2, 7)), ROWS, COLUMNS)
    expected = by_formula(lambda r, c: 2 <= r <= 7 and 3 <= c <= 10)
    assert np.array_equal(hidden, expected)
    whole = Shutter(rectangle=Rectangle(1, COLUMNS, 1, ROWS))
    assert not shutter_mask(whole, ROWS, COLUMNS).any()


def test_f19_circle_by_formula_also_of_tall_pixels() -> None:
    shutter = Shutter(circle=Circle(5, 6, 4))
    round_one = by_formula(lambda r, c: (r - 5) ** 2 + (c - 6) ** 2 <= 16)
    assert np.array_equal(shutter_mask(shutter, ROWS, COLUMNS), round_one)
    tall = by_formula(lambda r, c: (2 * (r - 5)) ** 2 + (c - 6) ** 2 <= 16)
    assert np.array_equal(shutter_mask(shutter, ROWS, COLUMNS, aspect=2.0), tall)


@pytest.mark.parametrize(
    "corners",
    [
        [(1, 1), (1, 12), (9, 1)],
        [(2, 6), (5, 11), (8, 6), (5, 2)],
        [(1, 1), (9, 12), (1, 12), (9, 1)],
        [(2, 2), (2, 11), (5, 6), (8, 11), (8, 2)],
        [(-5, 6), (5, 30), (40, 6), (5, -30)],
    ],
)
def test_f19_polygon_keeps_inside_and_edges(corners: list[tuple[int, int]]) -> None:
    vertices = [Vertex(*corner) for corner in corners]
    hidden = shutter_mask(Shutter(polygon=tuple(vertices)), ROWS, COLUMNS)
    assert np.array_equal(hidden, by_formula(lambda r, c: inside(vertices, r, c)))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 14), st.integers(-4, 16)), min_size=3, max_size=8))
def test_f19_any_polygon_equals_the_rule(corners: list[tuple[int, int]]) -> None:
    vertices = [Vertex(*corner) for corner in corners]
    expected = ~by_formula(lambda r, c: inside(vertices, r, c))
    assert np.array_equal(in_polygon(vertices, ROWS, COLUMNS), expected)


def test_f19_shapes_together_show_what_all_of_them_show() -> None:
    bits = np.zeros((ROWS, COLUMNS), dtype=np.bool_)
    bits[4, 5] = True
    plane = OverlayPlane(0x6000, ROWS, COLUMNS)
    together = Shutter(
        rectangle=Rectangle(3, 10, 2, 7), circle=Circle(5, 6, 4), bitmap=packed(plane, bits)
    )
    expected = by_formula(
        lambda r, c: (
            2 <= r <= 7 and 3 <= c <= 10 and (r - 5) ** 2 + (c - 6) ** 2 <= 16 and (r, c) != (5, 6)
        )
    )
    assert np.array_equal(shutter_mask(together, ROWS, COLUMNS), expected)


def test_f19_shutter_without_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        Shutter()
    with pytest.raises(ValueError, match="three corners"):
        Shutter(polygon=(Vertex(1, 1), Vertex(2, 2)))


# -- in the picture --------------------------------------------------------------------------------

FRAME = np.random.default_rng(19).integers(0, 4096, (ROWS, COLUMNS), np.uint16)
FORM = stored(rows=ROWS, columns=COLUMNS, signed=False, bits_stored=12, high_bit=11)
ROUND = Shutter(circle=Circle(5, 6, 3), p_value=40_000)
HIDDEN = shutter_mask(ROUND, ROWS, COLUMNS)


def picture(
    look: Presentation, shutter: Shutter | None = ROUND, image: Instance | None = None, **how: Any
) -> NDArray[Any]:
    pane = how.pop("pane", PaneSize(COLUMNS, ROWS))
    request = RenderRequest(
        how.pop("frame", FRAME), image or instance(FORM), look, pane, shutter=shutter, **how
    )
    return request.compose(request.sample())


LOOKS = [
    windowed(2048, 4096), windowed(100, 20), windowed(3000, 1),
    windowed(2048, 4096, invert=True), windowed(500, 700, "SIGMOID", invert=True),
]  # fmt: skip


@pytest.mark.parametrize("photometric", [Photometric.MONOCHROME1, Photometric.MONOCHROME2])
@pytest.mark.parametrize("look", LOOKS)
def test_f19_hidden_pixels_have_the_shutter_value_at_any_window_and_polarity(
    look: Presentation, photometric: Photometric
) -> None:
    look, image = replace(look, zoom=1.0), instance(replace(FORM, photometric=photometric))
    shut = picture(look, image=image)
    assert (shut[HIDDEN] == math.floor(40_000 / 65535 * 255 + 0.5)).all()
    assert np.array_equal(shut[~HIDDEN], picture(look, None, image)[~HIDDEN])


def test_f19_the_shutter_value_is_a_p_value_of_16_bits_and_goes_through_the_display() -> None:
    look = replace(windowed(2048, 4096), zoom=1.0)
    assert (picture(look, bits=16)[HIDDEN] == 40_000).all()
    table = tuple(round(255 * (n / 255) ** 0.5) for n in range(256))
    shown = picture(look, display=DisplayProfile("screen", table=table))
    assert (shown[HIDDEN] == table[math.floor(40_000 / 65535 * 255 + 0.5)]).all()


def test_f19_colour_pictures_take_the_shutter_colour() -> None:
    form = replace(COLOUR_STORED, rows=ROWS, columns=COLUMNS)
    frame = np.full((ROWS, COLUMNS, 3), 90, np.uint8)
    look = Presentation(zoom=1.0)
    grey = picture(look, image=instance(form), frame=frame)
    assert (grey[HIDDEN] == 156).all()
    red = replace(ROUND, colour=Lab(54.29, 80.81, 69.89))  # red of sRGB under D50
    shown = picture(look, red, instance(form), frame=frame)
    assert np.abs(shown[HIDDEN].astype(int) - [255, 0, 0]).max() <= 1
    assert (shown[~HIDDEN] == 90).all()


def test_f19_an_open_shutter_leaves_the_picture_as_it_is() -> None:
    look = replace(windowed(2048, 4096), zoom=1.0)
    assert np.array_equal(picture(replace(look, shuttered=False)), picture(look, None))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("zoom", [1.0, 3.3, 0.6])
def test_f19_the_shutter_follows_the_image_at_every_zoom_flip_and_turn(
    zoom: float, turns: int, flip: bool
) -> None:
    """Each device pixel asked by itself: hidden when the image pixel under its centre is."""
    look = replace(windowed(2048, 4096), zoom=zoom, quarter_turns=turns, flip_horizontal=flip)
    pane = PaneSize(40, 36)
    request = RenderRequest(FRAME, instance(FORM), look, pane, shutter=ROUND)
    sampled = request.sample()
    assert sampled.hidden is not None
    place = request.transform()
    height, width = sampled.hidden.shape
    expected = np.zeros((height, width), dtype=np.bool_)
    for y in range(height):
        for x in range(width):
            at = place.to_pixel(PanePoint(sampled.left + x + 0.5, sampled.top + y + 0.5))
            expected[y, x] = HIDDEN[math.floor(at.row + 0.5), math.floor(at.column + 0.5)]
    assert np.array_equal(sampled.hidden, expected)


# -- in files --------------------------------------------------------------------------------------


def read(**values: Any) -> Instance:
    return read_header(io.BytesIO(dicom_files.file(**values)), name="file").instance


RECTANGLE = {
    "ShutterLeftVerticalEdge": 2, "ShutterRightVerticalEdge": 4,
    "ShutterUpperHorizontalEdge": 1, "ShutterLowerHorizontalEdge": 3,
}  # fmt: skip
CIRCLE = {"CenterOfCircularShutter": [2, 3], "RadiusOfCircularShutter": 2}
POLYGON = {"VerticesOfThePolygonalShutter": [1, 1, 1, 5, 4, 1]}


def test_f19_shutters_are_read_from_the_header() -> None:
    found = read(
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"], ShutterPresentationValue=1234,
        ShutterPresentationColorCIELabValue=[65535, 32896, 32896], **RECTANGLE, **CIRCLE, **POLYGON,
    ).shutter  # fmt: skip
    assert found is not None
    assert found.rectangle == Rectangle(2, 4, 1, 3)
    assert found.circle == Circle(2, 3, 2)
    assert found.polygon == (Vertex(1, 1), Vertex(1, 5), Vertex(4, 1))
    assert found.p_value == 1234
    assert found.colour == pytest.approx((100, 0, 0), abs=1e-9)


def test_f19_edges_without_a_shape_mean_nothing() -> None:
    assert read(**RECTANGLE).shutter is None


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        ("RECTANGULAR", {"ShutterLeftVerticalEdge": 2}),
        ("CIRCULAR", {"CenterOfCircularShutter": [2, 3]}),
        ("CIRCULAR", {"CenterOfCircularShutter": [2, 3], "RadiusOfCircularShutter": 2_000_000_000}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": [1, 1, 5, 5]}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": [1, 1, 5, 5, 3]}),
        ("BITMAP", {}),
        ("STAR", {}),
    ],
)
def test_f19_a_shape_described_wrongly_is_told_and_not_applied(
    shape: str, values: dict[str, Any]
) -> None:
    header = read(ShutterShape=shape, **values)
    assert header.shutter is None
    assert header.repairs == (f"The shutter {shape} is described wrongly and not applied.",)


def test_f19_a_bitmap_is_the_overlay_that_the_shutter_names_and_no_graphics() -> None:
    header = read(ShutterShape="BITMAP", ShutterOverlayGroup=0x6002)
    assert header.shutter is not None
    planes = [OverlayPlane(group, 4, 5) for group in (0x6000, 0x6002)]
    bits = np.eye(4, 5, dtype=np.bool_)
    shutter, drawn = laid_over(header, [packed(plane, bits) for plane in planes])
    assert shutter is not None
    assert [overlay.bitmap.plane.group for overlay in drawn] == [0x6000]
    assert np.array_equal(shutter_mask(shutter, 4, 5), bits)


def test_f19_real_mammogram(shared_dicom: Path) -> None:
    """Edges of 0 to the image's size hide nothing."""
    with (shared_dicom / "mg" / "OutOfBoundsOverlay.dcm").open("rb") as data:
        header = read_header(data, name="file").instance
    assert header.shutter == Shutter(rectangle=Rectangle(0, 1318, 0, 788))
    assert not shutter_mask(header.shutter, 788, 1318).any()
