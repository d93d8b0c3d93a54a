"""Kills a worker again and again and looks what the store still knows of what it acknowledged."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.kill_worker import digest
from tests.kit.vault import open_database
from viewer.errors import MissingInstance
from viewer.model.refs import SopUid
from workstation.errors import StoreError
from workstation.model.delivery import EntryState
from workstation.store.cases import CaseStore
from workstation.store.codec import encode
from workstation.store.database import Database
from workstation.store.drafts import DraftStore
from workstation.store.outbox import Outbox

_ROOT = Path(__file__).parents[2]
_CALLS = "pwrite64,fdatasync,fsync,rename,unlink,write,ftruncate"
_MOST_ACKS = 40
_MOST_CALLS = 400
_FINAL = frozenset({EntryState.VERIFIED.value, EntryState.RETURNED.value})


def has_strace() -> bool:
    """Whether a process can be killed at a system call chosen by number."""
    return shutil.which("strace") is not None


@dataclass
class Campaign:
    """All rounds work on one folder: what one left, the next must live with."""

    folder: Path
    seed: int = 0
    broken: str = ""
    kills: int = 0
    acks: int = 0
    violations: list[str] = field(default_factory=list)
    _drafts: dict[str, dict[int, str]] = field(default_factory=dict)
    _signed: dict[tuple[str, int], str] = field(default_factory=dict)
    _settled: dict[str, str] = field(default_factory=dict)
    _instances: dict[str, str] = field(default_factory=dict)
    _nonces: dict[tuple[str, bytes], str] = field(default_factory=dict)

    def random_kill(self, round_: int) -> None:
        """Kill after some acknowledgements and a few milliseconds."""
        chance = random.Random(f"{self.seed}/{round_}")
        with self._worker(round_) as worker:
            self._hear(worker, chance.randrange(1, _MOST_ACKS))
            try:
                worker.wait(chance.random() * 0.006)
            except subprocess.TimeoutExpired:
                worker.kill()
            self._end(worker)

    def call_kill(self, round_: int) -> None:
        """Kill at the n-th system call that changes a file."""
        chance = random.Random(f"{self.seed}/call/{round_}")
        at = chance.randrange(1, _MOST_CALLS)
        strace = ["strace", "-f", "-o", os.devnull, "-e", f"trace={_CALLS}"]
        strace += ["-e", f"inject={_CALLS}:signal=SIGKILL:when={at}"]
        with self._worker(10_000 + round_, *strace) as worker:
            self._end(worker)

    def check(self) -> None:
        """Open the store as the program does and compare; adds to ``violations``."""
        try:
            database = open_database(self.folder / "lightbox.db")
        except StoreError as error:
            self.violations.append(f"the store does not open: {error}")
            return
        try:
            found = list(self._compare(database))
        finally:
            database.close()
        self.violations.extend(found)

    def _worker(self, seed: int, *before: str) -> subprocess.Popen[str]:
        command = [*before, sys.executable, "-B", "-m", "tests.kit.kill_worker"]
        command += [str(self.folder), str(seed), *([self.broken] if self.broken else [])]
        return subprocess.Popen(
            command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _hear(self, worker: subprocess.Popen[str], lines: int) -> None:
        assert worker.stdout is not None
        for _ in range(lines):
            line = worker.stdout.readline()
            if not line:
                return
            self._note(line)

    def _end(self, worker: subprocess.Popen[str]) -> None:
        assert worker.stdout is not None
        assert worker.stderr is not None
        for line in worker.stdout:
            self._note(line)
        said = worker.stderr.read()
        if worker.wait() in (-signal.SIGKILL, 128 + signal.SIGKILL):
            self.kills += 1
        else:
            self.violations.append(f"the worker ended by itself: {said[-300:]}")

    def _note(self, line: str) -> None:
        if not line.endswith("\n"):  # killed while it spoke: nothing was said
            return
        self.acks += 1
        match line.split():
            case ["draft", case, revision, sha]:
                self._drafts.setdefault(case, {})[int(revision)] = sha
            case ["signed", report, version, sha]:
                self._signed[report, int(version)] = sha
            case ["settled", key, state]:
                self._settled[key] = state
            case ["instance", sop, sha]:
                self._instances[sop] = sha
            case _:
                self.violations.append(f"the worker said something odd: {line!r}")

    def _compare(self, database: Database) -> Iterator[str]:
        if database.read("PRAGMA integrity_check") != [("ok",)]:
            yield "the database is damaged"
        if any(self.folder.glob("*-shm")):
            yield "a -shm file was left (S1)"
        yield from self._compare_drafts(DraftStore(database))
        yield from self._compare_signed(database)
        yield from self._compare_settled(Outbox(database))
        yield from self._compare_instances(CaseStore(self.folder / "instances", database))
        yield from self._compare_nonces(database)

    def _compare_drafts(self, drafts: DraftStore) -> Iterator[str]:
        for case, told in self._drafts.items():
            kept = {draft.revision: digest(encode(draft)) for draft in drafts.revisions(case)}
            newest = drafts.newest(case)
            if newest is None or newest.revision < max(told):
                yield f"the newest acknowledged draft of {case} is lost"
            for revision, sha in told.items():
                if kept.get(revision) != sha:
                    yield f"revision {revision} of {case} is not what was acknowledged"

    def _compare_signed(self, database: Database) -> Iterator[str]:
        kept = {
            (str(report), int(str(version))): digest(body if isinstance(body, bytes) else b"")
            for report, version, body in database.read("SELECT report, version, body FROM signed")
        }
        for name, sha in self._signed.items():
            if kept.get(name) != sha:
                yield f"signed report {name} is not what was acknowledged"
        queued = database.read("SELECT report, version FROM outbox")
        if sorted(kept) != sorted((str(r), int(str(v))) for r, v in queued):
            yield "a signed report has no place in the outbox, or the other way round (R11)"

    def _compare_settled(self, outbox: Outbox) -> Iterator[str]:
        states = {entry.key: entry.state.value for entry in outbox.entries()}
        for key, state in self._settled.items():
            if state in _FINAL and states.get(key) != state:
                yield f"an entry that was {state} is {states.get(key)}"

    def _compare_instances(self, cases: CaseStore) -> Iterator[str]:
        for sop, sha in self._instances.items():
            try:
                with cases.open(SopUid(sop)) as data:
                    same = digest(data.read()) == sha
            except MissingInstance as error:
                yield f"instance {sop} is lost: {error}"
            else:
                if not same:
                    yield f"instance {sop} is not what was acknowledged"

    def _compare_nonces(self, database: Database) -> Iterator[str]:
        """Whatever was killed in between: one nonce of a file sealed one record (R3)."""
        for file, place, length in database.read("SELECT file, place, length FROM instance"):
            begin, end = int(str(place)), int(str(place)) + int(str(length))
            record = (self.folder / "instances" / str(file)).read_bytes()[begin:end]
            sealed = digest(record)
            if self._nonces.setdefault((str(file), record[-12:]), sealed) != sealed:
                yield "a nonce sealed two records (R3)"
