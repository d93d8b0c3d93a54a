"""Hangs the series of a case into the panes, and others when the reader asks for them."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from viewer.hanging.hang import HangPlan, hang
from viewer.hanging.images import CaseImages
from viewer.hanging.steps import series_beside, study_beside
from viewer.model.display_set import DisplaySet, DisplaySetId
from viewer.model.refs import FrameRef, SeriesUid
from viewer.qt.desk import Desk
from viewer.qt.panes import Panes

Beside = Callable[[CaseImages, DisplaySet | None, int], DisplaySetId | None]


class HangingDesk(Desk):
    """Follows the hanging as images arrive until the reader chooses for himself."""

    def __init__(
        self, panes: Panes, leave: Callable[[], None], parent: QObject | None = None
    ) -> None:
        """Hang into these panes; ``leave`` puts them back where something else stands."""
        super().__init__(parent)
        self._panes, self._leave = panes, leave
        self._images: CaseImages | None = None
        self._plan = HangPlan(())
        self._touched = False

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        last, first = self.tr("This is the last series."), self.tr("This is the first series.")
        last_study = self.tr("This is the last study of the case.")
        first_study = self.tr("This is the first study of the case.")
        return {
            "series.next": self._stepping(series_beside, 1, last),
            "series.previous": self._stepping(series_beside, -1, first),
            "study.next": self._stepping(study_beside, 1, last_study),
            "study.previous": self._stepping(study_beside, -1, first_study),
        }

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None forgets what the reader has chosen."""
        self._images = images
        if images is None:
            self._plan = HangPlan(())
            self._touched = False

    def hang(self) -> None:
        """Hang what is here, unless the reader has hung something."""
        images = self._images
        if images is None or self._touched:
            return
        plan = hang(images)
        if _other_series(images, plan, self._plan):
            self._apply(plan, images)
        else:
            self._reopen(plan)

    def touch(self) -> None:
        """The reader has hung something: it stays."""
        self._touched = True

    def choose(self, wanted: str) -> None:
        """Show a display set in the active pane; an id that is not here does nothing."""
        entry = self._images.entries.get(DisplaySetId(wanted)) if self._images else None
        if entry is None:
            return
        self._touched = True
        self._leave()
        self._panes.hang(self._panes.all.index(self._panes.active), entry)

    def go_to(self, frame: FrameRef) -> None:
        """Show a frame: in the pane that holds its series, else in the active one."""
        entry = self._images.holding(frame) if self._images else None
        if entry is None:
            self.notice.emit(self.tr("The image of this finding is not here yet."))
            return
        self._leave()
        for index, pane in enumerate(self._panes.on_screen):
            target = pane.viewport.state.target
            if target is not None and target.id == entry.target.id:
                self._panes.activate(index)
                if not pane.viewport.go_to(frame):  # the pane shows a part of the series
                    self._panes.hang(index, entry, entry.target.frames.index(frame))
                return
        index = self._panes.all.index(self._panes.active)
        self._touched = True
        self._panes.hang(index, entry, entry.target.frames.index(frame))

    def _apply(self, plan: HangPlan, images: CaseImages) -> None:
        self._plan = plan
        self._panes.lay_out(plan.panes)
        for index, cell in plan.placed():
            entry = images.entries[cell.target]
            viewport = self._panes.all[index].viewport
            shown = viewport.state.target
            other = shown is None or shown.series != entry.series.uid
            if cell.look is not None:
                other = (shown.id if shown else None, viewport.home) != (cell.target, cell.look)
            if other:
                self._panes.hang(index, entry, cell.index, cell.look)
        used = {index for index, _ in plan.placed()}
        for index in set(range(plan.panes)) - used:  # the place of a view that is not there
            self._panes.hang_frame(index, None)

    def _reopen(self, plan: HangPlan) -> None:
        for index, cell in plan.placed():
            shown = self._panes.all[index].viewport.state.target
            if shown is not None and shown.id == cell.target:
                self._panes.reopen(index, cell.index)

    def _stepping(self, beside: Beside, by: int, words: str) -> Callable[[], None]:
        def step() -> None:
            if self._images is None:
                return
            shown = self._panes.active.viewport.state.target
            wanted = beside(self._images, shown, by)
            if wanted is None:
                self.notice.emit(words)
            else:
                self.choose(wanted)

        return step


def _other_series(images: CaseImages, plan: HangPlan, before: HangPlan) -> bool:
    """Whether a plan hangs other series than before, not just more frames of the same."""

    def hung(of: HangPlan) -> list[tuple[int, SeriesUid | DisplaySetId | None]]:
        """Series by pane; where each image has a place and look of its own, its display set."""
        placed = [(n, cell, images.entries.get(cell.target)) for n, cell in of.placed()]
        return [
            (n, cell.target if cell.look else entry.series.uid if entry else None)
            for n, cell, entry in placed
        ]

    return hung(plan) != hung(before)
