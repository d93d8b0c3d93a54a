"""Measurements that others wrote into structured reports of the case, shown on their images."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from viewer.errors import ViewerError
from viewer.hanging.images import CaseImages
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.executor import Executor
from viewer.loading.stored_measurements import SR_CLASSES
from viewer.measure.foreign import Foreign, placed
from viewer.measure.foreign_limits import within_limits
from viewer.measure.registry import Ground
from viewer.model.imported import StoredReport
from viewer.qt.composer import Composer
from viewer.qt.desk import Desk
from viewer.qt.measuring_desk import MeasuringDesk
from viewer.qt.panes import Panes
from viewer.viewport.annotate import grip_at
from viewer.viewport.foreign_marks import adopted
from viewer.viewport.patient_mark import patient_mark
from viewer.viewport.viewport import Viewport

_Placed = tuple[tuple[Foreign, ...], tuple[str, ...]]


class ImportedDesk(Desk):
    """Reads every structured report of the open case and hands its shapes to the images."""

    def __init__(
        self,
        measuring: MeasuringDesk,
        documents: DocumentShelf,
        executor: Executor,
        composer: Composer,
        panes: Panes,
        viewport: Callable[[], Viewport],
        parent: QObject | None = None,
    ) -> None:
        """Show through ``measuring``; only of the patient that ``composer`` knows."""
        super().__init__(parent)
        self._measuring, self._documents, self._executor = measuring, documents, executor
        self._composer, self._panes, self._viewport = composer, panes, viewport
        self._images: CaseImages | None = None
        self._asked: set[str] = set()
        self._reports: dict[str, StoredReport] = {}
        self._said: set[str] = set()
        self._turn = 0
        """Which placing is the last: earlier ones have fewer images and go nowhere."""

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"annotation.imported": self.toggle, "annotation.adopt": self.adopt}

    def know(self, images: CaseImages | None, /) -> None:
        """Read what has come of structured reports; place all anew on what is here now."""
        self._images = images
        if images is None:
            self._asked.clear()
            self._reports.clear()
            self._said.clear()
            self._turn += 1
            return
        for sop, instance in images.instances.items():
            if instance.sop_class in SR_CLASSES and sop not in self._asked:
                self._asked.add(sop)
                self._documents.measurements(sop, self._on_read, self._on_failed)
        self._place()

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check whether they are shown; say where there are none."""
        there = bool(self._reports)
        actions["annotation.imported"].setChecked(there and self._measuring.foreign.shown)

    def toggle(self) -> None:
        """Hide the imported measurements, or show them again."""
        marks = self._measuring.foreign
        if not self._reports:
            self.notice.emit(self.tr("No structured report of this case has measurements."))
            return
        marks.shown = not marks.shown
        self.informed.emit(
            self.tr("Imported measurements are shown.")
            if marks.shown
            else self.tr("Imported measurements are hidden.")
        )
        self.changed.emit()

    def adopt(self) -> None:
        """Make a measurement of the reader's own from the chosen or pointed imported one."""
        found = self._measuring.foreign.get(self._measuring.selection.chosen) or self._under()
        if found is None:
            self.notice.emit(self.tr("Choose an imported measurement, or point at one."))
            return
        ground = self._measuring.ground(found.annotation.on)
        if ground is None:
            self.notice.emit(self.tr("The image of this measurement is not here."))
        elif self._measuring.add(adopted(found, ground.instance, self._measuring.hand)):
            self.informed.emit(self.tr("Copied to a measurement of your own."))

    def _under(self) -> Foreign | None:
        """The imported measurement under the pointer, else the only one of the image."""
        viewport = self._viewport()
        pointer = self._panes.pointer_in(viewport)
        frame, transform = viewport.state.frame, viewport.transform()
        if frame is None or transform is None:
            return None
        here = self._measuring.foreign.on(frame)
        if pointer is not None:
            instance = viewport.instance_of(frame)
            ground = Ground(instance) if instance is not None else None
            grip = ground and grip_at(
                pointer, here, transform, lambda one: ground.metric(one.on.frame, one.pixels)
            )
            if grip:
                return self._measuring.foreign.get(grip.annotation.id)
        return self._measuring.foreign.get(here[0].id) if len(here) == 1 else None

    def _on_read(self, report: StoredReport | None) -> None:
        if report is None:
            return
        if patient_mark(self._composer.identity, report.patient, "REPORT"):
            self._say(
                self.tr(
                    "The measurements of a structured report are not shown: it names another "
                    "patient."
                )
            )
            return
        self._reports[report.sop] = report
        self._place()

    def _on_failed(self, error: ViewerError) -> None:
        why = error.sentence.rstrip(".")
        self._say(
            self.tr("The measurements of a structured report are not shown: {0}.").format(why)
        )

    def _place(self) -> None:
        """Find the images of all shapes, off this thread."""
        self._turn += 1
        if self._images is None or not self._reports:
            return
        turn, instances = self._turn, self._images.instances
        reports = tuple(self._reports.values())

        def work() -> list[_Placed]:
            found = (placed(report, instances) for report in reports)
            return [(tuple(within_limits(shapes)), told) for shapes, told in found]

        def done(found: list[_Placed]) -> None:
            if turn != self._turn:
                return
            self._measuring.foreign.take(one for shapes, _ in found for one in shapes)
            for report, (shapes, told) in zip(reports, found, strict=True):
                self._tell(report, shapes, told)
            self.changed.emit()

        def failed(error: Exception) -> None:
            words = self.tr("Imported measurements cannot be shown: {0}.")
            self._say(words.format(type(error).__name__))

        self._executor.run(work, done, failed)

    def _tell(
        self, report: StoredReport, shapes: tuple[Foreign, ...], told: tuple[str, ...]
    ) -> None:
        """Say once what came from whom, and what of it cannot be shown and why."""
        count = sum(not one.again for one in shapes)
        words = self.tr("Imported from a structured report ({0}): {1} shown.")
        said = " ".join([words.format(report.source, count), *told])
        if said not in self._said:
            self._said.add(said)
            self.informed.emit(said)

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.notice.emit(sentence)
