"""F49: statistics on modality values, SD with n - 1, what is missing left out; as SimpleITK."""

import numpy as np
import pytest
import SimpleITK

from tests.kit.annotations import annotation, numbers
from tests.kit.viewer import ct_instance
from viewer.measure.registry import Ground, read
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import Spacing
from viewer.model.presentation import Rescale
from viewer.model.study import Photometric, StoredFormat

K = AnnotationKind
CT = ct_instance(spacing=Spacing(0.7, 0.7), modality_lut=Rescale(1.5, -1000, "HU"))
STORED = np.random.default_rng(49).integers(-2000, 3000, (64, 48)).astype(np.int16)
ELLIPSE = ((10.0, 30.0), (38.0, 30.0), (24.0, 12.5), (24.0, 47.5))


def test_f49_simpleitk_says_the_same() -> None:
    found = numbers(read(annotation(K.ELLIPSE, CT, *ELLIPSE), Ground(CT, STORED)))
    row, column = np.mgrid[:64, :48]
    inside = ((column - 24) / 14) ** 2 + ((row - 30) / 17.5) ** 2 <= 1 + 1e-9
    judge = SimpleITK.LabelStatisticsImageFilter()
    judge.Execute(
        SimpleITK.GetImageFromArray(STORED.astype(np.float64) * 1.5 - 1000),
        SimpleITK.GetImageFromArray(inside.astype(np.uint8)),
    )
    assert found["pixels"].value == judge.GetCount(1)
    assert found["mean"].value == pytest.approx(judge.GetMean(1), rel=1e-9)
    assert found["deviation"].value == pytest.approx(judge.GetSigma(1), rel=1e-9)
    assert found["minimum"].value == judge.GetMinimum(1)
    assert found["maximum"].value == judge.GetMaximum(1)
    values = STORED[inside] * 1.5 - 1000
    assert found["median"].value == pytest.approx(np.median(values), rel=1e-12)


def test_f49_nine_pixels_tell_n_from_n_minus_1() -> None:
    square = ((10, 10), (12, 10), (12, 12), (10, 12))
    found = numbers(read(annotation(K.RECTANGLE, CT, *square), Ground(CT, STORED)))
    values = STORED[10:13, 10:13] * 1.5 - 1000
    assert found["deviation"].value == pytest.approx(values.std(ddof=1), rel=1e-9)
    assert found["deviation"].value / values.std() == pytest.approx(1.0607, abs=1e-4)


def test_f49_one_pixel_has_no_sd_and_never_an_infinity() -> None:
    dot = ((9.9, 9.9), (10.1, 9.9), (10.0, 10.1))
    found = read(annotation(K.POLYGON, CT, *dot), Ground(CT, STORED))
    assert "deviation" not in numbers(found)
    assert "One pixel has no SD." in found.notes
    assert not any("nan" in line.lower() or "inf" in line.lower() for line in found.lines)


def test_f49_padding_and_gaps_are_left_out_and_counted() -> None:
    padded = StoredFormat(
        64, 48, 1, Photometric.MONOCHROME2, 16, 16, 15, signed=True, padding=(-2048, -2048)
    )
    image = ct_instance(spacing=Spacing(1, 1), format=padded)
    pixels = STORED.copy()
    pixels[20:24, :] = -2048
    box = ((5, 18), (14, 18), (14, 29), (5, 29))
    found = read(annotation(K.RECTANGLE, image, *box), Ground(image, pixels, ((27, 30),)))
    assert numbers(found)["pixels"].value == 10 * (12 - 4 - 3)
    assert found.notes == (
        "40 of 120 pixels left out: padding.",
        "30 of 120 pixels left out: rows without data.",
    )


def test_f49_a_shape_wholly_in_padding_says_so() -> None:
    padded = StoredFormat(
        64, 48, 1, Photometric.MONOCHROME2, 16, 16, 15, signed=True, padding=(-2048, -2048)
    )
    image = ct_instance(format=padded)
    ground = Ground(image, np.full((64, 48), -2048, np.int16))
    found = read(annotation(K.ELLIPSE, image, *ELLIPSE), ground)
    assert found.notes[0] == "There is no value in the shape."
    assert "mean" not in numbers(found)
    assert numbers(found)[""].value > 0
