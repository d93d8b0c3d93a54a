"""Documents in the panes: reports, key objects, PDF pages, and what nothing here can show."""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTreeWidget
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.documents import KO_CLASS, PDF_CLASS, SR_CLASS, bytes_of, encapsulated, pdf, report
from tests.kit.executors import StepExecutor
from tests.kit.viewer import IDENTITY, chest, ct_instance, frame_of, series_of, set_of, study_of
from viewer.errors import MissingInstance, UndecodableFrame
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.pages import DrawnPage, Pdf
from viewer.model.display_set import DisplaySet, Kind
from viewer.model.document import PageDocument
from viewer.model.image_link import ImageLink
from viewer.model.key_objects import KeyObjects, Purpose
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Series, Study
from viewer.qt.accessible import install_roles
from viewer.qt.document_text import DocumentText
from viewer.qt.document_view import DocumentView
from viewer.qt.page_view import PageView
from viewer.qt.screens import screens_by_key
from viewer.viewport.words import date_text

CHEST = chest(20)
IMAGES = CHEST.series[0].instances
PRIOR = chest(5, uid="1.3", series="1.3.1", space="1.8", date="20251120")


def other(series: str, sop_class: str, number: int, *, study: str = "1.2", **more: Any) -> Series:
    held = ct_instance(
        series, 0, study=study, sop_class=sop_class, modality="SR", format=None, planes=(), **more
    )
    return series_of([held], number=number, description=f"Object {number}")


REPORT = other("1.2.50", SR_CLASS, 50)
KEYS = other("1.2.51", KO_CLASS, 51)
LETTER = other("1.2.52", PDF_CLASS, 52)
PLAN = other("1.2.53", "1.2.840.10008.5.1.4.1.1.481.5", 53)
OLD = other("1.3.50", SR_CLASS, 50, study="1.3")
SELECTION = KeyObjects(
    KEYS.instances[0].ref,
    "For Teaching",
    Purpose.KEY,
    tuple(ImageLink(IMAGES[n].ref.sop) for n in (3, 7)),
)
REJECTION = replace(
    SELECTION,
    ref=replace(SELECTION.ref, sop=SopUid("1.2.51.9")),
    title="Rejected for Quality Reasons",
    purpose=Purpose.REJECTED,
    links=(ImageLink(IMAGES[7].ref.sop),),
)
CASE = replace(
    CHEST,
    series=(*CHEST.series, REPORT, KEYS, LETTER, PLAN),
    key_objects=(SELECTION, REJECTION),
)
BEFORE = replace(PRIOR, series=(*PRIOR.series, OLD))
WHY = "RT Plan: cannot be shown here."


def all_sets(*studies: Study) -> dict[SeriesUid, tuple[DisplaySet, ...]]:
    found: dict[SeriesUid, tuple[DisplaySet, ...]] = {}
    for study in studies:
        for series in study.series:
            kind = Kind.VOLUME
            if series.instances[0].format is None:
                kind = Kind.OTHER if series is PLAN else Kind.DOCUMENT
            made = set_of(series, kind=kind)
            found[series.uid] = (replace(made, warnings=(WHY,)) if series is PLAN else made,)
    return found


