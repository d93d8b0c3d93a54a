"""F36: on ultrasound the region that holds all points decides the unit (PS3.3 C.8.5.5)."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.kit.dicom_files import enhanced, frame_groups
from tests.kit.ultrasound import CM, CM_PER_S, HERTZ, SECOND, region, ultrasound
from viewer.calibration.regions import (
    axis_differences,
    axis_values,
    common_scale,
    region_at,
    scale_at,
)
from viewer.loading.headers import read_header
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.study import Instance

FINE = region((0, 0, 99, 49), (CM, 0.02), (CM, 0.02), zero=(50, 0))
COARSE = region((100, 0, 199, 49), (CM, 0.05), (CM, 0.05))
DOPPLER = region((0, 50, 199, 99), (SECOND, 0.01), (CM_PER_S, -2.0), zero=(0, 25))


def _read(*regions: Dataset, **size: int) -> Instance:
    return read_header(io.BytesIO(ultrasound(regions, **size)), name="us").instance


def _points(*places: tuple[float, float]) -> tuple[PixelPoint, ...]:
    return tuple(PixelPoint(*place) for place in places)


def _spacing(instance: Instance, *places: tuple[float, float]) -> Spacing | None:
    return scale_at(instance, 0, _points(*places)).spacing


THREE = _read(FINE, COARSE, DOPPLER)


def test_f36_each_region_has_its_own_millimetres() -> None:
    assert _spacing(THREE, (1, 1), (90, 40)) == pytest.approx(Spacing(0.2, 0.2))
    assert _spacing(THREE, (101, 1), (190, 40)) == pytest.approx(Spacing(0.5, 0.5))
    scale = scale_at(THREE, 0, _points((1, 1), (90, 40)))
    assert (scale.calibration, scale.word) == (CalibrationKind.US_REGION, "US region")


@pytest.mark.parametrize(
    "places",
    [((90, 10), (110, 10)), ((10, 40), (10, 60)), ((10, 10), (250, 10)), ((10, 10), (10, -9))],
)
def test_f36_across_regions_or_outside_only_pixels(places: tuple[tuple[float, float], ...]) -> None:
    scale = scale_at(THREE, 0, _points(*places))
    assert (scale.spacing, scale.calibration) == (None, CalibrationKind.NONE)
    assert "do not lie in one calibrated region" in scale.reason


def test_f36_mixed_units_give_what_lies_along_each_axis_alone() -> None:
    scale = scale_at(THREE, 0, _points((10, 60), (52, 75)))
    assert scale.spacing is None
    assert scale.axes == "time 0.42 s · velocity 30 cm/s"
    assert "along each axis" in scale.reason


def test_f36_values_count_from_the_reference_pixel_with_their_sign() -> None:
    values = axis_values(THREE, 0, PixelPoint(42, 60))
    assert [(v.name, v.unit) for v in values] == [("velocity", "cm/s"), ("time", "s")]
    assert [v.value for v in values] == pytest.approx([30.0, 0.42])  # above the zero line
    below = axis_values(THREE, 0, PixelPoint(42, 80))
    assert below[0].value == pytest.approx(-10.0)
    depth = axis_values(THREE, 0, PixelPoint(50, 30))
    assert [(v.name, v.value) for v in depth] == [("depth", pytest.approx(0.6)), ("across", 0.0)]
    assert axis_values(THREE, 0, PixelPoint(150, 30)) == ()  # no reference pixel, no zero


def test_f36_the_reference_value_is_added() -> None:
    shifted = region(
        (0, 0, 99, 49), (CM, 0.01), (CM, 0.01), zero=(10, 5), ReferencePixelPhysicalValueY=2.5
    )
    depth, across = axis_values(_read(shifted), 0, PixelPoint(30, 25))
    assert (depth.value, across.value) == pytest.approx((2.7, 0.2))


def test_f36_a_negative_step_is_as_long() -> None:
    up = region((0, 0, 199, 99), (CM, 0.02), (CM, -0.05))
    assert _spacing(_read(up), (1, 1), (9, 9)) == pytest.approx(Spacing(0.5, 0.2))


def test_f36_of_overlapping_regions_the_flag_goes_first_then_the_smallest() -> None:
    low = region((10, 10, 40, 40), (CM, 0.01), (CM, 0.01), flags=1)
    wide = region((0, 0, 199, 99), (CM, 0.02), (CM, 0.02))
    small = region((0, 0, 99, 49), (CM, 0.04), (CM, 0.04), flags=2)
    inside = ((15, 15), (30, 30))
    assert _spacing(_read(low, wide), *inside) == pytest.approx(Spacing(0.2, 0.2))
    assert _spacing(_read(wide, small, low), *inside) == pytest.approx(Spacing(0.4, 0.4))
    # what the small one does not hold whole is the wide one's
    assert _spacing(_read(wide, small), (15, 15), (150, 15)) == pytest.approx(Spacing(0.2, 0.2))
    # the low one alone still counts
    assert _spacing(_read(low), *inside) == pytest.approx(Spacing(0.1, 0.1))


def test_f36_regions_belong_to_their_frame() -> None:
    frames = [frame_groups(z, 1, 0, 50) for z in (0.0, 1.0)]
    for item, step in zip(frames, (0.02, 0.05), strict=True):
        item.SequenceOfUltrasoundRegions = [region((0, 0, 4, 3), (CM, step), (CM, step))]
    data = enhanced(frames, np.zeros((2, 4, 5)))
    instance = read_header(io.BytesIO(data), name="us").instance
    points = _points((0, 0), (3, 3))
    assert scale_at(instance, 0, points).spacing == pytest.approx(Spacing(0.2, 0.2))
    assert scale_at(instance, 1, points).spacing == pytest.approx(Spacing(0.5, 0.5))


def test_f36_a_rulers_scale_needs_regions_that_agree() -> None:
    assert common_scale(_read(FINE, DOPPLER)).spacing == pytest.approx(Spacing(0.2, 0.2))
    differ = common_scale(THREE)
    assert (differ.spacing, "differ in their scales" in differ.reason) == (None, True)
    assert "no centimetres" in common_scale(_read(DOPPLER)).reason


def test_f36_a_region_without_unit_gives_pixels() -> None:
    bare = region((0, 0, 99, 49), (0, 0.0), (0, 0.0))
    scale = scale_at(_read(bare), 0, _points((1, 1), (9, 9)))
    assert (scale.spacing, scale.axes) == (None, "")
    assert scale.reason == "This ultrasound region has no unit."


def test_f36_differences_have_no_sign() -> None:
    found = region_at(THREE, 0, _points((10, 60)))
    assert found is not None
    apart = axis_differences(found, PixelPoint(52, 75), PixelPoint(10, 60))
    assert [(a.name, a.unit) for a in apart] == [("time", "s"), ("velocity", "cm/s")]
    assert [a.value for a in apart] == pytest.approx([0.42, 30.0])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (region((50, 0, 20, 49), (CM, 0.02), (CM, 0.02)), "wrong way round"),
        (region((0, 0, 599, 49), (CM, 0.02), (CM, 0.02)), "reaches outside the image"),
        (region((0, 0, 99, 49), (CM, 0.0), (CM, 0.02)), "cannot be true"),
        (region((0, 0, 99, 49), (CM, float("nan")), (CM, 0.02)), "cannot be true"),
        (region((0, 0, 99, 49), (CM, float("inf")), (CM, 0.02)), "cannot be true"),
        (region((0, 0, 99, 49), (CM, 1e300), (CM, 0.02)), "cannot be true"),
        (region((0, 0, 99, 49), (77, 0.02), (CM, 0.02)), "missing or unknown"),
        (region((0, 0, 99, 49), (CM, 0.02), (HERTZ, 1.0), PhysicalUnitsYDirection=None), "unit"),
        (region((0, 0, 99, 49), (CM, 0.02), (CM, 0.02), RegionLocationMaxX1=None), "edges are"),
        (region((0, 0, 99, 49), (CM, 0.02), (CM, 0.02), zero=(2**30, 0)), "too far away"),
    ],
)
def test_f36_what_cannot_be_true_is_told_and_not_used(wrong: Dataset, why: str) -> None:
    instance = _read(COARSE, wrong)
    assert len(instance.regions) == 1
    (said,) = instance.repairs
    assert said.startswith("Ultrasound region 2 is not used: ")
    assert why in said


def test_f36_too_many_regions_are_none() -> None:
    instance = _read(*[FINE] * 65)
    assert instance.regions == ()
    assert "more than 64 ultrasound regions" in instance.repairs[0]


def test_f36_an_edge_counted_past_the_last_pixel_is_taken(shared_dicom: Path) -> None:
    instance = _real(shared_dicom / "us" / "OBXXXX1A_2frame.dcm")
    assert (instance.regions[0].left, instance.regions[0].right) == (120, 799)


def _real(path: Path) -> Instance:
    with path.open("rb") as file:
        return read_header(file, name=path.name).instance


@pytest.mark.parametrize(
    "name", ["gdcm-US-ALOKA-16.dcm", "YBR_422.dcm", "YBR_FULL-RLE.dcm", "GREYSCALE_IMAGE.dcm"]
)
def test_f36_real_regions_as_another_reader_finds_them(name: str, shared_dicom: Path) -> None:
    path = shared_dicom / "us" / name
    theirs: list[Any] = pydicom.dcmread(path, stop_before_pixels=True).SequenceOfUltrasoundRegions
    ours = _real(path).regions
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        edges = (other.RegionLocationMinX0, other.RegionLocationMinY0)
        assert (mine.left, mine.top) == edges
        assert (mine.right, mine.bottom) == (other.RegionLocationMaxX1, other.RegionLocationMaxY1)
        assert (mine.x.unit, mine.y.unit) == (
            other.PhysicalUnitsXDirection,
            other.PhysicalUnitsYDirection,
        )
        if mine.x.unit:
            assert mine.x.delta == other.PhysicalDeltaX
            assert mine.y.delta == other.PhysicalDeltaY


def test_f36_regions_of_a_larger_matrix_are_not_used(shared_dicom: Path) -> None:
    """This cine was made smaller after its region was written: its step would be half the truth."""
    instance = _real(shared_dicom / "us" / "examples_ybr_color.dcm")
    assert instance.regions == ()
    assert any("reaches outside the image" in said for said in instance.repairs)
