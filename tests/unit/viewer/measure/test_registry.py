"""Numbers from annotations: value, unit, calibration and words."""

import pytest

from tests.kit.viewer import NOW, ct_instance, frame_of, pixel, projection_instance
from viewer.calibration.spacing import scale_of
from viewer.errors import GeometryError
from viewer.measure.registry import KINDS, label, measure, measured
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import CalibrationKind, Unit
from viewer.model.study import Instance, ProjectionGeometry
from viewer.model.ultrasound import AxisUnit, RegionAxis, UltrasoundRegion


def _length(on: Instance, *points: PixelPoint) -> Annotation:
    return Annotation(
        AnnotationId("a1"),
        AnnotationKind.LENGTH,
        frame_of(on),
        points or (pixel(2, 3), pixel(5, 7)),
        (),
        None,
        Provenance("Dr. Ito", NOW),
    )


def test_a_length_in_the_patient() -> None:
    instance = ct_instance(spacing=Spacing(0.5, 0.5))
    result = measure(_length(instance), instance)
    assert result.value == pytest.approx(2.5, rel=1e-12)
    assert (result.unit, result.calibration) == (Unit.MILLIMETRE, CalibrationKind.PATIENT)
    assert (result.id, result.of) == ("a1", "a1")
    assert result.name.meaning == "Length"
    assert label(result, scale_of(instance)) == "2.5 mm"


def test_a_length_at_the_detector_says_so() -> None:
    facts = ProjectionGeometry(imager_spacing=Spacing(0.2, 0.2))
    instance = projection_instance("PA", projection=facts)
    found = measured(_length(instance), instance, "Series 1, image 1")
    assert found.label == "1.0 mm at detector"
    assert found.image == "Series 1, image 1"
    assert found.frames == (frame_of(instance),)
    assert "detector" in found.reason


def test_no_unit_gives_pixels() -> None:
    instance = projection_instance("PA")
    found = measured(_length(instance), instance, "")
    assert found.label == "5.0 px"
    assert found.measurement.unit is Unit.PIXEL
    assert found.measurement.calibration is CalibrationKind.NONE


def test_what_does_not_fit_is_refused() -> None:
    one, other = ct_instance(n=0), ct_instance(n=1)
    with pytest.raises(GeometryError, match="another image"):
        measure(_length(one), other)
    with pytest.raises(GeometryError, match="needs 2 points, not 1"):
        measure(_length(one, pixel(1, 1)), one)


def test_every_kind_has_a_record() -> None:
    assert set(KINDS) == set(AnnotationKind)


CM_BOTH = RegionAxis(AxisUnit.CENTIMETRE, 0.02)
SPECTRUM = UltrasoundRegion(
    0,
    20,
    47,
    63,
    RegionAxis(AxisUnit.SECOND, 0.01, 0),
    RegionAxis(AxisUnit.CENTIMETRE_PER_SECOND, -2.0, 40),
)


def test_on_ultrasound_the_region_of_the_points_decides() -> None:
    tissue = UltrasoundRegion(0, 0, 47, 19, CM_BOTH, CM_BOTH)
    instance = projection_instance("", modality="US", regions=(tissue, SPECTRUM))
    found = measured(_length(instance), instance, "")
    assert found.label == "1.0 mm US region"
    assert found.measurement.calibration is CalibrationKind.US_REGION
    across = measured(_length(instance, pixel(2, 3), pixel(2, 33)), instance, "")
    assert across.label == "30.0 px"
    assert "one calibrated region" in across.reason


def test_in_a_spectrum_there_is_no_length_only_what_lies_along_each_axis() -> None:
    instance = projection_instance("", modality="US", regions=(SPECTRUM,))
    found = measured(_length(instance, pixel(4, 30), pixel(16, 55)), instance, "")
    assert found.label == "time 0.12 s · velocity 50 cm/s"
    assert found.measurement.unit is Unit.PIXEL
