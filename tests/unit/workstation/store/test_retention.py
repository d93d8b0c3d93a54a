"""What leaves the computer, why, and that nothing opens it afterwards; unsent work keeps it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.kit.platform import NOW, a_case, a_signed_report, a_study
from tests.kit.vault import open_database
from viewer.errors import MissingInstance
from viewer.loading.decoded import Decoded
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from workstation.model.case import Block, Case
from workstation.model.delivery import Receipt
from workstation.store.cases import CaseStore
from workstation.store.data_keys import DataKeys
from workstation.store.decoded import DecodedStore, Room
from workstation.store.outbox import Outbox
from workstation.store.retention import Policy, Retention, Why
from workstation.store.sealing import DamagedRecord

ROOMY = Policy(days=30, most=1 << 40, spare=0)


class Place:
    """A store with cases a, b and c, each of one study; b also has a's as its prior."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = open_database(folder / "lightbox.db")
        self.cases = CaseStore(folder / "images", self.database)
        self.decoded = DecodedStore(
            folder / "decoded", self.database, lambda _: "digest", room=Room(spare=0)
        )
        self.retention = Retention(self.database, self.cases, self.decoded)
        self.outbox = Outbox(self.database, jitter=lambda: 0.0)
        self.a, self.b, self.c = (
            replace(a_case(name), study=a_study(f"1.{name}", 1)) for name in "abc"
        )
        self.b = replace(self.b, priors=(self.a.study,))
        for days, case in ((40, self.a), (20, self.b), (10, self.c)):
            uid = case.study.identity.uid
            self.cases.put(uid, f"{uid}.1", f"{uid}.1.1", bytes(1000))
            self.retention.used(case, NOW - timedelta(days=days))
        self._keep("1.a")

    def held(self) -> set[str]:
        return {uid for uid in ("1.a", "1.b", "1.c") if self.cases.held(uid)}

    def files(self) -> int:
        return len([*(self.folder / "images").iterdir(), *(self.folder / "decoded").iterdir()])

    def sign(self, case: Case, *, verified: bool) -> None:
        report = a_signed_report(case.id, f"report-{case.id}", 1)
        key = self.outbox.add_signed(report, case)
        if verified:
            assert self.outbox.next(NOW) is not None
            self.outbox.settle(key, Receipt("r", "1", "2026", report.sha256, verified=True), NOW)

    def draw(self, case: Case) -> None:
        with self.database.transaction() as change:
            change.write("INSERT INTO annotations (reading, body) VALUES (?, '[1]')", (case.id,))

    def _keep(self, study: str) -> None:
        ref = FrameRef(StudyUid(study), SeriesUid("x"), SopUid("x.1"), 0)
        self.decoded.keep(ref, "origin", Decoded(np.zeros((4, 4), np.uint8)))


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.decoded.close()
    place.database.close()


def _forget_b(place: Place) -> None:
    """As if a were the prior of nobody, and was opened 40 days ago."""
    with place.database.transaction() as change:
        change.write("DELETE FROM case_study WHERE reading = 'b' AND study = '1.a'")
        change.write(
            "UPDATE study_use SET used = ? WHERE study = '1.a'",
            ((NOW - timedelta(days=40)).timestamp(),),
        )


def test_r7_what_was_not_opened_for_long_goes_and_nothing_opens_it_again(place: Place) -> None:
    _forget_b(place)
    (file,) = [str(f) for (f,) in place.database.read(
        "SELECT file FROM container WHERE study = '1.a'"
    )]  # fmt: skip
    before = place.files()
    outcome = place.retention.purge(ROOMY, NOW, ())
    assert [(p.study, p.why) for p in outcome.purged] == [("1.a", Why.EXPIRED)]
    assert place.held() == {"1.b", "1.c"}
    assert place.files() == before - 2  # its images and its decoded frames
    with pytest.raises(MissingInstance):
        place.cases.open(SopUid("1.a.1.1"))
    with pytest.raises(DamagedRecord):
        DataKeys(place.database).of(file)


def test_s12_the_key_is_gone_from_the_log_too(place: Place, tmp_path: Path) -> None:
    _forget_b(place)
    assert (tmp_path / "lightbox.db-wal").stat().st_size > 0
    place.retention.purge(ROOMY, NOW, ())
    assert (tmp_path / "lightbox.db-wal").stat().st_size == 0


def test_a_prior_of_a_case_that_was_opened_is_used_with_it(place: Place) -> None:
    assert place.retention.purge(ROOMY, NOW, ()).purged == ()


def test_what_is_on_the_worklist_does_not_expire(place: Place) -> None:
    late = NOW + timedelta(days=365)
    outcome = place.retention.purge(ROOMY, late, (place.b,))
    assert {p.study for p in outcome.purged} == {"1.c"}


def test_r7_what_the_platform_does_not_let_us_have_goes_at_once(place: Place) -> None:
    revoked = replace(place.c, blocks=(Block(stops_download=True, why="The consent expired."),))
    outcome = place.retention.purge(ROOMY, NOW, (place.b, revoked))
    assert [(p.study, p.why) for p in outcome.purged] == [("1.c", Why.REVOKED)]


@pytest.mark.parametrize("work", ["unsent", "drawn", "in memory"])
def test_r7_unsent_work_keeps_its_images_and_says_so(place: Place, work: str) -> None:
    if work == "unsent":
        place.sign(place.c, verified=False)
    elif work == "drawn":
        place.draw(place.c)
    late = NOW + timedelta(days=365)
    unsaved = ("c",) if work == "in memory" else ()
    outcome = place.retention.purge(Policy(days=30, most=0, spare=0), late, (), unsaved=unsaved)
    assert place.held() == {"1.c"}
    assert outcome.withheld == ("1.c",)
    assert outcome.over > 0
    assert place.retention.forget(place.c, (), unsaved).withheld == ("1.c",)


def test_sent_work_keeps_nothing(place: Place) -> None:
    place.draw(place.c)
    place.sign(place.c, verified=True)
    place.retention.purge(ROOMY, NOW + timedelta(days=365), ())
    assert place.held() == set()


def test_the_quota_takes_the_longest_unused_first_and_the_worklist_last(place: Place) -> None:
    each = place.cases.sizes()["1.a"]
    _forget_b(place)
    worklist = (place.a,)
    outcome = place.retention.purge(Policy(1000, 2 * each, 0), NOW, worklist)
    assert [(p.study, p.why) for p in outcome.purged] == [("1.b", Why.NO_ROOM)]
    outcome = place.retention.purge(Policy(1000, 0, 0), NOW, worklist, in_use=("1.c",))
    assert [p.study for p in outcome.purged] == ["1.a"]
    assert outcome.over == each
    assert place.held() == {"1.c"}


def test_a_full_disk_makes_room(place: Place) -> None:
    free = place.cases.free_bytes()
    outcome = place.retention.purge(Policy(1000, 1 << 40, free + (1 << 40)), NOW, ())
    assert len(outcome.purged) == 3


def test_the_reader_may_remove_a_case_but_not_what_others_need(place: Place) -> None:
    outcome = place.retention.forget(place.b, (place.a, place.b))
    assert [(p.study, p.why) for p in outcome.purged] == [("1.b", Why.ASKED)]
    assert place.held() == {"1.a", "1.c"}


def test_what_was_removed_can_be_fetched_again(place: Place) -> None:
    place.retention.forget(place.c, ())
    place.cases.put("1.c", "1.c.1", "1.c.1.1", b"again")
    with place.cases.open(SopUid("1.c.1.1")) as data:
        assert data.read() == b"again"
