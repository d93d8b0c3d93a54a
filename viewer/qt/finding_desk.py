"""What is done to several measurements at once: finding, visible, target, report, deletion."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from viewer.model.annotation import Annotation
from viewer.qt.desk import Desk
from viewer.qt.finding_dialog import FindingDialog
from viewer.qt.in_front import open_in_front
from viewer.qt.measurement_panel import MeasurementPanel
from viewer.qt.measuring_desk import MeasuringDesk
from viewer.viewport import findings


class FindingDesk(Desk):
    """Acts on what is chosen in the table, or on the measurement chosen on the images."""

    def __init__(self, measuring: MeasuringDesk, panel: MeasurementPanel, parent: QWidget) -> None:
        """Do what ``panel`` asks for, through the ledger of ``measuring``: one step each."""
        super().__init__(parent)
        self._measuring, self._panel, self._parent = measuring, panel, parent
        self._dialog: QDialog | None = None
        measuring.is_in_sight = self._is_chosen_here
        panel.finding_asked.connect(self.ask_finding)
        panel.finding_renamed.connect(self.rename)
        panel.finding_moved.connect(self.move)
        panel.visible_asked.connect(self.show)
        panel.target_asked.connect(self.target)
        panel.report_asked.connect(self.report)
        panel.delete_asked.connect(self.delete)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {
            "annotation.finding": lambda: self._on_chosen(self.ask_finding),
            "annotation.visible": lambda: self._on_chosen(self._switch_visible),
            "annotation.target": lambda: self._on_chosen(self._switch_target),
        }

    def close_dialog(self) -> None:
        """End what is being asked."""
        if self._dialog is not None:
            self._dialog.reject()

    def ask_finding(self, asked: Sequence[Annotation]) -> None:
        """Ask which finding these belong to."""
        own = self._own(asked)
        if not own:
            return
        self.close_dialog()
        names = {one.finding for one in own}
        dialog = FindingDialog(
            findings.order(self._measuring.ledger.all()),
            names.pop() if len(names) == 1 else "",
            lambda name: self._apply(
                findings.named(self._measuring.ledger.all(), self._now(own), name)
            ),
            self._parent,
        )
        self._dialog = dialog
        dialog.finished.connect(self._on_dialog_finished)
        open_in_front(dialog, self._parent)

    def rename(self, old: str, new: str) -> None:
        """Call a finding by another name in every study; empty: its measurements have none."""
        self._apply(findings.renamed(self._measuring.ledger.all(), old, new))

    def move(self, name: str, by: int, beside: Sequence[str]) -> None:
        """Move a finding up or down among those ``beside`` it."""
        self._apply(findings.moved(self._measuring.ledger.all(), name, by, beside))

    def show(self, asked: Sequence[Annotation], visible: bool) -> None:
        """Draw measurements on their images, or no longer."""
        self._apply(findings.shown(self._own(asked), visible=visible))

    def target(self, asked: Sequence[Annotation], counts: bool) -> None:
        """Let measurements count among the target lesions, or no longer."""
        self._apply(findings.targeted(self._own(asked), counts=counts))

    def report(self, asked: Sequence[Annotation]) -> None:
        """Put measurements into the report."""
        if len(asked) == 1:
            self._measuring.selection.choose(asked[0].id)
            self._measuring.report()
            return
        found = [self._measuring.measure(one.id) for one in self._own(asked)]
        made = [one for one in found if one is not None]
        for one in made:
            self._measuring.to_report.emit(one)
        words = self.tr("Measurements put into the report: {0}.").format(len(made))
        if len(made) < len(asked):
            words += " " + self.tr("Left out, as they have no number of your own: {0}.").format(
                len(asked) - len(made)
            )
        self.notice.emit(words)

    def delete(self, asked: Sequence[Annotation]) -> None:
        """Delete measurements in one step."""
        own = self._own(asked)
        self._apply(findings.deleted(own))
        if len(own) > 1:
            words = self.tr("Measurements deleted: {0}. Undo brings all of them back.")
            self.notice.emit(words.format(len(own)))

    def _switch_visible(self, asked: Sequence[Annotation]) -> None:
        self.show(asked, any(one.hidden for one in asked))

    def _switch_target(self, asked: Sequence[Annotation]) -> None:
        self.target(asked, not all(one.target for one in asked))

    def _is_chosen_here(self, one: Annotation) -> bool:
        focus = QApplication.focusWidget()
        here = focus is not None and self._panel.isAncestorOf(focus)
        return here and one.id in {each.id for each in self._panel.chosen_annotations()}

    def _on_chosen(self, act: Callable[[Sequence[Annotation]], None]) -> None:
        focus = QApplication.focusWidget()
        chosen: tuple[Annotation, ...] = ()
        if focus is not None and self._panel.isAncestorOf(focus):
            chosen = self._panel.chosen_annotations()
        one = self._measuring.editing.chosen()
        if not chosen and one is not None:
            chosen = (one,)
        if chosen:
            act(chosen)
        else:
            self.notice.emit(self.tr("Click a measurement first, or choose one by key."))

    def _own(self, asked: Sequence[Annotation]) -> tuple[Annotation, ...]:
        """Those that the reader may change, as they are now; says where there is none."""
        own = self._now(asked)
        if not own and asked:
            self.notice.emit(self.tr("It comes from another source and stays as it is."))
        return own

    def _now(self, asked: Sequence[Annotation]) -> tuple[Annotation, ...]:
        held = [self._measuring.ledger.get(one.id) for one in asked]
        return tuple(one for one in held if one is not None)

    def _apply(self, edits: findings.Edits) -> None:
        self._measuring.ledger.apply(*edits)

    def _on_dialog_finished(self) -> None:
        self._dialog = None
