"""Run as a process of its own on several screens: a reader's day; prints what was seen as JSON."""

import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QTextEdit

from reporting.model.report import Person
from tests.kit.demo_cases import ct_slice
from tests.kit.platform import FakePlatform, a_case, a_study
from tests.kit.workplace import Office, open_office
from viewer.qt.image_window import ImageWindow
from viewer.qt.viewport_widget import ViewportWidget
from workstation.platform.client import InstanceBlob

STUDIES = {"a": "2.25.71", "b": "2.25.72"}
PATIENTS = {
    "a": Person("4711", "https://x.example", "DOE^JANE", "1972-03-04", "F"),
    "b": Person("4712", "https://x.example", "ROE^RITA", "1980-01-02", "F"),
}
IMAGES = 4


def platform() -> FakePlatform:
    """Two cases of two patients, each with a few images."""
    made = FakePlatform()
    for ident, study in STUDIES.items():
        patient = PATIENTS[ident]
        listed = a_study(study, instances=IMAGES)
        made.cases[ident] = a_case(ident, study=listed, patient=patient)
        series = f"{study}.1"
        made.instances[study] = [
            (series, InstanceBlob(f"{series}.{n}", _image(n, study, series, patient)))
            for n in range(1, IMAGES + 1)
        ]
    return made


def _image(number: int, study: str, series: str, patient: Person) -> bytes:
    """One small image of a patient."""
    data = pydicom.dcmread(io.BytesIO(ct_slice(number, study=study, series=series, side=64)))
    data.PatientName, data.PatientID = patient.name, patient.id
    data.PatientBirthDate = patient.birth_date.replace("-", "")
    data.AccessionNumber = "ACC-1"
    made = io.BytesIO()
    data.save_as(made, enforce_file_format=True)
    return made.getvalue()


class Reader:
    """What a reader does, and what can be seen of it."""

    def __init__(self, app: QApplication, office: Office) -> None:
        self.app = app
        self.office = office
        self.area = office.workplace.reading.area()

    def until(self, true: Callable[[], object], what: str) -> None:
        """Let the program run until it is so."""
        end = time.monotonic() + 8
        while not true():
            if time.monotonic() > end:
                raise SystemExit(f"never came: {what}; {self.office.window.status.notice_text}")
            self.app.processEvents()
            time.sleep(0.005)

    def open(self, ident: str) -> None:
        """Open a case and wait for its images and its report."""
        desk = self.office.workplace.desk
        self.until(lambda: any(c.id == ident for c in desk.cases) and desk.online, "worklist")
        case = next(c for c in desk.cases if c.id == ident)
        self.office.workplace.worklist.open_asked.emit(case)
        self.until(lambda: self.study() == STUDIES[ident], f"images of {ident}")
        self.until(lambda: self.office.workplace.reading.pane().draft() is not None, "draft")

    def study(self) -> str:
        """Which study is shown."""
        return next((str(frame.study) for frame in self.frames() if frame), "")

    def panes(self) -> list[ViewportWidget]:
        """The panes of the layout."""
        found = self.area.findChildren(ViewportWidget)
        return sorted((w for w in found if w.isVisible()), key=lambda w: w.objectName())

    def act(self, ident: str) -> None:
        """Trigger a command."""
        self.area.actions_by_id()[ident].trigger()
        self.app.processEvents()

    def windows(self) -> list[dict[str, Any]]:
        """Where each window of images stands and whose images it says it shows."""
        return [
            {
                "screen": window.screen().name(),
                "fills": window.size() == window.screen().availableGeometry().size(),
                "panes": [p.objectName() for p in self.panes() if p.window() is window],
                "notice": [label.text() for label in window.findChildren(QLabel, "notice")],
                "patient": [label.text() for label in window.findChildren(QLabel, "patientName")],
            }
            for window in self.area.windows.windows
        ]

    def see(self) -> dict[str, Any]:
        """What stands where, and what the reader has made."""
        window = self.office.window
        shape = [p.window().objectName() for p in self.panes()]
        return {
            "main": window.screen().name(),
            "windows": self.windows(),
            "panes": shape,
            "shown": [str(f.study) if f else "" for f in self.frames()],
            "drawings": len(self.area.annotations()),
            "text": self.findings().toPlainText(),
            "notice": window.status.notice_text,
            "visible": sum(
                isinstance(w, ImageWindow) and w.isVisible() for w in self.app.topLevelWidgets()
            ),
        }

    def frames(self) -> list[Any]:
        """The frame in each pane."""
        return [p.viewport.state.frame for p in self.panes()]

    def findings(self) -> QTextEdit:
        """The editor of the findings."""
        editors = self.office.window.findChildren(QTextEdit)
        return next(e for e in editors if e.accessibleName() == "Report findings")

    def write_on(self) -> None:
        """Go back to the report."""
        self.office.window.activateWindow()
        self.findings().setFocus()
        self.until(lambda: QApplication.focusWidget() is self.findings(), "the report's editor")

    def draw(self) -> None:
        """Measure a length in the first pane."""
        pane = self.panes()[0]
        self.until(lambda: pane.picture.at_rest, "a picture")
        self.act("tool.length")
        for act, place in ((QTest.mousePress, (200, 200)), (QTest.mouseRelease, (260, 240))):
            QTest.mouseMove(pane, QPoint(*place))
            act(pane, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(*place))
        self.until(lambda: self.area.annotations(), "a drawing")

    def take_away(self, name: str) -> None:
        """Tell what the system tells when a screen goes; the platform itself cannot lose one."""
        screen = next(s for s in QGuiApplication.screens() if s.name() == name)
        self.app.screenRemoved.emit(screen)
        self.app.processEvents()

    def bring_back(self, name: str) -> None:
        """Tell what the system tells when a screen is plugged in."""
        screen = next(s for s in QGuiApplication.screens() if s.name() == name)
        self.app.screenAdded.emit(screen)


