"""Numbers from annotations: value, unit, calibration and words."""

import time
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.annotations import annotation as made
from tests.kit.viewer import NOW, ct_instance, frame_of, pixel, projection_instance
from viewer.errors import GeometryError
from viewer.measure.registry import KINDS, Ground, Measured, Reading, measured, read
from viewer.model.annotation import Annotation, AnnotationKind, Provenance
from viewer.model.geometry import PointLps, Spacing
from viewer.model.measurement import CalibrationKind, Measurement, Unit
from viewer.model.presentation import Rescale
from viewer.model.quantities import RealWorldMapping, Suv, SuvScale
from viewer.model.study import Instance, Photometric, ProjectionGeometry, StoredFormat
from viewer.model.ultrasound import AxisUnit, RegionAxis, UltrasoundRegion

K = AnnotationKind


def told(annotation: Annotation, ground: Ground) -> Measured:
    found = measured(annotation, ground, "Series 1, image 1")
    assert found is not None
    return found


def by_key(found: Reading | Sequence[Measurement]) -> dict[str, Measurement]:
    all_of = found.measurements if isinstance(found, Reading) else found
    return {m.id.partition("/")[2]: m for m in all_of}


def _length(on: Instance, *points: tuple[float, float]) -> Annotation:
    return made(K.LENGTH, on, *(points or ((2, 3), (5, 7))))


def test_a_length_in_the_patient() -> None:
    instance = ct_instance(spacing=Spacing(0.5, 0.5))
    found = told(_length(instance), Ground(instance))
    result = found.measurement
    assert result.value == pytest.approx(2.5, rel=1e-12)
    assert (result.unit, result.calibration) == (Unit.MILLIMETRE, CalibrationKind.PATIENT)
    assert (result.id, result.of) == ("a1", "a1")
    assert result.name.meaning == "Length"
    assert found.label == "2.5 mm"
    assert result.plus_minus == pytest.approx(0.41, abs=0.005)
    assert found.others == ()


def test_a_length_at_the_detector_says_so() -> None:
    facts = ProjectionGeometry(imager_spacing=Spacing(0.2, 0.2))
    instance = projection_instance("PA", projection=facts)
    found = told(_length(instance), Ground(instance))
    assert found.label == "1.0 mm at detector"
    assert found.image == "Series 1, image 1"
    assert found.frames == (frame_of(instance),)
    assert "detector" in found.reason


def test_a_number_tells_the_shape_of_the_pixels_that_it_was_taken_by() -> None:
    """What a report draws must be as round as what was measured."""
    wide = ct_instance(spacing=Spacing(1.2, 0.4))
    for number in read(_length(wide, (1, 1), (2, 1)), Ground(wide)).measurements:
        assert number.aspect == pytest.approx(3.0)
    none = projection_instance("PA", pixel_aspect=(4, 3))
    (number,) = read(_length(none, (1, 1), (2, 1)), Ground(none)).measurements
    assert number.unit is Unit.PIXEL
    assert number.aspect == pytest.approx(4 / 3)


def test_no_unit_gives_pixels() -> None:
    instance = projection_instance("PA")
    found = told(_length(instance), Ground(instance))
    assert found.label == "5.0 px"
    assert found.measurement.unit is Unit.PIXEL
    assert found.measurement.calibration is CalibrationKind.NONE
    area = told(made(K.RECTANGLE, instance, (0, 0), (4, 0), (4, 2), (0, 2)), Ground(instance))
    assert area.label == "8.0 px²"


def test_what_does_not_fit_is_refused() -> None:
    one, other = ct_instance(n=0), ct_instance(n=1)
    with pytest.raises(GeometryError, match="another image"):
        read(_length(one), Ground(other))
    with pytest.raises(GeometryError, match="needs 2 points, not 1"):
        read(_length(one, pixel(1, 1)), Ground(one))
    with pytest.raises(GeometryError, match="needs at least 3 points, not 2"):
        read(made(K.POLYGON, one, (1, 1), (2, 2)), Ground(one))


