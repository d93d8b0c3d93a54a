"""One attempt at sending one signed report: ask first where an answer was lost, else submit."""

from workstation.errors import (
    BadAnswer,
    ClaimLost,
    PatientMismatch,
    PlatformError,
    Refused,
    SignInNeeded,
    Unreachable,
    WrongCertificate,
)
from workstation.model.delivery import EntryState, Failure, Receipt
from workstation.platform.client import PlatformClient
from workstation.store.outbox import Entry

_TRIES_AT_BAD_ANSWERS = 5


def attempt(platform: PlatformClient, entry: Entry) -> Receipt | Failure:
    """Send once; blocks on the network, touches no store. An error of the platform is a Failure."""
    try:
        if entry.ask_first or entry.attempts:
            found = platform.find_report(entry.report.id)
            if found is not None and found.sha256 == entry.report.sha256:
                return _completed(platform, entry, found)
        return _submitted(platform, entry)
    except (PlatformError, PatientMismatch) as error:
        return failure_of(error, odd=entry.odd)


def _submitted(platform: PlatformClient, entry: Entry) -> Receipt:
    if entry.second_opinion:
        return platform.submit_second_opinion(entry.case, entry.report, key=entry.sent_key)
    return platform.submit(entry.case, entry.report, key=entry.sent_key)


def _completed(platform: PlatformClient, entry: Entry, found: Receipt) -> Receipt:
    """Have done what a lost answer may have left undone: signature, end of the case.

    Where that is no more the reader's to do, the report is there all the same.
    """
    try:
        return _submitted(platform, entry)
    except (ClaimLost, Refused):
        return found


def failure_of(error: PlatformError | PatientMismatch, *, odd: int) -> Failure:
    """Give what an error of the platform means for the entry.

    ``odd``: answers in a row before this one that could not be understood. Attempts in a long
    outage do not count: the first words of a hotel's sign-in page refuse nothing.
    """
    words = str(error)
    match error:
        case ClaimLost():
            return Failure(
                EntryState.CONFLICT,
                f"{words} The signed report is kept here.",
                may_have_arrived=True,
            )
        case SignInNeeded():
            return Failure(
                EntryState.QUEUED,
                f"{words} The signed report is sent after you have signed in.",
                needs_sign_in=True,
                said=words,
            )
        case Refused() | PatientMismatch():
            return Failure(EntryState.REFUSED, f"{words} The signed report is kept here.")
        case BadAnswer() if odd >= _TRIES_AT_BAD_ANSWERS:
            return Failure(
                EntryState.REFUSED,
                f"{words} The signed report is kept here.",
                may_have_arrived=True,
                odd=True,
            )
        case Unreachable() | WrongCertificate() | BadAnswer():
            return Failure(
                EntryState.QUEUED,
                f"{words} The signed report is kept here and sent again by itself.",
                may_have_arrived=True,
                odd=isinstance(error, BadAnswer),
                wait_s=error.wait_s if isinstance(error, Unreachable) else 0.0,
            )
        case _:
            return Failure(EntryState.QUEUED, f"{words} The signed report is kept here.")
