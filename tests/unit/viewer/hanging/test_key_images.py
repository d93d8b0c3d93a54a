"""Which images are pointed out or rejected, and how one steps from one to the next."""

from dataclasses import replace

import pytest

from tests.kit.viewer import NOW, chest, frame_of, sets_of
from viewer.hanging.images import CaseImages
from viewer.hanging.key_images import KeyImages, next_key_image
from viewer.model.annotation import Provenance
from viewer.model.image_link import ImageLink
from viewer.model.key_mark import KeyMark
from viewer.model.key_objects import KeyObjects, Purpose
from viewer.model.refs import FrameRef, InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Study

CURRENT = chest(4)
PRIOR = chest(3, uid="1.3", series="1.3.1", date="20251120")


def selection(
    *links: ImageLink, purpose: Purpose = Purpose.KEY, title: str = "For Teaching", n: int = 1
) -> KeyObjects:
    ref = InstanceRef(StudyUid("1.2"), SeriesUid("1.2.9"), SopUid(f"1.2.9.{n}"))
    return KeyObjects(ref, title, purpose, links)


def link(study: Study, n: int) -> ImageLink:
    return ImageLink(study.series[0].instances[n].ref.sop)


def frame(study: Study, n: int) -> FrameRef:
    return frame_of(study.series[0].instances[n])


def case(*selections: KeyObjects) -> CaseImages:
    current = replace(CURRENT, key_objects=selections)
    return CaseImages.of(current, (PRIOR,), sets_of(current, PRIOR))


def test_a_selection_of_the_current_study_marks_images_of_a_prior_too() -> None:
    images = case(selection(link(CURRENT, 1), link(PRIOR, 2)))
    assert images.keys.words(frame(CURRENT, 1), Purpose.KEY) == "For Teaching"
    assert images.keys.words(frame(PRIOR, 2), Purpose.KEY) == "For Teaching"
    assert images.keys.words(frame(CURRENT, 2), Purpose.KEY) == ""


def test_a_named_frame_is_marked_alone_an_object_whole() -> None:
    whole, alone = ImageLink(SopUid("1.5")), ImageLink(SopUid("1.6"), 2, frame_alone=True)
    keys = KeyImages.of([replace(CURRENT, key_objects=(selection(whole, alone),))])

    def marked(sop: str, n: int) -> bool:
        ref = FrameRef(StudyUid("1.2"), SeriesUid("1"), SopUid(sop), n)
        return bool(keys.on(ref, Purpose.KEY))

    assert [marked("1.5", n) for n in range(3)] == [True, True, True]
    assert [marked("1.6", n) for n in range(3)] == [False, False, True]


def test_rejected_and_listed_images_are_no_key_images() -> None:
    images = case(
        selection(link(CURRENT, 0), purpose=Purpose.REJECTED, title="Rejected", n=1),
        selection(link(CURRENT, 0), link(CURRENT, 1), purpose=Purpose.LISTING, n=2),
    )
    target = images.in_order()[0].target
    assert images.keys.marked(target, Purpose.KEY) == ()
    assert images.keys.marked(target, Purpose.REJECTED) == (frame(CURRENT, 0),)
    assert images.keys.words(frame(CURRENT, 0), Purpose.REJECTED) == "Rejected"


@pytest.mark.parametrize(
    ("shown", "by", "found"),
    [
        (frame(CURRENT, 0), 1, frame(CURRENT, 1)),
        (frame(CURRENT, 1), 1, frame(CURRENT, 3)),
        (frame(CURRENT, 3), 1, frame(PRIOR, 0)),
        (frame(PRIOR, 0), 1, None),
        (frame(PRIOR, 2), -1, frame(PRIOR, 0)),
        (frame(PRIOR, 0), -1, frame(CURRENT, 3)),
        (frame(CURRENT, 1), -1, None),
        (None, 1, frame(CURRENT, 1)),
        (None, -1, frame(PRIOR, 0)),
    ],
)
def test_stepping_goes_through_the_case_and_ends_there(
    shown: FrameRef | None, by: int, found: FrameRef | None
) -> None:
    images = case(selection(link(PRIOR, 0), link(CURRENT, 3), link(CURRENT, 1)))
    order = [entry.target for entry in images.in_order()]
    assert next_key_image(order, images.keys, shown, by) == found


def test_the_readers_marks_stand_beside_what_came_with_the_case() -> None:
    images = case(selection(link(CURRENT, 1)))
    by = Provenance("Dr. Ito", NOW)
    own = {frame(CURRENT, n): KeyMark(frame(CURRENT, n), by, note="see") for n in (1, 3)}
    keys = images.keys.with_own(own)
    target = images.in_order()[0].target
    assert keys.marked(target, Purpose.KEY) == (frame(CURRENT, 1), frame(CURRENT, 3))
    assert keys.words(frame(CURRENT, 1), Purpose.KEY) == "Of Interest: see / For Teaching"
    assert keys.words(frame(CURRENT, 3), Purpose.REJECTED) == ""
    assert next_key_image([target], keys, frame(CURRENT, 1), 1) == frame(CURRENT, 3)
    assert not keys.with_own({}).names(frame(CURRENT, 3), Purpose.KEY)