class Held:
    """Files in memory by SOP Instance."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.opened: list[str] = []

    def sops(self, study: StudyUid) -> Sequence[SopUid]:
        return ()

    def open(self, sop: SopUid) -> BinaryIO:
        self.opened.append(sop)
        if sop not in self.files:
            raise MissingInstance("It was not downloaded yet.", where=sop)
        return io.BytesIO(self.files[sop])


class Paper:
    """Gives grey sheets in place of a process that draws."""

    def __init__(self) -> None:
        self.widths: list[int] = []

    def open(self, document: PageDocument, sop: SopUid) -> Pdf:
        return Pdf(sop, document, 3, ((300.0, 400.0),) * 3)

    def draw(self, pdf: Pdf, page: int, width: int) -> DrawnPage:
        self.widths.append(width)
        if page == 2:
            raise UndecodableFrame("Page 3 of the PDF is damaged.", where=pdf.sop)
        sheet = np.full((width * 4 // 3, width, 4), 200 + page, np.uint8)
        return DrawnPage(sheet, f"words of page {page + 1}")


LINKS = ("1.2.1.3", "1.2.1.7", "9.9.9")
FILES = {
    "1.2.50.0": bytes_of(report("Findings", ["Nodule <b>big</b>\u202e", "Second"], LINKS)),
    "1.2.51.0": bytes_of(report("For Teaching", [], LINKS[:2], sop_class=KO_CLASS)),
    "1.2.52.0": bytes_of(
        encapsulated(
            pdf("one"), PatientID="4711", PatientName="DOE^JANE", PatientBirthDate="19720304"
        )
    ),
    "1.3.50.0": bytes_of(report("Old", [f"line {n}" for n in range(2000)], (), patient="666")),
}


class Ward:
    """A room with documents in it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.held, self.paper = Held(dict(FILES)), Paper()
        self.qtbot = qtbot

        def shelf(executor: StepExecutor) -> DocumentShelf:
            pages: Any = self.paper
            return DocumentShelf(self.held, executor, pages)

        self.room: Room = make_room(qtbot, CASE, BEFORE, documents=shelf)
        self.room.area.open_case(CASE, (BEFORE,), all_sets(CASE, BEFORE), IDENTITY)
        self.room.settle()
        self.room.key(Qt.Key.Key_1, modifier=Qt.KeyboardModifier.AltModifier)

    def choose(self, series: Series) -> DocumentView:
        panel = self.room.area.findChild(QTreeWidget, "series.panel")
        assert isinstance(panel, QTreeWidget)
        (wanted,) = all_sets(CASE, BEFORE)[series.uid]
        panel.chosen.emit(wanted.id)  # type: ignore[attr-defined]  # a signal of the panel
        self.settle()
        return self.view()

    def settle(self) -> None:
        self.room.settle()
        self.qtbot.wait(1)
        self.room.settle()

    def view(self, number: int = 1) -> DocumentView:
        found = self.room.pane(number).findChild(DocumentView)
        assert isinstance(found, DocumentView)
        return found

    def text(self, number: int = 1) -> str:
        return self.view(number).text.toPlainText()

    def lines(self, series: Series) -> list[str]:
        (wanted,) = all_sets(CASE, BEFORE)[series.uid]
        panel = self.room.area.findChild(QTreeWidget, "series.panel")
        assert isinstance(panel, QTreeWidget)
        for row in range(panel.topLevelItemCount()):
            head = panel.topLevelItem(row)
            assert head is not None
            for n in range(head.childCount()):
                item = head.child(n)
                assert item is not None
                if item.data(0, Qt.ItemDataRole.UserRole) == wanted.id:
                    return item.text(0).split("\n")
        raise AssertionError(series.description)

    def key(self, key: Qt.Key, **more: Any) -> None:
        QTest.keyClick(self.view().body, key, **more)
        self.settle()


def words(view: DocumentView) -> list[str]:
    return [label.text() for label in view.findChildren(QLabel) if label.text()]


@pytest.fixture
def ward(qtbot: QtBot) -> Ward:
    return Ward(qtbot)


def test_a_report_is_read_in_the_pane_with_the_patient_over_it(ward: Ward) -> None:
    view = ward.choose(REPORT)
    assert view.isVisible()
    assert "DOE^JANE\n4711\n1972-03-04 F" in words(view)
    assert f"CT chest\n{date_text(CASE.date)} 10:15\nACC-1" in words(view)
    assert "CURRENT" in words(view)
    assert "Findings" in words(view)
    assert "COMPLETENESS NOT STATED · VERIFICATION NOT STATED" in words(view)
    assert ward.text().startswith("Written: 1997-04-30")
    ward.qtbot.waitUntil(lambda: ward.lines(REPORT)[-1] == "read")


def test_f64_a_document_bears_the_mark_of_a_failed_screen_too(ward: Ward) -> None:
    why = "the self-test of this screen failed"
    view = ward.choose(REPORT)
    ward.room.area.mark_displays(dict.fromkeys(screens_by_key(), why))
    assert f"NOT DIAGNOSTIC · {why}" in words(view)
    assert f"NOT DIAGNOSTIC · {why}" in view.accessibleDescription()
    assert f"NOT DIAGNOSTIC · {why}" in words(ward.choose(PLAN)), "also what cannot be shown"
    ward.room.area.mark_displays({})
    assert not any("NOT DIAGNOSTIC" in text for text in words(view))


