"""Lines of one image in another and points of the patient, against geometry written out here."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.kit.viewer import AXIAL, chest, shown
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.refs import FrameOfReferenceUid
from viewer.viewport.cross_reference import (
    PatientPoint,
    crossing,
    nearest_index,
    point_mark,
    point_under,
    reference_line,
)
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

SPACE = FrameOfReferenceUid("1.9")
CORONAL = ImagePlane(PointLps(-10, 0, 30), AXIAL[0], PointLps(0, 0, -1), Spacing(1, 1))


def _axial(z: float) -> ImagePlane:
    return ImagePlane(PointLps(-10, -10, z), *AXIAL, Spacing(0.5, 0.8))


def _coronal_pane(place: PointLps = CORONAL.position) -> Viewport:
    """48 columns by 64 rows of 1 mm: x and z from ``place`` on, z downwards."""
    return shown(chest(1, series="1.2.8", planes=(replace(CORONAL, position=place),)))


def test_an_axial_image_is_a_level_line_in_a_coronal_one() -> None:
    found = crossing(_axial(12.0), 64, 48, CORONAL)
    assert found is not None
    start, end = sorted(found)
    assert (start.row, end.row) == pytest.approx((18, 18))  # z 30 to z 12 at 1 mm
    assert (start.column, end.column) == pytest.approx((-0.4, 37.6 + 0.4))  # half pixels of 0.8


def test_parallel_images_and_those_that_do_not_reach_cut_nothing() -> None:
    assert crossing(_axial(1), 64, 48, _axial(9)) is None
    assert crossing(_axial(1), 10, 48, CORONAL) is None  # ends 5 mm in front of the coronal plane


@pytest.mark.parametrize("seed", range(20))
def test_the_ends_lie_in_both_planes_and_on_the_edge_of_the_image(seed: int) -> None:
    rng = np.random.default_rng(seed)
    planes = []
    for _ in range(2):
        q, _r = np.linalg.qr(rng.normal(size=(3, 3)))
        row, column = (PointLps(*(float(v) for v in q[:, n])) for n in (0, 1))
        place = PointLps(*(float(v) for v in rng.uniform(-5, 5, 3)))
        planes.append(ImagePlane(place, row, column, Spacing(0.7, 1.1)))
    of, onto = planes
    found = crossing(of, 40, 30, onto)
    if found is None:
        return
    for end in found:
        there = onto.to_lps(end)
        assert of.distance(there) == pytest.approx(0, abs=1e-9)
        back = of.to_pixel(there)
        on_edge = min(
            abs(back.column + 0.5), abs(back.column - 29.5), abs(back.row + 0.5),
            abs(back.row - 39.5),
        )  # fmt: skip
        assert on_edge == pytest.approx(0, abs=1e-9)


def test_the_line_follows_the_active_pane_and_needs_one_space() -> None:
    coronal = _coronal_pane(PointLps(-100, -90, 30))
    active = shown(chest(20))
    lines = []
    for index in (0, 12):
        active.go_to_index(index)
        found = reference_line(active, coronal)
        assert found is not None
        lines.append(found)
    transform = coronal.transform()
    assert transform is not None
    down = (lines[0].start.y - lines[1].start.y) / transform.zoom
    assert down == pytest.approx(12)  # 12 slices of 1 mm further to the head
    assert reference_line(active, active) is None
    stranger = shown(chest(20, uid="1.3", series="1.3.1", space="1.8"))
    assert reference_line(stranger, coronal) is None


def test_a_point_is_found_in_every_pane_and_its_distance_told() -> None:
    axial, coronal = shown(chest(20, spacing=Spacing(0.5, 0.8))), _coronal_pane()
    transform = axial.transform()
    assert transform is not None
    axial.go_to_index(12)
    point = point_under(axial, transform.to_pane(PixelPoint(115 / 0.8, 190 / 0.5)))
    assert point is not None
    assert point.at == pytest.approx((15, 90, 12))
    assert nearest_index(coronal, point) == 0
    mark = point_mark(coronal, point)
    there = coronal.transform()
    assert mark is not None
    assert there is not None
    assert mark.at == pytest.approx(there.to_pane(PixelPoint(25, 18)))
    assert mark.words == "90.0 mm away"


def test_the_nearest_frame_is_brought_up() -> None:
    axial = shown(chest(20))
    point = PatientPoint(PointLps(-90, -90, 7.4), SPACE)
    assert nearest_index(axial, point) == 7
    axial.go_to_index(7)
    mark = point_mark(axial, point)
    assert mark is not None
    assert mark.words == "0.4 mm away"  # the step of this set is not known


def test_images_without_a_place_have_no_points() -> None:
    flat = shown(chest(1, planes=()))
    assert point_under(flat, PanePoint(5, 5)) is None
    point = PatientPoint(PointLps(0, 0, 0), SPACE)
    assert point_mark(flat, point) is None
    stranger = PatientPoint(PointLps(0, 0, 0), FrameOfReferenceUid("7"))
    assert nearest_index(shown(chest(3)), stranger) is None
    outside = PatientPoint(PointLps(math.pi * 1000, 0, 1), SPACE)
    assert point_mark(shown(chest(3)), outside) is None
