"""The composition root: builds each object once, passes it by constructor, connects signals."""

import signal
import sys
import webbrowser
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reporting.errors import ReportingError
from workstation import logs
from workstation.errors import StoreLocked, UserFacingError
from workstation.model.left_out import FolderNotes
from workstation.paths import Places, resources
from workstation.qt.application import FaultHooks, make_application, sentence_for
from workstation.qt.idle import IdleWatch
from workstation.qt.main_window import MainWindow
from workstation.qt.quitting import ask_before_losing
from workstation.qt.tasks import TaskRunner
from workstation.qt.unlocking import Unlocking
from workstation.session.lanes import CancelToken, Lane
from workstation.session.levels import Level
from workstation.session.no_dumps import forbid_dumps
from workstation.settings import Settings
from workstation.store.drafts import Unsaved

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.qt.workplace import Workplace
    from workstation.session.connection import Connection
    from workstation.session.vault import Vault
    from workstation.store.keys import Keys

_LONGEST_OPEN_S = 12 * 3600.0
"""After so long the passphrase is asked for, whatever goes on (R33)."""
_STAYS_OPEN = "The store of the demo has no passphrase: its key lies beside it."
_LATER = ("workstation.qt.workplace", "workstation.session.connection")
"""What is loaded while the sign-in window is already there: the most of the program."""


@dataclass(frozen=True, slots=True)
class Start:
    """How the program was started."""

    settings: Settings
    places: Places
    demo_user: str = ""
    """Set in the demo: the browser step of the sign-in is answered as this user."""
    folder: FolderNotes = field(default_factory=FolderNotes)
    """Set in a demo on a folder: what of it is not on the platform."""

    @property
    def asks_for_passphrase(self) -> bool:
        """Whether the store is unlocked by its user; the demo's own key lies beside its store."""
        return not self.demo_user and bool(self.settings.text("platform.fhir"))


def local_now() -> datetime:
    """Now, with this computer's offset."""
    return datetime.now(UTC).astimezone()


