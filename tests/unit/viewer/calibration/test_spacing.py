"""The decision table of F35 with its vectors, and every way in which it must say 'px'."""

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.kit.viewer import ct_instance, projection_instance
from viewer.calibration.spacing import pixel_aspect, scale_of
from viewer.model.geometry import Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.presentation import Rescale
from viewer.model.study import FrameFacts, Instance, ProjectionGeometry


def _projection(modality: str, pixel: Spacing | None = None, **facts: Any) -> Instance:
    geometry = ProjectionGeometry(**facts)
    return projection_instance("PA", modality=modality, pixel_spacing=pixel, projection=geometry)


S14, S12 = Spacing(0.143, 0.143), Spacing(0.12, 0.12)


@pytest.mark.parametrize(
    ("instance", "expected", "kind", "word"),
    [
        (_projection("DX", imager_spacing=S14), 0.143, CalibrationKind.DETECTOR, "at detector"),
        (
            _projection("DX", S14, imager_spacing=S14, calibration_type="GEOMETRY"),
            0.143,
            CalibrationKind.DETECTOR,
            "at detector",
        ),
        (
            _projection("DX", S12, imager_spacing=S14, calibration_type="FIDUCIAL"),
            0.12,
            CalibrationKind.FIDUCIAL,
            "calibrated (fiducial)",
        ),
        (
            _projection("CR", S12, calibration_type="geometry"),
            0.12,
            CalibrationKind.FIDUCIAL,
            "calibrated (geometry)",
        ),
        (
            _projection("MG", imager_spacing=Spacing(0.07, 0.07), magnification=1.07),
            0.07 / 1.07,
            CalibrationKind.MAGNIFIED,
            "corrected for magnification 1.07",
        ),
        (
            _projection(
                "XA",
                imager_spacing=Spacing(0.3, 0.3),
                source_to_detector=1200.0,
                source_to_patient=780.0,
            ),
            0.195,
            CalibrationKind.MAGNIFIED,
            "at isocentre",
        ),
        (
            _projection("CR", nominal_scanned_spacing=Spacing(0.2, 0.2)),
            0.2,
            CalibrationKind.DETECTOR,
            "on scanned film",
        ),
        (
            _projection("DX", S12, imager_spacing=S14),
            0.143,
            CalibrationKind.DETECTOR,
            "at detector",
        ),
    ],
)
def test_projection_images(
    instance: Instance, expected: float, kind: CalibrationKind, word: str
) -> None:
    scale = scale_of(instance)
    assert scale.spacing == pytest.approx((expected, expected), abs=1e-12)
    assert (scale.calibration, scale.word) == (kind, word)
    assert scale.reason.endswith(".")


@pytest.mark.parametrize(
    "facts",
    [
        {"source_to_detector": 1200.0},
        {"source_to_patient": 780.0},
        {"source_to_detector": 780.0, "source_to_patient": 1200.0},
        {"source_to_detector": math.inf, "source_to_patient": 780.0},
        {"source_to_detector": 1200.0, "source_to_patient": 0.0},
        {"magnification": 0.5},
        {"magnification": math.nan},
    ],
)
def test_impossible_distances_leave_the_detector(facts: dict[str, Any]) -> None:
    scale = scale_of(_projection("XA", imager_spacing=S14, **facts))
    assert scale.spacing == S14
    assert scale.calibration is CalibrationKind.DETECTOR


def test_distances_of_other_projections_are_not_used() -> None:
    scale = scale_of(
        _projection("DX", imager_spacing=S14, source_to_detector=1800.0, source_to_patient=1500.0)
    )
    assert scale.calibration is CalibrationKind.DETECTOR


@pytest.mark.parametrize(
    "instance",
    [
        _projection("CR", S12),
        _projection("CR"),
        replace(_projection("CR"), projection=None),
        _projection("DX", imager_spacing=Spacing(0.0, 0.1)),
        _projection("DX", imager_spacing=Spacing(math.nan, 0.1)),
        ct_instance(modality="US", planes=(None,)),
        ct_instance(planes=(), sop_class="1.2.840.10008.5.1.4.1.1.7"),
        ct_instance(planes=(None,), pixel_spacing=None),
        ct_instance(
            planes=(None,), pixel_spacing=None, image_type=("ORIGINAL", "PRIMARY", "LOCALIZER")
        ),
    ],
)
def test_no_unit_where_none_is_right(instance: Instance) -> None:
    scale = scale_of(instance)
    assert scale.spacing is None
    assert (scale.calibration, scale.word) == (CalibrationKind.NONE, "")
    assert scale.reason.endswith(".")


def test_cross_sections_are_true_in_the_patient() -> None:
    for instance in (
        ct_instance(spacing=Spacing(0.5, 0.8)),
        ct_instance(spacing=Spacing(0.5, 0.8), planes=()),
        ct_instance(spacing=Spacing(0.5, 0.8), modality="US"),
        ct_instance(
            spacing=Spacing(0.5, 0.8), modality="MG", sop_class="1.2.840.10008.5.1.4.1.1.13.1.3"
        ),
    ):
        scale = scale_of(instance)
        assert scale.spacing == Spacing(0.5, 0.8)
        assert (scale.calibration, scale.word) == (CalibrationKind.PATIENT, "")


def test_a_ct_localiser_is_a_projection() -> None:
    scale = scale_of(ct_instance(image_type=("ORIGINAL", "PRIMARY", "LOCALIZER")))
    assert (scale.calibration, scale.word) == (CalibrationKind.MAGNIFIED, "at isocentre")


def test_each_frame_has_its_own_spacing() -> None:
    shared = ct_instance(planes=(), frames=2, pixel_spacing=Spacing(9, 9))
    facts = tuple(FrameFacts(Rescale(1, 0, ""), pixel_spacing=Spacing(s, s)) for s in (0.5, 0.25))
    instance = replace(shared, per_frame=facts)
    assert scale_of(instance, 0).spacing == Spacing(0.5, 0.5)
    assert scale_of(instance, 1).spacing == Spacing(0.25, 0.25)


@pytest.mark.parametrize(
    ("instance", "aspect"),
    [
        (ct_instance(spacing=Spacing(0.5, 0.8)), 0.625),
        (ct_instance(planes=(None,), pixel_spacing=Spacing(2, 1)), 2.0),
        (_projection("DX", imager_spacing=Spacing(0.1, 0.2)), 0.5),
        (ct_instance(planes=(), pixel_spacing=None, pixel_aspect=(4, 3)), 4 / 3),
        (ct_instance(planes=(), pixel_spacing=None, pixel_aspect=(0, 3)), 1.0),
        (ct_instance(planes=(), pixel_spacing=None), 1.0),
    ],
)
def test_pixels_are_drawn_in_their_true_shape(instance: Instance, aspect: float) -> None:
    assert pixel_aspect(instance) == pytest.approx(aspect)
