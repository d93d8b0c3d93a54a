"""Shapes in space: how they begin, follow a point, and say what they cannot say."""

from dataclasses import replace

import numpy as np
import pytest

from tests.kit.space import SpaceSeries
from tests.kit.viewer import ct_instance, frame_of, projection_instance
from viewer.errors import GeometryError
from viewer.measure.found import Found, what_of
from viewer.measure.growing import Grown, begun, finished, grown_on, proposed
from viewer.measure.in_space import (
    along_axes,
    box_of_corners,
    centre_and_edge,
    nothing,
    settled,
    with_centre,
)
from viewer.measure.kinds import KINDS
from viewer.measure.lacking import lacks_values
from viewer.measure.registry import Ground, read
from viewer.measure.slices import places_of, solid_statistics
from viewer.measure.solids import sphere
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing

K = AnnotationKind
ZERO = PointLps(0, 0, 0)
AXES = (PointLps(4, 0, 0), PointLps(0, 3, 0), PointLps(0, 0, 2))
FLAT = ImagePlane(ZERO, PointLps(1, 0, 0), PointLps(0, 1, 0), Spacing(1, 1))
SERIES = SpaceSeries(lambda p: 1000 + p[..., 2], count=8)


def test_a_box_is_as_deep_as_it_is_wide_unless_its_corners_say_otherwise() -> None:
    assert centre_and_edge(ZERO, AXES[0], FLAT) == (ZERO, AXES[0])
    level = box_of_corners(ZERO, PointLps(8, 4, 0), FLAT)
    assert level[0] == PointLps(4, 2, 0)
    assert [(end - level[0]).norm for end in level[1:]] == [4, 2, 3]
    deep = box_of_corners(ZERO, PointLps(8, 4, 10), FLAT)
    assert [(end - deep[0]).norm for end in deep[1:]] == [4, 2, 5]


def test_all_goes_with_the_centre_and_an_axis_keeps_its_way() -> None:
    ball = (ZERO, AXES[0])
    assert with_centre(ball, 0, PointLps(1, 1, 1)) == (PointLps(1, 1, 1), PointLps(5, 1, 1))
    assert with_centre(ball, 1, PointLps(0, 9, 0)) == (ZERO, PointLps(0, 9, 0))
    box = (ZERO, *AXES)
    assert along_axes(box, 0, PointLps(0, 0, 1))[3] == PointLps(0, 0, 3)
    assert along_axes(box, 1, PointLps(6, 7, 8)) == (ZERO, PointLps(6, 0, 0), *AXES[1:])
    assert along_axes(box, 2, PointLps(6, 0, 0))[2].norm == pytest.approx(1e-3)  # never nothing
    empty = (ZERO, ZERO, *AXES[1:])
    assert along_axes(empty, 1, AXES[0]) == empty


def test_a_point_is_settled_as_its_kind_wants() -> None:
    line, ball = KINDS[K.LINE_3D].space, KINDS[K.SPHERE].space
    assert line is not None
    assert ball is not None
    points = (ZERO, AXES[0])
    assert settled(line, points, 1, AXES[1]) == (ZERO, AXES[1])
    assert settled(line, points, None, AXES[1]) == (AXES[1], PointLps(4, 3, 0))
    assert settled(ball, points, 0, AXES[2]) == (AXES[2], PointLps(4, 0, 2))


def test_on_a_projection_nothing_in_space_is_true() -> None:
    xray = projection_instance("PA", planes=(FLAT,))
    made = replace(SERIES.annotation(K.LINE_3D, ZERO, AXES[0]), on=frame_of(xray))
    found = read(made, Ground(xray, step=1.0))
    assert found.measurements == ()
    assert found.notes[0].startswith("No length in space is known to be true here.")


def test_a_grown_volume_says_what_it_waits_for() -> None:
    seed = SERIES.middle
    points = (seed, seed.plus(AXES[0]))
    ground = Ground(SERIES.instance_of(SERIES.annotation(K.GROWN, *points)), step=1.5)
    without = read(SERIES.annotation(K.GROWN, *points), ground, uncertain=True)
    assert without.notes == ("It has no range of values to grow in.",)
    waits = SERIES.annotation(K.GROWN, *points, span=(10.0, 20.0))
    assert read(waits, ground).notes == ("The volume is growing.",)
    assert lacks_values(waits, ground)
    none = replace(ground, found={waits.id: Found(what_of(waits, ""), notes=("It failed.",))})
    assert not lacks_values(waits, none)
    assert read(waits, none, uncertain=True).notes == ("It failed.",)