def test_every_kind_has_a_record() -> None:
    assert set(KINDS) == set(AnnotationKind)
    for kind, record in KINDS.items():
        assert record.kind is kind
        assert record.title


def test_long_and_short_axis_stand_together_whichever_was_drawn_first() -> None:
    instance = ct_instance(spacing=Spacing(1, 1))
    found = told(made(K.BIDIRECTIONAL, instance, (0, 0), (0, 4), (0, 2), (6, 2)), Ground(instance))
    assert found.label == "6.0 × 4.0 mm"
    assert [m.name.meaning for m in (found.measurement, *found.others)] == [
        "Long Axis",
        "Short Axis",
    ]
    assert [m.id for m in found.others] == ["a1/short"]


@pytest.mark.parametrize(
    ("kind", "points", "label"),
    [
        (K.POLYLINE, [(0, 0), (3, 4), (3, 9)], "10.0 mm"),
        (K.CURVE, [(0, 0), (3, 4)], "5.0 mm"),
        (K.ANGLE, [(5, 0), (0, 0), (0, 5)], "90.0°"),
        (K.LINES_ANGLE, [(1, 0), (5, 0), (0, 1), (0, 9)], "90.0° (90.0°)"),
        (K.COBB, [(0, 0), (10, 0), (0, 5), (-10, 15)], "Cobb 45.0° (135.0°)"),
        (K.PARALLEL, [(0, 0), (10, 0), (3, 7)], "7.0 mm"),
        (K.HEART, [(0, 0), (5, 0), (0, 1), (10, 1)], "CTR 0.50, 5.0 / 10.0 mm"),
        (K.RECTANGLE, [(0, 0), (4, 0), (4, 2), (0, 2)], "8.0 mm²"),
        (K.ELLIPSE, [(0, 5), (10, 5), (5, 3), (5, 7)], "31.4 mm²"),
        (K.CIRCLE, [(5, 5), (5, 7)], "12.6 mm², ⌀ 4.0 mm"),
        (K.CIRCLE_3, [(3, 5), (5, 7), (7, 5)], "12.6 mm², ⌀ 4.0 mm"),
        (K.POLYGON, [(0, 0), (4, 0), (0, 4)], "8.0 mm²"),
        (K.FREEHAND, [(0, 0), (4, 0), (0, 4)], "8.0 mm²"),
    ],
)
def test_labels(kind: AnnotationKind, points: list[tuple[float, float]], label: str) -> None:
    instance = ct_instance(spacing=Spacing(1, 1))
    assert told(made(kind, instance, *points), Ground(instance)).label == label


def _stored(rows: int = 64, columns: int = 48, value: int = 1024) -> NDArray[np.int16]:
    return np.full((rows, columns), value, np.int16)


SQUARE = [(1, 1), (3, 1), (3, 3), (1, 3)]


def test_a_region_gives_statistics_of_modality_values() -> None:
    instance = ct_instance(spacing=Spacing(1, 1))
    pixels = _stored()
    pixels[2, 2] = 1034
    found = told(made(K.RECTANGLE, instance, *SQUARE), Ground(instance, pixels))
    values = by_key(found.others)
    assert found.label == "4.0 mm², mean 1.1, SD 3.3 HU, 0 to 10 HU, 9 px"
    assert values["mean"].value == pytest.approx(10 / 9, rel=1e-12)
    assert values["mean"].unit is Unit.HOUNSFIELD
    assert values["mean"].derivation is not None
    assert values["mean"].derivation.meaning == "Mean"
    assert values["mean"].name.meaning == "Attenuation Coefficient"
    assert values["deviation"].value == pytest.approx(10 / 3, rel=1e-12)
    assert values["median"].value == 0
    assert values["pixels"].value == 9
    assert values["width"].value == 2


