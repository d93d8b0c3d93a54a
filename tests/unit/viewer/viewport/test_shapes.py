"""Annotations as lines and words, read once until something changes."""

from dataclasses import replace
from weakref import ref

import numpy as np
import pytest

from tests.kit.viewer import NOW, SPACING, chest, ct_instance, frame_of, shown
from viewer.errors import GeometryError
from viewer.measure.quantity import Metric
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint
from viewer.viewport.readings import Readings
from viewer.viewport.shapes import Shape, shape_of

K = AnnotationKind
CT = ct_instance()
METRIC = Metric(SPACING, SPACING)


def drawn(kind: AnnotationKind, *places: tuple[float, float], text: str = "") -> Annotation:
    return Annotation(
        AnnotationId("a"),
        kind,
        frame_of(CT),
        tuple(PixelPoint(*p) for p in places),
        (),
        None,
        Provenance("", NOW),
        text,
    )


def plain(annotation: Annotation) -> Reading:
    return read(annotation, Ground(CT))


def shape(annotation: Annotation) -> Shape:
    transform = shown(chest()).transform()
    assert transform is not None
    return shape_of(annotation, transform, METRIC, plain, selected=True, held=0)


def test_lines_handles_and_words() -> None:
    found = shape(drawn(K.LENGTH, (0, 0), (10, 0)))
    assert found.label == "7.0 mm"
    assert len(found.points) == 2
    assert found.paths == (found.points,)
    assert found.held == 0
    arrow = shape(drawn(K.ARROW, (0, 0), (10, 0), text="cyst"))
    assert arrow.arrow
    assert arrow.label == "cyst"


def test_what_is_not_finished_has_no_words_and_what_has_no_number_says_why() -> None:
    assert shape(drawn(K.ANGLE, (0, 0), (10, 0))).label == ""
    found = shape(drawn(K.ANGLE, (0, 0), (0, 0), (10, 0)))
    assert found.label == "⚠ A line of this angle has no length."
    crossed = shape(drawn(K.POLYGON, (0, 0), (10, 10), (10, 0), (0, 10)))
    assert crossed.label.split("\n")[1].startswith("⚠ The outline crosses itself")
    assert len(crossed.label.split("\n")) == 3


def test_an_annotation_of_another_image_says_so() -> None:
    other = replace(drawn(K.LENGTH, (0, 0), (1, 1)), on=frame_of(ct_instance(n=7)))
    assert shape(other).notes == ("The measurement belongs to another image.",)


def test_lines_that_belong_together_are_tied() -> None:
    found = shape(drawn(K.COBB, (0, 0), (10, 0), (0, 20), (10, 20)))
    assert len(found.ties) == 1
    assert shape(drawn(K.COBB, (0, 0), (10, 0))).ties == ()
    assert shape(drawn(K.BIDIRECTIONAL, (0, 0), (10, 0), (5, 5), (5, -5))).ties == ()


def test_a_free_outline_shows_its_ends_only() -> None:
    ring = [(20 + 10 * np.cos(t), 20 + 10 * np.sin(t)) for t in np.linspace(0, 6, 60)]
    found = shape(drawn(K.FREEHAND, *ring))
    assert len(found.points) == 2
    assert len(found.paths[0]) == 61


def test_readings_are_taken_anew_only_when_something_changed() -> None:
    grounds = [Ground(CT, np.zeros((64, 48), np.int16))]
    readings = Readings(lambda _frame: grounds[-1] if grounds else None)
    box = drawn(K.RECTANGLE, (1, 1), (5, 1), (5, 5), (1, 5))
    first = readings.read(box)
    assert readings.read(box) is first
    grounds.append(replace(grounds[0], readout="other"))
    assert readings.read(box) is not first
    moved = replace(box, pixels=tuple(PixelPoint(p.column + 1, p.row) for p in box.pixels))
    assert readings.read(moved).measurements[0].value == first.measurements[0].value
    readings.forget()
    grounds.clear()
    with pytest.raises(GeometryError, match="not here"):
        readings.read(box)


def test_readings_keep_no_pixels_in_memory() -> None:
    pixels = np.zeros((64, 48), np.int16)
    kept = ref(pixels)
    grounds = [Ground(CT, pixels)]
    readings = Readings(lambda _frame: grounds[0])
    box = drawn(K.RECTANGLE, (1, 1), (5, 1), (5, 5), (1, 5))
    assert len(readings.read(box).lines) == 3
    grounds[0] = Ground(CT)
    del pixels
    assert kept() is None
    assert len(readings.read(box).lines) == 1  # and nothing is told of a frame that is gone
