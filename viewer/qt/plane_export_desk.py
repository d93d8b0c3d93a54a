"""Exports the active plane of a reconstruction as a DICOM series, in the background."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QWidget

from viewer.hanging.images import CaseImages
from viewer.qt.curved_export import CurvedExporter
from viewer.qt.desk import Desk
from viewer.qt.mpr_board import MprBoard
from viewer.qt.mpr_desk import MprDesk
from viewer.qt.panes import Drawing
from viewer.qt.plane_export_dialog import PlaneExportDialog
from viewer.render.plane_export import ExportPlan, PlaneExport, planned, why_no_export
from viewer.render.reslice import Reslicer
from viewer.viewport.plane_overlay import reformat_text
from viewer.viewport.reformat import PlaneViewport


class PlaneExportDesk(Desk):
    """One export at a time; it goes on while the reader reads."""

    def __init__(
        self, mpr: MprDesk, drawing: Drawing, now: Callable[[], datetime], parent: QWidget
    ) -> None:
        """Export what ``mpr`` shows."""
        super().__init__(parent)
        self._mpr, self._drawing, self._now, self._parent = mpr, drawing, now, parent
        self._images: CaseImages | None = None
        self._export: PlaneExport | None = None
        self._dialog: PlaneExportDialog | None = None
        self._curved = CurvedExporter(drawing, now, self.notice.emit, self.informed.emit, parent)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"mpr.export": self.ask}

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None gives up what is being written."""
        self._images = images
        if images is None:
            self._abandon()

    def close_desk(self) -> None:
        """Give up what is being written."""
        self._abandon()

    def ask(self) -> None:
        """Ask what to write and where; refuse with the reason."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        board, images = self._mpr.board, self._images
        curved = board.curved if isinstance(board, MprBoard) else None
        if isinstance(board, MprBoard) and curved is not None and images is not None:
            self._curved.ask(board, curved, images)
            return
        viewport = board.plane if board is not None else None
        if board is None or viewport is None or images is None:
            self.notice.emit(self.tr("Choose a plane first: it is exported with all beside it."))
            return
        reslicer, cut = board.reslicer_of(viewport), viewport.state.cut
        reason = why_no_export(viewport.reformat.target, images.instances)
        if reason is not None:
            self.notice.emit(reason)
        elif reslicer is None or cut is None or viewport.state.filling or viewport.state.late:
            self.notice.emit(
                self.tr("The volume is not whole yet: wait until its images are here.")
            )
        else:
            self._open(viewport, reslicer, images)

    def _open(self, viewport: PlaneViewport, reslicer: Reslicer, images: CaseImages) -> None:
        state, geometry = viewport.state, reslicer.volume.geometry
        cut, slab, crosshair = state.cut, state.slab, state.crosshair
        if cut is None or crosshair is None:
            return
        target, look = viewport.reformat.target, state.look

        def plan(step: float, low: float, high: float) -> ExportPlan:
            return planned(cut, slab, geometry, step=step, low=low, high=high)

        def start(chosen: ExportPlan, folder: Path) -> None:
            export = PlaneExport(
                chosen, reslicer, target, images.instances, look, self._drawing.executor
            )
            export.progressed.connect(dialog.progress)
            export.finished.connect(self._on_export_finished)
            export.failed.connect(self._on_export_failed)
            self._export = export
            export.start(folder, self._drawing.cache.bytes_of, self._now())

        words = reformat_text(viewport.name, crosshair, slab)
        dialog = PlaneExportDialog(planned(cut, slab, geometry), plan, words, self._parent)
        dialog.asked.connect(start)
        dialog.cancelled.connect(self._on_dialog_cancelled)
        dialog.finished.connect(self._on_dialog_finished)
        self._dialog = dialog
        dialog.open()

    def _abandon(self) -> None:
        self._curved.abandon()
        export, self._export = self._export, None
        if export is not None:
            export.abandon()
        if self._dialog is not None:
            self._dialog.end()

    def _on_dialog_cancelled(self) -> None:
        if self._export is not None:
            self._export.cancel()

    def _on_dialog_finished(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _on_export_finished(self, folder: Path) -> None:
        self._export = None
        if self._dialog is not None:
            self._dialog.end()
        self.informed.emit(self.tr("The planes were written into {0}.").format(folder.name))

    def _on_export_failed(self, words: str) -> None:
        self._export = None
        if not words:
            words = self.tr("The export was cancelled. Nothing was written.")
        if self._dialog is not None:
            self._dialog.stand(words)
        self.notice.emit(words)
