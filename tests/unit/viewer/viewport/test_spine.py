"""Vertebrae count up and down by where they are clicked, and are renumbered as one set."""

from dataclasses import replace

import pytest

from tests.kit.space import SpaceSeries
from viewer.errors import GeometryError
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import PointLps
from viewer.model.refs import FrameOfReferenceUid, StudyUid
from viewer.viewport.spine import following, levels, renumbered, spine_of

SERIES = SpaceSeries(lambda p: p[..., 0])
MIDDLE = SERIES.middle


def label(text: str, up: float = 0.0) -> Annotation:
    made = SERIES.annotation(AnnotationKind.SPINE, MIDDLE.plus(PointLps(0, 0, up)))
    return replace(made, text=text, id=AnnotationId(text or "new"))


def test_a_click_above_counts_up_and_one_below_counts_down() -> None:
    spine = [label("L3"), label("L4", -25)]
    assert following(spine, label("", 25)) == "L2"
    assert following(spine, label("", -50)) == "L5"
    assert following(spine, label("", 0.5)) == "L4"  # beside it: on down
    assert following([label("C1")], label("", 25)) == ""
    assert following([], label("")) == ""
    assert following([label("disc")], label("")) == "C1"


def test_a_sixth_lumbar_stands_before_the_sacrum() -> None:
    assert following([label("L6")], label("", -25)) == "S1"
    assert following([label("L5"), label("L6", -25)], label("", -50)) == "S1"
    assert levels(["L6"]).index("L6") == levels([]).index("L5") + 1
    assert "T13" in levels(["T13"])


def test_labels_of_another_space_or_without_a_place_are_left_alone() -> None:
    other = replace(label("L3"), space=None)
    assert following([other], label("", 25)) == "L4"  # as the last one that was named
    flat = replace(label("L3"), points=())
    assert following([flat], label("", 25)) == "L4"


def test_all_follow_when_one_is_renumbered() -> None:
    spine = [label("L3"), label("L4", -25), label("disc", -30), label("L5", -50)]
    edits = renumbered(spine, spine[1], " l5 ")
    assert [e.after.text for e in edits if e.after] == ["L4", "L5", "S1"]
    assert renumbered(spine, spine[0], "L3") == ()
    named = renumbered(spine, spine[2], "S1")
    assert [e.after.text for e in named if e.after] == ["S1"]


def test_a_number_that_is_none_says_so() -> None:
    spine = [label("C1"), label("C2", -20)]
    with pytest.raises(GeometryError, match="D9 is no level"):
        renumbered(spine, spine[0], "D9")
    with pytest.raises(GeometryError, match="Nothing is no level"):
        renumbered(spine, spine[0], " ")
    with pytest.raises(GeometryError, match="C1 would lie beyond"):
        renumbered(spine, spine[1], "C1")


def test_hidden_labels_are_renumbered_with_the_others() -> None:
    hidden = replace(label("L4", -25), hidden=True)
    edits = renumbered(spine_of([label("L3"), hidden]), label("L3"), "L2")
    assert [e.after.text for e in edits if e.after] == ["L2", "L3"]


def test_a_label_of_a_prior_in_another_space_gives_no_level() -> None:
    new = label("", 25)
    then = replace(new.on, study=StudyUid("1.2.99"))
    prior = replace(label("L5"), on=then, space=FrameOfReferenceUid("1.2.98"))
    assert following([prior], new) == ""  # so that the reader is asked
    assert following([replace(prior, space=new.space)], new) == "L4"
