"""What is done once with a store that was just unlocked, before anything reads it."""

from collections.abc import Callable
from pathlib import Path

from workstation.session.vault import DATABASE
from workstation.store.keys import Keys
from workstation.store.plain_images import lies_in_clear, seal_earlier


def seal_what_lies_in_clear(folder: Path, keys: Keys, told: Callable[[str], None]) -> str:
    """Encrypt what an earlier Lightbox wrote in clear; gives what the reader should know of it.

    Blocks; ``told`` hears what goes on. Raises StoreError, and what was not reached stays.
    """
    if lies_in_clear(folder, DATABASE):
        told("Encrypting what an earlier version of Lightbox kept in clear …")
        sealed = seal_earlier(folder, DATABASE, keys)
        return (
            f"What an earlier version kept in clear is encrypted now ({sealed} images). On a "
            "flash disk traces of the old files may stay until they are overwritten."
        )
    return ""
