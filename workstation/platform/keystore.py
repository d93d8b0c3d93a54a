"""Which key store of the operating system would be used: from an allow-list, never a silent one."""

import keyring
from keyring.errors import KeyringError

_ALLOWED = (
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)


def keyring_backend() -> dict[str, object]:
    """Give the backend's name and whether Lightbox would trust it (R5)."""
    try:
        backend = keyring.get_keyring()
    except KeyringError as error:
        return {"backend": None, "usable": False, "why": type(error).__name__}
    name = type(backend).__module__
    usable = name.startswith(_ALLOWED)
    why = "" if usable else "not on the list of key stores that keep a secret"
    return {"backend": name, "usable": usable, "why": why}
