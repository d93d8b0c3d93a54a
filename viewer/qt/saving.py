"""Asks for a file and writes it in the background: all of it or nothing, and says which."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.errors import ViewerError
from viewer.loading.executor import Executor

Make = Callable[[], Sequence[bytes]]
"""Gives the contents of one file or of several, off the GUI thread."""


class Saving(QObject):
    """One kind of file that the reader saves."""

    notice = Signal(str)

    def __init__(
        self, title: str, kinds: str, suffix: str, executor: Executor, parent: QWidget
    ) -> None:
        """``kinds`` is the filter of the dialog, ``suffix`` what a name without one gets."""
        super().__init__(parent)
        self._title, self._kinds, self._suffix = title, kinds, suffix
        self._executor, self._parent = executor, parent

    def ask(self, name: str, then: Callable[[Path], None]) -> None:
        """Ask where to; ``then`` gets the file."""
        dialog = QFileDialog(self._parent, self._title, "", self._kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(self._suffix)
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: Path, make: Make, said: Callable[[], str]) -> None:
        """Write what ``make`` gives; of several files the second is called 'name-2'.

        ``said`` gives the words for what was saved, once it was.
        """

        def work() -> None:
            files = tuple(zip(_numbered(path), make(), strict=False))
            parts = [(file, file.with_name(f"{file.name}.part"), data) for file, data in files]
            try:
                for _, part, data in parts:
                    part.write_bytes(data)
                for file, part, _ in parts:
                    part.replace(file)
            finally:
                for _, part, _ in parts:
                    part.unlink(missing_ok=True)

        def done(_: None) -> None:
            self.notice.emit(self.tr("Saved {0}: {1}").format(path.name, said()))

        def failed(error: Exception) -> None:
            self.notice.emit(self.tr("{0} was not saved: {1}.").format(path.name, why(error)))

        self._executor.run(work, done, failed)


def why(error: Exception) -> str:
    """Why nothing was saved, without the full stop."""
    if isinstance(error, ViewerError):
        return error.sentence.rstrip(".")
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__


def _numbered(path: Path) -> "list[Path]":
    return [path, *(path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 1000))]
