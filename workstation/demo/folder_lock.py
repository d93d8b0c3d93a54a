"""One demo platform per state folder: two would write over each other's records."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUseError(Exception):
    """Another demo platform runs on this folder."""


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Hold the folder while the block runs; raises FolderInUseError, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _lock(handle)
        except OSError as error:
            sentence = f"another demo platform already runs on the folder {folder}"
            raise FolderInUseError(sentence) from error
        yield
    finally:
        os.close(handle)  # closing also unlocks


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
