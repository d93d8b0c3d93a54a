"""What was seen is written in batches, never lost by a refusal, and counted for signing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.lanes import InlineLanes
from tests.kit.vault import open_database
from tests.kit.viewer import chest, frame_of, sets_of
from workstation.session.lanes import Lane
from workstation.session.loading import LoadedStudy
from workstation.session.viewing import Viewing
from workstation.store.seen import SeenStore

STUDY = chest(3)
FRAMES = [frame_of(i) for i in STUDY.series[0].instances]


class _Desk:
    def __init__(self, folder: Path) -> None:
        self.database = open_database(folder / "lightbox.db")
        self.store = SeenStore(self.database, reader="r")
        self.lanes = InlineLanes()
        self.refused: list[Exception] = []

    def viewing(self) -> Viewing:
        return Viewing("case", self.store, self.lanes, self.refused.append)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[_Desk]:
    made = _Desk(tmp_path)
    yield made
    made.database.close()


def test_seen_frames_are_kept_together(desk: _Desk) -> None:
    viewing = desk.viewing()
    viewing.saw(FRAMES[0])
    viewing.saw(FRAMES[1])
    assert desk.store.of("case") == frozenset()
    viewing.keep()
    assert desk.store.of("case") == set(FRAMES[:2])


def test_one_batch_is_written_at_a_time(desk: _Desk) -> None:
    viewing = desk.viewing()
    desk.lanes.held = {Lane.STORE}
    viewing.saw(FRAMES[0])
    viewing.keep()
    viewing.saw(FRAMES[1])
    viewing.keep()
    desk.lanes.release()
    assert desk.store.of("case") == {FRAMES[0]}
    viewing.keep()
    assert desk.store.of("case") == set(FRAMES[:2])


def test_what_is_refused_is_told_once_and_tried_again(desk: _Desk) -> None:
    viewing = desk.viewing()
    desk.database.read("PRAGMA max_page_count=1")
    with desk.database.transaction() as change:
        change.write("ALTER TABLE seen_object RENAME TO away")
    for frame in FRAMES[:2]:
        viewing.saw(frame)
        viewing.keep()
    assert len(desk.refused) == 1
    with desk.database.transaction() as change:
        change.write("ALTER TABLE away RENAME TO seen_object")
    viewing.keep()
    assert desk.store.of("case") == set(FRAMES[:2])


def test_a_record_that_cannot_be_read_counts_nothing(desk: _Desk) -> None:
    desk.store.add("case", FRAMES[:1])
    with desk.database.transaction() as change:
        change.write("UPDATE seen_object SET frames = 'x'")
    assert desk.viewing().read() == frozenset()


def test_counts_are_of_the_current_study(desk: _Desk) -> None:
    viewing = desk.viewing()
    loaded = LoadedStudy(STUDY, sets_of(STUDY), ())
    assert viewing.counts(None) == (0, 0)
    assert viewing.counts(loaded) == (0, 3)
    viewing.restore(frozenset(FRAMES[:2]))
    other = frame_of(chest(1, uid="9", series="9.9").series[0].instances[0])
    viewing.saw(other)  # of a prior
    assert viewing.counts(loaded) == (2, 3)
