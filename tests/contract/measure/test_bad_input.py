"""Every kind on every bad input: a stated answer each, and never a NaN or an Infinity (F35 to F49).

What is told is looked through as a reader sees it (label, notes, reason), as CSV, as JSON and as
the numbers of a structured report.
"""

import io
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.kit.annotations import annotation, numbers
from tests.kit.dicom_files import CR, dataset, written
from tests.kit.report_images import headers
from tests.kit.reporting import STUDY
from tests.kit.ultrasound import CM, CM_PER_S, SECOND, region, ultrasound
from tests.kit.viewer import NOW, ct_instance
from viewer.formats.measurement_report import Recorded, measurement_report
from viewer.loading.headers import read_header
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Ground, Reading, read
from viewer.measure.table import Listed, as_csv
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import Spacing
from viewer.model.measurement import CalibrationKind, Unit
from viewer.model.presentation import Rescale
from viewer.model.study import Instance, Photometric, StoredFormat

K = AnnotationKind
ROWS, COLUMNS = 64, 48
NO_NUMBER = re.compile(r"\b(nan|inf|infinity)\b|∞", re.IGNORECASE)
SQUARE = Spacing(1.0, 1.0)
PADDED = StoredFormat(
    ROWS, COLUMNS, 1, Photometric.MONOCHROME2, 16, 16, 15, signed=True, padding=(-2048, -2048)
)
REGIONS = [k for k, record in KINDS.items() if record.closed]


def points(kind: K, shape: str = "plain") -> list[tuple[float, float]]:
    """The points of a kind laid out within an image, or badly."""
    count = max(KINDS[kind].points, 5 if KINDS[kind].open_ended else 0)
    if kind is K.ELLIPSE:
        plain = [(10.0, 20.0), (30.0, 20.0), (20.0, 12.0), (20.0, 28.0)]
    elif kind is K.RECTANGLE:
        plain = [(10.0, 12.0), (30.0, 12.0), (30.0, 28.0), (10.0, 28.0)]
    elif kind in {K.POLYGON, K.FREEHAND, K.LIVEWIRE}:
        plain = [(10.0, 12.0), (26.0, 15.0), (30.0, 24.0), (20.0, 29.0), (12.0, 25.0)]
    elif kind is K.CIRCLE_3:
        plain = [(10.0, 12.0), (30.0, 12.0), (20.0, 22.0)]
    else:
        plain = [(10.0 + 5 * n, 12.0 + (n * n * 3) % 17) for n in range(count)]
    match shape:
        case "one place":
            return plain[:1] * len(plain)
        case "outside":
            return [(x + COLUMNS, y + 2.0 * ROWS) for x, y in plain]
        case "across the edge":
            return [(x - 18.0, y) for x, y in plain]
        case "one line":
            return [(10.0 + 3 * n, 10.0 + 3 * n) for n in range(len(plain))]
        case "within one pixel":
            return [(20.1 + x / 100, 20.1 + y / 100) for x, y in plain]
    return plain


def told(made: Annotation, ground: Ground) -> tuple[Reading, str]:
    """What is said of it anywhere; everything is looked through for what is no number."""
    found = read(made, ground, uncertain=True)
    csv = as_csv([Listed(made, ground, None, "Series 1, image 1")], identity=False)
    values = [(m.value, m.plus_minus) for m in found.measurements]
    words = [*found.lines, *found.notes, found.reason, csv, json.dumps(values, allow_nan=False)]
    for text in words:
        assert not NO_NUMBER.search(text), text
    undecoded = ground.pixels is None  # no image is drawn then; the file says why
    said = found.measurements or found.notes or KINDS[made.kind].written or undecoded
    assert said, "nothing is said"
    return found, "\n".join(words)