def test_a_document_leaves_the_drop_of_a_series_to_its_pane(ward: Ward) -> None:
    view = ward.choose(REPORT)
    parts = (view, view.text, view.text.viewport(), view.pages, view.pages.viewport())
    assert not any(part.acceptDrops() for part in parts)
    assert ward.room.pane().acceptDrops()


def test_words_are_never_markup_and_hidden_characters_are_seen(ward: Ward) -> None:
    ward.choose(REPORT)
    assert "Nodule <b>big</b>\\u202e" in ward.text()


def test_another_patients_document_says_so_and_a_prior_is_marked(ward: Ward) -> None:
    view = ward.choose(OLD)
    assert "DOCUMENT SAYS PATIENT ID 666" in words(view)
    assert "PRIOR 2025-11-20" in words(view)
    assert ward.room.pane().accessibleDescription() == "Prior, Object 50"


def test_a_long_document_comes_bit_by_bit_and_is_read_at_its_end(ward: Ward) -> None:
    view = ward.choose(OLD)
    ward.qtbot.waitUntil(lambda: ward.text().endswith("line 1999"))
    ward.qtbot.wait(250)
    assert ward.lines(OLD)[-1] != "read"
    assert view.text.verticalScrollBar().value() == 0
    ward.key(Qt.Key.Key_PageDown)
    assert view.text.verticalScrollBar().value() > 0
    ward.key(Qt.Key.Key_End)
    ward.qtbot.waitUntil(lambda: ward.lines(OLD)[-1] == "read")


def test_a_link_shows_its_image_beside_the_document(ward: Ward) -> None:
    view = ward.choose(REPORT)
    assert "Source: Series 3, image 4" in ward.text()
    assert "Source: image, not in this case" in ward.text()
    ward.key(Qt.Key.Key_Right)
    ward.key(Qt.Key.Key_Right)
    assert view.text.textCursor().selectedText() == "Series 3, image 8"
    ward.key(Qt.Key.Key_Return)
    assert view.isVisible()
    assert ward.room.pane(2).isVisible()
    assert ward.room.viewport(2).state.frame == frame_of(IMAGES[7])
    assert ward.room.pane(2).hasFocus()


def test_an_image_that_arrives_later_becomes_a_link_where_the_reader_is(ward: Ward) -> None:
    ward.choose(REPORT)
    late = ct_instance("1.2.60", 0)
    late = replace(late, ref=replace(late.ref, sop=SopUid("9.9.9")))
    series = series_of([late], number=60, description="Late")
    case = replace(CASE, series=(*CASE.series, series))
    ward.room.area.grow(case, (BEFORE,), all_sets(case, BEFORE), IDENTITY)
    ward.settle()
    assert "Source: Series 60, image 1" in ward.text()


def test_the_size_of_the_text_follows_the_keys(ward: Ward) -> None:
    view = ward.choose(REPORT)
    before = view.text.font().pixelSize()
    for _ in range(3):
        ward.key(Qt.Key.Key_Plus, modifier=Qt.KeyboardModifier.ControlModifier)
    assert view.text.font().pixelSize() > 1.3 * before
    ward.key(Qt.Key.Key_0, modifier=Qt.KeyboardModifier.ControlModifier)
    assert view.text.font().pixelSize() == before
    ward.key(Qt.Key.Key_Minus, modifier=Qt.KeyboardModifier.ControlModifier)
    assert view.text.font().pixelSize() < before


def test_series_keys_reach_documents_and_leave_them(ward: Ward) -> None:
    pane = ward.room.pane()
    ward.room.key(Qt.Key.Key_PageDown)
    ward.settle()
    assert ward.view().isVisible()
    assert pane.hasFocus()
    assert ward.view().text.hasFocus()
    assert ward.room.area.shown(0) == all_sets(CASE)[REPORT.uid][0]
    ward.key(Qt.Key.Key_PageUp)
    assert not ward.view().isVisible()
    assert pane.hasFocus()
    assert ward.room.area.shown(0) == all_sets(CASE)[CHEST.series[0].uid][0]
    assert ward.text() == ""


