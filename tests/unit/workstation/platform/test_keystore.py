"""Which key store is trusted: the four environments of S3, and what R5 asks for."""

import keyring
import pytest
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringLocked, NoKeyringError

from workstation.platform import keystore
from workstation.platform.keystore import OsKeyStore


class Held:
    """A back-end of the list, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Locked(Held):
    """Locked, and nobody there to unlock it."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


class Forgetful(Held):
    """On the list, and still gives nothing back."""

    def get_password(self, service: str, username: str) -> str | None:
        return None


class ClearText(Held):
    """keyrings.alt's file in clear."""


for _kind in (Held, Locked, Forgetful):
    _kind.__module__ = "keyring.backends.SecretService"
ClearText.__module__ = "keyrings.alt.file"


def test_r5_a_proper_key_store_keeps_a_secret() -> None:
    backend = Held()
    store = OsKeyStore(lambda: backend)
    assert store.why_not() == ""
    assert backend.kept == {}  # the probe left nothing
    assert store.name == "Secret Service"
    assert store.set("a", bytearray(b"\0secret"))
    assert bytes(store.get("a") or b"") == b"\0secret"
    store.delete("a")
    assert store.get("a") is None


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (fail.Keyring, "not on the list"),
        (null.Keyring, "not on the list"),
        (ClearText, "not on the list"),
        (Locked, "KeyringLocked"),
        (Forgetful, "does not give back"),
    ],
)
def test_s3_what_does_not_keep_a_secret_is_not_used(make: type, why: str) -> None:
    store = OsKeyStore(make)
    assert why in store.why_not()
    assert not store.set("a", bytearray(b"secret"))
    assert store.get("a") is None
    store.delete("a")


def test_s3_no_key_store_at_all() -> None:
    def none() -> object:
        raise NoKeyringError("No recommended backend was available.")

    store = OsKeyStore(none)
    assert "cannot be found" in store.why_not()
    assert store.name == ""
    assert not store.set("a", bytearray(b"secret"))


def test_of_several_the_first_on_the_list_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setattr(ChainerBackend, "backends", [ClearText(), held])
    store = OsKeyStore(ChainerBackend)
    assert store.set("a", bytearray(b"secret"))
    assert len(held.kept) == 1


def test_what_somebody_else_wrote_there_is_no_secret() -> None:
    backend = Held()
    backend.set_password("Lightbox", "a", "not base64!")
    assert OsKeyStore(lambda: backend).get("a") is None


def test_doctor_is_told_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)
    assert keystore.keyring_backend() == {
        "backend": "keyring.backends.null",
        "usable": False,
        "why": "not on the list of key stores that keep a secret",
    }