def test_what_is_left_out_is_counted_and_told() -> None:
    stored = StoredFormat(
        64, 48, 1, Photometric.MONOCHROME2, 16, 16, 15, signed=True, padding=(-2000, -2000)
    )
    instance = ct_instance(spacing=Spacing(1, 1), format=stored)
    pixels = _stored()
    pixels[1, :] = -2000
    square = made(K.RECTANGLE, instance, *SQUARE)
    found = read(square, Ground(instance, pixels, ((3, 4),)))
    assert by_key(found)["pixels"].value == 3
    assert found.notes == (
        "3 of 9 pixels left out: padding.",
        "3 of 9 pixels left out: rows without data.",
    )
    wholly = read(square, Ground(instance, np.full((64, 48), -2000, np.int16)))
    assert wholly.notes[0] == "There is no value in the shape."
    assert wholly.lines == ("4.0 mm²",)
    assert set(by_key(wholly)) == {"", "perimeter", "width", "height"}


def test_one_pixel_has_no_deviation_and_none_says_so() -> None:
    instance = ct_instance(spacing=Spacing(1, 1))
    one = read(
        made(K.POLYGON, instance, (0.9, 0.9), (1.1, 0.9), (1, 1.1)), Ground(instance, _stored())
    )
    assert "deviation" not in by_key(one)
    assert one.notes == ("One pixel has no SD.",)
    assert one.lines[1] == "mean 0.0 HU"
    none = read(
        made(K.POLYGON, instance, (1.2, 1.2), (1.4, 1.2), (1.3, 1.4)), Ground(instance, _stored())
    )
    assert none.notes == ("No pixel's centre lies in the shape.",)


def test_a_crossing_outline_and_one_over_the_edge_are_told() -> None:
    instance = ct_instance(spacing=Spacing(1, 1))
    crossing = read(made(K.POLYGON, instance, (0, 0), (4, 4), (4, 0), (0, 4)), Ground(instance))
    assert crossing.lines == ("8.0 mm²",)
    assert "crosses itself" in crossing.notes[0]
    over = read(made(K.CIRCLE, instance, (2, 2), (2, 10)), Ground(instance, _stored()))
    assert "outside the image" in over.notes[0]


def test_a_scribble_that_crosses_itself_without_end_says_so_at_once() -> None:
    """A thousand corners at chance cross 100 000 times: that took half a minute."""
    instance = ct_instance(spacing=Spacing(1, 1))
    chance = np.random.default_rng(3)
    places = [(c, r) for c, r in chance.uniform(0, 40, (1000, 2)).tolist()]
    begun = time.process_time()
    found = read(made(K.FREEHAND, instance, *places), Ground(instance, _stored()), uncertain=True)
    assert time.process_time() - begun < 2.0
    assert found.measurements == ()
    assert "crosses itself too often" in found.notes[0]
    few = read(made(K.FREEHAND, instance, *places[:100]), Ground(instance, _stored()))
    assert few.measurements[0].name.meaning == "Area"


def test_float_pixels_without_value_are_told_apart() -> None:
    stored = StoredFormat(
        64, 48, 1, Photometric.MONOCHROME2, 32, 32, 31, signed=True, floating=True
    )
    instance = ct_instance(spacing=Spacing(1, 1), format=stored, modality_lut=Rescale(1, 0, ""))
    pixels = np.ones((64, 48), np.float32)
    pixels[1, 1], pixels[1, 2] = np.nan, np.inf
    found = read(made(K.RECTANGLE, instance, *SQUARE), Ground(instance, pixels))
    assert by_key(found)["pixels"].value == 7
    assert found.notes == ("2 of 9 pixels left out: places without a value.",)
    assert by_key(found)["mean"].unit is Unit.ONE


def test_a_colour_image_has_area_but_no_statistics() -> None:
    stored = StoredFormat(64, 48, 3, Photometric.RGB, 8, 8, 7, signed=False)
    instance = ct_instance(format=stored, spacing=Spacing(1, 1))
    ground = Ground(instance, np.zeros((64, 48, 3), np.uint8))
    found = read(made(K.RECTANGLE, instance, *SQUARE), ground)
    assert found.lines == ("4.0 mm²",)
    assert "colour" in found.notes[0]
    probe = read(made(K.PROBE, instance, (1, 1)), ground)
    assert probe.measurements == ()
    assert "colour" in probe.notes[0]


