"""One whole read by script, through the real widgets: what `make demo` does without a display.

Each step waits until the window shows what a person would wait for, then acts with real mouse and
key events on the widget of a stable accessible name. A step that does not come true in time ends
the script with its sentence and a non-zero status.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QDialog,
    QLabel,
    QLineEdit,
    QTableView,
    QTextEdit,
    QWidget,
)

from viewer.model.geometry import PixelPoint
from viewer.model.presentation import Presentation
from viewer.model.study import Instance
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.transform import PaneSize, PaneTransform
from workstation.qt.main_window import MainWindow
from workstation.qt.reading_page import ReadingPage
from workstation.qt.receipt import ReceiptDialog
from workstation.qt.scripted_case import Script, script_for
from workstation.qt.worklist_model import Column
from workstation.session.reading import ReadingSession

_CHIP = "\N{OBJECT REPLACEMENT CHARACTER}"
W = TypeVar("W", bound=QWidget)
_TICK_MS = 40


@dataclass(frozen=True, slots=True)
class Wait:
    """A condition with the sentence for the case that it does not come true."""

    until: Callable[[], object]
    what: str
    seconds: float = 30.0


class ScriptedRead(QObject):
    """Runs the steps on the GUI thread between the program's own events."""

    finished = Signal(int)

    def __init__(
        self, window: MainWindow, *, passphrase: str, out: Path, invented: bool = True
    ) -> None:
        """Write pictures and the signed PDF into ``out``; ``invented``: the demo's own cases."""
        super().__init__(window)
        self._invented = invented
        self._window = window
        self._passphrase = passphrase
        self._out = out
        self._steps = self._read()
        self._wait: Wait | None = None
        self._since = 0.0
        self._number = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin; ``finished`` gives the exit status."""
        self._out.mkdir(parents=True, exist_ok=True)
        self._timer.start()

    def _on_timeout(self) -> None:
        if self._wait is not None:
            if not self._wait.until():
                if time.monotonic() - self._since > self._wait.seconds:
                    self._end(f"FAILED: {self._wait.what} – {self._notice()}", 1)
                return
            self._wait = None
        try:
            self._wait = next(self._steps)
        except StopIteration:
            self._end(f"Done. Pictures and the signed PDF are in {self._out.resolve()}", 0)
        except LookupError as error:
            self._end(f"FAILED: {error.args[0]} – {self._notice()}", 1)
        self._since = time.monotonic()

    def _end(self, words: str, status: int) -> None:
        self._timer.stop()
        if status:
            self._picture("failed")
        self._say(words)
        self.finished.emit(status)

    def _read(self) -> Iterator[Wait]:
        yield Wait(lambda: self._rows() > 0, "the worklist has cases", 60)
        self._say("Signed in; the worklist has cases.")
        yield from self._rest(1.0)
        script = script_for(self._studies(), invented=self._invented)
        yield Wait(lambda: self._select(script), "the images of the case are on the platform", 150)
        yield Wait(lambda: self._button("Open case").isEnabled(), "the case may be opened")
        yield from self._rest()
        self._picture("worklist")
        self._click(self._button("Open case"))
        yield Wait(self._first_image, "the first image is on screen", 60)
        self._say("Opened the case; its first image is on screen.")
        yield Wait(self._all_here, "every image has arrived", 180)
        self._say("All images of the study are on this computer.")
        view = self._view()
        self._window.activateWindow()
        yield Wait(self._window.isActiveWindow, "the window takes the keys")
        yield from self._look(view, script)
        yield from self._measure(view, script)
        yield from self._write(script)
        yield from self._sign()

    def _look(self, view: ViewportWidget, script: Script) -> Iterator[Wait]:
        yield from self._scroll(view, self._target(script))
        self._say(f"Scrolled: {view.accessibleDescription()}.")
        if script.window_key:
            before = view.accessibleDescription()
            QTest.keyClicks(view, script.window_key)
            yield Wait(lambda: view.accessibleDescription() != before, "the window changes")
            self._say(f"Windowed: {view.accessibleDescription()}.")
            prior = self._find(ViewportWidget, "Viewport 2")
            if prior is not None:
                yield Wait(self._priors_here, "every image of the prior has arrived", 180)
                yield from self._scroll(prior, self._target(script, pane=1))
                QTest.keyClicks(prior, script.window_key)
                yield from self._rest()
                view.setFocus()
        yield from self._rest()
        self._picture("reading")

    def _scroll(self, view: ViewportWidget, target: int) -> Iterator[Wait]:
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Home)
        yield from self._rest()
        for _ in range(target // 10):
            QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
            yield from self._rest(0.05)
        for _ in range(target % 10):
            QTest.keyClick(view, Qt.Key.Key_Down)
            yield from self._rest(0.05)
        yield from self._rest()

    def _measure(self, view: ViewportWidget, script: Script) -> Iterator[Wait]:
        QTest.keyClick(view, Qt.Key.Key_L)
        begin, end = self._line(view, script)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=begin)
        for step in range(1, 9):
            _drag(view, begin + (end - begin) * step / 8)
            yield from self._rest(0.05)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
        yield from self._rest()
        self._say("Measured a length.")
        QTest.keyClick(view, Qt.Key.Key_R)
        findings = self._editor("Report findings")
        yield Wait(lambda: _CHIP in findings.toPlainText(), "the measurement is in the report")
        self._say("The measurement stands in the report as a chip.")

    def _write(self, script: Script) -> Iterator[Wait]:
        findings = self._editor("Report findings")
        findings.setFocus()
        QTest.keyClicks(findings, script.findings)
        impression = self._editor("Report impression")
        impression.setFocus()
        impression.selectAll()
        QTest.keyClicks(impression, script.impression)
        yield Wait(lambda: self._says("draft saved"), "the draft is saved", 10)
        self._say("Wrote findings and impression; the draft is saved.")
        yield from self._rest()
        self._picture("report")

    def _sign(self) -> Iterator[Wait]:
        self._click(self._button("Sign and send"))
        yield Wait(lambda: self._find(QLineEdit, "Passphrase") is not None, "the sign dialog opens")
        field = self._required(QLineEdit, "Passphrase")
        dialog = field.window()
        for box in dialog.findChildren(QCheckBox):
            if box.isVisible() and not box.isChecked():
                box.click()
        QTest.keyClicks(field, self._passphrase)
        yield from self._rest()
        self._picture("sign", dialog)
        self._click(self._button("Sign and send", dialog))
        yield Wait(
            lambda: self._find(QLabel, "Receipt number") is not None, "the receipt is shown", 60
        )
        number = self._required(QLabel, "Receipt number")
        receipt = self._required(ReceiptDialog, "Receipt")
        self._say(f"Signed and sent; the platform gave {number.text()}.")
        yield from self._rest()
        self._picture("receipt", receipt)
        self._save_pdf(receipt)
        self._click(self._button("Next case", receipt))
        yield Wait(
            lambda: self._find(QLineEdit, "Search worklist") is not None, "the worklist is back"
        )

    def _save_pdf(self, receipt: ReceiptDialog) -> None:
        (self._out / "report.pdf").write_bytes(receipt.report.pdf)
        self._say("Kept the signed PDF.")

    def _rest(self, seconds: float = 0.4) -> Iterator[Wait]:
        ready = time.monotonic() + seconds
        yield Wait(lambda: time.monotonic() > ready, "the window rests")

    def _rows(self) -> int:
        table = self._find(QTableView, "Worklist")
        return table.model().rowCount() if table is not None else -1

    def _cell(self, row: int, column: Column) -> str:
        model = self._required(QTableView, "Worklist").model()
        return str(model.index(row, column).data())

    def _studies(self) -> list[str]:
        return [self._cell(row, Column.STUDY) for row in range(self._rows())]

    def _select(self, script: Script) -> bool:
        for row in range(self._rows()):
            if script.study in self._cell(row, Column.STUDY):
                self._required(QTableView, "Worklist").selectRow(row)
                state = self._cell(row, Column.STATE).casefold()
                return "arriving" not in state and "blocked" not in state
        return False

    def _session(self) -> ReadingSession | None:
        page = self._window.reading_page()
        return page.session() if isinstance(page, ReadingPage) else None

    def _view(self) -> ViewportWidget:
        return self._required(ViewportWidget, "Viewport 1")

    def _first_image(self) -> bool:
        view = self._find(ViewportWidget, "Viewport 1")
        return view is not None and " of " in view.accessibleDescription()

    def _all_here(self) -> bool:
        session = self._session()
        if session is None or session.images.current is None:
            return False
        held, expected = session.context().complete
        return expected > 0 and held >= expected

    def _priors_here(self) -> bool:
        session = self._session()
        if session is None:
            return False
        held = sum(len(s.instances) for p in session.images.priors for s in p.study.series)
        return held >= sum(prior.instances for prior in session.case.priors)

    def _frames(self, pane: int = 0) -> list[tuple[Instance, int]]:
        """The frames of the display set in a pane, in display order."""
        session = self._session()
        page = self._window.reading_page()
        if session is None or session.images.current is None or not isinstance(page, ReadingPage):
            raise LookupError("no case is open")
        shown = page.area().shown(pane)
        if shown is None:
            raise LookupError(f"nothing hangs in pane {pane + 1}")
        known = {
            instance.ref.sop: instance
            for loaded in (session.images.current, *session.images.priors)
            for series in loaded.study.series
            for instance in series.instances
        }
        return [(known[ref.sop], ref.frame) for ref in shown.frames]

    def _target(self, script: Script, pane: int = 0) -> int:
        frames = self._frames(pane)
        if script.line is None:
            return len(frames) // 2
        middle = script.line[0]

        def away(place: tuple[Instance, int]) -> float:
            plane = place[0].planes[place[1]]
            return abs(plane.distance(middle)) if plane else float("inf")

        return min(range(len(frames)), key=lambda n: away(frames[n]))

    def _line(self, view: ViewportWidget, script: Script) -> tuple[QPoint, QPoint]:
        instance, frame = self._frames()[self._target(script)]
        form, plane = instance.format, instance.planes[frame] if instance.planes else None
        if form is None:
            raise LookupError("the first pane shows no image")
        if script.line is not None and plane is not None:
            ends = [plane.to_pixel(point) for point in script.line]
            aspect = plane.spacing.row / plane.spacing.column
        else:
            row = form.rows / 2
            ends = [PixelPoint(form.columns * 0.4, row), PixelPoint(form.columns * 0.6, row)]
            aspect = 1.0
        area = view.device_rect()
        pane = PaneSize(area.width(), area.height())
        look = PaneTransform.of(form.rows, form.columns, aspect, pane, Presentation())
        begin, end = (view.from_pane(look.to_pane(point)).toPoint() for point in ends)
        return begin, end

    def _says(self, words: str) -> bool:
        return any(
            words in label.text().casefold()
            for label in self._window.findChildren(QLabel)
            if label.isVisible()
        )

    def _find(self, kind: type[W], name: str, root: QWidget | None = None) -> W | None:
        roots = [root] if root else [*self._dialogs(), self._window]
        for place in roots:
            for widget in (place, *place.findChildren(kind)):
                if not isinstance(widget, kind):
                    continue
                if _accessible_name(widget) == name and widget.isVisible():
                    return widget
        return None

    def _required(self, kind: type[W], name: str) -> W:
        found = self._find(kind, name)
        if found is None:
            raise LookupError(f"there is no “{name}” on the screen")
        return found

    def _button(self, name: str, root: QWidget | None = None) -> QAbstractButton:
        found = self._find(QAbstractButton, name, root)
        if found is None:
            raise LookupError(f"there is no button “{name}”")
        return found

    def _editor(self, name: str) -> QTextEdit:
        found = self._find(QTextEdit, name)
        if found is None:
            raise LookupError(f"there is no editor “{name}”")
        return found

    def _dialogs(self) -> list[QWidget]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]

    def _click(self, button: QAbstractButton) -> None:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _picture(self, name: str, dialog: QWidget | None = None) -> None:
        self._number += 1
        shot = self._window.grab()
        if dialog is not None:
            painter = QPainter(shot)
            painter.drawPixmap(self._window.mapFromGlobal(dialog.pos()), dialog.grab())
            painter.end()
        shot.save(str(self._out / f"{self._number:02d}-{name}.png"))

    def _notice(self) -> str:
        return self._window.status.notice_text or "no notice is shown"

    def _say(self, words: str) -> None:
        sys.stdout.write(words + "\n")
        sys.stdout.flush()


def _drag(view: QWidget, place: QPoint) -> None:
    """Move with the left button held; QTest would move the real pointer, which holds none."""
    here = QPointF(place)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        here,
        view.mapToGlobal(here),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(view, event)


def _accessible_name(widget: QWidget) -> str:
    """What a screen reader says: the accessible name, or a button's text."""
    name = widget.accessibleName()
    if not name and isinstance(widget, QAbstractButton):
        return widget.text()
    return name
