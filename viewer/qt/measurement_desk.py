"""Opens the table of measurements, does what is asked there, and writes it as a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QSplitter, QWidget

from viewer.errors import ViewerError
from viewer.hanging.images import CaseImages
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Reading, read
from viewer.measure.table import Listed, as_csv
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.refs import FrameRef
from viewer.qt.desk import Desk
from viewer.qt.finding_desk import FindingDesk
from viewer.qt.measurement_panel import MeasurementPanel
from viewer.qt.measuring_desk import MeasuringDesk
from viewer.qt.undo_desk import REDO, UNDO
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.measurement_list import grouped, spoken_name

_HEIGHTS = [780, 220]
_COMMANDS = "annotation."
_NEED_WORDS = frozenset({AnnotationKind.TEXT, AnnotationKind.SPINE})


class MeasurementDesk(Desk):
    """Keeps the table as the ledger is while it is shown; hidden it costs nothing."""

    def __init__(
        self,
        measuring: MeasuringDesk,
        go_to: Callable[[FrameRef], None],
        leave: Callable[[], None],
        author: str,
        now: Callable[[], datetime],
        cache: FrameCache,
        executor: Executor,
        parent: QWidget,
    ) -> None:
        """Act through ``measuring``; ``leave`` gives the keys back to the images."""
        super().__init__(parent)
        self._measuring, self._go_to, self._leave = measuring, go_to, leave
        self._author, self._now = author, now
        self._executor, self._parent = executor, parent
        self._images: CaseImages | None = None
        self._actions: dict[str, QAction] = {}
        self._tips: dict[str, str] = {}
        self._shown: tuple[Annotation, ...] | None = None
        """What the table shows; None: it must be filled anew."""
        self.panel = MeasurementPanel(
            self._said,
            self.explain,
            self.rename,
            is_own=lambda one: one.id not in measuring.foreign,
        )
        self._findings = FindingDesk(measuring, self.panel, parent)
        self._findings.notice.connect(self.notice)
        self.panel.hide()
        self.panel.chosen.connect(self._on_chosen)
        self.panel.wanted.connect(self.go)
        self.panel.copy_asked.connect(self.copy)
        self.panel.export_asked.connect(self._ask_file)
        self.panel.left.connect(leave)
        self.panel.close_asked.connect(self.toggle)
        self._cache = cache
        cache.arrived.connect(self._on_frame_arrived)

    def below(self, images: QWidget) -> QSplitter:
        """The images with the table below them."""
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(images)
        splitter.addWidget(self.panel)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes(_HEIGHTS)
        return splitter

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        own = {"annotation.table": self.toggle, "annotation.export": self.export}
        return own | self._findings.acts()

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None empties the table."""
        self._images = images
        self._shown = None
        self._enable()
        if images is None:
            self._findings.close_dialog()
            self.panel.show_groups((), None)
        else:
            self._fill()

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """Keep the commands on measurements, which are disabled while no case is open."""
        own = {n for n in actions if n.startswith(_COMMANDS)} - {UNDO, REDO}
        self._actions = {name: actions[name] for name in own}
        self._tips = {name: action.toolTip() for name, action in self._actions.items()}
        self._enable()

    def _enable(self) -> None:
        why = self.tr("There is no case open.")
        for name, action in self._actions.items():
            action.setEnabled(self._images is not None)
            action.setToolTip(why if self._images is None else self._tips[name])

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check whether the table is open, and show in it what was done on the images."""
        actions["annotation.table"].setChecked(not self.panel.isHidden())
        self._fill()

    def close_desk(self) -> None:
        """Listen no longer."""
        self._cache.arrived.disconnect(self._on_frame_arrived)

    def toggle(self) -> None:
        """Open the table and give it the keys, or close it and give them back."""
        opens = self.panel.isHidden()
        self.panel.setVisible(opens)
        self._shown = None
        self.changed.emit()
        if opens:
            self.panel.tree.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self._leave()

    def go(self, annotation: Annotation) -> None:
        """Show the image of a measurement and let keys act on it."""
        self._measuring.selection.choose(annotation.id)
        self._go_to(annotation.on)
        self.changed.emit()

    def rename(self, wanted: AnnotationId, name: str) -> None:
        """Call a measurement by a name of the reader's; empty: by its kind again."""
        held = self._measuring.ledger.get(wanted)
        if wanted in self._measuring.foreign:
            self.notice.emit(self.tr("It comes from another source and keeps its name."))
        if held is None or held.text == name:
            return
        if not name and held.kind in _NEED_WORDS:
            self.notice.emit(self.tr("A text without words would say nothing; delete it instead."))
            return
        self._measuring.editing.take(AnnotationEdit(held, replace(held, text=name)))

    def explain(self, annotation: Annotation) -> str:
        """How far the number may be off, why it has this unit, what was left out."""
        found = self._measuring.measure(annotation.id)
        imported = self._measuring.foreign.get(annotation.id)
        if imported is not None:
            return self.tr("From a structured report: {0}.").format(imported.source)
        if found is None:
            return ""
        title = KINDS[annotation.kind].title
        said = (f"{title}.", found.doubt, found.reason, *found.notes)
        return " ".join(part for part in said if part)

    def copy(self, words: str) -> None:
        """Put a measurement in words onto the clipboard."""
        QGuiApplication.clipboard().setText(words)
        self.informed.emit(self.tr("On the clipboard: {0}").format(words))

    def export(self) -> None:
        """Ask where to write all measurements."""
        self._ask_file(self.panel.identity.isChecked())

    def write(self, path: Path, *, identity: bool, for_cornerstone: bool = False) -> None:
        """Write all measurements in the background, as the name ends; all of the file or nothing.

        A structured report belongs to the current study and names its patient always;
        ``for_cornerstone``: in the form that OHIF takes in.
        """
        listed, images, at = self._listed(), self._images, self._now()

        def made() -> tuple[bytes, int]:
            if path.suffix.casefold() != ".dcm" or images is None:
                return as_csv(listed, identity=identity).encode("utf-8-sig"), len(listed)
            return _report(
                listed, images, self._cache, self._author, at, for_cornerstone=for_cornerstone
            )

        def work() -> int:
            data, count = made()
            part = path.with_name(f"{path.name}.part")
            try:
                part.write_bytes(data)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            return count

        def done(count: int) -> None:
            words, left = self.tr("Saved {0}: {1} measurements."), len(listed) - count
            said = words.format(path.name, count)
            if not left:
                self.informed.emit(said)
            else:
                words = self.tr("Left out, as they have no number yet or their image is not here:")
                self.notice.emit(f"{said} {words} {left}.")

        def failed(error: Exception) -> None:
            why = type(error).__name__
            if isinstance(error, ViewerError):
                why = error.sentence.rstrip(".")
            elif isinstance(error, OSError):
                why = error.strerror or why
            self.notice.emit(self.tr("{0} was not saved: {1}.").format(path.name, why))

        self._executor.run(work, done, failed)

    def _ask_file(self, identity: bool) -> None:
        if not self._measuring.ledger.all():
            self.notice.emit(self.tr("There is no measurement to export."))
            return
        ohif = self.tr("DICOM structured report for OHIF (*.dcm)")
        kinds = self.tr("CSV table (*.csv);;DICOM structured report (*.dcm)")
        kinds = f"{kinds};;{ohif}"
        dialog = QFileDialog(self._parent, self.tr("Export measurements"), "", kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.filterSelected.connect(
            lambda kind: dialog.setDefaultSuffix("dcm" if "dcm" in kind else "csv")
        )
        dialog.selectFile(self.tr("measurements.csv"))
        dialog.fileSelected.connect(
            lambda name: self.write(
                Path(name),
                identity=identity,
                for_cornerstone=dialog.selectedNameFilter() == ohif,
            )
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _listed(self) -> tuple[Listed, ...]:
        """Everything in the order of the table, with what it is measured on now."""
        held = self._measuring.ledger.all()
        return tuple(
            Listed(
                one.annotation, self._measuring.ground(one.annotation.on), group.study, one.image
            )
            for group in grouped(self._images, held)
            for one in group.all_rows
        )

    def _fill(self) -> None:
        if self.panel.isHidden():
            return
        held = (*self._measuring.ledger.all(), *self._measuring.foreign.rows())
        if held != self._shown:
            self._shown = held
            self.panel.show_groups(grouped(self._images, held), self._measuring.selection.chosen)
            return
        self.panel.choose(self._measuring.selection.chosen)
        self.panel.refresh()

    def _said(self, annotation: Annotation) -> Reading:
        if annotation.id in self._measuring.foreign:
            return self._measuring.foreign.row_reading(annotation)
        return self._measuring.read(annotation)

    def _on_chosen(self, annotation: Annotation | None) -> None:
        self._measuring.selection.choose(annotation.id if annotation else None)
        self.changed.emit()

    def _on_frame_arrived(self, _frame: object) -> None:
        if self.panel.isVisible():
            self.panel.refresh()


def _report(
    listed: Sequence[Listed],
    images: CaseImages,
    cache: FrameCache,
    author: str,
    at: datetime,
    *,
    for_cornerstone: bool,
) -> tuple[bytes, int]:
    """A structured report of what has a number or words, and of how many; raises ViewerError."""
    # loads highdicom, which nobody waits for at the start
    from viewer.formats.measurement_report import Recorded, measurement_report

    recorded = []
    for one in listed:
        if one.ground is None:
            continue
        held = one.annotation
        numbers = read(held, one.ground, uncertain=True).measurements
        told = Recorded(held, spoken_name(held), numbers)
        if told.says_something:
            recorded.append(told)
    own = [one.ref.sop for series in images.current.series for one in series.instances]
    source = BytesIO(cache.bytes_of(own[0]) if own else b"")
    data = measurement_report(
        recorded,
        images.instances,
        source,
        author=author,
        at=at,
        for_cornerstone=for_cornerstone,
    )
    return data, len(recorded)
