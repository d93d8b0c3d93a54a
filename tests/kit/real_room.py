"""The program itself, window and all, on a demo platform that can be told to fail."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.kit.demo_client import open_session, signed_in
from tests.kit.demo_platform import DemoProcess, start_demo
from workstation import app, logs, settings
from workstation.paths import Places
from workstation.qt.workplace import Workplace
from workstation.store.outbox import EntrySummary

W = TypeVar("W", bound=QWidget)
NAMES = ("Müller", "Ana", "P-1", "1958")
"""Of the tiny case's patient: none of it may stand in a log."""


class Platform:
    """A demo platform at one address, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.process = self._started()

    @property
    def ready(self) -> dict[str, Any]:
        """What its ready file says."""
        return self.process.ready

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()

    def restart(self) -> None:
        """Start it again at the same address; every sign-in is forgotten."""
        self.process = self._started()

    def stop(self) -> None:
        """End it."""
        self.process.stop()

    def order(self, **fault: object) -> None:
        """Order a fault (see workstation.demo.faults)."""
        self._post("/demo/faults", fault)

    def behave(self) -> None:
        """Forget the faults that are still ordered."""
        session = open_session(self.process)
        try:
            session.delete(f"{self.ready['base']}/demo/faults", timeout=10)
        finally:
            session.close()

    def change_task(self, ident: str, **changes: object) -> None:
        """Change a case as the platform's own staff would."""
        self._post(f"/demo/tasks/{ident}", changes)

    def search(self, query: str) -> list[dict[str, Any]]:
        """Give the resources that a reader finds."""
        session = signed_in(self.process)
        try:
            found = session.get(f"{self.ready['fhir']}/{query}", timeout=10).json()
        finally:
            session.close()
        return [entry["resource"] for entry in found.get("entry", [])]

    def _post(self, path: str, body: object) -> None:
        session = open_session(self.process)
        try:
            answer = session.post(f"{self.ready['base']}{path}", json=body, timeout=10)
            assert answer.status_code == requests.codes.ok, answer.text
        finally:
            session.close()

    def _started(self) -> DemoProcess:
        arguments = ("--port", str(self.port), "--unseeded", "--faults")
        return start_demo(self._folder, *arguments)


