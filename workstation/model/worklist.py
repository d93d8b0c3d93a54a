"""The worklist as pure functions over a tuple of cases: filter, sort, time left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workstation.model.case import Case, CaseKind, CaseState, Priority


class Shelf(StrEnum):
    """The tabs above the worklist."""

    MINE = "Mine"
    URGENT = "Urgent"
    SECOND = "Second opinions"
    DRAFTS = "Drafts"
    SENT = "Sent"


class SortBy(StrEnum):
    """Orders the worklist offers."""

    DUE = "Due"
    PRIORITY = "Priority"
    PATIENT = "Patient"
    STUDY = "Study"


OPEN_STATES = frozenset(
    {CaseState.REQUESTED, CaseState.ACCEPTED, CaseState.IN_PROGRESS, CaseState.ON_HOLD}
)


def on_shelf(case: Case, shelf: Shelf, drafts: frozenset[str]) -> bool:
    """Whether a case belongs to a tab; ``drafts`` are ids of cases with a local draft."""
    is_open = case.state in OPEN_STATES
    match shelf:
        case Shelf.MINE:
            return is_open
        case Shelf.URGENT:
            return is_open and case.priority is not Priority.ROUTINE
        case Shelf.SECOND:
            return is_open and case.kind is not CaseKind.PRIMARY
        case Shelf.DRAFTS:
            return is_open and case.id in drafts
        case Shelf.SENT:
            return case.state is CaseState.COMPLETED


def matches(case: Case, words: str) -> bool:
    """Whether every word occurs in what identifies the case."""
    hay = " ".join(
        (
            case.patient.name.replace("^", " "),
            case.patient.id,
            case.number,
            case.order.accession,
            case.study.identity.description,
            case.study.kind,
            case.description,
        )
    ).casefold()
    return all(word in hay for word in words.casefold().split())


def arranged(cases: Iterable[Case], by: SortBy) -> tuple[Case, ...]:
    """Sort; ties fall to priority, then due time, then number: the order never flickers."""

    def due(case: Case) -> float:
        return case.due.timestamp() if case.due else float("inf")

    def key(case: Case) -> tuple[object, ...]:
        rest = (case.priority.rank, due(case), case.number)
        match by:
            case SortBy.DUE:
                return (due(case), *rest)
            case SortBy.PRIORITY:
                return rest
            case SortBy.PATIENT:
                return (case.patient.name.casefold(), *rest)
            case SortBy.STUDY:
                return (case.study.identity.description.casefold(), *rest)

    return tuple(sorted(cases, key=key))


def shelf_counts(cases: Sequence[Case], drafts: frozenset[str]) -> dict[Shelf, int]:
    """How many cases each tab holds."""
    return {shelf: sum(on_shelf(c, shelf, drafts) for c in cases) for shelf in Shelf}


def may_open(case: Case) -> bool:
    """Whether the case can be read now, or looked at again."""
    there = case.state in OPEN_STATES or case.state is CaseState.COMPLETED
    return there and not any(block.stops_download for block in case.blocks)


def may_claim(case: Case) -> bool:
    """Whether the case waits for somebody to take it."""
    return case.state is CaseState.REQUESTED and may_open(case)


def given_back(case: Case) -> CaseState | None:
    """The state that a case gets when the reader gives it back; None when that cannot be."""
    wanted = CaseState.REJECTED if case.state is CaseState.REQUESTED else CaseState.REQUESTED
    return wanted if case.state.may_become(wanted) else None


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Time to the deadline by the platform's clock: text, whether overdue, whether close."""

    text: str
    overdue: bool
    close: bool


def time_left(due: datetime | None, now: datetime, offset: timedelta) -> TimeLeft:
    """Count down to ``due``; ``offset`` is the platform's clock minus ours."""
    if due is None:
        return TimeLeft("–", overdue=False, close=False)
    seconds = int((due - (now + offset)).total_seconds())
    overdue = seconds < 0
    minutes = abs(seconds) // 60
    days, rest = divmod(minutes, 24 * 60)
    text = f"{days} d {rest // 60:02d} h" if days else f"{rest // 60:02d}:{rest % 60:02d}"
    return TimeLeft(
        f"−{text}" if overdue else text, overdue=overdue, close=not overdue and seconds < 20 * 60
    )