def first_day(reader: Reader) -> dict[str, Any]:
    """Spread, read, lose a screen, go to another case, go back to the worklist."""
    seen: dict[str, Any] = {}
    reader.open("a")
    seen["one window"] = reader.see()
    reader.act("screen.spread")
    seen["spread"] = reader.see()
    reader.act("view.turn")
    seen["refused"] = reader.see()
    reader.draw()
    QTest.keyClicks(reader.findings(), "No nodule.")
    reader.act("layout.4")
    seen["four"] = reader.see()
    before = reader.panes()[0].viewport.state.index
    QTest.keyClick(reader.panes()[0], Qt.Key.Key_Down)
    seen["key in a window"] = reader.panes()[0].viewport.state.index - before
    reader.write_on()
    reader.take_away(reader.area.windows.windows[-1].screen().name())
    seen["screen gone"] = reader.see()
    seen["goes on writing"] = QApplication.focusWidget() is reader.findings()
    reader.open("b")
    seen["other case"] = reader.see()
    reader.office.workplace.reading.back_asked.emit()
    reader.app.processEvents()
    seen["worklist"] = reader.see()
    return seen


def next_day(reader: Reader) -> dict[str, Any]:
    """Begin where it was left; close a window; lose all but one screen; one window again."""
    seen: dict[str, Any] = {}
    reader.open("a")
    seen["again"] = reader.see()
    reader.area.windows.windows[-1].close()
    reader.app.processEvents()
    seen["closed"] = reader.see()
    reader.act("screen.spread")
    seen["asked again"] = reader.see()
    first = reader.area.windows.windows[0]
    whole = first.geometry()
    seen["marks"] = [reader.office.workplace.display.marks()]
    first.setGeometry(whole.translated(whole.width() // 2, 0))
    reader.app.processEvents()
    seen["marks"].append(reader.office.workplace.display.marks())
    seen["described"] = reader.panes()[0].accessibleDescription()
    first.setGeometry(whole)
    reader.app.processEvents()
    seen["marks"].append(reader.office.workplace.display.marks())
    reader.area.windows.windows[0].activateWindow()
    reader.panes()[0].setFocus()
    reader.until(lambda: reader.panes()[0].hasFocus(), "the keys")
    reader.act("keys.sheet")
    sheets = [w for w in reader.app.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    centres = [sheet.frameGeometry().center() for sheet in sheets]
    window = reader.area.windows.windows[0]
    seen["sheet"] = [window.geometry().contains(centre) for centre in centres]
    for sheet in sheets:
        sheet.close()
    reader.until(window.isActiveWindow, "the keys again")
    reader.act("mpr.open")
    reader.until(lambda: len(reader.panes()) == 4, "planes")
    seen["planes"] = reader.see()
    reader.act("mpr.open")
    seen["planes left"] = reader.see()
    reader.act("screen.gather")
    seen["gathered"] = reader.see()
    return seen


def plugging(reader: Reader) -> dict[str, Any]:
    """The report's screen goes and comes back, then the reader signs out."""
    seen: dict[str, Any] = {}
    reader.open("a")
    reader.act("screen.spread")
    reader.write_on()
    seen["before"] = reader.see()
    reader.take_away("HDMI-1")
    seen["gone"] = reader.see()
    seen["goes on writing"] = QApplication.focusWidget() is reader.findings()
    reader.bring_back("HDMI-1")
    reader.until(lambda: reader.office.window.screen().name() == "HDMI-1", "the report's screen")
    reader.app.processEvents()
    seen["back"] = reader.see()
    reader.office.window.top.sign_out_asked.emit()
    reader.app.processEvents()
    seen["signed out"] = reader.see()["visible"]
    return seen


def alone(reader: Reader) -> dict[str, Any]:
    """The other screens are not there."""
    reader.open("a")
    seen = {"opened": reader.see()}
    reader.act("screen.spread")
    seen["asked"] = reader.see()
    return seen


DAYS = {"first": first_day, "next": next_day, "plugging": plugging, "alone": alone}


def main() -> None:
    """Live through the day that is named; what is kept is kept in the folder."""
    app = QApplication(sys.argv)
    folder, day = Path(sys.argv[1]), sys.argv[2]
    with open_office(folder, platform()) as office:
        seen = DAYS[day](Reader(app, office))
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    seen["left over"] = [
        w.objectName() for w in app.topLevelWidgets() if isinstance(w, ImageWindow)
    ]
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
