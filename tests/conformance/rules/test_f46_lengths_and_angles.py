"""F46: lengths and angles in float64 millimetres, rounded for display alone, with uncertainty."""

import math

import numpy as np
import pytest

from tests.kit.annotations import annotation, numbers
from tests.kit.viewer import ct_instance, projection_instance
from viewer.measure.doubt import parts
from viewer.measure.registry import Ground, measured, read
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import Spacing
from viewer.model.study import Instance, ProjectionGeometry

K = AnnotationKind
FLAT = ct_instance(spacing=Spacing(0.5, 0.8))
CT = ct_instance()
BREAST = ProjectionGeometry(imager_spacing=Spacing(0.7, 0.7), magnification=1.07)
XRAY = projection_instance("CC", modality="MG", projection=BREAST)
POINTS = ((3.25, 4.5), (30.125, 41.75), (12.5, 20.0), (44.0, 8.25))


def _mm(*points: tuple[float, float]) -> list[np.ndarray]:
    return [np.array([column * 0.8, row * 0.5]) for column, row in points]


def _said(kind: AnnotationKind, *points: tuple[float, float]) -> dict[str, float]:
    found = read(annotation(kind, FLAT, *points), Ground(FLAT))
    return {key: one.value for key, one in numbers(found).items()}


def test_f46_numpy_says_the_same() -> None:
    a, b, c, d = _mm(*POINTS)
    assert _said(K.LENGTH, *POINTS[:2])[""] == pytest.approx(np.linalg.norm(b - a), rel=1e-12)
    path = sum(np.linalg.norm(q - p) for p, q in ((a, b), (b, c), (c, d)))
    assert _said(K.POLYLINE, *POINTS)[""] == pytest.approx(path, rel=1e-12)
    u, v = a - b, c - b
    cosine = u @ v / np.linalg.norm(u) / np.linalg.norm(v)
    assert _said(K.ANGLE, *POINTS[:3])[""] == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-9)
    u, v = b - a, d - c
    cosine = abs(u @ v) / np.linalg.norm(u) / np.linalg.norm(v)
    cobb = _said(K.COBB, *POINTS)
    assert cobb[""] == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-9)
    assert cobb["supplement"] == pytest.approx(180 - cobb[""], rel=1e-12)


def test_f46_forty_five_degrees_in_pixels_are_not_in_the_patient() -> None:
    found = _said(K.ANGLE, (10, 0), (0, 0), (10, 10))
    assert found[""] == pytest.approx(math.degrees(math.atan2(0.5, 0.8)), rel=1e-12)
    steep = _said(K.ANGLE, (0, 10), (0, 0), (10, 10))
    assert steep[""] == pytest.approx(57.99, abs=0.01)


@pytest.mark.parametrize(
    ("spacing", "label"), [(Spacing(0.1, 0.1), "1.4 mm"), (Spacing(0.0999, 0.2), "1.98 mm")]
)
def test_f46_a_label_rounds_the_number_stays_whole(spacing: Spacing, label: str) -> None:
    image = ct_instance(spacing=spacing)
    made = annotation(K.LENGTH, image, (0, 0), (9.876543, 9.876543 if label[2] == "4" else 0))
    found = read(made, Ground(image))
    assert found.lines == (label,)
    assert numbers(found)[""].value != round(numbers(found)[""].value, 2)


def test_f46_snapping_alone_is_082_pixel_at_k_2() -> None:
    """Monte Carlo: both ends of a level line on the pixel grid; 0.41 pixel a standard deviation."""
    chance = np.random.default_rng(46)
    exact = chance.uniform(0, 1000, (200_000, 2))
    off = (np.rint(exact[:, 1]) - np.rint(exact[:, 0])) - (exact[:, 1] - exact[:, 0])
    assert off.std() == pytest.approx(0.41, abs=0.005)
    image = ct_instance(spacing=Spacing(1, 1))
    found = read(annotation(K.LENGTH, image, (0, 0), (1, 0)), Ground(image), uncertain=True)
    assert numbers(found)[""].plus_minus == pytest.approx(2 * off.std(), abs=0.01)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (CT, "70.0 mm ± 0.9 mm, k = 2: placing the points 0.6 mm, pixel spacing 0.7 mm."),
        (
            XRAY,
            "65.4 mm ± 4.0 mm, k = 2: placing the points 0.5 mm, magnification 3.9 mm.",
        ),
    ],
)
def test_f46_where_an_uncertainty_comes_from_is_told(image: Instance, words: str) -> None:
    found = measured(annotation(K.LENGTH, image, (0, 0), (100, 0)), Ground(image), "")
    assert found is not None
    assert found.doubt == words
    both = parts(found.measurement, Ground(image).relative(found.measurement.calibration))
    assert both is not None
    assert math.hypot(*both) == pytest.approx(found.measurement.plus_minus, rel=1e-12)


def test_f46_an_angle_owes_nothing_to_the_spacing_and_a_value_states_none() -> None:
    ground = Ground(CT, np.zeros((64, 48), np.int16))
    angle = measured(annotation(K.ANGLE, CT, (10, 0), (0, 0), (0, 10)), ground, "")
    assert angle is not None
    assert angle.doubt.endswith("k = 2: placing the points 6.6°.")
    probe = measured(annotation(K.PROBE, CT, (5, 5)), ground, "")
    assert probe is not None
    assert probe.doubt == ""
    region = measured(annotation(K.CIRCLE, CT, (20, 20), (26, 20)), ground, "")
    assert region is not None
    mean = next(m for m in region.others if m.id.endswith("/mean"))
    assert parts(mean, 0.005) is None
