"""Asks for a folder, a DICOMDIR or files, reads them in the background, and opens their window."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.folder import FolderSource
from viewer.loading.frames import FrameCache
from viewer.loading.pages import PdfProcess
from viewer.loading.pool import DecodePool
from viewer.model.split import SplitRules
from viewer.viewport.preferences import Preferences
from workstation.qt.disk_window import DiskWindow
from workstation.qt.display_watch import DisplayWatch
from workstation.qt.main_window import MainWindow
from workstation.qt.tasks import LaneExecutor, TaskRunner
from workstation.session.from_disk import FromDisk, read_from_disk
from workstation.session.lanes import CancelToken, Lane

_LONGEST = 80
"""Letters of a name in a sentence."""


class DiskDialog(QDialog):
    """One question: which folder, DICOMDIR or files."""

    asked = Signal(object)
    """A list of Paths."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Ask; Open is there as soon as something that exists is named."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Open images from disk"))
        self.setAccessibleName(self.windowTitle())
        about = QLabel(
            self.tr(
                "A folder, a CD, a DICOMDIR or files. They are shown in a window of their own, "
                "not from the worklist: nothing is kept, and no report can be written on them."
            )
        )
        about.setWordWrap(True)
        self._paths: list[Path] = []
        self._edit = QLineEdit()
        self._edit.setAccessibleName(self.tr("Folder or file"))
        folder, files = QPushButton(self.tr("Folder…")), QPushButton(self.tr("Files…"))
        folder.setAccessibleName(self.tr("Choose a folder"))
        files.setAccessibleName(self.tr("Choose files"))
        self._progress = QProgressBar()
        self._progress.setAccessibleName(self.tr("Files read"))
        self._progress.hide()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._start = self._buttons.addButton(
            self.tr("Open"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self._said = QLabel()
        self._said.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self._edit, 1)
        row.addWidget(folder)
        row.addWidget(files)
        whole = QVBoxLayout(self)
        whole.addWidget(about)
        whole.addLayout(row)
        for part in (self._said, self._progress, self._buttons):
            whole.addWidget(part)
        self.setMinimumWidth(560)
        self._edit.textEdited.connect(self._on_edited)
        folder.clicked.connect(lambda: self._choose(QFileDialog.FileMode.Directory))
        files.clicked.connect(lambda: self._choose(QFileDialog.FileMode.ExistingFiles))
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        self._show_ready()
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def name(self, paths: Sequence[str]) -> None:
        """Take these paths as what is to be opened."""
        self._paths = [Path(path) for path in paths]
        self._edit.setText("; ".join(paths))
        self._show_ready()

    def progress(self, done: int, of: int) -> None:
        """Show how many files are read."""
        self._progress.show()
        self._progress.setMaximum(max(of, 1))
        self._progress.setValue(done)

    def stand(self, words: str) -> None:
        """Let the reader try again, with what was wrong."""
        self._progress.hide()
        self._said.setText(words)
        self._show_ready()

    def _choose(self, mode: QFileDialog.FileMode) -> None:
        dialog = QFileDialog(self, self.windowTitle(), self._edit.text())
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(self.name)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_edited(self, text: str) -> None:
        self._paths = [Path(text.strip()).expanduser()] if text.strip() else []
        self._show_ready()

    def _on_accepted(self) -> None:
        missing = next((path for path in self._paths if not _is_there(path)), None)
        if missing is not None:
            name = (missing.name or str(missing))[:_LONGEST]
            self.stand(self.tr("{0} is not there, or may not be read.").format(name))
            return
        self._said.setText(self.tr("Reading …"))
        self._start.setEnabled(False)
        self.asked.emit(list(self._paths))

    def _show_ready(self) -> None:
        self._start.setEnabled(bool(self._paths))


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


class DiskImages(QObject):
    """One medium at a time; the window of an earlier one closes when another is opened."""

    def __init__(
        self,
        *,
        window: MainWindow,
        tasks: TaskRunner,
        pool: DecodePool,
        rules: SplitRules,
        resources: Path,
        author: str,
        now: Callable[[], datetime],
        preferences: Preferences | None,
        megabytes: int,
    ) -> None:
        """Read with ``pool``, and keep so many megabytes of frames."""
        super().__init__(window)
        self._window, self._tasks, self._pool, self._rules = window, tasks, pool, rules
        self._resources, self._author, self._now = resources, author, now
        self._preferences, self._bytes = preferences, megabytes * 1_000_000
        self._display: DisplayWatch | None = None
        self._token: CancelToken | None = None
        self._dialog: DiskDialog | None = None
        window.alone.connect(self.close)
        self.shown: DiskWindow | None = None
        """The window of the images, while there is one."""

    def ask(self) -> None:
        """Ask what to open."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        dialog = self._dialog = DiskDialog(self._window)
        dialog.asked.connect(self.read)
        dialog.finished.connect(self._on_dialog_finished)
        dialog.open()

    def read(self, paths: Sequence[Path]) -> None:
        """Read what was chosen, and show it."""
        self._stop()
        source, rules, tasks = FolderSource(), self._rules, self._tasks

        def work(token: CancelToken) -> FromDisk:
            def tell(done: int, of: int) -> None:
                tasks.post(lambda: self._on_progress(token, done, of))

            return read_from_disk(paths, source, rules, cancelled=token.cancelled, tell=tell)

        self._token = tasks.run(
            work, lambda found: self._show(found, source), self._on_failed, lane=Lane.DOCUMENT
        )

    def mark(self, display: DisplayWatch) -> None:
        """Mark screens that are not diagnostic as this says from now on."""
        self._display = display
        display.changed.connect(self._on_display_changed)

    def _on_display_changed(self) -> None:
        if self.shown is not None and self._display is not None:
            self.shown.area.mark_displays(self._display.marks())

    def close(self) -> None:
        """Show and read nothing any more: nobody is signed in, or the store is locked."""
        self._stop()
        if self._dialog is not None:
            self._dialog.done(QDialog.DialogCode.Rejected)
        if self.shown is not None:
            self.shown.close()

    def _stop(self) -> None:
        token, self._token = self._token, None
        if token is not None:
            token.cancel()

    def _on_progress(self, token: CancelToken, done: int, of: int) -> None:
        if self._dialog is not None and token is self._token:
            self._dialog.progress(done, of)

    def _show(self, found: FromDisk, source: FolderSource) -> None:
        self._token = None
        if not found.studies:
            count = len(found.left_out)
            words = self.tr("There is no DICOM image there. {0}").format(
                found.left_out[0].why if count == 1 else ""
            )
            if self._dialog is not None:
                self._dialog.stand(words.strip())
            return
        if self._dialog is not None:
            self._dialog.accept()
        if self.shown is not None:
            self.shown.close()
        pages = PdfProcess()
        shown = DiskWindow(
            cache=FrameCache(
                source, self._pool, LaneExecutor(self._tasks, Lane.DECODE), self._bytes
            ),
            render=LaneExecutor(self._tasks, Lane.RENDER),
            documents=DocumentShelf(source, LaneExecutor(self._tasks, Lane.DOCUMENT), pages),
            resources=self._resources,
            author=self._author,
            now=self._now,
            preferences=self._preferences,
            parent=self._window,
        )
        shown.closed.connect(lambda: self._on_closed(shown, pages))
        self.shown = shown
        self._on_display_changed()
        shown.resize(self._window.size())
        shown.show()
        shown.show_found(found)

    def _on_closed(self, window: DiskWindow, pages: PdfProcess) -> None:
        if self.shown is window:
            self.shown = None
        pages.close()

    def _on_failed(self, error: Exception) -> None:
        self._token = None
        if self._dialog is not None:
            self._dialog.stand(self.tr("It cannot be read: {0}.").format(type(error).__name__))

    def _on_dialog_finished(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            if dialog.result() != QDialog.DialogCode.Accepted:
                self._stop()
            dialog.deleteLater()