def test_a_probe_reads_the_nearest_pixel_and_tells_the_place() -> None:
    instance = ct_instance()
    pixels = _stored()
    pixels[7, 4] = 2024
    at = made(K.PROBE, instance, (4.4, 6.6), points=(PointLps(-1.25, 2, 30),))
    found = read(at, Ground(instance, pixels))
    assert found.lines == ("1000.0 HU", "L −1.2 P 2.0 H 30.0 mm")
    assert found.measurements[0].id == "a1"
    gap = read(at, Ground(instance, pixels, ((7, 8),)))
    assert gap.measurements == ()
    assert gap.notes[0] == "There is no value in the shape."
    assert read(at, Ground(instance)).lines == ("L −1.2 P 2.0 H 30.0 mm",)
    assert measured(at, Ground(instance), "") is None


def test_real_world_and_uptake_values_are_measured_with_their_units() -> None:
    adc = RealWorldMapping(0, 4000, "um2/s", 2.0, quantity="Apparent Diffusion Coefficient")
    instance = ct_instance(real_world=(adc,))
    mean = by_key(read(made(K.RECTANGLE, instance, *SQUARE), Ground(instance, _stored())))["mean"]
    assert (mean.value, mean.unit) == (2048, "um2/s")
    assert mean.name.meaning == "Apparent Diffusion Coefficient"
    suv = Suv((SuvScale("SUVbw", 0.001, "g/ml"), SuvScale("SUVibw", 0.002, "g/ml")))
    pet = ct_instance(modality="PT", suv=suv, modality_lut=Rescale(1, 0, "Bq/ml"))
    square = made(K.RECTANGLE, pet, *SQUARE)
    mean = by_key(read(square, Ground(pet, _stored())))["mean"]
    assert mean.value == pytest.approx(1.024)
    assert mean.unit is Unit.SUV_BW
    other = by_key(read(square, Ground(pet, _stored(), readout="SUVibw")))["mean"]
    assert (other.unit, other.name.meaning) == ("g/ml", "Standardized Uptake Value")
    plain = by_key(read(square, Ground(pet, _stored(), readout="Modality value")))["mean"]
    assert plain.unit == "Bq/ml"
    odd = ct_instance(modality="MR", modality_lut=Rescale(1, 0, "OD {x}"))
    found = read(made(K.RECTANGLE, odd, *SQUARE), Ground(odd, _stored()))
    assert by_key(found)["mean"].unit == "{OD x}"
    assert by_key(found)["mean"].name.meaning == "MR signal intensity"
    assert found.lines[1] == "mean 1024, SD 0 OD x"


def test_words_have_no_number() -> None:
    instance = ct_instance()
    arrow = made(K.ARROW, instance, (1, 1), (5, 5), text="cyst")
    found = read(arrow, Ground(instance))
    assert (found.measurements, found.lines, found.notes) == ((), ("cyst",), ())
    assert measured(arrow, Ground(instance), "") is None


def test_a_shape_without_size_says_why_it_has_no_number() -> None:
    instance = ct_instance()
    for kind, points in (
        (K.ANGLE, [(0, 0), (0, 0), (1, 1)]),
        (K.CIRCLE_3, [(0, 0), (1, 1), (2, 2)]),
        (K.CIRCLE, [(1, 1), (1, 1)]),
        (K.PARALLEL, [(1, 1), (1, 1), (2, 2)]),
        (K.HEART, [(1, 1), (2, 1), (2, 2), (2, 2)]),
    ):
        found = read(made(kind, instance, *points), Ground(instance), uncertain=True)
        assert found.measurements == ()
        assert len(found.notes) == 1


def test_a_whole_picture_has_one_scale() -> None:
    """For rulers: without points there is no region to choose."""
    assert Ground(ct_instance(spacing=Spacing(0.5, 0.5))).scale(0).spacing == Spacing(0.5, 0.5)


