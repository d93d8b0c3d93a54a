"""Seals what an earlier Lightbox kept in clear: image by image, each deleted once it is sealed."""

import contextlib
import hashlib
from pathlib import Path

from workstation.errors import StoreError
from workstation.logs import Log
from workstation.store.cases import CaseStore
from workstation.store.database import Database
from workstation.store.folders import shred
from workstation.store.keys import Keys
from workstation.store.takeover import is_plain

_OLD = "instances"
IMAGES = "images"
"""Folder of the sealed images within the store."""


def lies_in_clear(folder: Path, database: str) -> bool:
    """Whether a store's folder holds anything that an earlier Lightbox wrote in clear."""
    return is_plain(folder / database) or (folder / _OLD).is_dir()


def seal_earlier(folder: Path, database: str, keys: Keys) -> int:
    """Seal a whole store; gives the number of images. It may be cut off and begun again.

    Raises StoreError; what was not reached lies as it was.
    """
    if is_plain(folder / database):
        for file in _files(folder / "decoded"):
            _gone(file)
    opened = Database(folder / database, keys)
    try:
        cases = CaseStore(folder / IMAGES, opened)
        rows = opened.read("SELECT sop, study, series, file, sha256 FROM plain_instance")
        for sop, study, series, name, digest in rows:
            _seal(folder / _OLD / str(name), cases, (str(study), str(series), str(sop)), digest)
            with opened.transaction() as change:
                change.write("DELETE FROM plain_instance WHERE sop = ?", (str(sop),))
            _gone(folder / _OLD / str(name))
        opened.forget_deleted()
    finally:
        opened.close()
    for file in _files(folder / _OLD):  # of writes that were cut off, or damaged
        _gone(file)
    with contextlib.suppress(OSError):
        (folder / _OLD).rmdir()
    return len(rows)


def _seal(file: Path, cases: CaseStore, uids: tuple[str, str, str], digest: object) -> None:
    """One image; one that is damaged or gone is fetched again when its case is opened."""
    try:
        data = file.read_bytes()
    except OSError as error:
        Log("store").warning("an image in clear is lost", why=type(error).__name__)
        return
    if hashlib.sha256(data).hexdigest() == digest:
        cases.put(*uids, data)


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []


def _gone(file: Path) -> None:
    try:
        shred(file)
    except OSError as error:
        raise StoreError(
            f"{file} holds patient data in clear and cannot be deleted: {error.strerror}."
        ) from error