def test_on_a_plane_of_its_own_values_are_sampled_and_said_to_be() -> None:
    solid = sphere((SERIES.middle, SERIES.middle.plus(AXES[2])))
    taken, _ = solid_statistics(solid, SERIES.slices(solid), "", SERIES.places)
    image, plane = SERIES.instances[3], SERIES.planes[3]

    def said(kind: K, *pixels: tuple[float, float]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        made = SERIES.annotation(kind, *(plane.to_lps(PixelPoint(*p)) for p in pixels), plane=plane)
        made = replace(made, on=SERIES.frames[3], pixels=tuple(PixelPoint(*p) for p in pixels))
        plain = Ground(image, step=1.5)
        assert lacks_values(made, plain)
        assert read(made, plain).notes == ()
        found = replace(plain, found={made.id: Found(what_of(made, ""), taken)})
        read_now = read(made, found)
        assert not lacks_values(made, found)
        return read_now.lines, read_now.notes

    lines, _ = said(K.CIRCLE, (20, 20), (26, 20))
    assert lines[0].endswith("on MPR")
    assert lines[-1].endswith(", interpolated")
    lines, _ = said(K.PROBE, (20, 20))
    assert lines[0].endswith("on MPR, interpolated")
    assert lines[1].startswith("L ")


def test_what_reads_no_values_lacks_none() -> None:
    length = SERIES.annotation(K.LENGTH, SERIES.middle, SERIES.middle.plus(AXES[0]))
    assert not lacks_values(length, Ground(SERIES.instance_of(length)))
    circle = replace(length, kind=K.CIRCLE)
    assert lacks_values(circle, Ground(SERIES.instance_of(length)))
    assert not lacks_values(replace(length, kind=K.LINE_3D), Ground(ct_instance()))


@pytest.mark.parametrize(
    ("planes", "why"),
    [
        ([None, *SERIES.planes[:2]], "do not say where they lie"),
        (SERIES.planes[:1], "One image alone"),
        ([SERIES.planes[0], replace(SERIES.planes[1], row=PointLps(0, 0, 1))], "turned against"),
        ([SERIES.planes[0], SERIES.planes[0]], "at one position"),
    ],
)
def test_images_that_make_no_volume_say_why(planes: list[ImagePlane | None], why: str) -> None:
    found = places_of(SERIES.frames[: len(planes)], planes)
    assert isinstance(found, str)
    assert why in found


def test_what_is_cut_off_or_cannot_be_read_is_told() -> None:
    top = SERIES.points[-1][30, 35]
    solid = sphere((PointLps(*map(float, top)), PointLps(*map(float, top)).plus(AXES[0])))
    slices = [replace(SERIES.slices(solid)[0], pixels=None), *SERIES.slices(solid)[1:]]
    found, notes = solid_statistics(solid, slices, "", SERIES.places)
    assert notes == (
        "Part of the shape lies outside the images; only voxels inside count.",
        "1 of its images cannot be read.",
    )
    assert found.missing > 0
    empty = replace(slices[1], instance=replace(slices[1].instance, format=None))
    assert empty.shape == (0, 0)


@pytest.mark.parametrize(
    ("at", "why"), [((-50.0, 5.0), "outside the image"), ((3.0, 3.0), "it is padding")]
)
def test_a_seed_on_nothing_is_refused(at: tuple[float, float], why: str) -> None:
    one = SERIES.slices()[2]
    stored = one.instance.format
    assert stored is not None
    padded = replace(one.instance, format=replace(stored, padding=(0, 5000)))
    place = one.plane.to_lps(PixelPoint(*at))
    with pytest.raises(GeometryError, match=why):
        proposed(place, [replace(one, instance=padded)], "")


def test_nothing_grows_where_images_or_voxels_are_lacking() -> None:
    solid = sphere((SERIES.middle, SERIES.middle.plus(AXES[0])))
    slices = SERIES.slices(solid)
    with pytest.raises(GeometryError, match="can be read"):
        begun(SERIES.middle, solid, (0, 1), [replace(slices[0], pixels=None)], "")
    with pytest.raises(GeometryError, match="can be read"):
        begun(SERIES.middle, solid, (0, 1), [], "")
    with pytest.raises(GeometryError, match="not here yet"):
        proposed(SERIES.middle, [replace(slices[0], pixels=None)], "")
    away = SERIES.middle.plus(PointLps(900, 0, 0))
    with pytest.raises(GeometryError, match="within the limit"):
        begun(away, sphere((away, away.plus(AXES[2]))), (0, 1), slices, "")


def test_what_grew_is_found_on_its_own_slices_alone() -> None:
    marked = np.zeros((2, 3, 3), np.bool_)
    marked[1, 1, 1] = True
    grown = Grown(tuple(SERIES.planes[:2]), 0, 0, marked, 1.0, 1.0)
    here = grown.on(SERIES.planes[1])
    assert here is not None
    assert here.sum() == 1
    assert grown.on(SERIES.planes[5]) is None
    assert grown.on(replace(SERIES.planes[1], row=PointLps(0, 0, 1))) is None
    assert nothing((ZERO,)) == ()


def test_what_grew_is_a_slice_only_of_images_with_the_same_pixels() -> None:
    limit = sphere((SERIES.middle, SERIES.middle.plus(PointLps(6, 0, 0))))
    growth = begun(SERIES.middle, limit, (0.0, 4000.0), SERIES.slices(limit), "")
    grown, _, _ = finished(grown_on(growth, 99), "")
    own = grown.planes[1]
    assert grown.on(own) is not None
    finer = replace(own, spacing=Spacing(own.spacing.row / 2, own.spacing.column / 2))
    aside = replace(own, position=own.position.plus(own.row, 30.0))
    turned = replace(own, row=own.column, column=PointLps(-own.row.x, -own.row.y, -own.row.z))
    for other in (finer, aside, turned):  # another series in the same plane
        assert other.normal == own.normal
        assert grown.on(other) is None
