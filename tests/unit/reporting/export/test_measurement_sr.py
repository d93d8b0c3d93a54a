"""The measurements as TID 1500."""

import io
from dataclasses import replace

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import Comprehensive3DSRStorage, UltrasoundMultiFrameImageStorage

from reporting.errors import ExportFailed
from reporting.export.identifiers import tracking_uid
from reporting.export.measurement_sr import measurement_sr
from reporting.model.report import ReportContext
from tests.kit import reporting
from tests.kit.report_images import SPACE
from tests.kit.signed_forms import NOW, annotations, context, draft, sure_draft
from tests.unit.reporting.export.test_sr import name, walk
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.measurement import MeasurementId, Ucum, Unit
from viewer.model.refs import Code


def made(
    drawn: dict[AnnotationId, Annotation] | None = None, told: ReportContext | None = None
) -> Dataset:
    data = measurement_sr(
        draft(),
        told or context(),
        signed_at=NOW,
        annotations=annotations() if drawn is None else drawn,
    )
    assert data is not None
    return dcmread(io.BytesIO(data))


def groups(document: Dataset) -> list[Dataset]:
    return [item for item in walk(document) if name(item) == "Measurement Group"]


def of_kind(item: Dataset, kind: str) -> list[Dataset]:
    return [child for child in walk(item) if child.ValueType == kind]


def test_without_findings_there_is_none() -> None:
    empty = replace(draft(), findings=())
    assert measurement_sr(empty, context(), signed_at=NOW, annotations={}) is None


def test_is_a_verified_comprehensive_3d_sr() -> None:
    document = made()
    assert document.SOPClassUID == Comprehensive3DSRStorage
    assert document.VerificationFlag == "VERIFIED"
    assert document.PreliminaryFlag == "FINAL"
    assert document.ContentTemplateSequence[0].TemplateIdentifier == "1500"


def test_each_finding_is_a_group_that_can_be_tracked() -> None:
    first, second = groups(made())
    for group, measurement in ((first, "m1"), (second, "m2")):
        (uid,) = of_kind(group, "UIDREF")
        assert str(uid.UID) == tracking_uid(MeasurementId(measurement))
        (number,) = of_kind(group, "NUM")
        assert name(number) == "Length"
    assert of_kind(first, "NUM")[0].MeasuredValueSequence[0].NumericValue == 8.0
    assert of_kind(second, "NUM")[0].MeasuredValueSequence[0].NumericValue == 12.35


def test_a_line_is_given_in_the_image_from_the_corner_of_its_first_pixel() -> None:
    (line,) = of_kind(groups(made())[0], "SCOORD")
    assert line.GraphicType == "POLYLINE"
    assert list(line.GraphicData) == [100.5, 200.75, 110.5, 200.75]
    (image,) = line.ContentSequence
    assert image.RelationshipType == "SELECTED FROM"
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == reporting.frame().sop


def test_and_in_the_patient_where_there_is_a_frame_of_reference() -> None:
    first, second = groups(made())
    (line,) = of_kind(first, "SCOORD3D")
    assert list(line.GraphicData) == [-60.0, 20.0, 100.0, -52.0, 20.0, 100.0]
    assert line.ReferencedFrameOfReferenceUID == SPACE
    assert of_kind(second, "SCOORD3D") == []


def test_a_line_that_leaves_the_image_is_given_in_the_patient_alone() -> None:
    drawn = annotations()
    wide = replace(drawn[AnnotationId("m1")], pixels=(PixelPoint(-3, 2), PixelPoint(4, 2)))
    first = groups(made(drawn | {wide.id: wide}))[0]
    assert of_kind(first, "SCOORD") == []
    assert len(of_kind(first, "SCOORD3D")) == 1


def test_without_geometry_value_and_image_remain() -> None:
    first = groups(made({}))[0]
    assert of_kind(first, "SCOORD") == []
    assert [name(image) for image in of_kind(first, "IMAGE")] == ["Source of Measurement"]


