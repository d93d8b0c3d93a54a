"""Where foreign shapes lie on the images of a case, and why some do not."""

from dataclasses import replace

import numpy as np
import pytest

from tests.kit.viewer import ct_instance
from viewer.measure.foreign import Foreign, placed
from viewer.measure.foreign_limits import UNCHECKED, within_limits
from viewer.measure.foreign_planes import Planes
from viewer.measure.foreign_reading import read_foreign
from viewer.measure.registry import Ground
from viewer.model.annotation import AnnotationKind
from viewer.model.figure import Graphic
from viewer.model.geometry import PixelPoint, PointLps, Spacing
from viewer.model.imported import StoredFigure, StoredGroup, StoredNumber, StoredReport
from viewer.model.refs import Code, FrameOfReferenceUid, SopUid
from viewer.model.study import Patient

SPACE = "1.9"
LOW = ct_instance("1", 1, space=SPACE, z=0.0, rows=64, columns=64)
HIGH = ct_instance("1", 2, space=SPACE, z=5.0, rows=64, columns=64)
CASE = {one.ref.sop: one for one in (LOW, HIGH)}
LENGTH = Code("410668003", "SCT", "Length")
MM = 0.7
"""mm; the pixels of the images."""


def group(*figures: StoredFigure, **more: object) -> StoredGroup:
    plain = StoredGroup("One", "1.2.3", None, figures, ())
    return replace(plain, **more)  # type: ignore[arg-type]


def flat(
    graphic: Graphic, *points: tuple[float, float], sop: str = "1.1", frame: int = 0
) -> StoredFigure:
    return StoredFigure(graphic, tuple(PixelPoint(*p) for p in points), SopUid(sop), frame)


def solid(
    graphic: Graphic, *points: tuple[float, float, float], space: str = SPACE
) -> StoredFigure:
    places = tuple(PointLps(*p) for p in points)
    return StoredFigure(graphic, points=places, space=FrameOfReferenceUid(space))


def place(
    *groups: StoredGroup, written: str = "20260102030405"
) -> tuple[tuple[Foreign, ...], tuple[str, ...]]:
    who = Patient("P1", "Doe", "", "")
    return placed(StoredReport(SopUid("1.8"), who, "Other", "Roe", written, groups), CASE)


LINE = flat(Graphic.POLYLINE, (10, 20), (30, 20))


@pytest.mark.parametrize(
    ("figure", "kind"),
    [
        (LINE, AnnotationKind.LENGTH),
        (flat(Graphic.POLYLINE, (1, 1), (5, 1), (5, 6)), AnnotationKind.POLYLINE),
        (flat(Graphic.POLYLINE, (1, 1), (5, 1), (5, 6), (1, 1)), AnnotationKind.POLYGON),
        (flat(Graphic.CIRCLE, (9, 9), (9, -3)), AnnotationKind.CIRCLE),
        (flat(Graphic.ELLIPSE, (2, 9), (20, 9), (11, 5), (11, 13)), AnnotationKind.ELLIPSE),
        (flat(Graphic.POINT, (2, 9)), AnnotationKind.PROBE),
    ],
)
def test_graphics_of_unknown_writers_are_the_kind_they_look_like(
    figure: StoredFigure, kind: AnnotationKind
) -> None:
    (one,), told = place(group(figure))
    assert (one.annotation.kind, told) == (kind, ())
    assert one.annotation.on.sop == "1.1"
    assert one.annotation.made_by.author == "Roe"


def test_several_points_are_several_marks_and_the_first_has_the_numbers() -> None:
    number = StoredNumber(LENGTH, 3.0, "mm")
    found, _ = place(group(flat(Graphic.MULTIPOINT, (1, 1), (2, 2)), numbers=(number,)))
    assert [one.annotation.kind for one in found] == [AnnotationKind.PROBE] * 2
    assert [len(one.numbers) for one in found] == [1, 0]
    assert not any(one.comparable for one in found)


def test_two_axes_are_one_measurement_and_angles_are_angles() -> None:
    axes = tuple(
        StoredNumber(Code(code, "SCT", ""), 1.0, "mm") for code in ("103339001", "103340004")
    )
    (one,), _ = place(group(LINE, flat(Graphic.POLYLINE, (20, 15), (20, 25)), numbers=axes))
    assert one.annotation.kind is AnnotationKind.BIDIRECTIONAL
    angle = StoredNumber(Code("1483009", "SCT", "Angle"), 90.0, "deg")
    corner = flat(Graphic.POLYLINE, (1, 1), (5, 1), (5, 6))
    (one,), _ = place(group(corner, numbers=(angle,)))
    assert one.annotation.kind is AnnotationKind.ANGLE
    assert read_foreign(one, Ground(LOW)).notes == ()
    four = flat(Graphic.POLYLINE, (1, 1), (5, 1), (5, 1), (5, 6))
    (one,), _ = place(group(four, kind=AnnotationKind.ANGLE, numbers=(angle,)))
    assert len(one.annotation.pixels) == 3


def test_lines_on_different_images_stay_apart() -> None:
    found, _ = place(group(LINE, flat(Graphic.POLYLINE, (1, 1), (2, 2), sop="1.2")))
    assert [one.annotation.on.sop for one in found] == ["1.1", "1.2"]


