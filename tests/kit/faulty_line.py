"""A reader, an outbox and a demo platform with the fault proxy between them."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.kit.demo_client import signed_in
from tests.kit.demo_platform import DemoProcess
from tests.kit.fault_proxy import FaultProxy, fault_proxy
from tests.kit.signed import signed_report
from tests.kit.vault import open_database
from workstation.errors import SignInNeeded
from workstation.model.case import Case, CaseId
from workstation.model.delivery import EntryState, Failure, Receipt
from workstation.platform.auth import Session, sign_in
from workstation.platform.demo_sign_in import answer_as
from workstation.platform.fhir_platform import FhirPlatform
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.transport import Patience
from workstation.store.outbox import Outbox
from workstation.sync.engine import attempt

HASTE = Patience(connect=2, read=0.5, total=1.0, window=0.3, pause=0.01, tries=3)
"""What is slow or silent is given up at once, so that a test need not wait."""
_TRIES = 6


def behind(demo: DemoProcess, state: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The demo's own TLS context, and one that trusts it: for a proxy in which TLS ends."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(state / "tls" / "server.pem", state / "tls" / "server-key.pem")
    return server, ssl.create_default_context(cafile=demo.ca)


@dataclass
class Line:
    """One reader's connection through the proxy; it signs in when it must."""

    demo: DemoProcess
    proxy: FaultProxy
    patience: Patience = HASTE
    told: list[str] = field(default_factory=list)
    """Why each attempt failed."""
    _open: tuple[HttpClient, FhirPlatform, Session] | None = None

    @property
    def settings(self) -> PlatformSettings:
        """Everything goes through the proxy."""
        ready = self.demo.ready
        return PlatformSettings(
            ready["fhir"], Path(self.demo.ca), ready["client_id"], proxy=self.proxy.address
        )

    def client(self) -> HttpClient:
        """A client of this line; close it."""
        return HttpClient(self.settings, patience=self.patience)

    @property
    def platform(self) -> FhirPlatform:
        """Signed in."""
        if self._open is None:
            http = self.client()
            browser = answer_as("dr-ito", http)
            session = sign_in(http, self.settings, browser, stop=lambda: False, seconds=10)
            self._open = http, FhirPlatform(http, self.settings, session), session
        return self._open[1]

    @property
    def session(self) -> Session:
        """The sign-in."""
        self.platform.reader()
        assert self._open is not None
        return self._open[2]

    def case(self, ident: str) -> Case:
        """A case as it is now; an earlier fault may have ended the sign-in."""
        try:
            return self.platform.case(CaseId(ident))
        except SignInNeeded:
            self.hang_up()
            return self.platform.case(CaseId(ident))

    def hang_up(self) -> None:
        """Close connections and forget the sign-in."""
        if self._open is not None:
            self._open[0].close()
        self._open = None

    def deliver(self, outbox: Outbox) -> Receipt:
        """Send as the program does until a verified receipt is there; every state is a stated one.

        AssertionError when an attempt leads to a state that only the reader ends.
        """
        now = datetime.now(UTC)
        for _ in range(_TRIES):
            entry = outbox.next(now)
            assert entry is not None
            outcome = attempt(self.platform, entry)
            outbox.settle(entry.key, outcome, now)
            now += timedelta(minutes=6)
            if isinstance(outcome, Failure):
                self._check(outcome)
            elif outcome.verified:
                return outcome
        raise AssertionError(f"not delivered: {self.told}")

    def _check(self, failed: Failure) -> None:
        assert failed.state is EntryState.QUEUED, failed
        assert failed.why.count("\n") == 0
        assert failed.why.endswith((".", "!"))
        self.told.append(failed.why)
        if failed.needs_sign_in:
            self.hang_up()


@contextmanager
def line(demo: DemoProcess, state: Path, *, inside: bool) -> Iterator[Line]:
    """A line whose proxy runs until the block ends."""
    with fault_proxy(demo.ready["base"], inside=behind(demo, state) if inside else None) as proxy:
        made = Line(demo, proxy)
        try:
            yield made
        finally:
            made.hang_up()


@contextmanager
def outbox_with(folder: Path, line_: Line, case: str) -> Iterator[tuple[Outbox, str]]:
    """A store whose outbox holds one signed report of a case; gives the report's identifier too."""
    database = open_database(folder / "lightbox.db")
    try:
        outbox = Outbox(database, jitter=lambda: 1.0)
        report = signed_report(case)
        outbox.add_signed(report, line_.case(case))
        yield outbox, report.id
    finally:
        database.close()


def held(demo: DemoProcess, report: str) -> tuple[int, int, str]:
    """Reports, signatures and completed cases, as the platform itself says past the proxy."""
    session = signed_in(demo)

    def found(query: str) -> list[dict[str, Any]]:
        answer = session.get(f"{demo.ready['fhir']}/{query}", timeout=10).json()
        return [e["resource"] for e in answer.get("entry", [])]

    try:
        reports = found(f"DiagnosticReport?identifier=urn:ietf:rfc:3986|urn:uuid:{report}")
        signatures = [
            s for r in reports for s in found(f"Provenance?target=DiagnosticReport/{r['id']}")
        ]
        done = [t for t in found("Task?status=completed&_count=500") if _names(t, reports)]
        return len(reports), len(signatures), f"{len(done)} completed"
    finally:
        session.close()


def _names(task: dict[str, Any], reports: list[dict[str, Any]]) -> bool:
    wanted = {f"DiagnosticReport/{r['id']}" for r in reports}
    outputs = [o["valueReference"]["reference"] for o in task.get("output", [])]
    return bool(wanted.intersection(outputs))
