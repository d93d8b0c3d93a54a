"""The preview draws the PDF's own pages."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from reporting.errors import ExportFailed
from reporting.export.pdf import render_pdf
from reporting.qt.preview_dialog import PreviewDialog
from tests.kit.reporting import RESOURCES, context, draft


@pytest.fixture
def preview(qtbot: QtBot) -> PreviewDialog:
    long = "Right upper lobe nodule.\n" * 60
    dialog = PreviewDialog(render_pdf(draft(long, long), context(), resources=RESOURCES))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def sheet(preview: PreviewDialog) -> QLabel:
    return next(w for w in preview.findChildren(QLabel) if w.accessibleName() == "Report page")


def test_shows_the_page_and_its_words(preview: PreviewDialog) -> None:
    assert preview.pages == 3
    assert "DOE, JANE" in sheet(preview).accessibleDescription()
    picture = sheet(preview).pixmap().toImage()
    greys = {picture.pixelColor(x, 90).lightness() for x in range(picture.width())}
    assert max(greys) < 230
    assert any(
        picture.pixelColor(x, y).lightness() < 90
        for y in range(0, picture.height(), 3)
        for x in range(0, picture.width(), 3)
    )


def test_page_keys(qtbot: QtBot, preview: PreviewDialog) -> None:
    for wanted in (1, 2, 2):
        QTest.keyClick(preview, Qt.Key.Key_PageDown)
        assert preview.page == wanted
    assert "Page 3 of 3" in preview.text()
    QTest.keyClick(preview, Qt.Key.Key_PageUp)
    assert preview.page == 1


def test_zoom_keys(qtbot: QtBot, preview: PreviewDialog) -> None:
    width = sheet(preview).pixmap().width()
    QTest.keyClick(preview, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert sheet(preview).pixmap().width() > width
    QTest.keyClick(preview, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(preview, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert preview.zoom < 1
    QTest.keyClick(preview, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert preview.zoom == 1
    preview.set_zoom(1000)
    assert preview.zoom == 4


def test_as_wide_as_the_window(preview: PreviewDialog) -> None:
    narrow = sheet(preview).pixmap().width()
    preview.resize(1000, 900)
    assert sheet(preview).pixmap().width() > narrow


def test_what_is_no_pdf_is_said(qtbot: QtBot) -> None:
    with pytest.raises(ExportFailed, match="preview"):
        PreviewDialog(b"no pdf")