def test_a_place_in_the_patient_goes_to_the_nearest_image_of_a_series() -> None:
    plane = LOW.planes[0]
    assert plane is not None
    at = plane.to_lps(PixelPoint(10, 20))
    (one,), told = place(group(solid(Graphic.POINT, (at.x, at.y, at.z + 1.5))))
    assert told == ()
    assert one.annotation.on.sop == "1.1"
    assert one.annotation.pixels[0] == pytest.approx((10, 20))
    assert one.off == pytest.approx(1.5)
    (note,) = read_foreign(one, Ground(LOW)).notes
    assert note == "It lies 1.5 mm from the plane of this image."


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (group(flat(Graphic.POINT, (1, 1), sop="1.77")), "their images are not here"),
        (group(flat(Graphic.POINT, (1, 1), frame=4)), "on a frame that their image does not have"),
        (group(flat(Graphic.POINT, (1, 1), frame=-1)), "on a frame that their image does not have"),
        (group(flat(Graphic.POLYLINE, (1, 1), (90, 1))), "outside their image"),
        (group(flat(Graphic.CIRCLE, (-40, 1), (3, 1))), "outside their image"),
        (group(flat(Graphic.POINT, (1e38, 1))), "outside their image"),
        (group(flat(Graphic.CIRCLE, (9, 9), (9, 1e30))), "far from any image"),
        (group(solid(Graphic.POLYLINE, (0, 0, 9e9), (0, 0, 1))), "far from any image"),
        (group(solid(Graphic.POINT, (0, 0, 900))), "no image here lies"),
        (group(solid(Graphic.POINT, (9e30, 0, 0))), "no image here lies"),
        (group(solid(Graphic.POINT, (0, 0, 0), space="1.66")), "no image here lies"),
        (group(segments=2), "segmentations"),
        (
            group(solid(Graphic.POINT, (0, 0, 0)), kind=AnnotationKind.GROWN),
            "how they lie in space",
        ),
        (group(solid(Graphic.ELLIPSOID, (0, 0, 0))), "how they lie in space"),
        (group(replace(solid(Graphic.POINT, (0, 0, 0)), space=None)), "no image here lies"),
        (group(solid(Graphic.POLYLINE, (0, 0, 0), (1, 1, 9), space="1.66")), "no image here lies"),
        (group(), "no place"),
    ],
)
def test_what_has_no_place_is_said(told: StoredGroup, why: str) -> None:
    found, (sentence,) = place(told, group(LINE))
    assert len(found) == 1
    assert sentence.startswith("One measurement is not shown: ")
    assert why in sentence


def test_reasons_are_counted() -> None:
    _, (sentence,) = place(group(), group())
    assert sentence == "2 measurements are not shown: they have no place on an image."


def test_no_date_is_no_fault() -> None:
    (one,), _ = place(group(LINE), written="soon")
    assert one.annotation.made_by.made_at.year == 1


def test_many_numbers_and_values_without_a_unit_are_told() -> None:
    number = StoredNumber(LENGTH, 20 * MM, "mm", plus_minus=0.4)
    (one,), _ = place(group(LINE, numbers=(number,) * 8, finding="Nodule"))
    lines = read_foreign(one, Ground(LOW)).lines
    assert lines[0] == "Nodule · One"
    assert lines[1].endswith("± 0.4 mm")
    assert lines[-2:] == ("and 2 more numbers", "Imported: Roe, Other, 2026-01-02")
    odd = StoredNumber(Code("x", "99X", "Odd"), 3.0, "[odd]", derivation=Code("m", "99X", "Mean"))
    (one,), _ = place(group(LINE, numbers=(odd,)))
    found = read_foreign(one, Ground(LOW))
    assert found.lines[1].startswith("Odd, mean 3")
    assert found.notes == ()


def test_statistics_are_compared_once_the_image_is_decoded() -> None:
    mean = StoredNumber(Code("373098007", "SCT", "Mean"), 5.0, "[hnsf'U]")
    box = flat(Graphic.POLYLINE, (1, 1), (5, 1), (5, 6), (1, 6), (1, 1))
    (one,), _ = place(group(box, numbers=(mean,)))
    assert read_foreign(one, Ground(LOW)).notes == ()
    (note,) = read_foreign(one, Ground(LOW, np.zeros((64, 64), np.int16))).notes
    assert note.startswith("Mean is stored as 5.0 HU, its points give ")
    under = replace(one, group=replace(one.group, calibration="USER"))
    (note,) = read_foreign(under, Ground(LOW, np.zeros((64, 64), np.int16))).notes
    assert note.endswith("(stored under calibration USER).")


