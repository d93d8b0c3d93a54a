"""F52: stored measurements come back with the same numbers; any other one has a badge."""

import io
from dataclasses import replace

import pytest
from pydicom import Dataset, dcmread

from tests.conformance.test_measurement_report import ALL, PIXELS, SLICE, recorded, report
from tests.kit.report_images import headers
from tests.kit.viewer import NOW
from viewer.formats.measurement_report import Recorded, measurement_report
from viewer.loading.stored_measurements import read_measurements
from viewer.measure.foreign import Foreign, placed
from viewer.measure.foreign_reading import read_foreign
from viewer.measure.registry import Ground, read
from viewer.model.annotation import AnnotationId, AnnotationKind
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.imported import StoredReport

TOLD = [one for one in ALL if one.says_something]
GROUND = Ground(SLICE, PIXELS)


def stored(data: bytes) -> StoredReport:
    found = read_measurements(io.BytesIO(data), name="1.2.3")
    assert found is not None
    return found


def shapes(data: bytes) -> tuple[Foreign, ...]:
    found, told = placed(stored(data), {SLICE.ref.sop: SLICE})
    assert told == ()
    return found


def with_value(data: bytes, value: float) -> bytes:
    """The same report with another first number."""
    document = dcmread(io.BytesIO(data))

    def walk(item: Dataset) -> bool:
        for child in item.get("ContentSequence", ()):
            if child.ValueType == "NUM":
                measured = child.MeasuredValueSequence[0]
                measured.NumericValue, measured.FloatingPointValue = f"{value:.12g}", value
                return True
            if walk(child):
                return True
        return False

    assert walk(document)
    out = io.BytesIO()
    document.save_as(out)
    return out.getvalue()


@pytest.mark.parametrize("one", TOLD, ids=[one.annotation.kind for one in TOLD])
def test_f52_every_kind_comes_back_as_it_was_and_without_a_badge(one: Recorded) -> None:
    (shape,) = shapes(report(one))
    assert shape.annotation.kind is one.annotation.kind
    assert shape.group.name == one.name
    assert [n.value for n in shape.numbers] == [n.value for n in one.numbers]
    assert [n.unit for n in shape.numbers] == [str(n.unit) for n in one.numbers]
    assert [n.plus_minus for n in shape.numbers] == [n.plus_minus for n in one.numbers]
    back = sorted(c for p in shape.annotation.pixels for c in p)
    assert back == pytest.approx(sorted(c for p in one.annotation.pixels for c in p), abs=4e-6)
    assert read_foreign(shape, GROUND).notes == ()


def test_f52_and_so_does_the_form_for_ohif() -> None:
    found = shapes(
        measurement_report(
            TOLD,
            {SLICE.ref.sop: SLICE},
            io.BytesIO(headers()),
            author="Dr. Ito",
            at=NOW,
            for_cornerstone=True,
        )
    )
    circle = {AnnotationKind.CIRCLE_3: AnnotationKind.CIRCLE}  # by its centre, as the tool has it
    kinds = [one.annotation.kind for one in TOLD]
    assert [s.annotation.kind for s in found] == [circle.get(kind, kind) for kind in kinds]
    assert all(s.comparable for s in found)
    assert [read_foreign(s, GROUND).notes for s in found] == [()] * len(TOLD)


def test_f52_another_value_is_told_with_both_numbers() -> None:
    one = recorded(AnnotationKind.LENGTH)
    value = one.numbers[0].value
    (shape,) = shapes(with_value(report(one), value + 1))
    (note,) = read_foreign(shape, GROUND).notes
    assert note == f"Length is stored as {value + 1:.1f} mm, its points give {value:.1f} mm."
    (shape,) = shapes(with_value(report(one), value + 0.04))  # no more than is rounded away
    assert read_foreign(shape, GROUND).notes == ()


def test_f52_the_reader_s_finding_goes_with_it() -> None:
    one = recorded(AnnotationKind.LENGTH)
    told = replace(one, annotation=replace(one.annotation, finding="Nodule left"))
    (shape,) = shapes(report(told))
    assert shape.group.finding == "Nodule left"
    assert shape.name == "Nodule left · Length"


def test_f52_a_written_digit_is_worth_its_rounding() -> None:
    one = recorded(AnnotationKind.LENGTH)
    (shape,) = shapes(report(one))
    whole = replace(shape.numbers[0], value=float(round(one.numbers[0].value)), step=1.0)
    assert read_foreign(replace(shape, numbers=(whole,)), GROUND).notes == ()
    assert read_foreign(replace(shape, numbers=(replace(whole, step=0.1),)), GROUND).notes


