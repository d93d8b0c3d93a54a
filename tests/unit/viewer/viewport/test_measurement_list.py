"""Measurements in the order of studies, series and images."""

from dataclasses import replace

from tests.kit.annotations import annotation
from tests.kit.viewer import ct_instance, series_of, sets_of, study_of
from viewer.hanging.images import CaseImages
from viewer.measure.registry import Ground, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.study import Instance
from viewer.viewport.measurement_list import grouped, name_of, value_of

FIRST = [ct_instance("1.2.1", n) for n in range(3)]
SECOND = [ct_instance("1.2.2", n) for n in range(2)]
OLD = [ct_instance("1.3.1", n, study="1.3") for n in range(2)]
CURRENT = study_of(series_of(SECOND, number=9), series_of(FIRST, number=2))
PRIOR = study_of(series_of(OLD), uid="1.3", date="20250102")
IMAGES = CaseImages.of(CURRENT, (PRIOR,), sets_of(CURRENT, PRIOR))


def made(name: str, on: Instance) -> Annotation:
    return replace(annotation(AnnotationKind.LENGTH, on, (0, 0), (10, 0)), id=AnnotationId(name))


def test_by_study_series_image_and_then_as_they_were_made() -> None:
    held = [
        made("old", OLD[0]), made("second", SECOND[0]), made("third image", FIRST[2]),
        made("b", FIRST[0]), made("a", FIRST[0]), made("lost", ct_instance("1.9.1", study="1.9")),
    ]  # fmt: skip
    now, before, lost = grouped(IMAGES, held)
    assert [r.annotation.id for r in now.rows] == ["b", "a", "third image", "second"]
    assert [r.image for r in now.rows[2:]] == ["Series 2, image 3", "Series 9, image 1"]
    assert (now.study, before.study, lost.study) == (CURRENT, PRIOR, None)
    assert before.title == "Prior · 2025-01-02 · CT chest"
    assert [r.image for r in lost.rows] == [""]


def test_without_images_everything_is_lost_and_nothing_is_nothing() -> None:
    (lost,) = grouped(None, [made("a", FIRST[0])])
    assert lost.study is None
    assert grouped(None, ()) == grouped(IMAGES, ()) == ()


def test_a_name_stands_for_the_kind_and_not_among_the_numbers() -> None:
    one = made("a", FIRST[0])
    named = replace(one, text="Target 1")
    assert (name_of(one), name_of(named)) == ("Length", "Target 1")
    ground = Ground(FIRST[0])
    assert value_of(one, read(one, ground)) == value_of(named, read(named, ground)) == "7.0 mm"
