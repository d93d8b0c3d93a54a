"""R35: whatever order the reader and the network choose, nothing of one case reaches another."""

import hashlib
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from reporting.errors import NotSignable
from reporting.model.report import ReportContext, ReportDraft
from reporting.model.signed import SignedReport
from reporting.signing.pkcs12 import Pkcs12Signer
from tests.kit.platform import NOW, a_signed_report
from tests.kit.step_lanes import StepLanes
from tests.kit.two_readers import (
    READERS,
    PlatformOf,
    SharedPlatform,
    patient_of,
    strangers,
    study_of,
    without_numbers,
)
from viewer.model.refs import SopUid
from workstation import app
from workstation import settings as program_settings
from workstation.errors import ClaimLost, Refused, SignInNeeded, Unreachable
from workstation.paths import Places
from workstation.session import reading as reading_session
from workstation.session.connection import Connection
from workstation.session.lanes import Lane

_WORKED = (Lane.STORE, Lane.NET, Lane.DOWNLOAD, Lane.WORK)
_FAULTS: tuple[Exception | None, ...] = (
    None,
    Unreachable("away"),
    Refused("The licence has expired.", status=422),
    ClaimLost("Somebody else holds the case."),
    SignInNeeded("Your session has expired."),
)


class _NoHttp:
    def close(self) -> None:
        """Nothing was open."""


class _NoSession:
    def revoke(self) -> None:
        """Nothing to tell."""


def _quick_signature(
    draft: ReportDraft, context: ReportContext, *_: object, version: int = 1, **__: object
) -> SignedReport:
    """What is signed, without a key and without typesetting: it names what it was made of."""
    if context.complete[0] == 0:
        raise NotSignable(())
    words = [section.text for section in draft.sections]
    payload = " ".join((draft.case, context.case, context.patient.name, context.study.uid, *words))
    made = a_signed_report(draft.case, draft.id, version)
    data = payload.encode()
    return replace(made, payload=data, bundle={}, sha256=hashlib.sha256(data).hexdigest())


