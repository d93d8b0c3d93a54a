"""Keeps the count and the list of what is not shown: of the folder, and of each case."""

from collections.abc import Iterator

from PySide6.QtCore import QObject

from workstation.model.left_out import FolderNotes, LeftOut
from workstation.qt.left_out_dialog import LeftOutDialog, Row
from workstation.qt.main_window import MainWindow
from workstation.qt.reading_page import ReadingPage
from workstation.session.desk import Desk
from workstation.session.levels import Level


class NotShown(QObject):
    """Shows the count in the line at the bottom, and the list when that is asked for."""

    def __init__(
        self,
        *,
        window: MainWindow,
        desk: Desk,
        reading: ReadingPage,
        folder: FolderNotes,
        parent: QObject,
    ) -> None:
        """``folder``: what is already known when the program starts."""
        super().__init__(parent)
        self._window = window
        self._desk = desk
        self._reading = reading
        self._folder = folder
        self._dialog: LeftOutDialog | None = None
        window.status.left_out_asked.connect(self.show_list)
        reading.left_out_asked.connect(self.show_list)
        reading.left_out_changed.connect(self.refresh)
        desk.changed.connect(self.refresh)
        if folder.left_out:
            window.tell(Level.WARNING, self._about_folder())

    def refresh(self) -> None:
        """Count again, and fill the list when it is open."""
        if self._folder.left_out and self._reading.session() is not None:
            self._window.status.withdraw({self._about_folder()})  # the count goes on telling
        self._window.status.show_left_out(sum(1 for _ in self._rows()))
        if self._dialog is not None:
            self._dialog.refresh()

    def show_list(self) -> None:
        """Open the list; a second call brings it to the front."""
        if self._dialog is None:
            self._dialog = LeftOutDialog(lambda: tuple(self._rows()), self._window)
            self._dialog.finished.connect(self._on_dialog_finished)
        self._dialog.show()
        self._dialog.activateWindow()

    def _on_dialog_finished(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
            self._window.activateWindow()

    def _about_folder(self) -> str:
        found = self._folder.left_out
        more = self.tr(" ({0} more)").format(len(found) - 1) if len(found) > 1 else ""
        return self.tr("Not on the platform: {0}{1}").format(found[0].sentence, more)

    def _rows(self) -> Iterator[Row]:
        for one in self._folder.left_out:
            yield Row(self.tr("Folder"), one.what, one.why)
        numbers = {case.id: case.number for case in self._desk.cases}
        for ident, found in self._desk.left_out.items():
            yield from self._of_case(numbers.get(ident, str(ident)), found)
        session = self._reading.session()
        if session is not None:
            held = (session.images.current, *session.images.priors)
            for loaded in held:
                if loaded is not None:
                    yield from self._of_case(session.case.number, loaded.left_out)

    def _of_case(self, number: str, found: tuple[LeftOut, ...]) -> Iterator[Row]:
        for one in found:
            yield Row(number, self._folder.called(one), one.why)
