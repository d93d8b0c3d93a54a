"""A process that works on the store until it is killed; a line on standard output acknowledges.

Started as ``python -m tests.kit.kill_worker FOLDER SEED [BROKEN]``. Each line is printed only after
the call that it speaks of has returned: from then on the store must never lose it. ``BROKEN`` makes
it break one promise, so that a campaign can prove that it would notice.
"""

import hashlib
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from reporting.model.report import ReportDraft, ReportId, Section, SectionId
from reporting.model.signed import SignedReport
from tests.kit.platform import NOW, a_case, a_signed_report
from tests.kit.vault import open_database
from workstation.errors import StoreError
from workstation.model.delivery import EntryState, Failure, Receipt
from workstation.store.cases import CaseStore
from workstation.store.codec import encode
from workstation.store.drafts import DraftStore
from workstation.store.outbox import Outbox

CASES = tuple(f"case-{n}" for n in range(4))
ACK_FIRST = "ack-first"
TWO_STEPS = "two-steps"
_PAUSE_S = 0.01


def digest(data: str | bytes) -> str:
    """SHA-256 of what was stored."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


@dataclass
class Worker:
    """One run over the folder, which earlier runs may have left in any state."""

    folder: Path
    seed: int
    broken: str = ""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.database = open_database(self.folder / "lightbox.db")
        self.cases = CaseStore(self.folder / "instances", self.database)
        self.drafts = DraftStore(self.database)
        self.outbox = Outbox(self.database, jitter=lambda: 0.0)
        self.steps = 0

    def run(self) -> None:
        """Work until killed."""
        acts = (self.write, self.write, self.write, self.sign, self.send, self.send, self.fetch)
        while True:
            self.steps += 1
            self.chance.choice(acts)()

    def write(self) -> None:
        """Save the next revision of a draft."""
        case = self.chance.choice(CASES)
        before = self.drafts.newest(case)
        words = self.chance.randbytes(self.chance.randrange(1, 3000)).hex()
        draft = ReportDraft(
            id=before.id if before else ReportId(f"report-{case}"),
            case=case,
            revision=before.revision + 1 if before else 1,
            template="ct",
            sections=(Section(SectionId.FINDINGS, "Findings", words),),
            findings=(),
            edited_at=NOW,
            author="Dr Ito",
        )
        self.acknowledged(
            lambda: self.drafts.save(draft), "draft", case, draft.revision, digest(encode(draft))
        )

    def sign(self) -> None:
        """Sign a report and queue it."""
        case = self.chance.choice(CASES)
        version = self.outbox.next_version(f"report-{case}")
        pdf = b"%PDF-1.7 " + self.chance.randbytes(self.chance.randrange(1, 40_000))
        report = replace(a_signed_report(case, f"report-{case}", version), pdf=pdf)
        report = replace(report, sha256=digest(pdf))
        if self.broken == TWO_STEPS:
            self._sign_in_two_steps(report)
            return
        self.acknowledged(
            lambda: self.outbox.add_signed(report, a_case(case)),
            "signed",
            report.id,
            version,
            digest(encode(report)),
        )

    def send(self) -> None:
        """Take an entry and settle it, or bring it back to a draft."""
        entry = self.outbox.next(NOW)
        if entry is None:
            return
        receipt = Receipt("DiagnosticReport/1", "1", "2026", entry.report.sha256, verified=True)
        away = Failure(EntryState.QUEUED, "away", may_have_arrived=True)
        refused = Failure(EntryState.REFUSED, "no")
        outcome = self.chance.choice((receipt, receipt, away, refused))
        state = outcome.state if isinstance(outcome, Failure) else EntryState.VERIFIED
        self.acknowledged(
            lambda: self.outbox.settle(entry.key, outcome, NOW), "settled", entry.key, state.value
        )
        if state is EntryState.REFUSED and self.chance.random() < 0.5:
            self.acknowledged(
                lambda: self.outbox.return_to_draft(entry.key),
                "settled",
                entry.key,
                EntryState.RETURNED.value,
            )

    def fetch(self) -> None:
        """Keep one received instance."""
        sop = f"1.2.{self.seed}.{self.steps}"
        data = self.chance.randbytes(self.chance.randrange(1, 60_000))
        self.acknowledged(
            lambda: self.cases.put("1.2", "1.2.3", sop, data), "instance", sop, digest(data)
        )

    def acknowledged(self, act: Callable[[], object], *words: object) -> None:
        """Do it, then say so in one line."""
        line = " ".join(str(word) for word in words)
        if self.broken == ACK_FIRST:
            _say(line)
            time.sleep(_PAUSE_S)
            act()
        else:
            act()
            _say(line)

    def _sign_in_two_steps(self, report: SignedReport) -> None:
        """What R11 forbids: the signed bytes first, the outbox row later."""
        body = encode(report).encode()
        with self.database.transaction() as change:
            change.write(
                "INSERT INTO signed (report, version, reading, sha256, body) "
                "VALUES (?, ?, ?, ?, ?)",
                (report.id, report.version, report.case, digest(body), body),
            )
        _say(f"signed {report.id} {report.version} {digest(body)}")
        time.sleep(_PAUSE_S)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Work until killed; 1 with one line when the store refuses."""
    folder, seed, *broken = sys.argv[1:]
    try:
        Worker(Path(folder), int(seed), broken[0] if broken else "").run()
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
