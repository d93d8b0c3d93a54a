"""A window for images that are not from the worklist: to look at, with no report beside them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.qt.reading_area import ReadingArea
from viewer.render.at_once import AtOnce
from viewer.viewport.overlay import PaneIdentity
from viewer.viewport.preferences import Preferences
from workstation.qt.left_out_dialog import LeftOutDialog, Row
from workstation.qt.named_label import NamedLabel
from workstation.qt.worklist_model import person_line
from workstation.session.from_disk import FromDisk
from workstation.session.loading import LoadedStudy

_MOST = 60
"""Letters of a name in the list of studies; a damaged header may have any number."""
ORIGIN = "NOT FROM THE WORKLIST"
"""What stands on every one of these images."""


class DiskWindow(QWidget):
    """Shows the studies of one medium; closing it forgets them."""

    closed = Signal()

    def __init__(
        self,
        *,
        cache: FrameCache,
        render: Executor,
        documents: DocumentShelf,
        resources: Path,
        author: str,
        now: Callable[[], datetime],
        preferences: Preferences | None,
        parent: QWidget,
    ) -> None:
        """Begin without images; ``show_found`` brings them."""
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(self.tr("Images from disk: not from the worklist"))
        self.setObjectName("diskWindow")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._found: FromDisk | None = None
        self._hung: LoadedStudy | None = None
        self.area = ReadingArea(
            at_once=AtOnce(),
            cache=cache,
            executor=render,
            documents=documents,
            resources=resources,
            author=author,
            now=now,
            preferences=preferences,
        )
        self._banner = NamedLabel(self.tr("Origin of these images"))
        self._banner.setObjectName("banner")
        self._banner.setText(
            self.tr("Not from the worklist: nothing is kept, no report can be written or signed")
        )
        self._choice = QComboBox()
        self._choice.setAccessibleName(self.tr("Study"))
        self._choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._choice.setMinimumContentsLength(30)
        self._choice.activated.connect(self._on_choice_activated)
        self._left_out = QPushButton()
        self._left_out.setAccessibleName(self.tr("Not shown"))
        self._left_out.clicked.connect(self._show_left_out)
        self._left_out.hide()
        end = QPushButton(self.tr("Close"))
        end.setAccessibleName(self.tr("Close these images"))
        end.setShortcut("Ctrl+W")
        end.clicked.connect(self.close)
        self._notice = NamedLabel(self.tr("Notice"))
        self._notice.setObjectName("notice")
        self._notice.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.setContentsMargins(10, 4, 10, 4)
        head.addWidget(self._banner)
        head.addWidget(self._choice, 1)
        head.addWidget(self._left_out)
        head.addWidget(end)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self.area, 1)
        whole.addWidget(self._notice)
        self.area.notice.connect(self.say)
        self.area.informed.connect(self.say)
        self.area.to_report.connect(self._refuse_report)
        self.area.unread_asked.connect(self._show_left_out)

    def say(self, words: str) -> None:
        """Show one notice."""
        self._notice.setText(words)

    def show_found(self, found: FromDisk) -> None:
        """Show the first study, and offer the others."""
        self._found = found
        self._choice.clear()
        for one in found.studies:
            self._choice.addItem(_title(one))
        count = len(found.left_out)
        self._left_out.setText(self.tr("{0} not shown").format(count))
        self._left_out.setVisible(count > 0)
        if found.studies:
            self._open(found.studies[0])
        said = (
            self.tr("Read by the directory of the medium (DICOMDIR).")
            if found.by_directory
            else self.tr("Read file by file.")
        )
        self.say(said)
        self.area.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Forget the images."""
        self.area.shut_down()
        self.closed.emit()
        super().closeEvent(event)

    def _open(self, one: LoadedStudy) -> None:
        found = self._found
        if found is None or one is self._hung:
            return
        self._hung = one
        priors = found.priors_of(one)
        sets = dict(one.sets)
        for prior in priors:
            sets.update(prior.sets)
        self.area.open_case(one.study, [p.study for p in priors], sets, _identity(one))

    def _on_choice_activated(self, number: int) -> None:
        if self._found is not None and 0 <= number < len(self._found.studies):
            self._open(self._found.studies[number])

    def _rows(self) -> Sequence[Row]:
        found = self._found.left_out if self._found is not None else ()
        return [Row(self.tr("Disk"), one.what, one.why) for one in found]

    def _show_left_out(self) -> None:
        dialog = LeftOutDialog(self._rows, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def _refuse_report(self, _measured: object) -> None:
        self.say(self.tr("These images are not from the worklist: there is no report for them."))


def _title(one: LoadedStudy) -> str:
    study = one.study
    images = sum(len(series.instances) for series in study.series)
    parts = (
        person_line(study.patient.name)[:_MOST],
        f"ID {study.patient.id}"[:_MOST] if study.patient.id else "",
        study.date,
        study.description,
        f"{images} objects",
    )
    return "  ·  ".join(part for part in parts if part)


def _identity(one: LoadedStudy) -> PaneIdentity:
    who = one.study.patient
    born = who.birth_date
    if len(born) == 8 and born.isdigit():
        born = f"{born[:4]}-{born[4:6]}-{born[6:]}"
    return PaneIdentity(who.name, who.id, born, who.sex, ORIGIN)