class Reading(RuleBasedStateMachine):
    """A reader at the program, and the network and the disk behind it."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.shared = SharedPlatform()
        self.lanes = StepLanes()
        self.words = 0
        places = Places(Path(self._folder.name))
        self.program = app.Lightbox(app.Start(program_settings.defaults(), places, "demo"))
        self.program.tasks.close()
        self.program.tasks = cast(Any, self.lanes)
        self.program.window.resize(1600, 900)
        self.program.window.show()
        self.platform = PlatformOf(self.shared, "a")
        self.sign_in("a")
        self.lanes.drain(*_WORKED)

    def teardown(self) -> None:
        """What was sent and what is stored belongs to its case; then end."""
        try:
            assert self.shared.wrong == []
            self._look_into_the_store()
        finally:
            self.program.window.close()
            self.program.close()
            self.program.window.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            self._folder.cleanup()

    # What the reader does

    @rule(reader=st.sampled_from(sorted(READERS)))
    def sign_in(self, reader: str) -> None:
        """Sign in anew, as the same reader or as another."""
        self.platform = PlatformOf(self.shared, reader)
        connection = Connection(
            http=cast(Any, _NoHttp()),
            session=cast(Any, _NoSession()),
            platform=cast(Any, self.platform),
            reader=self.platform.reader(),
        )
        self.program._connected(connection)

    @rule()
    def sign_out(self) -> None:
        """Leave."""
        self.program.sign_out()

    @rule(number=st.integers(0, 1))
    def open(self, number: int) -> None:
        """Ask for a case of the worklist."""
        place = self.program.workplace
        if self._signed_in() and place is not None and len(place.desk.cases) > number:
            place.worklist.open_asked.emit(place.desk.cases[number])

    @rule()
    def back(self) -> None:
        """Go back to the worklist."""
        if self._signed_in() and self.program.workplace is not None:
            self.program.workplace.reading.back_asked.emit()

    @precondition(lambda self: self._writes())
    @rule()
    def write(self) -> None:
        """Type words that name the case on the screen."""
        place = self.program.workplace
        assert place is not None
        session = place.reading.session()
        assert session is not None
        self.words += 1
        for editor in place.reading.pane().findChildren(QTextEdit):
            if editor.accessibleName() == "Report findings":
                editor.setPlainText(f"{session.case.id} finding {self.words}")
        if self.words % 3:
            place.reading.pane().flush()

    @precondition(lambda self: self._writes())
    @rule()
    def sign(self) -> None:
        """Sign what is on the screen."""
        place = self.program.workplace
        assert place is not None
        session, draft = place.reading.session(), place.reading.pane().draft()
        assert session is not None
        assert draft is not None
        session.sign(
            draft,
            pkcs12=Path("key.p12"),
            passphrase="demo",
            incomplete_accepted=True,
            done=place._signing._done,
            failed=lambda _: None,
        )

    @rule()
    def take_back(self) -> None:
        """Return the first report that is stuck to its draft."""
        place = self.program.workplace
        if place is None or not self._signed_in():
            return
        stuck = [u for u in place.sending.unsent.values() if u.state.is_stuck]
        if stuck:
            place._deliveries._return(stuck[0])

    # What happens by itself

    @rule(lane=st.sampled_from(_WORKED), which=st.integers(0, 3))
    def work(self, lane: Lane, which: int) -> None:
        """One thread ends one piece of work."""
        self.lanes.do(lane, which)

    @rule(results=st.integers(1, 4))
    def deliver(self, results: int) -> None:
        """Results arrive."""
        for _ in range(results):
            self.lanes.deliver()

    @rule()
    def rest(self) -> None:
        """Nothing is under way any more."""
        self.lanes.drain(*_WORKED)

    @rule()
    def time_passes(self) -> None:
        """What the timers would do."""
        place = self.program.workplace
        if place is not None and self._signed_in():
            place.desk.refresh()
            place.sending.tick()
            place.reading._on_arrivals_timeout()
            place.reading.pane().flush()

    @rule(fault=st.sampled_from(_FAULTS), after=st.integers(0, 2))
    def fault(self, fault: Exception | None, after: int) -> None:
        """The platform will fail soon."""
        self.platform.faults = [*([None] * after), fault]

    # What must hold after every step

    @invariant()
    def the_screen_shows_one_case(self) -> None:
        """Report, images and delivery are of the case on the screen; without a reader nobody's."""
        _let_events_pass()
        place = self.program.workplace
        if not self._signed_in() or place is None:
            assert strangers(without_numbers(self._visible_text())) == []
            return
        session = place.reading.session()
        if session is None:
            assert not self.program.window.is_reading()
            assert place.reading.pane().draft() is None
            return
        case = session.case.id
        assert case in READERS[self.platform._name]
        draft = place.reading.pane().draft()
        if draft is not None:
            assert draft.case == case
        assert patient_of(case).casefold() in _texts(place.reading.identity()).casefold()
        report = _texts(place.reading.pane()) + _texts(place.reading.delivery())
        assert strangers(report, case) == []
        for index in range(4):
            shown = place.reading.area().shown(index)
            assert shown is None or {f.study for f in shown.frames} == {study_of(case)}
        for dialog in self._dialogs():
            assert strangers(_texts(dialog), case) == []

    @invariant()
    def nothing_of_another_reader_is_seen(self) -> None:
        """No word of the other reader's cases stands anywhere on the screen."""
        _let_events_pass()
        if self._signed_in():
            assert strangers(self._visible_text(), *READERS[self.platform._name]) == []

    def _look_into_the_store(self) -> None:
        place = self.program.workplace
        assert place is not None
        place.reading.close_session()
        self.lanes.finish(Lane.STORE)
        database = place._kept.database
        for case, body in (
            *database.read("SELECT reading, body FROM draft"),
            *database.read("SELECT reading, body FROM signed"),
            *database.read("SELECT reading, body FROM annotations"),
        ):
            text = body.decode() if isinstance(body, bytes) else str(body)
            assert strangers(text, str(case)) == []
        for study, sop in database.read("SELECT study, sop FROM instance"):
            data = place._kept.cases.open(SopUid(str(sop))).read()
            (owner,) = [n for names in READERS.values() for n in names if study_of(n) == study]
            assert strangers(data.decode("latin-1"), owner) == []
        for state, why, case in database.read("SELECT state, why, reading FROM outbox"):
            assert strangers(f"{state} {why}", str(case)) == []

    def _signed_in(self) -> bool:
        return not self.program.window.sign_in.isVisible()

    def _writes(self) -> bool:
        place = self.program.workplace
        if place is None or not self._signed_in() or place.reading.session() is None:
            return False
        return place.reading.pane()._writable() is not None

    def _dialogs(self) -> list[QDialog]:
        return [d for d in self.program.window.findChildren(QDialog) if d.isVisible()]

    def _visible_text(self) -> str:
        window = self.program.window
        shown = [w for w in window.findChildren(QWidget) if w.isVisibleTo(window)]
        return " ".join(map(_text_of, shown))


def _let_events_pass() -> None:
    """But no timer: what they do is a step of its own."""
    QApplication.sendPostedEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _texts(root: QWidget) -> str:
    return " ".join(_text_of(w) for w in root.findChildren(QWidget))


def _text_of(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QLineEdit):
        return widget.text()
    return widget.toPlainText() if isinstance(widget, QTextEdit) else ""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_r35_no_order_of_events_lets_one_case_reach_another(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_session, "finalise", _quick_signature)
    monkeypatch.setattr(Pkcs12Signer, "open", lambda *_: None)
    monkeypatch.setattr(app, "local_now", lambda: NOW)
    run_state_machine_as_test(
        Reading,
        settings=settings(
            max_examples=int(os.environ.get("LIGHTBOX_SEQUENCES", "12")),
            stateful_step_count=40,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
