"""What of a case was seen: runs of a series, and the next frame that was not."""

from dataclasses import replace

from tests.kit.viewer import chest, ct_instance, frame_of, sets_of
from viewer.hanging.images import CaseImages
from viewer.hanging.seen import next_unseen, seen_runs

CURRENT = chest(4)
PRIOR = chest(2, uid="7", series="7.7")
IMAGES = CaseImages.of(CURRENT, [PRIOR], sets_of(CURRENT, PRIOR))
NOW = [frame_of(i) for i in CURRENT.series[0].instances]
BEFORE = [frame_of(i) for i in PRIOR.series[0].instances]


def test_runs_are_the_parts_that_were_seen() -> None:
    assert seen_runs(NOW, set()) == ()
    assert seen_runs(NOW, set(NOW)) == ((0, 4),)
    assert seen_runs(NOW, {NOW[0], NOW[1], NOW[3]}) == ((0, 2), (3, 4))
    assert seen_runs([], {NOW[0]}) == ()


def test_the_next_one_lies_after_the_shown_one_then_at_the_beginning() -> None:
    assert next_unseen(IMAGES, NOW[1], {NOW[1]}) == NOW[2]
    assert next_unseen(IMAGES, NOW[1], {NOW[1], NOW[2], NOW[3]}) == BEFORE[0]
    assert next_unseen(IMAGES, NOW[1], {*NOW[1:], *BEFORE}) == NOW[0]
    assert next_unseen(IMAGES, None, set()) == NOW[0]


def test_there_is_none_when_all_but_the_shown_one_was_seen() -> None:
    assert next_unseen(IMAGES, NOW[0], {*NOW[1:], *BEFORE}) is None
    assert next_unseen(IMAGES, NOW[0], {*NOW, *BEFORE}) is None


def test_a_frame_of_nowhere_does_not_matter() -> None:
    strange = frame_of(ct_instance("9.9.9"))
    assert next_unseen(IMAGES, strange, {strange}) == NOW[0]


def test_masks_are_not_looked_for() -> None:
    sets = sets_of(CURRENT, PRIOR)
    (images,) = sets[CURRENT.series[0].uid]
    sets[CURRENT.series[0].uid] = (replace(images, masks=True),)
    assert next_unseen(CaseImages.of(CURRENT, [PRIOR], sets), None, set()) == BEFORE[0]
