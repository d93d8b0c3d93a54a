"""The keys of the demo's store, whose secret lies beside it: nothing of value is in a demo.

It lets the demo start without a question. What a demo stores is encrypted as everywhere, and
protected against nobody who can read its folder.
"""

from pathlib import Path

from workstation.errors import StoreLocked
from workstation.session.vault import Vault
from workstation.store.folders import replace_durably
from workstation.store.keys import Keys
from workstation.store.secret import KEY_BYTES


class FileKeeper:
    """Keeps one secret in a file of the demo's own folder, which only the user may read."""

    ident = "demo file"
    name = "a file beside the demo's store"

    def __init__(self, folder: Path) -> None:
        """``folder``: the demo's store."""
        self._file = folder / "demo-key"

    def why_not(self) -> str:
        """Nothing: it is for demos alone."""
        return ""

    def get(self, _account: str) -> bytearray | None:
        """The secret, or None."""
        try:
            kept = bytearray(self._file.read_bytes())
        except OSError:
            return None
        return kept if len(kept) == KEY_BYTES else None

    def set(self, _account: str, secret: bytearray) -> bool:
        """Keep it; whether that was possible."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_durably(self._file, secret)
        except OSError:
            return False
        return True

    def delete(self, _account: str) -> None:
        """Forget it."""
        self._file.unlink(missing_ok=True)


def demo_keys(folder: Path) -> Keys:
    """Give the keys of a demo's store, made when there are none; raises StoreError."""
    vault = Vault(folder, FileKeeper(folder))
    if vault.is_new:
        return vault.create_kept()
    keys = vault.by_itself()
    if keys is None:
        raise StoreLocked(
            "The demo's store has lost its key; start the demo once with --fresh, which forgets "
            "what it did before."
        )
    return keys
