"""Which studies leave this computer, when and why; never one that unsent work needs (R7).

A study goes with its key: the row is deleted, the log folded into the file and the file overwritten
in that place, so that a copy of the images that somebody kept opens nothing any more (S12).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from workstation.logs import Log
from workstation.model.case import Case
from workstation.store.cases import CaseStore
from workstation.store.database import Database
from workstation.store.decoded import DecodedStore


class Why(Enum):
    """Why a study was removed."""

    REVOKED = "the platform does not let this reader have it any more"
    EXPIRED = "it was not opened for the time that is set"
    NO_ROOM = "there is no room for it"
    ASKED = "the reader asked for it"


@dataclass(frozen=True, slots=True)
class Policy:
    """How long and how much is kept: days without use, bytes in all, bytes of disk left alone."""

    days: int
    most: int
    spare: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Purged:
    """A study that was removed."""

    study: str
    why: Why
    size: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a purge removed, and what it had to leave although it was to go."""

    purged: tuple[Purged, ...] = ()
    withheld: tuple[str, ...] = ()
    """Studies that unsent work needs."""
    over: int = 0
    """Bytes above the quota that nothing could be removed for."""


@dataclass(frozen=True, slots=True)
class _Held:
    study: str
    size: int
    used: float


class Retention:
    """Decides and removes; everything on the store's lane."""

    def __init__(self, database: Database, cases: CaseStore, decoded: DecodedStore) -> None:
        """Use an open store."""
        self._database = database
        self._cases = cases
        self._decoded = decoded
        self._log = Log("retention")

    def used(self, case: Case, now: datetime) -> None:
        """Note that a case was opened or fetched: its studies are its own, and used now."""
        studies = [case.study.identity.uid, *(prior.identity.uid for prior in case.priors)]
        with self._database.transaction() as change:
            for study in studies:
                change.write(
                    "INSERT OR IGNORE INTO case_study (reading, study) VALUES (?, ?)",
                    (case.id, study),
                )
                change.write(
                    "INSERT OR REPLACE INTO study_use (study, used) VALUES (?, ?)",
                    (study, now.timestamp()),
                )

    def purge(
        self,
        policy: Policy,
        now: datetime,
        worklist: Sequence[Case],
        *,
        in_use: Iterable[str] = (),
        unsaved: Iterable[str] = (),
    ) -> Outcome:
        """Remove what is revoked, expired or too much, in this order; raises StoreError.

        ``in_use``: studies of the open case, and of those that are being fetched. ``unsaved``:
        cases of which something is in memory only.
        """
        held = self._held(now)
        needed, open_now = self._needed(unsaved), frozenset(in_use)
        listed = {u for case in worklist if not _revoked(case) for u in _studies(case)}
        revoked = {u for case in worklist if _revoked(case) for u in _studies(case)} - listed
        oldest = (now - timedelta(days=policy.days)).timestamp()
        wanted = [(h, Why.REVOKED) for h in held if h.study in revoked]
        wanted += [
            (h, Why.EXPIRED)
            for h in held
            if h.used < oldest and h.study not in revoked and h.study not in listed
        ]
        go = [(h, why) for h, why in wanted if h.study not in needed | open_now]
        withheld = tuple(h.study for h, _ in wanted if h.study in needed)
        gone = {h.study for h, _ in go}
        left = [h for h in held if h.study not in gone]
        over = self._over(policy, sum(h.size for h in left), sum(h.size for h, _ in go))
        for one in sorted(left, key=lambda h: (h.study in listed, h.used)):
            if over <= 0:
                break
            if one.size and one.study not in needed | open_now:
                go.append((one, Why.NO_ROOM))
                over -= one.size
        purged = tuple(Purged(h.study, why, h.size) for h, why in go)
        self._remove([p.study for p in purged])
        return Outcome(purged, withheld, max(0, over))

    def forget(self, case: Case, others: Sequence[Case], unsaved: Iterable[str] = ()) -> Outcome:
        """Remove the images of a case at the reader's word; not those that others need."""
        shared = {u for other in others if other.id != case.id for u in _studies(other)}
        needed = self._needed(unsaved)
        sizes = self._cases.sizes()
        asked = [study for study in _studies(case) if study in sizes and study not in shared]
        go = [study for study in asked if study not in needed]
        self._remove(go)
        purged = tuple(Purged(study, Why.ASKED, sizes[study]) for study in go)
        return Outcome(purged, tuple(study for study in asked if study in needed))

    def _remove(self, studies: Sequence[str]) -> None:
        if not studies:
            return
        for study in studies:
            self._decoded.forget(study)
        self._cases.shred(studies)
        self._log.info("studies removed", number=len(studies))

    def _held(self, now: datetime) -> list[_Held]:
        """What is here; what nobody noted yet counts as used now."""
        sizes = self._cases.sizes()
        used = {
            str(study): float(str(at))
            for study, at in self._database.read("SELECT study, used FROM study_use")
        }
        fresh = sizes.keys() - used.keys()
        if fresh:
            with self._database.transaction() as change:
                for study in fresh:
                    change.write(
                        "INSERT OR IGNORE INTO study_use (study, used) VALUES (?, ?)",
                        (study, now.timestamp()),
                    )
        return [_Held(s, size, used.get(s, now.timestamp())) for s, size in sizes.items()]

    def _needed(self, unsaved: Iterable[str] = ()) -> frozenset[str]:
        """Studies of cases with work that the platform does not have yet."""
        rows = self._database.read(_NEEDED)
        for case in unsaved:
            rows += self._database.read("SELECT study FROM case_study WHERE reading = ?", (case,))
        return frozenset(str(row[0]) for row in rows)

    def _over(self, policy: Policy, kept: int, freed: int) -> int:
        free = self._cases.free_bytes() + freed
        return max(kept - policy.most, policy.spare - free)


_NEEDED = """
    WITH sent AS (SELECT reading FROM outbox WHERE state = 'verified')
    SELECT study FROM case_study WHERE reading IN (
        SELECT reading FROM outbox WHERE state NOT IN ('verified', 'returned')
        UNION SELECT reading FROM draft WHERE revision > 1 AND reading NOT IN sent
        UNION SELECT reading FROM annotations WHERE reading NOT IN sent
        UNION SELECT reading FROM key_marks WHERE reading NOT IN sent
    )"""


def _studies(case: Case) -> tuple[str, ...]:
    return (case.study.identity.uid, *(prior.identity.uid for prior in case.priors))


def _revoked(case: Case) -> bool:
    return any(block.stops_download for block in case.blocks)
