"""The key store of the operating system: from an allow-list, and proven before it is trusted (R5).

Back-ends fail silently as well as loudly: one "stores" and gives nothing back, one writes clear
text. So a store counts only when it is on the list and gives back what was just written.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

import keyring
from keyring.backends.chainer import ChainerBackend

T = TypeVar("T")
_SERVICE = "Lightbox"
_ALLOWED = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}


class Backend(Protocol):
    """What of a back-end of ``keyring`` is used."""

    def get_password(self, service: str, username: str) -> str | None:
        """Give what is kept, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        ...


class OsKeyStore:
    """Keeps secrets of this user under an account name; every call may block on the desktop."""

    ident = "os"

    def __init__(self, find: Callable[[], object] = keyring.get_keyring) -> None:
        """``find`` gives the back-end that this computer would use."""
        self._find = find

    @property
    def name(self) -> str:
        """What the user knows it as; empty when none is fit."""
        found = self._backend()
        return _ALLOWED[_module(found)] if found is not None else ""

    def why_not(self) -> str:
        """Why it is not used, in words that end a sentence; empty when a secret is safe in it."""
        found, fault = _tried(self._find)
        if fault:
            return f"it cannot be found ({fault})"
        backend = _fit(found)
        if backend is None:
            return f"{_module(found)} is not on the list of key stores that keep a secret"
        return _probed(backend)

    def get(self, account: str) -> bytearray | None:
        """Give the secret of an account; None when there is none, or it cannot be read now."""
        backend = self._backend()
        if backend is None:
            return None
        kept, _ = _tried(lambda: backend.get_password(_SERVICE, account))
        try:
            return bytearray(base64.b64decode(kept, validate=True)) if kept else None
        except binascii.Error:
            return None

    def set(self, account: str, secret: bytearray) -> bool:
        """Keep a secret; whether it is given back as it was."""
        backend = self._backend()
        if backend is None:
            return False
        text = base64.b64encode(secret).decode("ascii")
        _, fault = _tried(lambda: backend.set_password(_SERVICE, account, text))
        kept = None if fault else self.get(account)
        return kept is not None and hmac.compare_digest(kept, secret)

    def delete(self, account: str) -> None:
        """Forget a secret; one that stays opens nothing without its key file."""
        backend = self._backend()
        if backend is not None:
            _tried(lambda: backend.delete_password(_SERVICE, account))

    def _backend(self) -> Backend | None:
        found, fault = _tried(self._find)
        return None if fault else _fit(found)


def keyring_backend() -> dict[str, object]:
    """Give the back-end's name and whether its name is on the list; nothing is written (R5)."""
    backend, fault = _tried(keyring.get_keyring)
    if fault:
        return {"backend": None, "usable": False, "why": fault}
    usable = _fit(backend) is not None
    why = "" if usable else "not on the list of key stores that keep a secret"
    return {"backend": _module(_fit(backend) or backend), "usable": usable, "why": why}


def _module(backend: object) -> str:
    return type(backend).__module__


def _fit(found: object) -> Backend | None:
    """The back-end if it is on the list; of several the first that is."""
    several: Iterable[object] = found.backends if isinstance(found, ChainerBackend) else (found,)
    return next((b for b in several if _module(b) in _ALLOWED), None)  # type: ignore[return-value]


def _probed(backend: Backend) -> str:
    """Write, read back, delete; why it did not hold, or empty."""
    account, word = f"probe-{secrets.token_hex(8)}", secrets.token_hex(16)
    _, fault = _tried(lambda: backend.set_password(_SERVICE, account, word))
    kept, fault_of_reading = _tried(lambda: backend.get_password(_SERVICE, account))
    _tried(lambda: backend.delete_password(_SERVICE, account))
    if fault or fault_of_reading:
        return f"it refuses ({fault or fault_of_reading})"
    return "" if kept == word else "it does not give back what it was given"


def _tried(act: Callable[[], T]) -> tuple[T | None, str]:
    """The answer, or the name of the fault: back-ends raise whatever their desktop raises."""
    try:
        return act(), ""
    except Exception as error:  # noqa: BLE001 - see above; the caller says it in a sentence
        return None, type(error).__name__
