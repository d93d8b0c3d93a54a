"""What one attempt at sending does, and what its errors mean for the signed report."""

from dataclasses import replace
from uuid import UUID, uuid5

import pytest

from tests.kit.platform import FakePlatform, a_case, a_signed_report
from workstation.errors import (
    BadAnswer,
    ClaimLost,
    PatientMismatch,
    PlatformError,
    Refused,
    SignInFailed,
    SignInNeeded,
    Unreachable,
    WrongCertificate,
)
from workstation.model.delivery import EntryState, Failure, Receipt
from workstation.store.outbox import Entry
from workstation.sync.engine import attempt, failure_of


def _entry(*, attempts: int = 0, ask_first: bool = False) -> Entry:
    return Entry("key", a_case(), a_signed_report(), attempts, ask_first)


def test_a_first_attempt_submits_without_asking() -> None:
    platform = FakePlatform(faults=[None, Unreachable("would be the second call")])
    assert isinstance(attempt(platform, _entry()), Receipt)
    assert platform.keys == ["key"]


@pytest.mark.parametrize("entry", [_entry(attempts=1), _entry(ask_first=True)])
def test_what_may_have_arrived_is_asked_about(entry: Entry) -> None:
    platform = FakePlatform(reports={entry.report.id: entry.report})
    assert isinstance(attempt(platform, entry), Receipt)
    assert platform.keys == []
    assert platform.completed == [entry.report.id]  # what the lost answer left undone


@pytest.mark.parametrize("error", [ClaimLost("x."), Refused("x.")])
def test_what_has_arrived_is_no_conflict_any_more(error: PlatformError) -> None:
    entry = _entry(ask_first=True)
    platform = FakePlatform(reports={entry.report.id: entry.report}, faults=[None, error])
    assert isinstance(attempt(platform, entry), Receipt)


def test_what_has_arrived_is_completed_later_when_the_line_breaks() -> None:
    entry = _entry(ask_first=True)
    platform = FakePlatform(
        reports={entry.report.id: entry.report}, faults=[None, Unreachable("x.")]
    )
    outcome = attempt(platform, entry)
    assert isinstance(outcome, Failure)
    assert outcome.state is EntryState.QUEUED


def test_what_did_not_arrive_is_sent_after_asking() -> None:
    platform = FakePlatform()
    assert isinstance(attempt(platform, _entry(ask_first=True)), Receipt)
    assert platform.keys == ["key"]


def test_a_second_opinion_is_sent_as_one_under_a_key_of_its_own() -> None:
    platform = FakePlatform()
    entry = replace(_entry(ask_first=True), key=str(UUID(int=1)), second_opinion=True)
    assert isinstance(attempt(platform, entry), Receipt)
    assert platform.opinions == [entry.report.id]
    assert platform.keys == [str(uuid5(UUID(int=1), "second opinion"))]


def test_a_platform_that_asks_to_wait_is_left_alone_for_so_long() -> None:
    failed = failure_of(Unreachable("x.", wait_s=90), odd=0)
    assert failed.wait_s == 90


def test_another_report_under_our_identifier_is_no_receipt() -> None:
    other = replace(a_signed_report(), sha256="cd" * 32)
    outcome = attempt(FakePlatform(reports={other.id: other}), _entry(ask_first=True))
    assert isinstance(outcome, Failure)
    assert outcome.state is EntryState.REFUSED


@pytest.mark.parametrize(
    ("error", "odd", "expected"),
    [
        (ClaimLost("x."), 0, (EntryState.CONFLICT, False, True)),
        (SignInNeeded("x."), 0, (EntryState.QUEUED, True, False)),
        (Refused("x."), 0, (EntryState.REFUSED, False, False)),
        (PatientMismatch("x."), 0, (EntryState.REFUSED, False, False)),
        (Unreachable("x."), 99, (EntryState.QUEUED, False, True)),
        (WrongCertificate("x."), 99, (EntryState.QUEUED, False, True)),
        (BadAnswer("x."), 4, (EntryState.QUEUED, False, True)),
        (BadAnswer("x."), 5, (EntryState.REFUSED, False, True)),
        (SignInFailed("x."), 0, (EntryState.QUEUED, False, False)),
    ],
    ids=lambda v: type(v).__name__,
)
def test_r13_what_each_error_means(
    error: PlatformError | PatientMismatch, odd: int, expected: tuple[EntryState, bool, bool]
) -> None:
    told = failure_of(error, odd=odd)
    assert (told.state, told.needs_sign_in, told.may_have_arrived) == expected
    assert told.why.startswith("x. The signed report is ")


def test_a_report_of_another_patient_is_not_tried_again() -> None:
    outcome = attempt(FakePlatform(faults=[PatientMismatch("Another patient.")]), _entry())
    assert isinstance(outcome, Failure)
    assert outcome.state is EntryState.REFUSED


def test_a_fault_of_ours_is_not_taken_for_the_platforms() -> None:
    with pytest.raises(ZeroDivisionError):
        attempt(FakePlatform(faults=[ZeroDivisionError()]), _entry())