class Lightbox:
    """The running program: window, tasks, and from sign-in on the workplace."""

    def __init__(self, start_with: Start) -> None:
        """Show the window first; everything heavy comes after its first paint."""
        self._start = start_with
        self._log = logs.Log("app")
        self.tasks = TaskRunner()
        fhir = start_with.settings.text("platform.fhir")
        host = urlsplit(fhir).netloc
        self.window = MainWindow(platform=host, demo=bool(start_with.demo_user))
        self.workplace: Workplace | None = None
        self._keys: Keys | None = None
        self._unlocking: Unlocking | None = None
        self._signing_in: CancelToken | None = None
        self._was_at: tuple[str, str] | None = None
        """Reader and case at which a session ended by itself, or was locked."""
        self._session: Connection | None = None
        """Of who is signed in; it waits while the store is locked."""
        self._unsaved = Unsaved()
        self._give_up = False
        self._hooks = FaultHooks(
            lambda words: self.tasks.post(lambda: self.window.tell(Level.ERROR, words))
        )
        self._hooks.install()
        self.window.sign_in.sign_in_asked.connect(self.sign_in)
        self.window.sign_in.cancel_asked.connect(self._cancel_sign_in)
        self.window.top.sign_out_asked.connect(self.sign_out)
        self.window.lock_asked.connect(self.lock)
        self.window.passphrase_asked.connect(self._on_passphrase_asked)
        self.window.unlock.other_reader_asked.connect(self._on_other_reader_asked)
        self.idle = IdleWatch(
            start_with.settings.number("lock.minutes") * 60,
            longest=_LONGEST_OPEN_S,
            parent=self.window,
        )
        self.idle.left.connect(self.lock)
        self.window.closing.connect(self.close)
        self.window.guard_close(self._may_close)
        self.window.show_sign_in()
        for problem in start_with.settings.problems:
            self.window.tell(Level.WARNING, problem)

    def unlock(self, make_vault: "Callable[[], Vault]") -> None:
        """Unlock the store, by itself or by asking; signing in comes after that."""
        page, store = self.window.unlock, self._start.places.store
        unlocking = self._unlocking = Unlocking(page, make_vault, store, self.tasks)
        unlocking.unlocked.connect(self._on_unlocked)
        unlocking.notice.connect(lambda words: self.window.tell(Level.INFO, words))
        self._listen_to_desktop()
        self.window.show_unlock()
        unlocking.begin()

    def _listen_to_desktop(self) -> None:
        if sys.platform == "linux":
            from workstation.qt.desktop_lock import DesktopLock

            desktop = DesktopLock(self.window)
            desktop.left.connect(self.lock)
            desktop.listen()

    def lock(self) -> None:
        """Close the store and overwrite its keys; no patient is on any screen any more (R33).

        The session waits: who unlocks goes on where it was. A demo's store has no passphrase.
        """
        if self._unlocking is None:
            self.window.tell(Level.INFO, _STAYS_OPEN)
        if self._unlocking is None or self._keys is None:
            return
        self._cancel_sign_in()
        session = self._session
        self.window.unlock.show_session(session.reader.display if session is not None else "")
        self.window.unlock.show_busy("Locking …")
        self.window.show_unlock()
        self.window.repaint()  # before what follows waits for work to end
        if self.workplace is not None and session is not None:
            case = self.workplace.place()
            self._was_at = (session.reader.fhir_reference, case) if case is not None else None
        self._leave_workplace(hang_up=session is None)
        self._forget_keys()
        self._log.info("locked")
        self._unlocking.lock()

    def _on_unlocked(self, keys: "Keys") -> None:
        self._keys = keys
        self.idle.begin()
        if self._session is not None:
            self._connected(self._session)
            return
        self.window.show_sign_in()
        self.window.sign_in.show_ready()

    def _on_passphrase_asked(self) -> None:
        if self._unlocking is None:
            self.window.tell(Level.INFO, _STAYS_OPEN)
        else:
            self._unlocking.ask_for_another(self.window)

    def _on_other_reader_asked(self) -> None:
        """End the session that waits; whoever signs in next inherits nothing of it (R34)."""
        self._was_at = None
        session, self._session = self._session, None
        self.window.unlock.show_session("")
        if session is not None:
            self._revoke(session)

    def _revoke(self, session: "Connection") -> None:
        self.tasks.run(
            lambda _: session.sign_out(),
            lambda _: None,
            lambda error: self.window.tell(Level.WARNING, sentence_for(error)),
            lane=Lane.NET,
        )

    def _forget_keys(self) -> None:
        self.idle.stop()
        if self._keys is not None:
            self._keys.wipe()
        self._keys = None

    def sign_in(self) -> None:
        """Sign in through the browser; in the demo the browser step is answered here."""
        self.window.sign_in.show_busy(
            "Signing in on the demo platform …"
            if self._start.demo_user
            else "Your browser has opened the sign-in page of the platform. Go on there."
        )
        self._signing_in = self.tasks.run(
            self._connect, self._connected, self._sign_in_failed, lane=Lane.NET
        )

    def sign_out(self) -> None:
        """End the session on the platform and here; drafts stay in the store."""
        self._was_at = None
        if self.workplace is not None:
            self.workplace.leave_case()
            self.workplace.desk.stop()
            self._revoke(self.workplace.connection)
        self._session = None
        self.window.show_sign_in()
        self.window.sign_in.show_ready("You are signed out.")

    def close(self) -> None:
        """Keep what is unsaved, stop the work, close the store, overwrite its keys."""
        self._leave_workplace()
        self.tasks.close()
        if self._session is not None and self.workplace is None:
            self._session.http.close()
        self._forget_keys()
        self._hooks.remove()

    def load_rest(self) -> None:
        """Load what the workplace needs, off the GUI thread, so that signing in finds it there."""
        self.tasks.run(lambda _: _load(), lambda _: None, self._unloaded, lane=Lane.WORK)

    def _unloaded(self, error: Exception) -> None:
        self._log.error("loading", error)  # signing in tries again, and says so

    def _connect(self, token: CancelToken) -> "Connection":
        _load()
        from workstation.session.connection import connect

        self._store_keys()

        return connect(
            self._start.settings, self._start.demo_user, webbrowser.open, token.cancelled
        )

    def _store_keys(self) -> "Keys":
        """The keys of the unlocked store; in the demo they are found beside it."""
        if self._keys is None and self._start.demo_user:
            from workstation.session.demo_keys import demo_keys
            from workstation.session.opening import make_ready

            folder = self._start.places.store
            keys = demo_keys(folder)
            make_ready(folder, keys, lambda _words: None)
            self._keys = keys
        if self._keys is None:
            raise StoreLocked("The store of this computer is locked.")
        return self._keys

    def _connected(self, connection: "Connection") -> None:
        from workstation.qt.workplace import Workplace  # loaded by now

        self._signing_in = None
        self._leave_workplace()
        try:
            keys = self._store_keys()
            self.workplace = Workplace(
                window=self.window,
                tasks=self.tasks,
                settings=self._start.settings,
                places=self._start.places,
                resources=resources(),
                connection=connection,
                keys=keys,
                now=local_now,
                demo=bool(self._start.demo_user),
                unsaved=self._unsaved,
                folder=self._start.folder,
            )
        except (UserFacingError, ReportingError, OSError) as error:
            connection.http.close()
            self._session = None
            self._log.error("workplace", error)
            self.window.show_sign_in()
            self.window.sign_in.show_error(sentence_for(error))
            return
        self._session = connection
        self._unsaved = Unsaved()
        self.workplace.desk.session_ended.connect(self._on_session_ended)
        self.window.sign_in.show_ready()
        reader = connection.reader.fhir_reference
        if self._was_at is not None and self._was_at[0] == reader:
            self.workplace.come_back_to(self._was_at[1])
        self._was_at = None
        self.workplace.start()

    def _leave_workplace(self, *, hang_up: bool = True) -> None:
        """Nothing of one session is inherited by the next, whoever signs in (R34)."""
        if self.workplace is None:
            return
        self.workplace.close()
        self.tasks.settle()
        self._unsaved = self.workplace.unsaved()
        self.workplace.close_store(hang_up=hang_up)
        self.workplace.deleteLater()
        self.workplace = None

    def _on_session_ended(self, why: str) -> None:
        kept = ""
        self._session = None
        if self.workplace is not None:
            kept, case = self.workplace.kept(), self.workplace.place()
            if case is not None:
                self._was_at = (self.workplace.connection.reader.fhir_reference, case)
            self.workplace.leave_case()
        self.window.show_sign_in()
        self.window.sign_in.show_error(f"{why} {kept}".rstrip())

    def _may_close(self) -> bool:
        """Whether nothing would be lost; if not, ask, and close at the reader's word."""
        held = self.workplace.unsaved() if self.workplace is not None else self._unsaved
        if self._give_up or not held.cases:
            return True
        question = ask_before_losing(len(held.cases), self.window)
        question.accepted.connect(self._close_all_the_same)
        question.open()
        return False

    def _close_all_the_same(self) -> None:
        self._give_up = True
        self.window.close()

    def _sign_in_failed(self, error: Exception) -> None:
        self._signing_in = None
        self._log.error("sign-in", error)
        self.window.sign_in.show_error(sentence_for(error))

    def _cancel_sign_in(self) -> None:
        if self._signing_in is not None:
            self._signing_in.cancel()
            self._signing_in = None
        self.window.sign_in.show_ready("The sign-in was cancelled.")


