"""Prints and saves the picture of the active pane."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, QSaveFile, Qt
from PySide6.QtGui import QGuiApplication, QImageWriter, QPageLayout, QPageSize, QPdfWriter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from viewer.qt.desk import Desk
from viewer.qt.image import as_image
from viewer.qt.picture_sheet import Sheet
from viewer.qt.review_desk import ReviewDesk
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.render.plane_picture import PlanePicture

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

_DPI = 300
_MARGIN_MM = 10


class PictureDesk(Desk):
    """Makes a sheet of what the active pane shows, with all its texts."""

    def __init__(
        self,
        active: Callable[[], ViewportWidget],
        review: ReviewDesk,
        author: str,
        now: Callable[[], datetime],
        parent: QWidget,
    ) -> None:
        """Take the picture of ``active``; ``author`` and the time stand below it."""
        super().__init__(parent)
        self._active, self._review = active, review
        self._author, self._now = author, now
        self._parent = parent

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"picture.print": self.print, "picture.save": self.save, "picture.copy": self.copy}

    def sheet(self) -> Sheet | None:
        """The sheet of the active pane; None, with a notice, where no finished picture stands."""
        widget = self._active()
        picture = widget.picture
        with self._review.all_texts():
            overlay = widget.overlay_now()
        if picture.pixels is None or overlay is None or not picture.at_rest:
            self.notice.emit(self.tr("There is no finished picture here to print or save."))
            return None
        made = self.tr("Made by {0} on {1:%Y-%m-%d %H:%M} with Lightbox, as shown in the pane")
        return Sheet(
            as_image(picture.pixels),
            overlay,
            self.tr("NOT FOR DIAGNOSIS"),
            made.format(self._author, self._now()),
        )

    def take(self, then: Callable[[Sheet], None]) -> None:
        """Hand the sheet of the active pane on, once it is drawn without what is for the screen."""
        sheet, picture = self.sheet(), self._active().picture
        elsewhere = picture.elsewhere() if isinstance(picture, LivePicture | PlanePicture) else None
        if sheet is None or elsewhere is None:
            if sheet is not None:
                then(sheet)
            return
        state, request = elsewhere
        with self._review.all_texts():
            overlay = self._active().overlay_now(state)
        if request is None or overlay is None:
            self.notice.emit(self.tr("The picture is not ready for print or file; try again."))
            return
        self._review.scheduler.request(
            "picture",
            request,
            lambda pixels: then(replace(sheet, picture=as_image(pixels), overlay=overlay)),
            lambda error: self.notice.emit(
                self.tr("The picture cannot be drawn: {0}.").format(type(error).__name__)
            ),
        )

    def print(self) -> None:
        """Ask for a printer and print."""
        self.take(self._print)

    def save(self) -> None:
        """Ask for a file and write it."""
        self.take(self._save)

    def copy(self) -> None:
        """Put the sheet onto the clipboard."""
        self.take(self._copy)

    def _print(self, sheet: Sheet) -> None:
        # loads the printers of the system, which nobody waits for at the start
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageLayout(_page(sheet))
        printer.setDocName(self.tr("Picture from Lightbox"))
        dialog = QPrintDialog(printer, self._parent)
        dialog.setWindowTitle(self.tr("Print picture"))
        dialog.accepted.connect(lambda: self.print_on(printer, sheet))
        self._open(dialog)

    def _save(self, sheet: Sheet) -> None:
        kinds = self.tr("PNG picture (*.png);;PDF (*.pdf)")
        dialog = QFileDialog(self._parent, self.tr("Save picture"), "", kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.selectFile(self.tr("picture.png"))
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix("pdf" if "pdf" in kind else "png")
        )
        dialog.fileSelected.connect(lambda name: self.write(sheet, Path(name)))
        self._open(dialog)

    def _copy(self, sheet: Sheet) -> None:
        QGuiApplication.clipboard().setImage(sheet.image())
        self.informed.emit(self.tr("The picture is on the clipboard, with all its texts."))

    def write(self, sheet: Sheet, path: Path) -> None:
        """Write PDF or PNG, as the name ends; all of it or nothing, and say which."""
        file = QSaveFile(str(path))
        written = file.open(QSaveFile.OpenModeFlag.WriteOnly)
        if written and path.suffix.casefold() == ".pdf":
            writer = QPdfWriter(file)
            writer.setResolution(_DPI)
            writer.setPageLayout(_page(sheet))
            sheet.paint_on(writer)
            del writer  # which closes the document
        elif written:
            written = QImageWriter(file, b"png").write(sheet.image())
        if written and file.commit():
            self.informed.emit(self.tr("Saved {0}.").format(path.name))
        else:
            file.cancelWriting()
            why = file.errorString()
            self.notice.emit(self.tr("{0} was not saved: {1}").format(path.name, why))

    def print_on(self, printer: "QPrinter", sheet: Sheet) -> None:
        """Print a sheet, and say whether that was possible."""
        if printer.isValid():
            sheet.paint_on(printer)
            self.informed.emit(self.tr("The picture was handed to the printer."))
        else:
            self.notice.emit(self.tr("The printer cannot be used; nothing was printed."))

    def _open(self, dialog: QDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        # the open() of a print dialog wants a slot of its own, so this is done by hand
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()


def _page(sheet: Sheet) -> QPageLayout:
    wide = sheet.size.width() > sheet.size.height()
    turned = QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    size = QPageSize(QPageSize.PageSizeId.A4)
    return QPageLayout(size, turned, margins, QPageLayout.Unit.Millimeter)