SHAPES = ("plain", "one place", "outside", "across the edge", "one line", "within one pixel")
STORED: dict[str, Callable[[], NDArray[Any] | None]] = {
    "not decoded": lambda: None,
    "plain": lambda: np.arange(ROWS * COLUMNS, dtype=np.int16).reshape(ROWS, COLUMNS),
    "padding": lambda: np.full((ROWS, COLUMNS), -2048, np.int16),
    "NaN": lambda: np.full((ROWS, COLUMNS), np.nan, np.float32),
    "infinite": lambda: np.full((ROWS, COLUMNS), -np.inf),
    "mixed": lambda: np.tile(np.array([1.7e308, -1.7e308, np.nan, np.inf]), (ROWS, COLUMNS // 4)),
}
HU = Rescale(1, -1024, "HU")
GROUNDS = (
    *((HU, name, ()) for name in STORED),
    (Rescale(1e308, 0, "HU"), "mixed", ()),
    (Rescale(-5e-324, 1e308, ""), "plain", ()),
    (HU, "plain", ((14, 20),)),
    (HU, "plain", ((0, ROWS),)),
)
"""Modality step, pixels, and rows that hold no data."""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stated_answer_for_every_kind_on_all_pixels(shape: str) -> None:
    for lut, name, missing in GROUNDS:
        image = ct_instance(spacing=SQUARE, format=PADDED, modality_lut=lut)
        ground = Ground(image, STORED[name](), missing)
        for kind in KINDS:
            told(annotation(kind, image, *points(kind, shape)), ground)


# -- F35: zero, negative, missing, unbelievable spacing --------------------------------------------


def instance_of(ds: Dataset) -> Instance:
    return read_header(io.BytesIO(written(ds)), name="x").instance


NO_SPACING = "The header gives no spacing that is known to hold in the patient."
BAD_SPACINGS = {
    "zero": ([0, 0], NO_SPACING),
    "zero in one way": ([0.5, 0], NO_SPACING),
    "negative": ([-1, 1], NO_SPACING),
    "one number": ("0.5", NO_SPACING),
    "tiny": ([1e-9, 1e-9], "A spacing of 1e-09 × 1e-09 mm is no size of a pixel, so no unit is"),
    "huge": ([1e6, 1e6], "A spacing of 1e+06 × 1e+06 mm is no size of a pixel, so no unit is"),
}


@pytest.mark.parametrize("name", [*BAD_SPACINGS, "missing"])
def test_f35_without_a_spacing_there_are_pixels_and_the_reason(name: str) -> None:
    spacing, why = BAD_SPACINGS.get(name, (None, NO_SPACING))
    ds = dataset(Rows=ROWS, Columns=COLUMNS, PixelData=bytes(2 * ROWS * COLUMNS))
    del ds.PixelSpacing
    if spacing is not None:
        ds.PixelSpacing = spacing
    ground = Ground(instance_of(ds), np.zeros((ROWS, COLUMNS), np.uint16))
    for kind in KINDS:
        made = annotation(kind, ground.instance, *points(kind))
        found, words = told(made, ground)
        assert found.reason.startswith(why)
        if kind is not K.PROBE:  # says where in the patient it is
            assert not re.search(r"\d mm", words.replace(found.reason, ""))
        units = {m.unit for m in found.measurements}
        assert not units & {Unit.MILLIMETRE, Unit.MILLIMETRE_2, Unit.MILLILITRE}
        assert {m.calibration for m in found.measurements} <= {CalibrationKind.NONE}


@pytest.mark.parametrize("spacing", [[0, 0], [-0.1, 0.1], None])
def test_f35_a_projection_without_a_spacing_is_in_pixels(spacing: list[float] | None) -> None:
    ds = dataset(SOPClassUID=CR, Modality="CR", PixelSpacing=None, FrameOfReferenceUID=None)
    del ds.ImagePositionPatient, ds.ImageOrientationPatient
    if spacing is not None:
        ds.ImagerPixelSpacing = spacing
    image = instance_of(ds)
    found, _ = told(annotation(K.LENGTH, image, (0, 0), (3, 4)), Ground(image))
    assert found.lines == ("5.0 px",)
    assert found.reason == "Projection image: the header gives no spacing."


# -- F36: two regions, none, other units -----------------------------------------------------------

FINE = region((0, 0, 99, 49), (CM, 0.02), (CM, 0.02))
COARSE = region((100, 0, 199, 49), (CM, 0.05), (CM, 0.05))
DOPPLER = region((0, 50, 199, 99), (SECOND, 0.01), (CM_PER_S, -2.0), zero=(0, 25))
SONOGRAM = read_header(io.BytesIO(ultrasound((FINE, COARSE, DOPPLER))), name="us").instance


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ((87.0, 0.0), "do not lie in one calibrated region"),
        ((0.0, 36.0), "do not lie in one calibrated region"),
        ((195.0, 0.0), "do not lie in one calibrated region"),
        ((10.0, 55.0), "have other units than centimetres"),
    ],
)
def test_f36_across_regions_outside_or_on_other_axes_there_is_no_millimetre(
    by: tuple[float, float], why: str
) -> None:
    ground = Ground(SONOGRAM, np.zeros((100, 200), np.uint8))
    for kind in KINDS:
        made = annotation(kind, SONOGRAM, *((x + by[0], y + by[1]) for x, y in points(kind)))
        found, words = told(made, ground)
        if len(made.pixels) > 1:  # one point lies in one region, or in none
            assert why in found.reason
            assert not re.search(r"\d mm", words)


