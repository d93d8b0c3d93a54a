"""What is done once with a store that was just unlocked, before anything reads it."""

from collections.abc import Callable
from pathlib import Path

from workstation.errors import StoreDamaged
from workstation.logs import Log
from workstation.session.vault import DATABASE
from workstation.store.database import Database
from workstation.store.keys import Keys
from workstation.store.plain_images import lies_in_clear, seal_earlier
from workstation.store.salvage import newest_aside, salvage


def make_ready(folder: Path, keys: Keys, told: Callable[[str], None]) -> str:
    """Encrypt what an earlier Lightbox wrote in clear; look whether the database is whole.

    One that is not is set aside, and what can be read of it is brought into a new one. Gives what
    the reader should know. Blocks; ``told`` hears what goes on. Raises StoreError.
    """
    words = []
    try:
        if lies_in_clear(folder, DATABASE):
            told("Encrypting what an earlier version of Lightbox kept in clear …")
            words.append(_sealed(seal_earlier(folder, DATABASE, keys)))
        Database(folder / DATABASE, keys).close()
    except StoreDamaged as damage:
        Log("opening").error("damaged", damage)
        told("The store is damaged: bringing over what can be read …")
        words.append(f"{damage} {_brought_over(folder / DATABASE, keys)}")
    return " ".join(words)


def _sealed(images: int) -> str:
    return (
        f"What an earlier version kept in clear is encrypted now ({images} images). On a flash "
        "disk traces of the old files may stay until they are overwritten."
    )


def _brought_over(file: Path, keys: Keys) -> str:
    aside = newest_aside(file)
    database = Database(file, keys)
    try:
        found = salvage(aside, database) if aside is not None else {}
    finally:
        database.close()
    counted = ", ".join(
        f"{found.get(table, 0)} {name}"
        for table, name in (
            ("signed", "signed reports"),
            ("draft", "revisions of drafts"),
            ("instance", "images"),
        )
    )
    return (
        f"Brought over: {counted}. What could not be read is in that file alone; images are "
        "fetched again."
    )