def test_pages_turn_by_key_and_stay_as_wide_as_the_pane(ward: Ward) -> None:
    view = ward.choose(LETTER)
    pages = view.pages
    assert "Page 1 of 3" in words(view)
    assert "Old letter" in words(view)
    assert not any("DOCUMENT SAYS" in text for text in words(view))
    assert pages.width() - 40 < ward.paper.widths[-1] <= pages.width()
    sheet = pages.findChild(QLabel, "document.page")
    assert isinstance(sheet, QLabel)
    assert sheet.accessibleDescription() == "Page 1 of 3\nwords of page 1"
    ward.key(Qt.Key.Key_PageDown)
    assert (pages.page, "Page 2 of 3" in words(view)) == (1, True)
    assert sheet.accessibleDescription() == "Page 2 of 3\nwords of page 2"
    ward.key(Qt.Key.Key_PageDown)
    assert "Page 3 of the PDF is damaged." in sheet.text()
    ward.key(Qt.Key.Key_PageDown)
    assert ward.room.area.shown(0) == all_sets(CASE)[PLAN.uid][0]


def test_a_page_is_drawn_larger_when_it_is_zoomed(ward: Ward) -> None:
    view = ward.choose(LETTER)
    fit = ward.paper.widths[-1]
    ward.key(Qt.Key.Key_Plus, modifier=Qt.KeyboardModifier.ControlModifier)

    def drawn_larger() -> bool:
        ward.room.settle()
        return ward.paper.widths[-1] == pytest.approx(1.2 * fit, abs=2)

    ward.qtbot.waitUntil(drawn_larger)
    assert view.pages.zoom == pytest.approx(1.2)


def test_what_cannot_be_shown_says_why_and_what_it_is(ward: Ward) -> None:
    view = ward.choose(PLAN)
    assert view.isVisible()
    told = view.findChild(QLabel, "document.message")
    assert isinstance(told, QLabel)
    assert told.text().startswith(WHY)
    assert "Series 53" in told.text()
    assert date_text(CASE.date) in told.text()
    assert ward.room.viewport().instance is None


def test_a_document_that_is_not_here_says_so(ward: Ward) -> None:
    del ward.held.files["1.2.50.0"]
    view = ward.choose(REPORT)
    told = view.findChild(QLabel, "document.message")
    assert isinstance(told, QLabel)
    assert "It was not downloaded yet." in told.text()


BACK = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_key_images_are_marked_and_counted(ward: Ward) -> None:
    assert ward.lines(KEYS)[1:] == ["For Teaching", "2 key images"]
    assert ward.lines(CHEST.series[0])[-2:] == ["2 key images", "1 REJECTED"]
    ward.room.key(Qt.Key.Key_K, modifier=BACK)
    assert ward.room.viewport().state.frame == frame_of(IMAGES[7])
    described = ward.room.pane().accessibleDescription()
    assert described.endswith("KEY IMAGE · For Teaching, REJECTED for Quality Reasons")
    ward.room.key(Qt.Key.Key_K, modifier=BACK)
    assert ward.room.viewport().state.frame == frame_of(IMAGES[3])
    ward.room.key(Qt.Key.Key_K, modifier=BACK)
    assert ward.room.informed[-1] == "This is the first key image of the case."


def test_a_key_reaches_key_images_from_a_document_too(ward: Ward) -> None:
    ward.choose(KEYS)
    ward.key(Qt.Key.Key_K, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert ward.room.viewport().state.frame == frame_of(IMAGES[3])
    assert not ward.view().isVisible()


def test_closing_the_case_forgets_its_documents(ward: Ward) -> None:
    view = ward.choose(REPORT)
    ward.room.area.close_case()
    assert not view.isVisible()
    assert ward.text() == ""
    assert not any(words(view))


def test_a_screen_reader_meets_documents_as_documents(ward: Ward) -> None:
    install_roles()
    view = ward.choose(REPORT)
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface.role() == QAccessible.Role.Document
    assert view.accessibleName() == "Document"
    assert "NOT STATED" in view.accessibleDescription()
    assert view.text.accessibleName() == "Document"
    assert isinstance(view.pages, PageView)
    assert isinstance(view.text, DocumentText)
    assert frame_of(REPORT.instances[0]) == FrameRef(*_ids(REPORT))


def _ids(series: Series) -> tuple[StudyUid, SeriesUid, SopUid]:
    ref = series.instances[0].ref
    return ref.study, ref.series, ref.sop


def test_a_case_of_documents_alone_opens_with_its_first(qtbot: QtBot) -> None:
    room = make_room(qtbot)
    study = study_of(REPORT, PLAN)
    room.area.open_case(study, (), all_sets(study), IDENTITY)
    room.settle()
    assert room.area.shown(0) == all_sets(study)[REPORT.uid][0]
