"""F64 in the running program: silent when right, loud when wrong, anew when a screen changes."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.kit.platform import FakePlatform, a_case, a_study
from tests.kit.workplace import Office, open_office
from viewer.calibration.verdict import ScreenVerdict
from viewer.pixels.pipeline import PixelPipeline
from viewer.qt.screens import screens_by_key
from workstation.qt.display_watch import DisplayWatch
from workstation.session.display_state import MARK, display_words


def _office(tmp_path: Path) -> Any:
    case = a_case("a", study=a_study("1.1"))
    return open_office(tmp_path, FakePlatform(cases={case.id: case}))


def _words(office: Office) -> str:
    labels = office.window.status.findChildren(QLabel)
    return next(label.text() for label in labels if label.text().startswith("display"))


def _tested(office: Office, qtbot: QtBot) -> DisplayWatch:
    watch = office.workplace.display
    watch.start()
    qtbot.waitUntil(lambda: bool(watch.verdicts()), timeout=9000)
    return watch


def test_f64_a_right_display_is_told_in_a_few_words(qtbot: QtBot, tmp_path: Path) -> None:
    with _office(tmp_path) as office:
        qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
        before = QApplication.focusWidget()
        assert _words(office) == "display: self-test not yet run, not calibrated"
        watch = _tested(office, qtbot)
        assert _words(office) == "display: self-test passed, not calibrated"
        told = "This screen was never measured. This screen has no calibration table. Do not use it"
        assert told in watch.words().why
        assert watch.marks() == {}
        assert QApplication.focusWidget() is before


def test_f64_a_wrong_table_marks_status_and_images(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = PixelPipeline.table

    def wrong(self: PixelPipeline, *args: Any, **more: Any) -> Any:
        return table(self, *args, **more) // 2

    monkeypatch.setattr(PixelPipeline, "table", wrong)
    with _office(tmp_path) as office:
        watch = _tested(office, qtbot)
        assert _words(office) == "display: NOT DIAGNOSTIC"
        assert "window 40/400" in watch.words().why
        assert watch.marks() == dict.fromkeys(screens_by_key(), MARK)


def test_f64_a_changed_screen_is_tested_again(qtbot: QtBot, tmp_path: Path) -> None:
    with _office(tmp_path) as office:
        watch = _tested(office, qtbot)
        (first,) = watch.verdicts()
        screen = QApplication.primaryScreen()
        with qtbot.waitSignal(watch.changed, timeout=9000):
            screen.geometryChanged.emit(QRect(0, 0, 100, 100))
        (second,) = watch.verdicts()
        assert second is not first
        assert second.passed


def test_f64_a_screen_to_which_images_come_is_tested_again(qtbot: QtBot, tmp_path: Path) -> None:
    with _office(tmp_path) as office:
        watch = _tested(office, qtbot)
        (first,) = watch.verdicts()
        office.workplace.reading.area().windows.rearranged.emit()
        qtbot.waitUntil(lambda: watch.verdicts()[0] is not first, timeout=9000)
        assert watch.verdicts()[0].passed


def test_f64_a_test_can_be_stopped_half_way(qtbot: QtBot, tmp_path: Path) -> None:
    with _office(tmp_path) as office:
        watch = office.workplace.display
        QTimer.singleShot(0, watch.test)
        qtbot.wait(5)
        watch.stop()
        assert watch.verdicts() == ()


def test_f64_a_failed_screen_elsewhere_does_not_mark_the_images() -> None:
    good = ScreenVerdict("A", (), 10, 8)
    bad = ScreenVerdict("B", ("Test picture “inverted” (F10): wrong.",), 10, 8)
    elsewhere = display_words([good, bad], ["A"], {})
    assert elsewhere.text == "display: NOT DIAGNOSTIC on another screen"
    assert "Screen B: Test picture" in elsewhere.why
    assert display_words([good, bad], ["B"], {}).text == "display: NOT DIAGNOSTIC"
    assert "could be drawn" in display_words([ScreenVerdict("A")], ["A"], {}).why
