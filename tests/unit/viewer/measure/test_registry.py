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