# -- F47 to F49: one pixel, none, padding, crossing, NaN, gaps -------------------------------------

CT = ct_instance(spacing=SQUARE, format=PADDED, modality_lut=Rescale(1, 0, "HU"))


def over(kind: K, shape: str, stored: NDArray[Any], missing: Any = ()) -> Reading:
    made = annotation(kind, CT, *points(kind, shape))
    return told(made, Ground(CT, stored, missing))[0]


@pytest.mark.parametrize("kind", REGIONS)
def test_f47_f49_one_pixel_has_no_sd_and_none_at_all_says_so(kind: K) -> None:
    stored = np.full((ROWS, COLUMNS), 7, np.int16)
    found = told(_small(kind, 20.5), Ground(CT, stored))[0]
    assert found.notes == ("No pixel's centre lies in the shape.",)
    assert "mean" not in numbers(found)
    found = told(_small(kind, 20.0), Ground(CT, stored))[0]
    assert numbers(found)["pixels"].value == 1
    assert numbers(found)["mean"].value == 7
    assert "deviation" not in numbers(found)
    assert found.notes == ("One pixel has no SD.",)


def _small(kind: K, middle: float) -> Annotation:
    """A shape of less than a pixel about a place."""
    plain = points(kind)
    left, right = min(x for x, _ in plain), max(x for x, _ in plain)
    top, bottom = min(y for _, y in plain), max(y for _, y in plain)
    x0, y0 = (left + right) / 2, (top + bottom) / 2
    if kind is K.CIRCLE:
        x0, y0 = plain[0]
    by = (0.4 if kind is K.CIRCLE else 0.8) / max(right - left, bottom - top)
    places = [(middle + (x - x0) * by, middle + (y - y0) * by) for x, y in plain]
    return annotation(kind, CT, *places)


@pytest.mark.parametrize("kind", [*REGIONS, K.PROBE])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("padding", "padding"),
        ("NaN", "places without a value"),
        ("infinite", "places without a value"),
    ],
)
def test_f49_where_no_pixel_has_a_value_there_is_none(kind: K, name: str, why: str) -> None:
    stored = STORED[name]()
    assert stored is not None
    found = over(kind, "plain", stored)
    assert found.notes[0] == "There is no value in the shape."
    assert found.notes[1].endswith(f"pixels left out: {why}.")
    assert "mean" not in numbers(found)
    if kind is not K.PROBE:
        assert numbers(found)[""].value > 0  # the area is that of the outline


