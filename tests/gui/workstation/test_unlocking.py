"""The first start asks for a passphrase, later ones for it again or for nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.kit.platform import FakePlatform, a_case
from tests.kit.vault import CHEAP, FakeKeeper
from workstation import app
from workstation.errors import StoreError, StoreLocked
from workstation.paths import Places
from workstation.qt.workplace import Workplace
from workstation.session.connection import Connection
from workstation.session.vault import Vault
from workstation.settings import defaults

WORDS = "correct horse battery"


@contextmanager
def _started(qtbot: QtBot, folder: Path, keeper: FakeKeeper) -> Iterator[app.Lightbox]:
    settings = defaults().having({"platform.fhir": "https://127.0.0.1:1/fhir"})
    program = app.Lightbox(app.Start(settings, Places(folder)))
    program.window.resize(1600, 900)
    program.window.show()
    store = Places(folder).store
    program.unlock(lambda: Vault(store, keeper, cost=lambda: CHEAP, least=CHEAP))
    try:
        yield program
    finally:
        program.window.close()
        program.close()
        program.window.deleteLater()


def _field(program: app.Lightbox, name: str) -> QLineEdit:
    return next(f for f in program.window.findChildren(QLineEdit) if f.accessibleName() == name)


def _press(program: app.Lightbox, text: str) -> None:
    buttons = program.window.unlock.findChildren(QPushButton)
    next(b for b in buttons if b.text() == text and b.isVisible()).click()


def _asks(program: app.Lightbox, qtbot: QtBot, text: str) -> None:
    qtbot.waitUntil(lambda: _shown(program.window.unlock, text), timeout=5000)


def _shown(page: QWidget, text: str) -> bool:
    return any(b.text() == text and b.isVisible() for b in page.findChildren(QPushButton))


def _open(program: app.Lightbox, qtbot: QtBot) -> None:
    qtbot.waitUntil(program.window.sign_in.isVisible, timeout=5000)


def test_passphrase_at_the_first_start_and_at_the_next(qtbot: QtBot, tmp_path: Path) -> None:
    nothing = FakeKeeper(why_not="there is none")
    with _started(qtbot, tmp_path, nothing) as program:
        _asks(program, qtbot, "Set passphrase")
        assert not _box(program).isVisible()
        _field(program, "Store passphrase").setText(WORDS)
        _field(program, "Repeat passphrase").setText("something else")
        _press(program, "Set passphrase")
        assert "differ" in program.window.unlock.message()
        assert not (tmp_path / "store").exists()
        for name in ("Store passphrase", "Repeat passphrase"):
            _field(program, name).setText(WORDS)
        _press(program, "Set passphrase")
        _open(program, qtbot)
        assert _field(program, "Store passphrase").text() == ""
    with _started(qtbot, tmp_path, nothing) as program:
        for wrong in range(5):
            qtbot.waitUntil(_field(program, "Store passphrase").isVisible, timeout=5000)
            _field(program, "Store passphrase").setText(f"wrong horse {wrong}")
            _press(program, "Unlock")
        _asks(program, qtbot, "Unlock")
        assert "5 wrong passphrases in a row" in program.window.unlock.message()
        assert not _field(program, "Store passphrase").isEnabled()
    (tmp_path / "store" / "tries.json").unlink()
    with _started(qtbot, tmp_path, nothing) as program:
        _asks(program, qtbot, "Unlock")
        _field(program, "Store passphrase").setText(WORDS)
        _press(program, "Unlock")
        _open(program, qtbot)


def test_a_key_store_opens_it_without_a_question(qtbot: QtBot, tmp_path: Path) -> None:
    keeper = FakeKeeper()
    with _started(qtbot, tmp_path, keeper) as program:
        _asks(program, qtbot, "Set passphrase")
        assert "Fake key store" in _box(program).text()
        _create(program, qtbot)
    with _started(qtbot, tmp_path, keeper) as program:
        _open(program, qtbot)
    keeper.kept.clear()  # the desktop's key store lost it (S3)
    with _started(qtbot, tmp_path, keeper) as program:
        _asks(program, qtbot, "Unlock")


def test_a_damaged_key_file_is_told_and_nothing_is_asked(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "keys.json").write_text("{")
    with _started(qtbot, tmp_path, FakeKeeper()) as program:
        qtbot.waitUntil(lambda: "cannot be read" in program.window.unlock.message(), timeout=5000)
        assert not _shown(program.window.unlock, "Unlock")


@pytest.fixture(autouse=True)
def _nothing_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    """No image is drawn here, and locking would wait for loops that are being loaded."""
    monkeypatch.setattr(Workplace, "_warm_up", lambda *_: None)
    monkeypatch.setattr("workstation.qt.workplace.compile_aside", lambda _stop: None)


class _NoHttp:
    def close(self) -> None:
        """Nothing was open."""


class _Session:
    """The sign-in session on the platform; counts how often it was ended."""

    def __init__(self) -> None:
        self.ended = 0

    def revoke(self) -> None:
        self.ended += 1


def _sign_in(program: app.Lightbox, session: _Session) -> None:
    platform = FakePlatform(cases={"case-1": a_case()})
    program._connected(
        Connection(
            http=cast(Any, _NoHttp()),
            session=cast(Any, session),
            platform=cast(Any, platform),
            reader=platform.reader(),
        )
    )


def _workplace(program: app.Lightbox) -> Workplace | None:
    return program.workplace


def _unlock(program: app.Lightbox, qtbot: QtBot) -> None:
    _asks(program, qtbot, "Unlock")
    _field(program, "Store passphrase").setText(WORDS)
    _press(program, "Unlock")


def test_r33_locked_nothing_is_open_and_unlocking_goes_on_where_it_was(
    qtbot: QtBot, tmp_path: Path
) -> None:
    keeper, session = FakeKeeper(), _Session()
    with _started(qtbot, tmp_path, keeper) as program:
        _create(program, qtbot)
        _sign_in(program, session)
        before, keys = _workplace(program), program._keys
        assert before is not None
        assert keys is not None
        qtbot.waitUntil(lambda: before.desk.online and len(before.desk.cases) == 1, timeout=5000)
        before.worklist.open_asked.emit(before.desk.cases[0])
        qtbot.waitUntil(lambda: before.place() is not None, timeout=5000)
        program.window.lock_asked.emit()
        assert _workplace(program) is None
        assert keys.is_wiped
        assert program.window.unlock.isVisible()
        assert not program.window.menus().isVisible()
        with pytest.raises(StoreError):
            before._kept.database.read("SELECT 1")
        _unlock(program, qtbot)  # the key store is not asked
        qtbot.waitUntil(lambda: _workplace(program) is not None, timeout=5000)
        after = _workplace(program)
        assert after is not None
        qtbot.waitUntil(lambda: after.place() == "case-1", timeout=5000)
        assert session.ended == 0
        program.lock()
    with _started(qtbot, tmp_path, keeper) as program:  # no way round it by a new start
        _asks(program, qtbot, "Unlock")


def test_r34_another_reader_inherits_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    session = _Session()
    with _started(qtbot, tmp_path, FakeKeeper()) as program:
        _create(program, qtbot)
        _sign_in(program, session)
        program.lock()
        _asks(program, qtbot, "Unlock")
        _press(program, "Sign in as another reader")
        qtbot.waitUntil(lambda: session.ended == 1, timeout=5000)
        _unlock(program, qtbot)
        _open(program, qtbot)
        assert _workplace(program) is None
        assert program._was_at is None


def test_the_passphrase_is_changed_by_who_knows_it(qtbot: QtBot, tmp_path: Path) -> None:
    with _started(qtbot, tmp_path, FakeKeeper()) as program:
        _create(program, qtbot)
        unlocking = program._unlocking
        assert unlocking is not None
        dialog = unlocking.ask_for_another(program.window)
        for present, why in (("wrong horse", "not the passphrase"), (WORDS, "")):
            typed = (present, "other words to know", "other words to know")
            for field, words in zip(dialog.findChildren(QLineEdit), typed, strict=True):
                field.setText(words)
            next(b for b in dialog.findChildren(QPushButton) if b.text() == "Change").click()
            if why:
                qtbot.waitUntil(lambda: _heard(dialog, "not the passphrase"), timeout=5000)
        qtbot.waitUntil(lambda: not isValid(dialog) or not dialog.isVisible(), timeout=5000)
        vault = unlocking._vault()
        vault.unlock("other words to know").wipe()
        with pytest.raises(StoreLocked):
            vault.unlock(WORDS)


def _heard(dialog: QWidget, words: str) -> bool:
    return any(words in label.text() for label in dialog.findChildren(QLabel))


def test_r33_it_locks_itself_when_nobody_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    with _started(qtbot, tmp_path, FakeKeeper()) as program:
        _create(program, qtbot)
        _sign_in(program, _Session())
        program.idle.left.emit()
        assert _workplace(program) is None
        assert program.window.unlock.isVisible()


def _create(program: app.Lightbox, qtbot: QtBot) -> None:
    _asks(program, qtbot, "Set passphrase")
    for name in ("Store passphrase", "Repeat passphrase"):
        _field(program, name).setText(WORDS)
    _press(program, "Set passphrase")
    _open(program, qtbot)


def _box(program: app.Lightbox) -> QCheckBox:
    return program.window.unlock.findChildren(QCheckBox)[0]
