"""What lies in space becomes the figure that DICOM has for it, and is refused where it is none."""

import math

import pytest

from tests.kit.space import MADE, SpaceSeries
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from viewer.model.space_figure import SpaceGraphic, space_figure

K, G = AnnotationKind, SpaceGraphic
ON = FrameRef(StudyUid("1"), SeriesUid("2"), SopUid("3"))
PLANE = ImagePlane(PointLps(0, 0, 0), PointLps(1, 0, 0), PointLps(0, 0, -1), Spacing(1, 1))
X, Y, Z = PointLps(3, 0, 0), PointLps(0, 2, 0), PointLps(0, 0, 5)
O = PointLps(0, 0, 0)  # noqa: E741 - the origin


def made(kind: AnnotationKind, *points: PointLps, plane: ImagePlane | None = None) -> Annotation:
    pixels = tuple(PixelPoint(0, 0) for _ in points)
    return Annotation(AnnotationId("a"), kind, ON, pixels, points, None, MADE, plane=plane)


def test_an_ellipsoid_names_the_ends_of_its_longest_axis_first() -> None:
    found = space_figure(made(K.ELLIPSOID, O, X, Y, Z))
    assert found is not None
    assert found.graphic is G.ELLIPSOID
    assert [tuple(p) for p in found.points] == [
        (0, 0, -5), (0, 0, 5), (-3, 0, 0), (3, 0, 0), (0, -2, 0), (0, 2, 0)
    ]  # fmt: skip
    ball = space_figure(made(K.SPHERE, O, Y))
    assert ball is not None
    assert {p.norm for p in ball.points} == {2.0}
    assert len(set(ball.points)) == 6


@pytest.mark.parametrize(
    ("kind", "points", "plane", "graphic", "count"),
    [
        (K.LINE_3D, (X, Y), None, G.POLYLINE, 2),
        (K.ANGLE_3D, (X, O, Y), None, G.POLYLINE, 3),
        (K.BOX, (O, X, Y, Z), None, G.MULTIPOINT, 8),
        (K.GROWN, (O, X), None, G.POINT, 1),
        (K.LENGTH, (O, X), PLANE, G.POLYLINE, 2),
        (K.POLYGON, (O, X, Z), PLANE, G.POLYGON, 4),
        (K.PROBE, (X,), PLANE, G.POINT, 1),
        (K.ELLIPSE, (O, X, O, Z), PLANE, G.ELLIPSE, 4),
    ],
)
def test_every_other_kind_has_its_figure(
    kind: AnnotationKind, points: tuple[PointLps, ...], plane: ImagePlane | None,
    graphic: SpaceGraphic, count: int,
) -> None:  # fmt: skip
    found = space_figure(made(kind, *points, plane=plane))
    assert found is not None
    assert (found.graphic, len(found.points)) == (graphic, count)


def test_a_circle_on_a_plane_lies_in_it() -> None:
    found = space_figure(made(K.CIRCLE, O, PointLps(3, 0, 4), plane=PLANE))
    assert found is not None
    assert all(p.norm == pytest.approx(5) and p.y == pytest.approx(0) for p in found.points)
    assert found.graphic is G.ELLIPSE


def test_one_of_an_image_has_none_and_nonsense_is_refused() -> None:
    assert space_figure(made(K.LENGTH, O, X)) is None
    with pytest.raises(ValueError, match="points there"):
        Annotation(AnnotationId("a"), K.SPHERE, ON, (PixelPoint(0, 0),) * 2, (), None, MADE)
    with pytest.raises(ValueError, match="range of values"):
        SpaceSeries(lambda p: p[..., 0]).annotation(K.GROWN, O, X, span=(3.0, math.inf))
    with pytest.raises(ValueError, match="range of values"):
        SpaceSeries(lambda p: p[..., 0]).annotation(K.GROWN, O, X, span=(3.0, 2.0))