@pytest.mark.parametrize("kind", [*REGIONS, K.PROBE])
def test_f4_rows_without_data_are_left_out_and_counted(kind: K) -> None:
    stored = np.full((ROWS, COLUMNS), 7, np.int16)
    whole = numbers(over(kind, "plain", stored))
    part = over(kind, "plain", stored, ((12, 20),))
    nothing = over(kind, "plain", stored, ((0, ROWS),))
    assert nothing.notes[0] == "There is no value in the shape."
    if kind is not K.PROBE:
        (left_out,) = [n for n in part.notes if n.endswith("rows without data.")]
        gone = int(left_out.split(" ")[0])
        assert numbers(part)["pixels"].value == whole["pixels"].value - gone > 0


def test_f48_an_outline_that_crosses_itself_says_so_and_counts_even_odd() -> None:
    stored = np.full((ROWS, COLUMNS), 7, np.int16)
    for kind in (K.POLYGON, K.FREEHAND, K.LIVEWIRE):
        bow = annotation(kind, CT, (10, 10), (20, 20), (20, 10), (10, 20))
        found = told(bow, Ground(CT, stored))[0]
        assert found.notes == ("The outline crosses itself: area and pixels by the even-odd rule.",)
        assert numbers(found)[""].value == pytest.approx(50.0)


@pytest.mark.parametrize("kind", REGIONS)
def test_f47_outside_the_image_only_what_is_inside_counts(kind: K) -> None:
    stored = np.full((ROWS, COLUMNS), 7, np.int16)
    beside = over(kind, "across the edge", stored)
    assert "Part of the shape lies outside the image; only pixels inside count." in beside.notes
    outside = over(kind, "outside", stored)
    assert "No pixel's centre lies in the shape." in outside.notes
    assert "mean" not in numbers(outside)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e300, -1e7])
def test_a_place_that_is_none_is_refused_at_birth(bad: float) -> None:
    with pytest.raises(ValueError, match="near its image"):
        annotation(K.LENGTH, CT, (0, 0), (bad, 1))


# -- the structured report -------------------------------------------------------------------------


def recorded() -> Iterator[Recorded]:
    """Kinds of every sort on pixels of all sorts."""
    image = ct_instance(f"{STUDY}.3", study=STUDY, format=PADDED, spacing=SQUARE)
    stored, plane = STORED["mixed"](), image.planes[0]
    assert plane is not None
    for kind in (K.LENGTH, K.ANGLE, K.PROBE, K.CIRCLE, K.POLYGON):
        record = KINDS[kind]
        for shape in ("plain", "across the edge") if record.closed else ("plain",):
            made = annotation(kind, image, *points(kind, shape))
            lps = tuple(plane.to_lps(p) for p in made.pixels)
            name = AnnotationId(f"{kind}-{shape}")
            made = replace(made, id=name, points=lps, space=image.frame_of_reference)
            found = read(made, Ground(image, stored), uncertain=True)
            yield Recorded(made, record.title, found.measurements)


def test_a_structured_report_holds_finite_numbers_alone() -> None:
    image = ct_instance(f"{STUDY}.3", study=STUDY, format=PADDED, spacing=SQUARE)
    held = [one for one in recorded() if one.says_something]
    data = measurement_report(
        held, {image.ref.sop: image}, io.BytesIO(headers()), author="Dr. Ito", at=NOW
    )
    found = list(_numbers_of(dcmread(io.BytesIO(data))))
    assert len(found) > 20
    assert all(math.isfinite(value) for value in found)


def _numbers_of(item: Dataset) -> Iterator[float]:
    for measured in item.get("MeasuredValueSequence", ()):
        yield float(measured.NumericValue)
        if "FloatingPointValue" in measured:
            yield float(measured.FloatingPointValue)
    for inner in item.get("ContentSequence", ()):
        yield from _numbers_of(inner)