def test_f52_centimetres_and_pixels_are_what_they_are() -> None:
    one = recorded(AnnotationKind.LENGTH)
    (shape,) = shapes(report(one))
    number = shape.numbers[0]
    centimetres = replace(number, value=number.value / 10, unit="cm")
    assert read_foreign(replace(shape, numbers=(centimetres,)), GROUND).notes == ()
    bare = replace(number, unit="1")  # as OHIF writes statistics
    assert read_foreign(replace(shape, numbers=(bare,)), GROUND).notes == ()
    pixels = replace(bare, value=bare.value / 0.7)
    (note,) = read_foreign(replace(shape, numbers=(pixels,)), GROUND).notes
    assert "without a unit, its points give" in note
    hundredweight = replace(number, unit="[lcwt_av]")
    assert read_foreign(replace(shape, numbers=(hundredweight,)), GROUND).notes


K = AnnotationKind
AT = (-88.0, -86.0, 1.0)
IN_SPACE: dict[AnnotationKind, list[tuple[float, float, float]]] = {
    K.LINE_3D: [AT, (-80.0, -82.0, 4.0)],
    K.ANGLE_3D: [AT, (-80.0, -82.0, 4.0), (-78.0, -90.0, 0.0)],
    K.SPHERE: [AT, (-84.0, -86.0, 1.0)],
    K.BOX: [AT, (-85.0, -86.0, 1.0), (-88.0, -84.0, 1.0), (-88.0, -86.0, 5.0)],
    K.ELLIPSOID: [AT, (-85.0, -86.0, 1.0), (-88.0, -84.0, 1.0), (-88.0, -86.0, 5.0)],
}


@pytest.mark.parametrize("kind", list(IN_SPACE))
def test_f52_what_lies_in_space_comes_back_with_its_numbers(kind: AnnotationKind) -> None:
    plane = SLICE.planes[0]
    assert plane is not None
    points = tuple(PointLps(*p) for p in IN_SPACE[kind])
    drawn = replace(
        ALL[0].annotation,
        id=AnnotationId(kind.value),
        kind=kind,
        points=points,
        pixels=tuple(plane.to_pixel(p) for p in points),
        space=SLICE.frame_of_reference,
    )
    found = read(drawn, Ground(SLICE), uncertain=True)
    (shape,) = shapes(report(Recorded(drawn, "", found.measurements)))
    assert shape.annotation.kind is kind
    assert shape.annotation.space == drawn.space
    assert [n.value for n in shape.numbers] == [n.value for n in found.measurements]
    assert read_foreign(shape, Ground(SLICE)).notes == ()
    first = shape.numbers[0]
    wrong = replace(first, value=first.value * 1.1)
    assert read_foreign(replace(shape, numbers=(wrong,)), Ground(SLICE)).notes


FLAT = [
    K.RECTANGLE,
    K.ELLIPSE,
    K.CIRCLE,
    K.CIRCLE_3,
    K.POLYGON,
    K.COBB,
    K.BIDIRECTIONAL,
    K.PARALLEL,
]


@pytest.mark.parametrize("kind", FLAT)
def test_f52_what_was_drawn_on_a_plane_between_images_comes_back_flat(kind: AnnotationKind) -> None:
    one = next(told for told in ALL if told.annotation.kind is kind)
    half = 0.5**0.5
    plane = ImagePlane(
        PointLps(-95, -95, 3), PointLps(1, 0, 0), PointLps(0, half, half), Spacing(0.7, 0.7)
    )
    points = tuple(plane.to_lps(p) for p in one.annotation.pixels)
    drawn = replace(one.annotation, plane=plane, points=points, space=SLICE.frame_of_reference)
    found = read(drawn, Ground(SLICE), uncertain=True)
    (shape,) = shapes(report(Recorded(drawn, "", found.measurements)))
    assert shape.annotation.kind is kind
    assert shape.annotation.plane is not None
    assert shape.comparable
    assert read_foreign(shape, Ground(SLICE)).notes == ()
    first = shape.numbers[0]
    wrong = replace(first, value=first.value * 1.1)
    assert read_foreign(replace(shape, numbers=(wrong,)), Ground(SLICE)).notes
