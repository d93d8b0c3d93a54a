"""What one reader does with every case: look, measure, reconstruct, fuse, write, leave."""

import time
from collections import Counter
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextEdit

from tests.gui.viewer.room import move
from tests.kit.workplace import Office
from viewer.qt.viewport_widget import ViewportWidget

_SECONDS = 240
_ON_BOARD = {
    "mpr.open": ("mpr.turn_right", "mpr.slab", "mpr.thicker", "mpr.straighten"),
    "volume.open": ("volume.preset", "volume.turn_left", "volume.crop"),
}
"""What is done on what stands in place of the images, by the command that shows it."""


class Stuck(Exception):
    """Something never came."""


class Reader:
    """Reads cases in a whole window."""

    def __init__(self, app: QApplication, office: Office) -> None:
        """Sit down before the window."""
        self._app = app
        self._office = office
        self._area = office.workplace.reading.area()
        self.done: Counter[str] = Counter()
        """How often each command was given."""
        self.absent: set[str] = set()
        """Commands that the program does not have."""
        self._whole = True
        """Whether 3D is waited for until it is whole: once, so that its process is there."""
        self.refused: Counter[str] = Counter()
        """How often each command was greyed, so that it could not be given."""

    def read(self, ident: str, study: str) -> None:
        """Open a case, do everything with it, and go back to the worklist."""
        self._open(ident, study)
        self._look()
        self._lay_out()
        self._measure()
        for board in _ON_BOARD:
            self._reconstruct(board)
        self._fuse()
        self._spread()
        self._write()
        self._office.workplace.reading.back_asked.emit()
        self.rest(0.1)
        display = self._office.workplace.display
        self.until(
            lambda: display._test is None and not display._settle.isActive(),
            "the end of the display's self-test",
        )
        self.rest()
        self._whole = False

    def rest(self, seconds: float = 0.3) -> None:
        """Let everything come to an end that was begun."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._turn()
        self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._turn()

    # -- the steps -------------------------------------------------------------------------------

    def _open(self, ident: str, study: str) -> None:
        desk = self._office.workplace.desk
        self.until(lambda: desk.online and any(c.id == ident for c in desk.cases), "worklist")
        case = next(c for c in desk.cases if c.id == ident)
        self._office.workplace.worklist.open_asked.emit(case)
        self.until(lambda: study in self._shown(), f"the images of {ident}")
        self.until(lambda: self._office.workplace.reading.pane().draft(), f"the draft of {ident}")
        self._drawn()

    def _look(self) -> None:
        for _ in range(12):
            self._wheel(-120)
        for name in ("frame.last", "frame.first", "window.preset_3", "window.preset_4"):
            self._act(name)
        for name in ("view.invert", "view.zoom_in", "view.turn", "view.flip", "view.texts"):
            self._act(name)
        self._act("cine.play")
        self.rest(0.2)
        self._act("cine.play")
        self._act("view.reset")
        self._act("series.next")
        self._drawn()

    def _lay_out(self) -> None:
        for name in ("layout.4", "layout.tile", "layout.tile", "view.link", "view.link"):
            self._act(name)
        self._act("view.reference_lines")
        self._act("view.reference_lines")
        self._act("layout.1")
        self._drawn()

    def _measure(self) -> None:
        self._act("tool.length")
        pane = self._panes()[0]
        middle, left = pane.rect().center(), Qt.MouseButton.LeftButton
        ends = (middle - QPoint(60, 20), middle + QPoint(40, 30))
        QTest.mousePress(pane, left, pos=ends[0])
        move(pane, ends[1], left)
        QTest.mouseRelease(pane, left, pos=ends[1])
        self._turn()
        self._act("annotation.undo")
        self._act("tool.scroll")

    def _reconstruct(self, board: str) -> None:
        if not self._act(board):
            return
        # whole, 3D is drawn by a process that yields to all others
        coarse = board == "volume.open" and not self._whole
        self.rest(0.2)
        self._drawn(coarse=coarse)
        for _ in range(4):
            self._wheel(-120)
        for name in _ON_BOARD[board]:
            self._act(name)
        self._drawn(coarse=coarse)
        self._act(board)
        self._drawn()

    def _fuse(self) -> None:
        if self._act("fusion.open"):
            self._drawn()
            self._act("fusion.more")
            self._act("fusion.colours")
            self._drawn()
            self._act("fusion.open")

    def _spread(self) -> None:
        if len(self._app.screens()) > 1:
            self._act("screen.spread")
            self._drawn()
            self._act("screen.gather")
            self._drawn()

    def _write(self) -> None:
        editors = self._office.window.findChildren(QTextEdit)
        findings = next(e for e in editors if e.accessibleName() == "Report findings")
        findings.setFocus()
        QTest.keyClicks(findings, "x")
        self._turn()

    # -- what a reader has -----------------------------------------------------------------------

    def _act(self, name: str) -> bool:
        """Give a command; False where it is not there or greyed."""
        action = self._area.actions_by_id().get(name)
        if action is None:
            self.absent.add(name)
            return False
        if not action.isEnabled():
            self.refused[name] += 1
            return False
        action.trigger()
        self.done[name] += 1
        self._turn()
        return True

    def _wheel(self, delta: int) -> None:
        pane = self._panes()[0]
        at = QPointF(pane.rect().center())
        event = QWheelEvent(
            at,
            pane.mapToGlobal(at),
            QPoint(),
            QPoint(0, delta),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(pane, event)
        self._turn()

    def _panes(self) -> list[ViewportWidget]:
        found = [w for w in self._area.findChildren(ViewportWidget) if w.isVisible()]
        return sorted(found, key=lambda w: w.objectName())

    def _shown(self) -> set[str]:
        frames = [pane.viewport.state.frame for pane in self._panes()]
        return {str(frame.study) for frame in frames if frame is not None}

    def _drawn(self, *, coarse: bool = False) -> None:
        """Wait until what is shown is what is asked for, or for a coarse picture of it."""
        self.until(
            lambda: all(
                pane.picture.at_rest
                or pane.picture.error is not None
                or (coarse and pane.picture.pixels is not None)
                for pane in self._panes()
                if pane.viewport.state.frame is not None
            ),
            "a picture",
        )

    def until(self, true: Callable[[], object], what: str) -> None:
        """Let the program run until it is so."""
        end = time.monotonic() + _SECONDS
        while not true():
            if time.monotonic() > end:
                raise Stuck(f"{what} never came: {self._office.window.status.notice_text}")
            self._turn()

    def _turn(self) -> None:
        self._app.processEvents()
        time.sleep(0.002)