def test_a_frame_of_a_multi_frame_image_is_named() -> None:
    told = context(sop_classes={reporting.frame().sop: UltrasoundMultiFrameImageStorage})
    for image in of_kind(groups(made(told=told))[0], "IMAGE"):
        assert image.ReferencedSOPSequence[0].ReferencedFrameNumber == 1


def test_a_fault_is_a_sentence() -> None:
    drawn = annotations()
    point = replace(drawn[AnnotationId("m1")], pixels=(PixelPoint(1, 1),))
    with pytest.raises(ExportFailed, match="measurements could not be written as DICOM"):
        made({point.id: point})


def test_all_numbers_of_a_finding_are_written_each_with_its_unit() -> None:
    length = reporting.finding().measurement
    mean = replace(
        length,
        id=MeasurementId("m1/mean"),
        name=Code("112031", "DCM", "Attenuation Coefficient"),
        unit=Unit.HOUNSFIELD,
        value=-12.5,
        derivation=Code("373098007", "SCT", "Mean"),
    )
    count = replace(mean, id=MeasurementId("m1/n"), unit=Ucum("{lots}"), derivation=None)
    finding = replace(reporting.finding(), others=(mean, count))
    data = measurement_sr(
        replace(draft(), findings=(finding,)), context(), signed_at=NOW, annotations=annotations()
    )
    assert data is not None
    (group,) = groups(dcmread(io.BytesIO(data)))
    numbers = of_kind(group, "NUM")
    units = [n.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue for n in numbers]
    assert units == ["mm", "[hnsf'U]", "{lots}"]
    assert numbers[1].MeasuredValueSequence[0].NumericValue == -12.5
    derived = [i for i in walk(numbers[1]) if name(i) == "Derivation"]
    assert derived[0].ConceptCodeSequence[0].CodeMeaning == "Mean"


def test_a_single_point_is_a_point() -> None:
    (first, *_), drawn = draft().findings, annotations()
    one = drawn[first.measurement.of]
    probe = replace(one, pixels=one.pixels[:1], points=one.points[:1])
    (group, *_) = groups(made(drawn | {one.id: probe}))
    assert of_kind(group, "SCOORD")[0].GraphicType == "POINT"
    assert of_kind(group, "SCOORD3D")[0].GraphicType == "POINT"


BOX = ((10.0, 20.0), (16.0, 20.0), (16.0, 24.0), (10.0, 24.0))
CROSS = ((10.0, 20.0), (10.0, 24.0), (6.0, 22.0), (16.0, 22.0))
"""Two lines, of which the second is the longer one."""
FIGURES = {
    AnnotationKind.RECTANGLE: (BOX, "POLYLINE", "POLYGON", (0, 1, 2, 3, 0)),
    AnnotationKind.FREEHAND: (BOX, "POLYLINE", "POLYGON", (0, 1, 2, 3, 0)),
    AnnotationKind.ELLIPSE: (CROSS, "ELLIPSE", "ELLIPSE", (2, 3, 0, 1)),
    AnnotationKind.BIDIRECTIONAL: (CROSS, "POLYLINE", "POLYLINE", (2, 3)),
    AnnotationKind.CIRCLE: (BOX[:2], "CIRCLE", None, (0, 1)),
    AnnotationKind.ANGLE: (BOX[:3], "POLYLINE", "POLYLINE", (0, 1, 2)),
    AnnotationKind.PROBE: (BOX[:1], "POINT", "POINT", (0,)),
}


@pytest.mark.parametrize("kind", list(FIGURES))
def test_each_shape_is_the_graphic_that_its_number_is_of(kind: AnnotationKind) -> None:
    points, flat, solid, order = FIGURES[kind]
    drawn = replace(
        annotations()[AnnotationId("m1")],
        kind=kind,
        pixels=tuple(PixelPoint(*p) for p in points),
        points=tuple(PointLps(p[0] / 2, p[1] / 2, 100.0) for p in points),
    )
    group = groups(made({drawn.id: drawn}))[0]
    (image,) = of_kind(group, "SCOORD")
    assert image.GraphicType == flat
    assert list(image.GraphicData) == [n + 0.5 for at in order for n in points[at]]
    space = of_kind(group, "SCOORD3D")
    assert [item.GraphicType for item in space] == ([solid] if solid else [])
    for item in space:
        places = [drawn.points[at] for at in order]
        assert list(item.GraphicData) == [n for place in places for n in place]