def _load() -> None:
    for module in _LATER:
        import_module(module)


def _vault(store: Path) -> "Vault":
    from workstation.platform.keystore import OsKeyStore
    from workstation.session.vault import Vault

    return Vault(store, OsKeyStore())


def run(start: Start, arguments: list[str]) -> int:
    """Run the program until its window closes; gives the exit status."""
    logs.start(start.places.logs)
    forbid_dumps()
    application = make_application(
        arguments, text_percent=start.settings.number("window.text_percent")
    )
    program = Lightbox(start)
    program.window.setGeometry(application.primaryScreen().availableGeometry())
    program.window.showMaximized()  # which a display without a window manager does not do
    program.load_rest()
    if start.demo_user:
        program.sign_in()
    elif start.asks_for_passphrase:
        program.unlock(lambda: _vault(start.places.store))
    signal.signal(signal.SIGTERM, lambda *_: program.window.close())
    status = application.exec()
    program.close()
    return status


class Program:
    """The windows as the demo command starts them."""

    def read(self, settings: Settings, places: Places, demo_user: str, folder: FolderNotes) -> int:
        """Open the window until the user closes it; gives the exit status."""
        return run(Start(settings, places, demo_user, folder), ["lightbox"])

    def read_by_script(
        self,
        settings: Settings,
        places: Places,
        demo_user: str,
        *,
        passphrase: str,
        out: Path,
        invented: bool,
        folder: FolderNotes,
    ) -> int:
        """Do one read by script; gives the exit status."""
        from workstation.qt.scripted import ScriptedRead

        logs.start(places.logs)
        forbid_dumps()
        application = make_application(["lightbox"])
        program = Lightbox(Start(settings, places, demo_user, folder))
        script = ScriptedRead(program.window, passphrase=passphrase, out=out, invented=invented)
        program.window.resize(1920, 1080)
        program.window.show()
        program.sign_in()
        script.finished.connect(application.exit)
        script.start()
        status = application.exec()
        program.close()
        return status
