"""Files and folders so written that a power cut leaves the old or the new, and never half."""

import contextlib
import os
from pathlib import Path

_PIECE = 1 << 20


def replace_durably(file: Path, data: bytes | bytearray) -> None:
    """Write beside it, fsync, rename, fsync the folder; only the user may read it. OSError."""
    part = file.with_name(file.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    if os.name != "posix":  # elsewhere a folder cannot be opened, and need not be
        return
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def shred(file: Path) -> None:
    """Overwrite a file once and delete it; OSError.

    As far as that reaches: flash disks and file systems that copy on writing keep what was there.
    """
    with contextlib.suppress(FileNotFoundError):
        with file.open("r+b", buffering=0) as out:
            overwrite(out.fileno())
        file.unlink()


def overwrite(descriptor: int) -> None:
    """Overwrite an open file with zeros and bring them to the disk."""
    left = os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    while left > 0:
        left -= os.write(descriptor, bytes(min(left, _PIECE)))
    os.fsync(descriptor)