def told_of(item: Dataset) -> dict[str, str]:
    """Codes below an item by the name they stand under."""
    codes = of_kind(item, "CODE")
    return {name(code): code.ConceptCodeSequence[0].CodeValue for code in codes}


def test_how_sure_a_number_is_and_by_which_calibration() -> None:
    data = measurement_sr(sure_draft(), context(), signed_at=NOW, annotations=annotations())
    assert data is not None
    (group,) = groups(dcmread(io.BytesIO(data)))
    told = told_of(group)
    assert told["Calibration Method"] == "PATIENT"
    assert told["Uncertainty"] == "expanded-k2"
    assert told["Measurement Method"] == "length"
    ranges = [item for item in of_kind(group, "NUM") if "uncertainty" in name(item)]
    assert [item.MeasuredValueSequence[0].NumericValue for item in ranges] == [0.5] * 4
    units = {
        item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue for item in ranges
    }
    assert units == {"mm"}
    plain = groups(made())[1]
    assert told_of(plain)["Calibration Method"] == "NONE"
    assert "Uncertainty" not in told_of(plain)


def test_the_short_axis_is_of_the_shorter_line_and_three_points_are_a_circle() -> None:
    drawn = replace(
        annotations()[AnnotationId("m1")],
        kind=AnnotationKind.BIDIRECTIONAL,
        pixels=tuple(PixelPoint(*p) for p in CROSS),
        points=(),
    )
    data = measurement_sr(sure_draft(), context(), signed_at=NOW, annotations={drawn.id: drawn})
    assert data is not None
    (group,) = groups(dcmread(io.BytesIO(data)))
    long, short = (list(item.GraphicData) for item in of_kind(group, "SCOORD"))
    assert long == [6.5, 22.5, 16.5, 22.5]
    assert short == [10.5, 20.5, 10.5, 24.5]
    round_one = replace(drawn, kind=AnnotationKind.CIRCLE_3, pixels=drawn.pixels[:3])
    group = groups(made({drawn.id: round_one}))[0]
    assert [item.GraphicType for item in of_kind(group, "SCOORD")] == ["CIRCLE", "MULTIPOINT"]


@pytest.mark.parametrize("kind", [AnnotationKind.CIRCLE, AnnotationKind.CIRCLE_3])
def test_a_circle_on_pixels_that_are_not_square_is_an_ellipse(kind: AnnotationKind) -> None:
    """A SCOORD CIRCLE is round in pixels: read so, it would be of another size than the number."""
    points = {AnnotationKind.CIRCLE: [(50, 50), (60, 50)],
              AnnotationKind.CIRCLE_3: [(60, 50), (50, 55), (40, 50)]}[kind]  # fmt: skip
    drawn = replace(
        annotations()[AnnotationId("m1")],
        kind=kind,
        pixels=tuple(PixelPoint(*p) for p in points),
        points=tuple(PointLps(p[0] / 2, float(p[1]), 100.0) for p in points),
    )
    told = draft()
    first = replace(told.findings[0], measurement=replace(told.findings[0].measurement, aspect=2.0))
    data = measurement_sr(
        replace(told, findings=(first,)), context(), signed_at=NOW, annotations={drawn.id: drawn}
    )
    assert data is not None
    round_one, handles = of_kind(groups(dcmread(io.BytesIO(data)))[0], "SCOORD")
    assert (round_one.GraphicType, handles.GraphicType) == ("ELLIPSE", "MULTIPOINT")
    ends = [40.5, 50.5, 60.5, 50.5, 50.5, 45.5, 50.5, 55.5]
    assert list(round_one.GraphicData) == pytest.approx(ends)
    assert list(handles.GraphicData) == [n + 0.5 for p in points for n in p]
