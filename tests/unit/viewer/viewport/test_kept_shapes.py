"""Shapes that are kept are made anew when anything of them changes, and only then."""

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.kit.annotations import annotation
from tests.kit.viewer import NOW, chest, ct_instance, frame_of, shown
from viewer.errors import GeometryError
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint
from viewer.viewport import kept_shapes
from viewer.viewport.kept_shapes import KeptShapes
from viewer.viewport.transform import PaneTransform

CT = ct_instance()
LINE = annotation(AnnotationKind.LENGTH, CT, (5, 5), (15, 5))


def transform(zoom: float | None = None) -> PaneTransform:
    found = shown(chest()).transform()
    assert found is not None
    return found if zoom is None else replace(found, zoom=zoom)


def test_the_same_object_until_something_changes() -> None:
    kept, ground, view = KeptShapes(), Ground(CT), transform()

    def plain(one: Annotation) -> Reading:
        return read(one, ground)

    first = kept.shape(LINE, view, ground, plain)
    assert kept.shape(replace(LINE), view, Ground(CT), plain) is first
    moved = replace(LINE, pixels=(PixelPoint(5, 5), PixelPoint(16, 5)))
    known = Annotation(
        AnnotationId("c"), AnnotationKind.CALIBRATION, frame_of(CT),
        (PixelPoint(0, 0), PixelPoint(10, 0)), (), None, Provenance("", NOW), known=50.0,
    )  # fmt: skip
    other = Ground(CT, line=known)
    found = [
        first,
        kept.shape(moved, view, ground, plain),
        kept.shape(LINE, view, ground, plain, selected=True),
        kept.shape(LINE, view, ground, plain, selected=True, held=1),
        kept.shape(LINE, view, ground, plain, drawing=True),
        kept.shape(LINE, view, ground, lambda _one: Reading((), ("7.1 mm",), (), "")),
        kept.shape(LINE, view, other, lambda one: read(one, other)),
        kept.shape(LINE, view, Ground(ct_instance()), plain),
    ]
    assert all(a is not b for a, b in pairwise(found))
    assert found[1].points != first.points
    assert found[5].label == "7.1 mm"
    kept.forget()
    assert kept.shape(LINE, view, ground, plain) is not first


def test_panes_do_not_take_shapes_from_each_other() -> None:
    kept, ground = KeptShapes(), Ground(CT)

    def plain(one: Annotation) -> Reading:
        return read(one, ground)

    near, far = transform(), transform(1.0)
    first, second = (kept.shape(LINE, view, ground, plain) for view in (near, far))
    assert first.points != second.points
    assert kept.shape(LINE, near, ground, plain) is first
    assert kept.shape(LINE, far, ground, plain) is second


def test_what_says_nothing_is_kept_too() -> None:
    def refuse(_one: Annotation) -> Reading:
        raise GeometryError("The image of this measurement is not here.")

    kept, view = KeptShapes(), transform()
    first = kept.shape(LINE, view, Ground(CT), refuse)
    assert first.notes == ("The image of this measurement is not here.",)
    assert kept.shape(LINE, view, Ground(CT), refuse) is first


def test_no_more_is_kept_than_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_shapes, "_VIEWS", 2)
    monkeypatch.setattr(kept_shapes, "_MOST", 3)
    kept, ground = KeptShapes(), Ground(CT)
    views = [transform(zoom) for zoom in (1.0, 2.0, 3.0)]
    for view in views:
        for n in range(6):
            one = replace(LINE, id=AnnotationId(str(n)))
            kept.shape(one, view, ground, lambda one: read(one, ground))
    assert list(kept._views) == views[1:]
    assert all(len(held) <= 4 for held in kept._views.values())
