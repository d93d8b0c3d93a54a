"""Asks into which folder a curved picture is written, and writes it in the background."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.hanging.images import CaseImages
from viewer.qt.mpr_board import MprBoard
from viewer.qt.panes import Drawing
from viewer.render.curved_export import CurvedExport
from viewer.render.plane_export import why_no_export, why_not_exported
from viewer.viewport.curved import CurvedViewport


class CurvedExporter:
    """One picture at a time; what a case that is gone wanted is told to nobody."""

    def __init__(
        self,
        drawing: Drawing,
        now: Callable[[], datetime],
        say: Callable[[str], None],
        inform: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        """Write with the executor of ``drawing``; ``say`` tells what went wrong."""
        self._drawing, self._now, self._parent = drawing, now, parent
        self._say, self._inform = say, inform
        self._dialog: QFileDialog | None = None
        self._asked = 0

    def ask(self, board: MprBoard, curved: CurvedViewport, images: CaseImages) -> None:
        """Ask for the folder; refuse with the reason."""
        state, reslicer = curved.state, board.reslicer_of(curved)
        target = board.reformat.target
        reason = why_no_export(target, images.instances)
        if reason is not None:
            self._say(reason)
            return
        filling = board.reformat.viewports[curved.name].state.filling
        if reslicer is None or state.sheet is None or filling:
            self._say(
                QCoreApplication.translate(
                    "CurvedExporter", "The volume is not whole yet: wait until its images are here."
                )
            )
            return
        export = CurvedExport(
            state.sheet, state.slab, reslicer, target, images.instances, state.look
        )
        dialog = QFileDialog(
            self._parent,
            QCoreApplication.translate("CurvedExporter", "Folder for the curved picture"),
        )
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(lambda path: self.write(export, Path(path)))
        dialog.finished.connect(self._on_dialog_finished)
        self._dialog = dialog
        dialog.open()

    def write(self, export: CurvedExport, into: Path) -> None:
        """Write one picture into a folder and tell how it went."""
        self._asked += 1
        mine, read, now = self._asked, self._drawing.cache.bytes_of, self._now()

        def done(folder: Path) -> None:
            if mine == self._asked:
                text = QCoreApplication.translate(
                    "CurvedExporter",
                    "The curved picture was written into {0}, as a picture without a place: "
                    "its millimetres hold along the curve.",
                )
                self._inform(text.format(folder.name))

        def failed(error: Exception) -> None:
            if mine == self._asked:
                self._say(why_not_exported(error))

        self._drawing.executor.run(lambda: export.write(into, read, now), done, failed)

    def abandon(self) -> None:
        """Tell nobody how it went: whoever wanted the picture is gone."""
        self._asked += 1
        if self._dialog is not None:
            self._dialog.reject()

    def _on_dialog_finished(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.deleteLater()
