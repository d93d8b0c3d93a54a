"""Slices as the ground of what lies in space: sorted, with their depth, or a sentence why not."""

from dataclasses import replace

import numpy as np
import pytest

from tests.kit.space import SpaceSeries
from viewer.errors import GeometryError
from viewer.measure import growing
from viewer.measure.growing import begun, grown_on, outlines, proposed
from viewer.measure.slices import Places, places_of, solid_statistics, touched
from viewer.measure.solids import sphere
from viewer.model.geometry import PointLps, Spacing

SERIES = SpaceSeries(lambda p: 1000 + p[..., 0], count=12, rows=20, columns=22)
C = SERIES.middle
BALL = sphere((C, C.plus(PointLps(4, 0, 0))))


def test_frames_in_any_order_are_sorted_along_the_normal() -> None:
    turned = places_of(SERIES.frames[::-1], SERIES.planes[::-1])
    assert turned == SERIES.places
    assert SERIES.places.step == pytest.approx(1.5)
    assert SERIES.places.nearest(C) == 6


@pytest.mark.parametrize(
    ("planes", "sentence"),
    [
        ([None, *SERIES.planes[1:]], "do not say where they lie"),
        (SERIES.planes[:1] * 12, "Several images lie at one position"),
        ([*SERIES.planes[:11], replace(SERIES.planes[11], column=PointLps(0, 0, 1))], "turned"),
    ],
)
def test_what_makes_no_volume_says_why(planes: list[object], sentence: str) -> None:
    found = places_of(SERIES.frames, planes)  # type: ignore[arg-type]  # planes or None
    assert isinstance(found, str)
    assert sentence in found


def test_one_image_has_no_depth() -> None:
    found = places_of(SERIES.frames[:1], SERIES.planes[:1])
    assert found == "One image alone has no depth: a volume needs several."


def test_images_that_cannot_be_read_are_counted() -> None:
    run = touched(BALL, SERIES.places)
    slices = SERIES.slices(BALL)
    assert len(run) == len(slices) == 5
    lost = (replace(slices[0], pixels=None), *slices[1:])
    found, notes = solid_statistics(BALL, lost, "", SERIES.places)
    whole, _ = solid_statistics(BALL, slices, "", SERIES.places)
    assert notes == ("1 of its images cannot be read.",)
    assert found.pixels == whole.pixels
    assert found.missing > 0
    beside = (*SERIES.slices()[:1], *slices)
    assert solid_statistics(BALL, beside, "", SERIES.places)[0] == whole
    headerless = replace(slices[0], instance=replace(slices[0].instance, format=None))
    assert headerless.shape == (0, 0)


def test_no_value_is_in_a_row_without_data_and_growing_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slices = tuple(replace(one, missing=((0, 10),)) for one in SERIES.slices(BALL))
    growth = begun(C, BALL, (-1e5, 1e5), slices, "")
    before = growth.count
    growth = grown_on(growth)
    assert before == 1 < growth.count
    assert growth.done
    rows = np.flatnonzero(growth.taken.any(axis=(0, 2))) + growth.top
    assert rows.min() == 10
    tiny = sphere((C, C.plus(PointLps(1e-3, 0, 0))))
    with pytest.raises(GeometryError, match="No voxel's centre lies within the limit"):
        begun(C, tiny, (-1e5, 1e5), slices, "")
    monkeypatch.setattr(growing, "MOST_VOXELS", 10)
    with pytest.raises(GeometryError, match="The limit is too large"):
        begun(C, BALL, (-1e5, 1e5), slices, "")
    lost = tuple(replace(one, pixels=None) for one in slices)
    with pytest.raises(GeometryError, match="is not here yet"):
        proposed(C, lost, "")


def test_pixels_that_touch_in_a_corner_have_outlines_of_their_own_or_one() -> None:
    mask = np.array([[True, False], [False, True]])
    loops = outlines(mask)
    edges = sum(len(loop) - 1 for loop in loops)
    assert edges == 8
    assert all(loop[0] == loop[-1] for loop in loops)


def test_places_are_values() -> None:
    assert isinstance(SERIES.places, Places)
    assert SERIES.slices()[0].voxel == pytest.approx(0.8 * 0.6 * 1.5)
    assert Spacing(0.8, 0.6) == SERIES.places.planes[0].spacing
