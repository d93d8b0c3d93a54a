"""A reader's own calibration of one image (F37)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.kit.viewer import NOW, ct_instance, frame_of, projection_instance
from viewer.calibration.regions import axis_values
from viewer.calibration.user import line_of, user_scale, why_no_calibration
from viewer.measure.registry import Ground, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.ultrasound import AxisUnit, RegionAxis, UltrasoundRegion

IMAGE = projection_instance("PA")


def line(name: str, known: float | None, minutes: int = 0) -> Annotation:
    return Annotation(
        AnnotationId(name),
        AnnotationKind.CALIBRATION,
        frame_of(IMAGE),
        (PixelPoint(0, 0), PixelPoint(3, 4)),
        (),
        None,
        Provenance("Dr. Ito", NOW + timedelta(minutes=minutes)),
        known=known,
    )


def test_a_line_of_known_length_gives_the_spacing() -> None:
    scale = user_scale(line("a", 20), IMAGE)
    assert scale.spacing == Spacing(4, 4)
    assert (scale.calibration, scale.word) == (CalibrationKind.USER, "calibrated by hand")
    assert "Dr. Ito on 2026-11-24 12:00" in scale.reason


def test_pixels_keep_their_proportion() -> None:
    flat = replace(IMAGE, pixel_aspect=(2, 1))
    drawn = replace(line("a", 20), pixels=(PixelPoint(0, 0), PixelPoint(0, 5)))
    assert user_scale(drawn, flat).spacing == Spacing(4, 2)


def test_a_line_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="known"):
        user_scale(line("a", None), IMAGE)
    nowhere = replace(line("a", 5), pixels=(PixelPoint(1, 1), PixelPoint(1, 1)))
    with pytest.raises(ValueError, match="drawn"):
        user_scale(nowhere, IMAGE)


def test_the_newest_line_of_the_image_holds() -> None:
    other = projection_instance("LAT", 1)
    lines = [
        line("new", 30, 5),
        line("old", 20),
        line("unknown", None, 9),
        replace(line("elsewhere", 40, 10), on=frame_of(other)),
        replace(line("dot", 40, 11), pixels=(PixelPoint(1, 1), PixelPoint(1, 1))),
        replace(line("length", 40, 12), kind=AnnotationKind.LENGTH),
    ]
    found = line_of(lines, IMAGE.ref)
    assert found is not None
    assert found.id == "new"
    assert line_of([], IMAGE.ref) is None


def test_where_the_header_is_true_nobody_calibrates_by_hand() -> None:
    assert why_no_calibration(IMAGE, line("a", 20)) is None
    assert "CT image" in str(why_no_calibration(ct_instance(), line("a", 20)))


CM, FLAT = RegionAxis(AxisUnit.CENTIMETRE, 0.02), RegionAxis(AxisUnit.CENTIMETRE, 0.04)
TISSUE = UltrasoundRegion(0, 0, 47, 19, CM, FLAT)
FINER = UltrasoundRegion(0, 40, 47, 63, RegionAxis(AxisUnit.CENTIMETRE, 0.005), CM)
SPECTRUM = UltrasoundRegion(
    0,
    20,
    47,
    39,
    RegionAxis(AxisUnit.SECOND, 0.01),
    RegionAxis(AxisUnit.CENTIMETRE_PER_SECOND, -2.0),
)
ECHO = replace(IMAGE, modality="US", regions=(TISSUE, SPECTRUM, FINER))


def on(
    kind: AnnotationKind, *points: tuple[float, float], known: float | None = None
) -> Annotation:
    return replace(line("a", known), kind=kind, pixels=tuple(PixelPoint(*p) for p in points))


def test_on_ultrasound_a_line_holds_in_its_region_alone() -> None:
    drawn = on(AnnotationKind.CALIBRATION, (0, 0), (10, 0), known=5)
    ground = Ground(ECHO, line=drawn)
    here = read(on(AnnotationKind.LENGTH, (0, 5), (10, 5)), ground)
    assert here.lines == ("5.0 mm calibrated by hand",)
    finer = read(on(AnnotationKind.LENGTH, (0, 50), (10, 50)), ground)
    assert finer.lines == ("0.50 mm US region",)
    velocity = read(on(AnnotationKind.LENGTH, (0, 30), (10, 30)), ground)
    assert velocity.lines == ("time 0.1 s · velocity 0 cm/s",)
    assert read(on(AnnotationKind.LENGTH, (0, 5), (0, 50)), ground).lines == ("45.0 px",)


def test_a_line_on_ultrasound_keeps_the_proportion_of_its_region() -> None:
    drawn = on(AnnotationKind.CALIBRATION, (0, 0), (0, 10), known=8)
    assert user_scale(drawn, ECHO).spacing == Spacing(0.8, 0.4)


def test_no_line_calibrates_time_and_velocity() -> None:
    drawn = on(AnnotationKind.CALIBRATION, (0, 25), (10, 25), known=5)
    assert "no lengths" in str(why_no_calibration(ECHO, drawn))
    kept = read(on(AnnotationKind.LENGTH, (0, 30), (10, 30)), Ground(ECHO, line=drawn))
    assert kept.lines == ("time 0.1 s · velocity 0 cm/s",)


def test_a_line_outside_all_regions_holds_only_outside_them() -> None:
    small = replace(IMAGE, modality="US", regions=(TISSUE,))
    drawn = on(AnnotationKind.CALIBRATION, (0, 50), (10, 50), known=5)
    ground = Ground(small, line=drawn)
    assert read(on(AnnotationKind.LENGTH, (0, 60), (10, 60)), ground).lines == (
        "5.0 mm calibrated by hand",
    )
    assert read(on(AnnotationKind.LENGTH, (0, 5), (10, 5)), ground).lines == ("2.0 mm US region",)
    assert ground.scale(0).word == "US region"  # the ruler of the whole picture
    one = Ground(small, line=on(AnnotationKind.CALIBRATION, (0, 0), (10, 0), known=5))
    assert one.scale(0).word == "calibrated by hand"


def test_outside_every_region_no_axis_has_a_value() -> None:
    assert axis_values(ECHO, 0, PixelPoint(500, 500)) == ()
