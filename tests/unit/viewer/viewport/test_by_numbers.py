"""Places given as numbers: what becomes of them, and the one sentence when nothing can."""

from collections.abc import Sequence

import pytest

from tests.kit.viewer import chest, pixel, projection_instance, series_of, shown, study_of
from viewer.errors import GeometryError
from viewer.model.geometry import PixelPoint, PointLps
from viewer.viewport.by_numbers import Place, pixel_places, places_of
from viewer.viewport.viewport import Viewport

CT = shown(chest(3))


def test_pixel_places_stay_what_they_are() -> None:
    assert pixel_places(CT, (pixel(1.25, 2), pixel(-0.5, 7))) == ((1.25, 2), (-0.5, 7))


def test_places_in_the_patient_are_found_on_the_shown_plane() -> None:
    plane = CT.plane
    assert plane is not None
    wanted = (pixel(3, 4), pixel(10.5, 20))
    found = pixel_places(CT, [plane.to_lps(p).plus(plane.normal, 0.4) for p in wanted])
    for place, expected in zip(found, wanted, strict=True):
        assert isinstance(place, PixelPoint)
        assert place == pytest.approx(expected, abs=1e-9)


def _lps(column: float, row: float, off: float = 0.0) -> PointLps:
    plane = CT.plane
    assert plane is not None
    return plane.to_lps(pixel(column, row)).plus(plane.normal, off)


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        ((pixel(1, 1), pixel(1, 1)), "The two places are the same; a length needs two."),
        ((pixel(-0.6, 1), pixel(2, 2)), "Place 1 lies outside this image of 48 columns and"),
        ((pixel(1, 1), pixel(2, 63.6)), "Place 2 lies outside this image of 48 columns and"),
        ((_lps(1, 1), _lps(2, 2, off=3)), "Place 2 lies 3.0 mm off the plane of this image."),
        ((_lps(-9, 1), _lps(2, 2)), "Place 1 lies outside this image of 48 columns and 64 rows."),
    ],
)
def test_says_what_is_wrong(places: Sequence[Place], sentence: str) -> None:
    with pytest.raises(GeometryError, match=sentence):
        pixel_places(CT, places)


def test_an_image_without_a_plane_takes_only_columns_and_rows() -> None:
    flat = shown(study_of(series_of([projection_instance("PA")], number=1)))
    assert pixel_places(flat, (pixel(1, 1), pixel(2, 2))) == ((1, 1), (2, 2))
    with pytest.raises(GeometryError, match="no place in the patient"):
        pixel_places(flat, (PointLps(0, 0, 0), PointLps(1, 0, 0)))


def test_nothing_is_shown() -> None:
    with pytest.raises(GeometryError, match="There is no image to measure on"):
        pixel_places(Viewport(), (pixel(1, 1), pixel(2, 2)))


def test_places_are_read_from_a_line_of_text() -> None:
    assert places_of("1,2; 3.5,-4;", 2) == (PixelPoint(1, 2), PixelPoint(3.5, -4))
    assert places_of("1,2,3", 3) == (PointLps(1, 2, 3),)
    for text, sentence in (
        ("", "no point"),
        ("1,2,3", "'1,2,3' is no point of 2"),
        ("1,x", "'1,x' is no point"),
        ("1,inf", "'1,inf' is no point"),
    ):
        with pytest.raises(GeometryError, match=sentence):
            places_of(text, 2)