def test_numbers_that_look_alike_are_told_with_more_digits() -> None:
    number = StoredNumber(LENGTH, 20 * MM, "mm")
    (one,), _ = place(group(LINE, numbers=(number,)))
    fine = ct_instance("1", 1, space=SPACE, z=0.0, rows=64, columns=64, spacing=Spacing(0.05, 0.05))
    near = replace(one, numbers=(replace(number, value=1.0061),))
    assert read_foreign(near, Ground(fine)).notes[0].startswith("Length is stored as 1.01 mm")
    area = StoredNumber(Code("42798000", "SCT", "Area"), 9.86, "mm2")
    box = flat(Graphic.POLYLINE, (1, 1), (5, 1), (5, 6), (1, 6), (1, 1))
    (one,), _ = place(group(box, numbers=(area,)))
    (note,) = read_foreign(one, Ground(LOW)).notes
    assert note == "Area is stored as 9.9 mm², its points give 9.8 mm²."


def test_a_value_at_a_point_waits_for_its_image() -> None:
    value = StoredNumber(Code("112031", "DCM", "Attenuation Coefficient"), 5.0, "[hnsf'U]")
    (one,), _ = place(group(flat(Graphic.POINT, (2, 9)), numbers=(value,)))
    assert read_foreign(one, Ground(LOW)).notes == ()
    assert read_foreign(one, Ground(LOW, np.zeros((64, 64), np.int16))).notes


def test_another_image_is_refused() -> None:
    (one,), _ = place(group(LINE, numbers=(StoredNumber(LENGTH, 1.0, "mm"),)))
    assert "belongs to another image" in read_foreign(one, Ground(HIGH)).notes[0]


def test_outlines_that_would_hold_up_the_screen_are_not_measured_anew() -> None:
    area = StoredNumber(Code("42798000", "SCT", "Area"), 1.0, "mm2")

    def outline(count: int, turns: int) -> Foreign:
        angles = np.linspace(0, 2 * np.pi * turns, count + 1)[:-1]
        places = [(30 + 20 * np.cos(a), 30 + 20 * np.sin(a)) for a in angles]
        (one,), _ = place(group(flat(Graphic.POLYLINE, *places, places[0]), numbers=(area,)))
        return one

    plain, star, many = outline(90, 1), outline(101, 50), outline(2001, 1)
    told = [one.unchecked for one in within_limits([plain, star, many])]
    assert told == ["", UNCHECKED, UNCHECKED]
    assert read_foreign(next(within_limits([many])), Ground(LOW)).notes == (UNCHECKED,)
    crowd = list(within_limits([outline(1999, 1)] * 11))
    assert [bool(one.unchecked) for one in crowd] == [False] * 10 + [True]


def ends(*axes: tuple[float, float, float]) -> list[tuple[float, float, float]]:
    """The ends of the axes of an ellipsoid about a point of the images."""
    centre = np.array([-90.0, -90.0, 2.0])
    return [tuple((centre + by * np.array(axis)).tolist()) for axis in axes for by in (-1, 1)]


def test_what_lies_in_space_comes_back_by_its_points() -> None:
    axes = ends((4, 0, 0), (0, 3, 0), (0, 0, 2))
    volume = StoredNumber(Code("118565006", "SCT", "Volume"), 4 / 3 * np.pi * 24 / 1000, "cm3")
    (one,), told = place(group(solid(Graphic.ELLIPSOID, *axes), numbers=(volume,)))
    assert (one.annotation.kind, told) == (AnnotationKind.ELLIPSOID, ())
    assert read_foreign(one, Ground(LOW)).notes == ()
    wrong = replace(one, numbers=(replace(volume, value=0.2),))
    assert "its points give" in read_foreign(wrong, Ground(LOW)).notes[0]
    ball = group(solid(Graphic.ELLIPSOID, *ends((2, 0, 0), (0, 2, 0), (0, 0, 2))))
    (one,), _ = place(replace(ball, kind=AnnotationKind.SPHERE))
    assert one.annotation.kind is AnnotationKind.SPHERE
    assert (one.annotation.points[1] - one.annotation.points[0]).norm == pytest.approx(2)
    (line,), _ = place(group(solid(Graphic.POLYLINE, (-90, -90, 0), (-80, -90, 5))))
    assert line.annotation.kind is AnnotationKind.LINE_3D
    assert line.annotation.in_space
    bent = solid(Graphic.POLYLINE, (-90, -90, 0), (-80, -90, 5), (-70, -90, 0), (-60, -80, 5))
    _, (sentence,) = place(group(bent))
    assert "no image here lies" in sentence


def test_a_box_comes_back_by_its_corners() -> None:
    signs = [(i, j, k) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
    corners = [(-90.0 + 4 * i, -90.0 + 3 * j, 2.0 + 2 * k) for i, j, k in signs]
    box = group(solid(Graphic.MULTIPOINT, *corners), kind=AnnotationKind.BOX)
    (one,), _ = place(box)
    centre, *halves = one.annotation.points
    assert tuple(centre) == (-90, -90, 2)
    assert [(end - centre).norm for end in halves] == [4, 3, 2]


def test_what_is_not_compared_passes_as_it_is_and_images_without_place_are_no_planes() -> None:
    (one,), _ = place(group(LINE))
    assert list(within_limits([one])) == [one]
    nowhere = replace(HIGH, frame_of_reference=None)
    assert (
        Planes({nowhere.ref.sop: nowhere}).spots(FrameOfReferenceUid(SPACE), [PointLps(0, 0, 5)])
        == ()
    )
