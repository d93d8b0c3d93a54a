"""FHIR resources with all their versions, kept in one append-only log that survives any crash.

One line of the log is one commit: its SHA-256, a blank, its JSON. A commit is a whole transaction
together with the answer given to its Idempotency-Key, so a kill loses all of it or nothing.
"""

import copy
import errno
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Any
from uuid import uuid4

Resource = dict[str, Any]


class StoreDamagedError(Exception):
    """The log holds a line before its last one that is not what was written."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer once given to an Idempotency-Key, and the SHA-256 of the request's body."""

    key: str
    digest: str
    status: int
    body: str


@dataclass(slots=True)
class Unit:
    """One unit of work: sees its own changes, and is stored whole or not at all."""

    _store: "FhirStore"
    _staged: dict[tuple[str, str], Resource] = field(default_factory=dict)
    _writes: list[Resource] = field(default_factory=list)

    def newest(self, kind: str, id_: str) -> Resource | None:
        """Give the newest version; not to be changed."""
        return self._staged.get((kind, id_)) or self._store.newest(kind, id_)

    def get(self, kind: str, id_: str) -> Resource | None:
        """Give the newest version, as a copy."""
        return copy.deepcopy(self.newest(kind, id_))

    def now(self) -> datetime:
        """Give the platform's time."""
        return self._store.now()

    def each(self, kind: str) -> list[Resource]:
        """Give the newest version of every resource of a kind; not to be changed."""
        known = {r["id"]: r for r in self._store.each(kind)}
        known |= {id_: r for (k, id_), r in self._staged.items() if k == kind}
        return list(known.values())

    def put(self, resource: Resource) -> Resource:
        """Stage a new version; gives it with id, versionId and lastUpdated."""
        made = copy.deepcopy(resource)
        kind, id_ = made["resourceType"], made.setdefault("id", str(uuid4()))
        old = self.newest(kind, id_)
        version = int(old["meta"]["versionId"]) + 1 if old else 1
        meta = dict(made.get("meta") or {})
        meta |= {"versionId": str(version), "lastUpdated": self._store.stamp()}
        made["meta"] = meta
        self._staged[kind, id_] = made
        self._writes.append(made)
        return copy.deepcopy(made)

    def restage(self, made: Resource, body: Resource) -> Resource:
        """Replace the content of a version that this unit has staged, keeping id and meta."""
        whole = {**copy.deepcopy(body), "id": made["id"], "meta": made["meta"]}
        key = (made["resourceType"], made["id"])
        old = self._staged[key]
        self._writes[next(i for i, w in enumerate(self._writes) if w is old)] = whole
        self._staged[key] = whole
        return copy.deepcopy(whole)

    def commit(self, answer: Answer | None = None) -> None:
        """Store everything staged; returns after fsync; raises OSError with nothing stored."""
        if self._writes or answer:
            self._store.append(self._writes, answer)
        self._writes, self._staged = [], {}


class FhirStore:
    """All resources in memory, every commit on disk."""

    def __init__(self, log: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Read ``log``, dropping a last line torn by a crash; raises StoreDamagedError, OSError."""
        self._now = now
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.RLock()
        self._versions: dict[str, dict[str, list[Resource]]] = {}
        self._answers: dict[str, Answer] = {}
        log.parent.mkdir(parents=True, exist_ok=True)
        self._size = self._replay(log) if log.exists() else 0
        # Unbuffered: after a failed write nothing may stay behind to be written with the next.
        self._log = log.open("ab", buffering=0)
        os.ftruncate(self._log.fileno(), self._size)

    def close(self) -> None:
        """Close the log."""
        with self._lock:
            self._log.close()

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Work alone on the store; what is not committed when the block ends is forgotten."""
        with self._lock:
            yield Unit(self)

    def newest(self, kind: str, id_: str) -> Resource | None:
        """Give the newest version; not to be changed."""
        versions = self._versions.get(kind, {}).get(id_)
        return versions[-1] if versions else None

    def each(self, kind: str) -> list[Resource]:
        """Give the newest version of every resource of a kind; not to be changed."""
        with self._lock:
            return [versions[-1] for versions in self._versions.get(kind, {}).values()]

    def history(self, kind: str, id_: str) -> list[Resource]:
        """Give all versions, oldest first; not to be changed."""
        with self._lock:
            return list(self._versions.get(kind, {}).get(id_, ()))

    def answered(self, key: str) -> Answer | None:
        """Give what was answered to this Idempotency-Key."""
        return self._answers.get(key)

    def now(self) -> datetime:
        """Give the platform's time, with offset."""
        return self._now()

    def stamp(self) -> str:
        """Give a time for lastUpdated, later than every one before (milliseconds, UTC)."""
        now = self._now().astimezone(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._last = max(now, self._last + timedelta(milliseconds=1))
        return self._last.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def append(self, writes: list[Resource], answer: Answer | None) -> None:
        """Write one commit and then show it; for Unit, which holds the lock."""
        commit: dict[str, Any] = {"writes": writes}
        if answer:
            commit["answer"] = [answer.key, answer.digest, answer.status, answer.body]
        data = json.dumps(commit, ensure_ascii=False, separators=(",", ":")).encode()
        line = hashlib.sha256(data).hexdigest().encode() + b" " + data + b"\n"
        try:
            _write_whole(self._log, line)
        except OSError:
            os.ftruncate(self._log.fileno(), self._size)
            raise
        self._size += len(line)
        self._apply(commit)

    def _replay(self, log: Path) -> int:
        size = 0
        torn = False
        with log.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if torn:
                    raise StoreDamagedError(f"line {number - 1} of {log.name} is damaged")
                commit = _parse(line)
                if commit is None:
                    torn = True
                    continue
                self._apply(commit)
                size += len(line)
        return size

    def _apply(self, commit: dict[str, Any]) -> None:
        for resource in commit["writes"]:
            kind = self._versions.setdefault(resource["resourceType"], {})
            kind.setdefault(resource["id"], []).append(resource)
            updated = datetime.fromisoformat(resource["meta"]["lastUpdated"])
            self._last = max(self._last, updated)
        if "answer" in commit:
            answer = Answer(*commit["answer"])
            self._answers[answer.key] = answer


def _write_whole(log: FileIO, line: bytes) -> None:
    if log.write(line) != len(line):
        raise OSError(errno.ENOSPC, "the records could not be written whole")
    os.fsync(log.fileno())


def _parse(line: bytes) -> dict[str, Any] | None:
    digest, _, data = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or hashlib.sha256(data).hexdigest().encode() != digest:
        return None
    commit: dict[str, Any] = json.loads(data)
    return commit
