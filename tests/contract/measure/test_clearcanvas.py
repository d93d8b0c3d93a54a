"""Shapes of known size, drawn into images by others; what they must give stands in the pictures.

The pictures count from the corner of the first pixel, Lightbox from its centre: half a pixel less.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.real_volumes import folder
from tests.kit.viewer import NOW
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import Unit
from viewer.model.refs import FrameRef
from viewer.model.study import Instance

K = AnnotationKind
DRAWN = 1.0
"""Grey levels by which the pictures differ from the numbers written into them: the makers' own
tests allow 2."""
SQUARE = (77, 79, 177, 179)
CIRCLE = (50, 75, 200, 225)
TRIANGLES = {
    "1": ((125, 52), (25, 225), (225, 225)),
    "wide": ((166.5, 52), (33, 225), (300, 225)),
    "narrow": ((125, 69), (25, 300), (225, 300)),
}


def opened(where: Path, name: str) -> tuple[Instance, NDArray[np.uint8], FrameRef]:
    path = where / "measurement-roi-clearcanvas" / f"{name}.dcm"
    if not path.exists():
        pytest.skip("the shared images are not here")
    found = folder(path)
    (ref,) = found.sets[0].frames
    return found.instances[ref.sop], found.decode(ref).pixels, ref


def said(
    image: tuple[Instance, NDArray[np.uint8], FrameRef],
    kind: AnnotationKind,
    *corners: tuple[float, float],
) -> Reading:
    instance, pixels, ref = image
    points = tuple(PixelPoint(x - 0.5, y - 0.5) for x, y in corners)
    annotation = Annotation(AnnotationId("a"), kind, ref, points, (), None, Provenance("", NOW))
    return read(annotation, Ground(instance, pixels))


def number(found: Reading, key: str = "") -> float:
    wanted = f"a/{key}" if key else "a"
    return next(one.value for one in found.measurements if one.id == wanted)


def box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def ends(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    x, y = (left + right) / 2, (top + bottom) / 2
    return [(left, y), (right, y), (x, top), (x, bottom)]


@pytest.mark.parametrize(
    ("name", "mean", "deviation"),
    [("simple01", 255.0, 0.0), ("simple02", 128.3, 73.98), ("simple03", 127.9, 52.05)],
)
def test_squares(shared_dicom: Path, name: str, mean: float, deviation: float) -> None:
    image = opened(shared_dicom, name)
    found = said(image, K.RECTANGLE, *box(*SQUARE))
    assert number(found) == pytest.approx(10000, rel=1e-12)
    assert number(found, "perimeter") == pytest.approx(400, rel=1e-12)
    assert number(found, "pixels") == 10000
    assert number(found, "mean") == pytest.approx(mean, abs=DRAWN)
    assert number(found, "deviation") == pytest.approx(deviation, abs=DRAWN)
    inside = image[1][79:179, 77:177].astype(np.float64)
    assert number(found, "mean") == pytest.approx(inside.mean(), rel=1e-9)
    assert number(found, "deviation") == pytest.approx(inside.std(ddof=1), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "place", "area", "mean", "deviation"),
    [
        ("simple04", (36, 100, 215, 190), 12653, 255.0, 0.0),
        ("simple05", CIRCLE, 17671, 255.0, 0.0),
        ("simple06", CIRCLE, 17671, 169.122, 59.527),
    ],
)
def test_ellipses(
    shared_dicom: Path,
    name: str,
    place: tuple[float, float, float, float],
    area: float,
    mean: float,
    deviation: float,
) -> None:
    found = said(opened(shared_dicom, name), K.ELLIPSE, *ends(*place))
    assert number(found) == pytest.approx(area, abs=0.6)
    assert number(found, "pixels") == pytest.approx(area, rel=0.002)
    assert number(found, "mean") == pytest.approx(mean, abs=DRAWN)
    assert number(found, "deviation") == pytest.approx(deviation, abs=DRAWN)


def test_lengths_on_a_square(shared_dicom: Path) -> None:
    image = opened(shared_dicom, "simple01")
    a, b, c, _ = box(*SQUARE)
    assert number(said(image, K.LENGTH, a, b)) == pytest.approx(100, rel=1e-12)
    assert number(said(image, K.LENGTH, a, c)) == pytest.approx(141.42135623, rel=1e-9)
    assert said(image, K.LENGTH, a, b).measurements[0].unit is Unit.PIXEL


@pytest.mark.parametrize("number_of", range(1, 13))
def test_the_triangles_of_every_pixel_shape(shared_dicom: Path, number_of: int) -> None:
    """Equilateral in millimetres, 80 mm a side, 27.68 cm²; in pixels as wide as the pixel is not.

    The images are of no modality that is true in the patient, so the unit is the pixel, whatever
    Pixel Spacing says; were they CT, it would decide.
    """
    instance, pixels, ref = opened(shared_dicom, f"aspect{number_of:02}")
    shape = ("1", "wide", "narrow")[(number_of - 1) // 4]
    corners = TRIANGLES[shape]
    in_pixels = said((instance, pixels, ref), K.POLYGON, *corners)
    assert in_pixels.measurements[0].unit is Unit.PIXEL_2
    assert number(in_pixels) == pytest.approx(
        {"1": 17300, "wide": 23095.5, "narrow": 23100}[shape], rel=1e-9
    )
    assert number(in_pixels, "mean") == pytest.approx(254.5, abs=1.0)
    if instance.pixel_spacing is None:
        return
    spacing = Spacing(*{"1": (0.4, 0.4), "wide": (0.4, 0.3), "narrow": (0.3, 0.4)}[shape])
    assert instance.pixel_spacing == pytest.approx(spacing)
    ct = replace(instance, modality="CT", sop_class="1.2.840.10008.5.1.4.1.1.2")
    in_mm = said((ct, pixels, ref), K.POLYGON, *corners)
    assert in_mm.measurements[0].unit is Unit.MILLIMETRE_2
    assert number(in_mm) == pytest.approx(2768, rel=0.003)
    top, left, right = corners
    for a, b in ((top, left), (left, right), (right, top)):
        assert number(said((ct, pixels, ref), K.LENGTH, a, b)) == pytest.approx(80, abs=0.15)
    for points in ((left, top, right), (top, right, left), (right, left, top)):
        assert number(said((ct, pixels, ref), K.ANGLE, *points)) == pytest.approx(60, abs=0.15)
