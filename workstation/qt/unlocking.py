"""Brings the store from locked to unlocked: by itself where it can, else by asking."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from workstation.errors import KeysDamaged, StoreLocked
from workstation.qt.application import sentence_for
from workstation.qt.passphrase_dialog import PassphraseDialog
from workstation.qt.unlock_page import UnlockPage
from workstation.session.lanes import CancelToken, Lane, Lanes

if TYPE_CHECKING:
    from workstation.session.vault import Vault
    from workstation.store.keys import Keys

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Found:
    """How the store was found: unlocked, or what must be asked."""

    keys: "Keys | None"
    is_new: bool = False
    key_store: str = ""
    why_none: str = ""
    by_itself: bool = False
    wait_s: float = 0.0


class Unlocking(QObject):
    """Owns the page's state; everything that blocks runs on the store's lane."""

    unlocked = Signal(object)
    """The keys."""
    notice = Signal(str)
    """Something that the reader may want to know, in a sentence."""

    def __init__(
        self, page: UnlockPage, make_vault: "Callable[[], Vault]", folder: Path, lanes: Lanes
    ) -> None:
        """``make_vault``: of the store in ``folder``, off the GUI thread: it loads a good deal."""
        super().__init__(page)
        self._page = page
        self._make_vault = make_vault
        self._made: Vault | None = None
        self._folder = folder
        self._lanes = lanes
        self._found = _Found(None)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.timeout.connect(lambda: page.hold_back(held=False))
        page.unlock_asked.connect(self._on_unlock_asked)
        page.create_asked.connect(self._on_create_asked)

    def begin(self) -> None:
        """Unlock without a question where that is set up and it was not locked."""
        self._page.show_busy(self.tr("Opening the store of this computer …"))
        self._run(lambda _: self._looked(by_itself=True), self._on_found)

    def ask_for_another(self, parent: QWidget) -> PassphraseDialog:
        """Open the dialog that changes the passphrase."""
        dialog = PassphraseDialog(parent)
        dialog.change_asked.connect(lambda old, new: self._change(dialog, old, new))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _change(self, dialog: PassphraseDialog, old: str, new: str) -> None:
        def work(_: CancelToken) -> None:
            keys = self._vault().unlock(old)
            try:
                self._vault().change_passphrase(keys, new)
            finally:
                keys.wipe()

        def done(_: None) -> None:
            if isValid(dialog):
                dialog.accept()
            self.notice.emit(self.tr("The store has another passphrase from now on."))

        def failed(error: Exception) -> None:
            if isValid(dialog):
                dialog.show_error(sentence_for(error))

        self._lanes.run(work, done, failed, lane=Lane.STORE)

    def lock(self) -> None:
        """Ask for the passphrase, now and at the next start."""
        self._page.show_busy(self.tr("Locking …"))

        def work(_: CancelToken) -> _Found:
            self._vault().lock()
            return self._looked(by_itself=False)

        self._run(work, self._on_found)

    def _vault(self) -> "Vault":
        """On the store's lane, which is one thread."""
        if self._made is None:
            self._made = self._make_vault()
        return self._made

    def _looked(self, *, by_itself: bool) -> _Found:
        vault = self._vault()
        if vault.is_new:
            why = vault.keeper_problem()
            return _Found(None, True, "" if why else vault.keeper_name, why)
        kept = vault.opens_by_itself
        keys = vault.by_itself() if by_itself and kept else None
        if keys is not None:
            return _Found(keys)
        why = vault.keeper_problem()
        name = "" if why else vault.keeper_name
        return _Found(None, False, name, why, kept, vault.wait_s())

    def _on_found(self, found: _Found) -> None:
        self._found = found
        if found.keys is not None:
            self._open(found.keys)
        elif found.is_new:
            self._page.ask_new(found.key_store, found.why_none)
        else:
            self._ask(found.wait_s)

    def _ask(self, wait_s: float = 0.0, why: str = "") -> None:
        found = self._found
        self._page.ask(found.key_store, by_itself=found.by_itself, why=why)
        self._page.hold_back(held=wait_s > 0)
        if wait_s > 0:
            self._waiting.start(int(wait_s * 1000) + 1)
            if not why:
                self._page.show_error(
                    self.tr("Too many wrong passphrases: wait before the next one.")
                )

    def _on_unlock_asked(self, passphrase: str, by_itself: bool) -> None:
        self._page.show_busy(self.tr("Unlocking …"))

        def work(_: CancelToken) -> "Keys":
            keys = self._vault().unlock(passphrase)
            if by_itself != self._found.by_itself and self._found.key_store:
                self._vault().let_open_by_itself(keys, wanted=by_itself)
            return keys

        self._run(work, self._open)

    def _on_create_asked(self, passphrase: str, by_itself: bool) -> None:
        self._page.show_busy(self.tr("Making the keys of the store …"))

        def work(_: CancelToken) -> "Keys":
            return self._vault().create(passphrase, by_itself=by_itself)

        self._run(work, self._open)

    def _open(self, keys: "Keys") -> None:
        """Encrypt first what an earlier version left in clear, if anything."""
        self._page.show_busy(self.tr("Opening the store of this computer …"))

        def told(words: str) -> None:
            self._lanes.post(lambda: self._page.show_busy(words))

        def done(sentence: str) -> None:
            self.unlocked.emit(keys)
            if sentence:
                self.notice.emit(sentence)

        def work(_: CancelToken) -> str:
            from workstation.session.opening import make_ready

            return make_ready(self._folder, keys, told)

        self._run(work, done)

    def _run(self, work: Callable[[CancelToken], T], done: Callable[[T], None]) -> None:
        self._lanes.run(work, done, self._failed, lane=Lane.STORE)

    def _failed(self, error: Exception) -> None:
        words = sentence_for(error)
        if isinstance(error, StoreLocked):
            self._ask(error.wait_s, words)
        elif isinstance(error, KeysDamaged):
            self._page.show_refusal(words)
        elif self._found.is_new:
            self._page.ask_new(self._found.key_store, self._found.why_none)
            self._page.show_error(words)
        else:
            self._page.show_refusal(words)
