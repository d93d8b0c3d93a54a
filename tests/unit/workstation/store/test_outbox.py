"""The outbox delivers once, whatever fails on the way, and keeps what is signed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.kit.platform import NOW, FakePlatform, a_case, a_signed_report
from tests.kit.vault import open_database
from workstation.errors import (
    BadAnswer,
    ClaimLost,
    Refused,
    SignInNeeded,
    StoreDamaged,
    StoreError,
    Unreachable,
    WrongCertificate,
)
from workstation.model.delivery import EntryState, Failure, Receipt
from workstation.store.database import Database
from workstation.store.outbox import Outbox
from workstation.sync.engine import attempt


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "lightbox.db")
    yield opened
    opened.close()


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database, jitter=lambda: 1.0)


def _drain(outbox: Outbox, platform: FakePlatform, tries: int = 60) -> None:
    now = NOW
    for _ in range(tries):
        entry = outbox.next(now)
        if entry is not None:
            outbox.settle(entry.key, attempt(platform, entry), now)
        now += timedelta(minutes=6)


def test_a_report_is_sent_verified_and_kept(outbox: Outbox) -> None:
    platform = FakePlatform()
    report = a_signed_report()
    key = outbox.add_signed(report, a_case())
    assert outbox.waiting() == 1
    _drain(outbox, platform)
    assert outbox.waiting() == 0
    assert platform.keys == [key]
    assert outbox.signed("case-1") == report
    receipt = outbox.receipt("case-1")
    assert receipt is not None
    assert receipt.verified
    assert [e.state for e in outbox.entries()] == [EntryState.VERIFIED]


def test_r11_signed_bytes_never_change(outbox: Outbox, database: Database) -> None:
    outbox.add_signed(a_signed_report(), a_case())
    for sql in ("UPDATE signed SET body = x'00'", "DELETE FROM signed"):
        with pytest.raises(StoreError), database.transaction() as change:
            change.write(sql)
    assert outbox.signed("case-1") == a_signed_report()


def test_r11_signed_and_queued_together_or_not_at_all(outbox: Outbox, database: Database) -> None:
    outbox.add_signed(a_signed_report(), a_case())
    with pytest.raises(StoreError, match="signed already"):
        outbox.add_signed(a_signed_report(), a_case())
    assert len(outbox.entries()) == 1
    assert database.read("SELECT count(*) FROM signed")[0][0] == 1


def test_a_lost_answer_is_asked_about_and_not_sent_twice(outbox: Outbox) -> None:
    platform = FakePlatform(lose_answers=1)
    outbox.add_signed(a_signed_report(), a_case())
    _drain(outbox, platform)
    assert len(platform.keys) == 1
    assert outbox.waiting() == 0


def test_an_entry_left_in_the_middle_by_a_crash_is_asked_about(
    outbox: Outbox, database: Database
) -> None:
    platform = FakePlatform()
    outbox.add_signed(a_signed_report(), a_case())
    entry = outbox.next(NOW)
    assert entry is not None
    attempt(platform, entry)  # the platform has it, then the program is killed
    again = Outbox(database)
    _drain(again, platform)
    assert len(platform.keys) == 1
    assert again.waiting() == 0


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (ClaimLost("lost"), EntryState.CONFLICT),
        (Refused("no", status=422), EntryState.REFUSED),
        (Unreachable("away"), EntryState.QUEUED),
        (WrongCertificate("bad"), EntryState.QUEUED),
        (SignInNeeded("expired"), EntryState.QUEUED),
        (BadAnswer("odd"), EntryState.QUEUED),
    ],
)
def test_r13_what_an_error_leads_to(outbox: Outbox, fault: Exception, state: EntryState) -> None:
    platform = FakePlatform(faults=[fault])
    outbox.add_signed(a_signed_report(), a_case())
    entry = outbox.next(NOW)
    assert entry is not None
    outcome = attempt(platform, entry)
    assert isinstance(outcome, Failure)
    assert outcome.state is state
    assert "kept here" in outcome.why or "sent after" in outcome.why
    outbox.settle(entry.key, outcome, NOW)
    assert outbox.entries()[0].state is state
    assert outbox.signed("case-1") is not None


def test_r13_waits_double_up_to_five_minutes(outbox: Outbox) -> None:
    outbox.add_signed(a_signed_report(), a_case())
    now = NOW
    waits = []
    entry = outbox.next(now)
    for _ in range(12):
        assert entry is not None
        outbox.settle(entry.key, Failure(EntryState.QUEUED, "away"), now)
        start = now
        while (entry := outbox.next(now)) is None:
            now += timedelta(seconds=1)
        waits.append((now - start).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_r13_a_clock_set_back_by_a_day_delays_nothing(outbox: Outbox) -> None:
    outbox.add_signed(a_signed_report(), a_case())
    entry = outbox.next(NOW)
    assert entry is not None
    outbox.settle(entry.key, Failure(EntryState.QUEUED, "away"), NOW)
    assert outbox.next(NOW) is None
    assert outbox.next(NOW - timedelta(days=1)) is not None


def test_a_verified_entry_stays_verified(outbox: Outbox) -> None:
    platform = FakePlatform()
    key = outbox.add_signed(a_signed_report(), a_case())
    _drain(outbox, platform)
    outbox.settle(key, Failure(EntryState.QUEUED, "late answer of an earlier try"), NOW)
    assert outbox.entries()[0].state is EntryState.VERIFIED
    assert outbox.waiting() == 0


def test_an_answer_for_nothing_is_refused(outbox: Outbox) -> None:
    with pytest.raises(StoreError, match="not in the outbox"):
        outbox.settle("no such key", Failure(EntryState.QUEUED, "away"), NOW)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE signed SET body = x'00' WHERE reading = 'case-1'",
        "UPDATE signed SET body = x'7b7d', sha256 = "
        "'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' "
        "WHERE reading = 'case-1'",
        "UPDATE outbox SET entry = '{}' WHERE reading = 'case-1'",
    ],
    ids=["other bytes", "another form", "another case form"],
)
def test_a_damaged_entry_is_told_once_and_holds_up_no_other(
    outbox: Outbox, database: Database, damage: str
) -> None:
    platform = FakePlatform()
    outbox.add_signed(a_signed_report(), a_case())
    outbox.add_signed(a_signed_report("case-2", "report-2"), a_case("case-2"))
    with database.transaction() as change:
        change.write("DROP TRIGGER signed_is_final")
        change.write(damage)
    with pytest.raises(StoreDamaged, match="not sent"):
        outbox.next(NOW)
    _drain(outbox, platform)
    assert list(platform.reports) == ["report-2"]
    assert [e.state for e in outbox.entries()] == [EntryState.REFUSED, EntryState.VERIFIED]
    assert "damaged" in outbox.entries()[0].why
    if "UPDATE signed" in damage:
        with pytest.raises(StoreDamaged):
            outbox.signed("case-1")


def test_nothing_is_known_of_a_case_that_was_not_signed(outbox: Outbox) -> None:
    assert outbox.signed("case-1") is None
    assert outbox.receipt("case-1") is None


def test_hurry_makes_waiting_entries_due(outbox: Outbox) -> None:
    outbox.add_signed(a_signed_report(), a_case())
    entry = outbox.next(NOW)
    assert entry is not None
    outbox.settle(entry.key, Failure(EntryState.QUEUED, "away"), NOW)
    assert outbox.next(NOW) is None
    outbox.hurry()
    assert outbox.next(NOW) is not None


def test_a_receipt_that_is_not_verified_is_asked_about_again(outbox: Outbox) -> None:
    platform = FakePlatform()
    outbox.add_signed(a_signed_report(), a_case())
    entry = outbox.next(NOW)
    assert entry is not None
    outbox.settle(entry.key, Receipt("DiagnosticReport/1", "1", "t", "x", verified=False), NOW)
    assert outbox.entries()[0].state is EntryState.SENT
    assert outbox.waiting() == 1
    _drain(outbox, platform)
    assert outbox.entries()[0].state is EntryState.VERIFIED


_FAULTS = st.sampled_from(["away", "lost", "crash", "odd", "fine"])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_FAULTS, max_size=8), st.integers(1, 3))
@example(["away"] * 5 + ["odd"], 1)
def test_any_order_of_faults_delivers_every_report_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], reports: int
) -> None:
    database = open_database(tmp_path_factory.mktemp("outbox") / "lightbox.db")
    outbox = Outbox(database, jitter=lambda: 1.0)
    platform = FakePlatform()
    for n in range(reports):
        outbox.add_signed(a_signed_report(f"case-{n}", f"report-{n}"), a_case(f"case-{n}"))
    now = NOW
    for what in order:
        now += timedelta(minutes=6)
        if what == "away":
            platform.faults = [Unreachable("away")]
        elif what == "odd":
            platform.faults = [None, BadAnswer("odd")]
        elif what == "lost":
            platform.lose_answers = 1
        entry = outbox.next(now)
        if entry is None:
            continue
        outcome = attempt(platform, entry)
        platform.faults = []
        if what == "crash":
            outbox = Outbox(database, jitter=lambda: 1.0)
        else:
            outbox.settle(entry.key, outcome, now)
    platform.faults, platform.lose_answers = [], 0
    outbox.retry()  # the reader's word, where too many answers in a row could not be understood
    later = now + timedelta(days=1)
    for _ in range(40):
        entry = outbox.next(later)
        if entry is not None:
            outbox.settle(entry.key, attempt(platform, entry), later)
        later += timedelta(minutes=6)
    assert sorted(platform.reports) == [f"report-{n}" for n in range(reports)]
    assert outbox.waiting() == 0
    assert len(set(platform.keys)) == reports
    database.close()


def test_only_odd_answers_in_a_row_ask_for_the_reader(outbox: Outbox) -> None:
    outbox.add_signed(a_signed_report(), a_case())
    states = []
    now = NOW
    for odd in [False] * 9 + [True] * 5 + [False] + [True] * 6:
        now += timedelta(minutes=6)
        platform = FakePlatform(faults=[None, BadAnswer("odd")] if odd else [Unreachable("away")])
        entry = outbox.next(now)
        assert entry is not None
        outbox.settle(entry.key, attempt(platform, entry), now)
        states.append(outbox.entries()[0].state)
    assert states[:-1] == [EntryState.QUEUED] * 20
    assert states[-1] is EntryState.REFUSED


def test_a_refused_report_is_sent_again_at_the_readers_word(outbox: Outbox) -> None:
    platform = FakePlatform(faults=[Refused("The licence has expired.", status=422)])
    outbox.add_signed(a_signed_report(), a_case())
    _drain(outbox, platform)
    assert outbox.entries()[0].state is EntryState.REFUSED
    assert platform.reports == {}
    outbox.retry()
    _drain(outbox, platform)
    assert outbox.entries()[0].state is EntryState.VERIFIED
    outbox.retry()
    assert outbox.waiting() == 0
    assert len(platform.keys) == 1


def test_r13_the_platforms_own_wait_counts_up_to_five_minutes(outbox: Outbox) -> None:
    key = outbox.add_signed(a_signed_report(), a_case())
    for asked, waits in ((60.0, 60), (9e9, 300)):
        assert outbox.next(NOW + timedelta(days=1)) is not None
        outbox.settle(key, Failure(EntryState.QUEUED, "Busy.", wait_s=asked), NOW)
        assert outbox.next(NOW + timedelta(seconds=waits - 1)) is None
        outbox.hurry()


def test_r12_reports_of_one_case_leave_in_the_order_of_signing(outbox: Outbox) -> None:
    first = outbox.add_signed(a_signed_report(), a_case())
    second = outbox.add_signed(a_signed_report(ident="addendum"), a_case())
    other = outbox.add_signed(a_signed_report("case-2", "other"), a_case("case-2"))
    taken = outbox.next(NOW)
    assert taken is not None
    outbox.settle(first, Failure(EntryState.QUEUED, "No network."), NOW)
    taken = outbox.next(NOW)
    assert taken is not None
    assert taken.key == other  # the second of the first case waits for the first
    platform = FakePlatform()
    outbox.settle(other, attempt(platform, taken), NOW)
    _drain(outbox, platform)
    assert platform.keys == [other, first, second]


def test_a_report_in_conflict_is_sent_as_a_second_opinion_at_the_readers_word(
    outbox: Outbox,
) -> None:
    platform = FakePlatform(faults=[ClaimLost("Somebody else holds it.")])
    key = outbox.add_signed(a_signed_report(), a_case())
    with pytest.raises(StoreError, match="second opinion"):
        outbox.send_as_second_opinion(key)
    _drain(outbox, platform)
    assert [e.state for e in outbox.entries()] == [EntryState.CONFLICT]
    outbox.send_as_second_opinion(key)
    _drain(outbox, platform)
    assert platform.opinions == [a_signed_report().id]
    assert [e.state for e in outbox.entries()] == [EntryState.VERIFIED]
    with pytest.raises(StoreError):
        outbox.send_as_second_opinion(key)
