"""Which files of a medium hold images: those that its DICOMDIR names, else all of the folder.

PS3.10 8.6 (File ID, DICOMDIR), PS3.3 F.3.2.2 (directory records); IHE PDI reads it first.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from viewer.errors import HeaderError, ViewerError
from viewer.loading.folder import Rejected
from viewer.loading.guard import FileBytes, Limits
from viewer.loading.outline import outline

DIRECTORY = "DICOMDIR"
_DIRECTORY_CLASS = "1.2.840.10008.1.3.10"
_RECORDS, _FILE_ID, _IN_USE = 0x00041220, 0x00041500, 0x00041410
_MOST_PARTS = 8
"""Components of a File ID (PS3.10 8.2)."""
MOST_FILES = 50_000
"""Files of one medium; a whole disk chosen by mistake ends there."""


@dataclass(frozen=True, slots=True)
class Medium:
    """The files to be read, and what was found wrong before any of them is."""

    files: tuple[Path, ...]
    rejected: tuple[Rejected, ...]
    by_directory: bool
    """Whether a DICOMDIR says which files they are."""


def find_files(paths: Sequence[Path], cancelled: Callable[[], bool] = lambda: False) -> Medium:
    """Look for the files behind what was chosen: folders, DICOMDIR files, single files.

    Of a folder with a DICOMDIR the files that it names; of any other, or where the DICOMDIR cannot
    be read or names no file that is there, all files in it and below. Nothing outside the folder is
    ever named by a directory, and no link is followed.
    """
    files: list[Path] = []
    rejected: list[Rejected] = []
    named = False
    for path in paths:
        directory = _directory_of(path)
        found = _named(directory, rejected) if directory is not None else []
        named = named or bool(found)
        if found:
            files += found
        elif _is(path, S_ISDIR) or directory is not None:
            root = path if _is(path, S_ISDIR) else path.parent
            files += _below(root, rejected, MOST_FILES - len(files), cancelled)
        else:
            files.append(path)
    return Medium(tuple(dict.fromkeys(files)), tuple(rejected), named)


def file_ids(directory: Path) -> tuple[tuple[str, ...], ...]:
    """The File IDs that a DICOMDIR names, in its order; ViewerError where it is none.

    Records that are no longer in use are left out.
    """
    with directory.open("rb") as data:
        found = outline(FileBytes(data), where=directory.name, limits=Limits())
    if found.meta.get(0x00020002, _DIRECTORY_CLASS) != _DIRECTORY_CLASS:
        raise HeaderError("It is no directory of a medium.", where=directory.name)
    ids = (
        record.texts(_FILE_ID)
        for record in found.fields.items(_RECORDS)
        if record.short(_IN_USE) != 0
    )
    return tuple(dict.fromkeys(one for one in ids if one))


def _directory_of(path: Path) -> Path | None:
    """The DICOMDIR that was chosen, or that lies in the chosen folder."""
    if _is(path, S_ISREG):
        return path if path.name.upper().startswith(DIRECTORY) else None
    try:
        names = [name for name in os.listdir(path) if _plain(name) == DIRECTORY]  # noqa: PTH208 - names
    except (OSError, ValueError):
        return None
    return next((path / name for name in sorted(names) if _is(path / name, S_ISREG)), None)


def _named(directory: Path, rejected: list[Rejected]) -> list[Path]:
    """The files that a directory names and that are there."""
    try:
        ids = file_ids(directory)
    except ViewerError as error:
        rejected.append(Rejected(directory, f"The directory of the medium: {error.sentence}"))
        return []
    except OSError as error:
        reason = f"The directory of the medium cannot be read: {error.strerror or 'no reason'}."
        rejected.append(Rejected(directory, reason))
        return []
    shelf = _Shelf(directory.parent)
    found: list[Path] = []
    for parts in ids[:MOST_FILES]:
        file = shelf.find(parts)
        if file is not None:
            found.append(file)
        else:
            words = "The DICOMDIR names this file, but it is not on the medium."
            rejected.append(Rejected(directory.parent / _said(parts), words))
    return found


class _Shelf:
    """Finds File IDs below a folder, whatever case and version its file system writes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: dict[Path, dict[str, str]] = {}

    def find(self, parts: Sequence[str]) -> Path | None:
        """The file; None where it is not there, is a link, or the ID would leave the folder."""
        if not parts or len(parts) > _MOST_PARTS:
            return None
        here = self._root
        for part in parts:
            name = self._within(here).get(_plain(part))
            if name is None:
                return None
            here = here / name
            if _is(here, S_ISLNK, follow=False):
                return None
        return here if _is(here, S_ISREG) else None

    def _within(self, folder: Path) -> dict[str, str]:
        if folder not in self._names:
            try:
                names = sorted(os.listdir(folder))  # noqa: PTH208 - names alone
            except OSError:
                names = []
            self._names[folder] = {_plain(name): name for name in reversed(names)}
        return self._names[folder]


def _is(path: Path, kind: Callable[[int], bool], *, follow: bool = True) -> bool:
    """Whether a path is there, may be looked at, and is of this kind."""
    try:
        return kind(path.stat(follow_symlinks=follow).st_mode)
    except (OSError, ValueError):
        return False


def _plain(name: str) -> str:
    """A name as ISO 9660 means it: upper case, without the version or an empty extension."""
    return name.upper().partition(";")[0].rstrip(". ")


def _said(parts: Sequence[str]) -> str:
    return "/".join(part.replace("/", "_") for part in parts[:_MOST_PARTS])[:200]


def _below(
    root: Path, rejected: list[Rejected], most: int, cancelled: Callable[[], bool]
) -> Iterable[Path]:
    found: list[Path] = []
    for file in _walk(root, rejected):
        if cancelled():
            break
        if len(found) >= most:
            words = f"Only the first {MOST_FILES} files are looked at."
            rejected.append(Rejected(root, words))
            break
        found.append(file)
    return found


def _walk(root: Path, rejected: list[Rejected]) -> Iterator[Path]:
    def closed(error: OSError) -> None:
        reason = f"The folder cannot be read: {error.strerror or type(error).__name__}."
        rejected.append(Rejected(Path(error.filename or ""), reason))

    for folder, folders, names in os.walk(root, onerror=closed):
        folders.sort()
        links = [Path(folder, name) for name in folders if Path(folder, name).is_symlink()]
        rejected += [Rejected(link, "Links to folders are not followed.") for link in links]
        yield from (Path(folder, n) for n in sorted(names) if _plain(n) != DIRECTORY)
