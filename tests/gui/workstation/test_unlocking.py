"""The first start asks for a passphrase, later ones for it again or for nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.kit.vault import CHEAP, FakeKeeper
from workstation import app
from workstation.paths import Places
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
        for name in ("Store passphrase", "Repeat passphrase"):
            _field(program, name).setText(WORDS)
        _press(program, "Set passphrase")
        _open(program, qtbot)
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


def _box(program: app.Lightbox) -> QCheckBox:
    return program.window.unlock.findChildren(QCheckBox)[0]
