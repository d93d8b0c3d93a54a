"""Foreign measurement groups: what is read of them, and what is refused in a sentence."""

import io
import math

import pytest
from pydicom import Dataset

from tests.kit.stored_reports import (
    LENGTH,
    code,
    group,
    image,
    item,
    number,
    scoord,
    scoord_3d,
    stored_report,
)
from viewer.errors import HeaderError
from viewer.loading import stored_figures, stored_measurements
from viewer.loading.stored_measurements import read_measurements
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.imported import StoredReport

LINE = [10.5, 20.5, 30.5, 20.5]


def read(*groups: Dataset, **more: str) -> StoredReport:
    found = read_measurements(io.BytesIO(stored_report(*groups, **more)), name="1.9")
    assert found is not None
    return found


def test_who_wrote_it_and_when() -> None:
    found = read(group(number(LENGTH, "20.0", "mm", scoord("POLYLINE", LINE, "1.2"))))
    assert found.source == "Roe R, Other, 2026-01-02"
    assert found.patient.id == "P1"
    assert found.told == ()


def test_points_count_from_the_centre_of_the_first_pixel() -> None:
    (one,) = read(group(number(LENGTH, "20.0", "mm", scoord("POLYLINE", LINE, "1.2")))).groups
    (figure,) = one.figures
    assert figure.pixels == (PixelPoint(10, 20), PixelPoint(30, 20))
    assert (figure.sop, figure.frame, one.name) == ("1.2", 0, "One")
    (value,) = one.numbers
    assert (value.value, value.unit, value.step) == (20.0, "mm", 0.1)


def test_a_line_that_stands_in_image_and_patient_is_one_line() -> None:
    places = scoord_3d("POLYLINE", [1, 2, 3, 4, 5, 6], "1.7")
    told = number(LENGTH, "20", "mm", scoord("POLYLINE", LINE, "1.2", frame=3), places)
    (figure,) = read(group(told, told)).groups[0].figures
    assert figure.frame == 2
    (figure,) = read(group(number(LENGTH, "20", "mm", places))).groups[0].figures
    assert (figure.points[1], figure.space) == (PointLps(4, 5, 6), "1.7")


@pytest.mark.parametrize(
    ("tool", "kind"),
    [("Length", AnnotationKind.LENGTH), ("EllipticalROI", AnnotationKind.ELLIPSE),
     ("PlanarFreehandROI", None), ("Annotate:ArrowAnnotate", AnnotationKind.ARROW)],
)  # fmt: skip
def test_tools_of_cornerstone_are_known(tool: str, kind: AnnotationKind | None) -> None:
    (one,) = read(
        group(scoord("POINT", [1, 2], "1.2"), tracking=f"Cornerstone3DTools@^0.1.0:{tool}")
    ).groups
    assert one.kind is kind
    assert one.name == tool.rpartition(":")[2]


def test_finding_site_comment_and_older_codes() -> None:
    finding = item("CODE", code("121071"), ConceptCodeSequence=[code("M-1", "SRT", "Nodule")])
    site = item("CODE", code("G-C0E3", "SRT"), ConceptCodeSequence=[code("T-1", "SRT", "Lung")])
    comment = item("TEXT", code("121106"), TextValue="left upper lobe")
    axis = number(code("G-A185", "SRT", "Long Axis"), "5e-1", "cm")
    (one,) = read(group(finding, site, comment, axis)).groups
    assert (one.finding, one.sites, one.name) == ("Nodule", ("Lung",), "left upper lobe")
    assert (one.numbers[0].name.value, one.numbers[0].step) == ("103339001", 0.1)


def test_an_image_by_reference_into_the_document() -> None:
    line = scoord("POLYLINE", LINE, None)
    by = item("IMAGE", by="SELECTED FROM")
    by.ReferencedContentItemIdentifier = [1, 2, 1, 3]
    line.ContentSequence = [by]
    (one,) = read(group(image("1.5"), line)).groups
    assert one.figures[0].sop == "1.5"


def test_what_is_missing_is_no_fault() -> None:
    unknown = item(
        "CODE", code("370129005", "SCT"), ConceptCodeSequence=[code("new", "99LIGHTBOX")]
    )
    nothing = item("NUM", LENGTH)
    (one,) = read(group(unknown, nothing, scoord("POINT", [1, 2], "1.2"))).groups
    assert (one.kind, one.numbers) == (None, ())
    label = scoord("POINT", [5, 5], "1.2")
    label.ConceptNameCodeSequence = [code("TextPosition", "99CS3D")]
    assert len(read(group(label, scoord("POINT", [1, 2], "1.2"))).groups[0].figures) == 1


def test_segments_are_counted() -> None:
    assert read(group(image("1.5", segment=2))).groups[0].segments == 1


@pytest.mark.parametrize(
    ("child", "why"),
    [
        (scoord("POLYLINE", [math.nan, 1, 2, 3], "1.2"), "no number"),
        (scoord("POLYLINE", [math.inf, 1, 2, 3], "1.2"), "no number"),
        (number(LENGTH, "NaN", "mm"), "no number"),
        (number(LENGTH, "1e999", "mm"), "no number"),
        (scoord("POLYLINE", [1, 2, 3], "1.2"), "wrong number"),
        (scoord("CIRCLE", [1, 2], "1.2"), "wrong number"),
        (scoord("BLOB", [1, 2], "1.2"), "not known"),
        (scoord("POLYLINE", LINE, None), "on which image"),
        (scoord_3d("POINT", [1, 2, 3], ""), "Frame of Reference"),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_rest_is_read(child: Dataset, why: str) -> None:
    good = group(scoord("POLYLINE", LINE, "1.2"))
    found = read(group(child), good)
    assert len(found.groups) == 1
    (told,) = found.told
    assert told.startswith("One measurement is not shown: ")
    assert why in told


def test_too_many_and_too_deep_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_figures, "_MOST_POINTS", 2)
    found = read(group(scoord("POLYLINE", [1.0] * 6, "1.2")))
    assert found.told[0].endswith("it has more than 2 points.")
    monkeypatch.setattr(stored_measurements, "_MOST_POINTS", 3)
    found = read(*[group(scoord("POLYLINE", LINE, "1.2"))] * 2)
    assert len(found.groups) == 1
    assert found.told == ("The rest is not shown: the report has too many points.",)
    monkeypatch.setattr(stored_measurements, "_MOST_POINTS", 500)
    monkeypatch.setattr(stored_measurements, "_MOST_GROUPS", 2)
    found = read(*[group(scoord("POINT", [1, 2], "1.2"))] * 3)
    assert len(found.groups) == 2
    assert "more than 2 measurement groups" in found.told[0]
    deep = group(scoord("POINT", [1, 2], "1.2"))
    for _ in range(60):
        deep = item("CONTAINER", code("126010"), deep)
    with pytest.raises(HeaderError):
        read(deep)


def test_a_report_without_measurements_and_another_object_give_nothing() -> None:
    assert read_measurements(io.BytesIO(stored_report()), name="1") is None
    text = stored_report(sop_class="1.2.840.10008.5.1.4.1.1.88.11")
    assert read_measurements(io.BytesIO(text), name="1") is None
