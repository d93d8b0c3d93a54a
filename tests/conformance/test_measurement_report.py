"""All measurements as a structured report, judged by dicom3tools, dcmtk and highdicom."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from highdicom.sr import MeasurementReport, srread
from pydicom import dcmread

from tests.kit.annotations import annotation
from tests.kit.judges import dciodvfy_complaints, dsrdump_words
from tests.kit.report_images import headers
from tests.kit.reporting import STUDY
from tests.kit.viewer import NOW, ct_instance
from viewer.errors import HeaderError
from viewer.formats.measurement_report import Recorded, measurement_report
from viewer.loading.stored_measurements import read_measurements
from viewer.measure.foreign import placed
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Ground, read
from viewer.model.annotation import AnnotationId, AnnotationKind
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.study import Instance

SLICE = ct_instance(f"{STUDY}.3", study=STUDY, space=f"{STUDY}.9", rows=64, columns=64)
PIXELS = np.arange(64 * 64, dtype=np.int16).reshape(64, 64)


def recorded(kind: AnnotationKind, on: Instance = SLICE, text: str = "") -> Recorded:
    record = KINDS[kind]
    places = [(10.25 + 7 * n, 12.5 + (n * n) % 23) for n in range(record.points)]
    if kind in {AnnotationKind.ELLIPSE, AnnotationKind.RECTANGLE}:
        places = [
            (p.column, p.row)
            for p in record.begin(
                PixelPoint(10.3, 11.7), PixelPoint(30.1, 25.9), Ground(on).metric(0).shape
            )
        ]
    plane = on.planes[0]
    assert plane is not None
    made = replace(
        annotation(kind, on, *places, text=text),
        id=AnnotationId(f"{kind}{text}"),
        points=tuple(plane.to_lps(PixelPoint(*p)) for p in places),
        space=on.frame_of_reference,
    )
    ground = Ground(on, PIXELS)
    found = read(made, ground, uncertain=True)
    return Recorded(made, text or record.title, found.measurements)


ALL = [recorded(kind) for kind, record in KINDS.items() if not kind.in_space]


def report(*told: Recorded, source: bytes | None = None, author: str = "Dr. Ito") -> bytes:
    image = headers() if source is None else source
    return measurement_report(
        told, {SLICE.ref.sop: SLICE}, io.BytesIO(image), author=author, at=NOW
    )


def test_every_kind_is_clean_and_comes_back_with_the_same_numbers(tmp_path: Path) -> None:
    data = report(*ALL)
    assert dciodvfy_complaints(data, tmp_path) == []
    assert "Imaging Measurement" in dsrdump_words(data, tmp_path)
    content = srread(io.BytesIO(data)).content
    assert isinstance(content, MeasurementReport)
    groups = content.get_image_measurement_groups()
    told = [one for one in ALL if one.numbers]
    assert len(groups) == len(told) > 12
    for group, one in zip(groups, told, strict=True):
        assert group.tracking_identifier == one.name
        numbers = group.get_measurements()
        assert [n.value for n in numbers] == pytest.approx([n.value for n in one.numbers], rel=1e-6)
        assert [n.unit.value for n in numbers] == [str(n.unit) for n in one.numbers]
        assert [n.name.value for n in numbers] == [n.name.value for n in one.numbers]


def test_hostile_words_are_written_as_words(tmp_path: Path) -> None:
    bad = recorded(AnnotationKind.LENGTH, text="a\\b\n=^\x00" + "山" * 90)
    data = report(bad, author="O\\Neill=\n")
    assert dciodvfy_complaints(data, tmp_path) == []


def test_nothing_to_write_and_no_header_are_said() -> None:
    with pytest.raises(HeaderError, match="No measurement"):
        report(recorded(AnnotationKind.CALIBRATION))
    with pytest.raises(HeaderError, match="cannot be read"):
        report(ALL[0], source=b"no DICOM")


@pytest.mark.parametrize("uid", ["1." + "2" * 66, "999.01.2", "one"])
def test_an_image_that_nothing_can_refer_to_is_refused(uid: str) -> None:
    image = ct_instance(uid, study=STUDY)
    one = recorded(AnnotationKind.LENGTH, image)
    with pytest.raises(HeaderError, match="no valid UID"):
        measurement_report(
            [one], {image.ref.sop: image}, io.BytesIO(headers()), author="Dr. Ito", at=NOW
        )


def test_points_count_from_the_corner_of_the_first_pixel() -> None:
    one = recorded(AnnotationKind.LENGTH)
    text = str(dcmread(io.BytesIO(report(one))))
    first = one.annotation.pixels[0]
    assert f"{first.column + 0.5}, {first.row + 0.5}" in text
    assert "SCOORD3D" in text
    assert "PATIENT" in text  # the calibration goes with the numbers


def test_the_long_axis_is_the_longer_line_whichever_was_drawn_first() -> None:
    drawn = recorded(AnnotationKind.BIDIRECTIONAL)
    short, long = (PixelPoint(20, 20), PixelPoint(20, 24)), (PixelPoint(10, 22), PixelPoint(30, 22))
    made = replace(drawn.annotation, pixels=(*short, *long), points=())
    numbers = read(made, Ground(SLICE, PIXELS)).measurements
    content = srread(io.BytesIO(report(Recorded(made, "", numbers)))).content
    assert isinstance(content, MeasurementReport)
    (group,) = content.get_image_measurement_groups()
    lines = [n.referenced_coordinates[0].value.tolist() for n in group.get_measurements()]
    assert lines == [[[10.5, 22.5], [30.5, 22.5]], [[20.5, 20.5], [20.5, 24.5]]]


def test_the_form_for_ohif_is_clean_and_says_who_made_it(tmp_path: Path) -> None:
    data = measurement_report(
        ALL,
        {SLICE.ref.sop: SLICE},
        io.BytesIO(headers()),
        author="Dr. Ito",
        at=NOW,
        for_cornerstone=True,
    )
    assert dciodvfy_complaints(data, tmp_path) == []
    assert b"Cornerstone3DTools@^0.1.0:Length" in data
    assert dcmread(io.BytesIO(data)).Manufacturer == "Lightbox"


def _in_space(kind: AnnotationKind) -> Recorded:
    record, plane = KINDS[kind], SLICE.planes[0]
    assert plane is not None
    c = plane.to_lps(PixelPoint(30.0, 31.0))
    ways = ((0, 0, 0), (6.0, 0, 0), (0, 5.0, 0), (0, 0, 4.0))
    points = tuple(c.plus(PointLps(*way)) for way in ways[: record.points])
    pixels = tuple(plane.to_pixel(p) for p in points)
    made = annotation(kind, SLICE, *pixels, points=points)
    made = replace(made, id=AnnotationId(f"space/{kind}"), space=SLICE.frame_of_reference)
    found = read(made, Ground(SLICE, PIXELS, step=1.0), uncertain=True)
    return Recorded(made, record.title, found.measurements)


def test_what_lies_in_space_is_clean_and_is_read_again(tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind.in_space and kind is not AnnotationKind.GROWN]
    told = [_in_space(kind) for kind in kinds]
    assert all(one.numbers for one in told)
    plane = ImagePlane(PointLps(0, 0, 3), PointLps(1, 0, 0), PointLps(0, 0, -1), Spacing(1, 1))
    flat = recorded(AnnotationKind.POLYGON)
    points = tuple(plane.to_lps(p) for p in flat.annotation.pixels)
    told.append(replace(flat, annotation=replace(flat.annotation, plane=plane, points=points)))
    data = report(*told)
    assert dciodvfy_complaints(data, tmp_path) == []
    text = str(dcmread(io.BytesIO(data)))
    for graphic in ("ELLIPSOID", "MULTIPOINT", "POLYLINE", "POLYGON"):
        assert f"'{graphic}'" in text
    assert "SCOORD3D" in text
    found = read_measurements(io.BytesIO(data), name="1.2.3")
    assert found is not None
    assert len(found.groups) == len(told)
    assert found.told == ()
    shown, why = placed(found, {SLICE.ref.sop: SLICE})
    assert why == ()
    assert [one.annotation.kind for one in shown] == [*kinds, AnnotationKind.POLYGON]
    assert shown[-1].annotation.plane is not None


def test_arrows_are_regions_with_words_wherever_they_have_a_place(tmp_path: Path) -> None:
    arrow = recorded(AnnotationKind.ARROW, text="here,\nlook")
    beside = replace(arrow.annotation, pixels=(PixelPoint(-9, 3), PixelPoint(4, 3)))
    data = report(arrow, Recorded(replace(beside, id=AnnotationId("b")), "", ()))
    assert dciodvfy_complaints(data, tmp_path) == []
    found = read_measurements(io.BytesIO(data), name="1.2.3")
    assert found is not None
    flat, solid = (group.figures[0] for group in found.groups)
    assert (found.groups[0].name, flat.sop) == ("here, look", SLICE.ref.sop)
    assert solid.sop is None
    assert len(solid.points) == 2
    lost = Recorded(replace(beside, points=()), "", ())
    with pytest.raises(HeaderError, match="outside its image"):
        report(lost)