@dataclass
class Room:
    """The program, and what a reader does with it."""

    program: app.Lightbox
    qtbot: QtBot
    passphrase: str

    @property
    def workplace(self) -> Workplace:
        """What exists while a reader is signed in."""
        assert self.program.workplace is not None
        return self.program.workplace

    @property
    def notice(self) -> str:
        """What the line at the bottom says."""
        return self.program.window.status.notice_text

    def earlier(self) -> str:
        """All notices so far, newest first."""
        return self.program.window.status._notice.toolTip()

    def until(self, true: Callable[[], object], seconds: float = 10) -> None:
        """Let the program run until it is so."""
        self.qtbot.waitUntil(lambda: bool(true()), timeout=round(seconds * 1000))

    def sign_in(self) -> None:
        """Sign in and wait for the worklist."""
        self.program.sign_in()
        self.until(lambda: self.program.workplace is not None)
        self.until(lambda: self.workplace.worklist.isVisible() and self.workplace.desk.cases)

    def open(self, ident: str = "case-1") -> None:
        """Open a case and wait for its report."""
        self.ask(ident)
        self.until(lambda: self.is_writing(ident))

    def ask(self, ident: str = "case-1") -> None:
        """Ask for a case as the worklist does."""
        case = next(c for c in self.workplace.desk.cases if c.id == ident)
        self.workplace.worklist.open_asked.emit(case)

    def session_case(self) -> str:
        """The id of the open case."""
        session = self.workplace.reading.session()
        return session.case.id if session is not None else ""

    def is_writing(self, ident: str = "case-1") -> bool:
        """Whether the report of a case is open and its editors are on the screen."""
        there = self.session_case() == ident and self.workplace.reading.pane().draft() is not None
        return there and self.find(QTextEdit, "Report findings") is not None

    def version(self, ident: str = "case-1") -> str:
        """The version of a case as the worklist has it; empty when it is not on it."""
        return next((c.version for c in self.workplace.desk.cases if c.id == ident), "")

    def held(self) -> tuple[int, int]:
        """Instances of the open case's study that are here, and that there should be."""
        session = self.workplace.reading.session()
        assert session is not None
        return session.context().complete

    def write(self, words: str, section: str = "Report findings") -> None:
        """Type into the report."""
        editor = self.find(QTextEdit, section)
        assert editor is not None
        editor.setFocus()
        editor.selectAll()
        if len(words) < 100:
            QTest.keyClicks(editor, words)
        else:  # as dictation does
            editor.insertPlainText(words)

    def text(self, section: str = "Report findings") -> str:
        """What a section of the report reads."""
        editor = self.find(QTextEdit, section)
        assert editor is not None
        return editor.toPlainText()

    def sign(self) -> None:
        """Sign and send once the images are here, up to the closing of the dialog."""
        self.until(self._has_images)
        self.click("Sign and send")
        self.until(lambda: self.find(QLineEdit, "Passphrase"))
        field = self.find(QLineEdit, "Passphrase")
        assert field is not None
        QTest.keyClicks(field, self.passphrase)
        self.click("Sign and send", field.window())
        self.until(lambda: self.find(QLineEdit, "Passphrase") is None)

    def _has_images(self) -> bool:
        session = self.workplace.reading.session()
        return session is not None and session.images.current is not None

    def told(self, words: str) -> bool:
        """Whether a notice so far says this."""
        return words in self.earlier()

    def delivery(self) -> str:
        """What stands above the report."""
        return self.workplace.reading.delivery().words()

    def dialogs(self) -> list[QDialog]:
        """The dialogs on the screen."""
        return [
            w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()
        ]

    def fill_disk(self) -> None:
        """Let the database grow no more: SQLite then says what it says on a full disk."""
        pages = self.workplace._kept.database.read("PRAGMA page_count")[0][0]
        self.workplace._kept.database.read(f"PRAGMA max_page_count={pages}")

    def free_disk(self) -> None:
        """Let it grow again."""
        self.workplace._kept.database.read("PRAGMA max_page_count=1000000")

    def entries(self) -> tuple[EntrySummary, ...]:
        """What the outbox holds."""
        return self.workplace._kept.outbox.entries()

    def click(self, name: str, root: QWidget | None = None) -> None:
        """Click a button by its accessible name or text."""
        button = self.find(QAbstractButton, name, root)
        assert button is not None, f"no button {name!r}; {self.notice}"
        assert button.isEnabled(), f"{name!r} cannot be used; {self.notice}"
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def find(self, kind: type[W], name: str, root: QWidget | None = None) -> W | None:
        """Give the visible widget of that name, dialogs first."""
        tops = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]
        for place in [root] if root is not None else [*tops, self.program.window]:
            for widget in place.findChildren(kind):
                own = widget.accessibleName()
                if not own and isinstance(widget, QAbstractButton):
                    own = widget.text()
                if own == name and widget.isVisible():
                    return widget
        return None

    def picture(self, file: Path) -> None:
        """Keep what the window shows."""
        self.program.window.grab().save(str(file))


def wanted(platform: Platform, **changes: settings.Value) -> settings.Settings:
    """The settings that read on this platform."""
    told = platform.ready
    return settings.defaults().having(
        {
            "platform.fhir": told["fhir"],
            "platform.ca": told["ca"],
            "platform.poll_seconds": 2,
            "signing.pkcs12": told["pkcs12"],
            "signing.certificate": told["signing_certificate"],
            **changes,
        }
    )


@contextmanager
def open_room(
    qtbot: QtBot, folder: Path, platform: Platform, **changes: settings.Value
) -> Iterator[Room]:
    """Start the program; at its end nothing was uncaught and no log names the patient."""
    places = Places(folder)
    logs.start(places.logs)
    program = app.Lightbox(app.Start(wanted(platform, **changes), places, demo_user="dr-ito"))
    program.window.resize(1920, 1080)
    program.window.show()
    try:
        yield Room(program, qtbot, platform.ready["passphrase"])
    finally:
        program.window.close()
        program.close()
        program.window.deleteLater()
    told = "".join(f.read_text(encoding="utf-8") for f in places.logs.iterdir())
    assert "uncaught" not in told
    assert "unraisable" not in told
    for name in NAMES:
        assert name not in told