def test_a_reader_calibrates_one_image_by_a_line() -> None:
    instance = projection_instance("PA")
    line = made(K.CALIBRATION, instance, (0, 0), (10, 0), known=20.0)
    ground = Ground(instance, line=line)
    found = told(_length(instance), ground)
    assert found.label == "10.0 mm calibrated by hand"
    assert found.measurement.calibration is CalibrationKind.USER
    assert "Dr. Ito on 2026-11-24 12:00 from a line of 20 mm" in found.reason
    assert found.measurement.plus_minus is not None
    assert found.measurement.plus_minus > 0.41 * 2 * 2  # the line is off as well
    assert read(line, ground).lines == ("Calibration: 20 mm = 10.0 px, Dr. Ito",)
    unknown = made(K.CALIBRATION, instance, (0, 0), (10, 0))
    assert read(unknown, Ground(instance, line=unknown)).lines == ("Calibration: 10.0 px, Dr. Ito",)


def test_annotations_refuse_nonsense_at_birth() -> None:
    instance = ct_instance()
    with pytest.raises(ValueError, match="finite"):
        made(K.LENGTH, instance, (0, float("nan")), (1, 1))
    with pytest.raises(ValueError, match="positive"):
        made(K.CALIBRATION, instance, (0, 0), (1, 1), known=0.0)
    with pytest.raises(ValueError, match="offset"):
        Provenance("x", NOW.replace(tzinfo=None) + timedelta(0))


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
    found = told(_length(instance), Ground(instance))
    assert found.label == "1.0 mm US region"
    assert found.measurement.calibration is CalibrationKind.US_REGION
    across = told(_length(instance, (2, 3), (2, 33)), Ground(instance))
    assert across.label == "30.0 px"
    assert "one calibrated region" in across.reason


def test_in_a_spectrum_there_is_no_length_only_what_lies_along_each_axis() -> None:
    instance = projection_instance("", modality="US", regions=(SPECTRUM,))
    found = told(_length(instance, (4, 30), (16, 55)), Ground(instance))
    assert found.label == "time 0.12 s · velocity 50 cm/s"
    both = (found.measurement, *found.others)
    assert [m.value for m in both] == pytest.approx([0.12, 50])
    assert [m.unit for m in both] == ["s", "cm/s"]
    assert found.measurement.calibration is CalibrationKind.US_REGION
    for kind, points in (
        (K.ANGLE, [(4, 30), (16, 55), (20, 30)]),
        (K.POLYGON, [(4, 30), (16, 55), (20, 30)]),
    ):
        none = read(made(kind, instance, *points), Ground(instance))
        assert none.measurements == ()
        assert "only what lies along each axis" in none.notes[0]
    word = read(made(K.TEXT, instance, (4, 30), text="jet"), Ground(instance))
    assert word.notes == ()


@pytest.mark.parametrize("side", [1e200, 1e-200])
def test_a_spacing_that_no_pixel_has_gives_no_unit(side: float) -> None:
    instance = ct_instance(spacing=Spacing(side, side))
    found = told(made(K.CIRCLE, instance, (20, 20), (25, 20)), Ground(instance))
    assert found.measurement.unit is Unit.PIXEL_2
    assert "no size of a pixel" in found.reason


def test_a_probe_on_the_last_edge_reads_the_last_pixel() -> None:
    instance = ct_instance(rows=64, columns=48)
    pixels = np.arange(64 * 48, dtype=np.int16).reshape(64, 48)
    found = told(made(K.PROBE, instance, (47.5, 63.5)), Ground(instance, pixels))
    corner = told(made(K.PROBE, instance, (47, 63)), Ground(instance, pixels))
    assert found.measurement.value == corner.measurement.value


def test_values_of_pet_say_why_they_are_no_uptake() -> None:
    instance = ct_instance(modality="PT", suv=Suv(refusals=("The weight is missing.",)))
    pixels = np.ones((64, 48), np.int16)
    for shape in (made(K.PROBE, instance, (5, 5)), made(K.CIRCLE, instance, (9, 9), (12, 9))):
        assert told(shape, Ground(instance, pixels)).notes == ("The weight is missing.",)
