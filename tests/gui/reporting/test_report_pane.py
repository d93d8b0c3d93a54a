"""The report pane through its real widgets: chips, autosave, templates, locking."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QListWidget, QPushButton, QTextEdit
from pytestqt.qtbot import QtBot

from reporting.drafts import new_draft
from reporting.model.prior import PriorText
from reporting.model.report import ReportDraft, SectionId
from reporting.qt.editor import SectionEditor
from reporting.qt.report_pane import ReportPane
from reporting.rules.presign import load_rules
from reporting.templates import load_templates, pick_template
from tests.kit.reporting import NOW, PRIOR, RESOURCES, context, draft, finding, frame
from viewer.model.measurement import MeasurementId

TEMPLATES = load_templates(RESOURCES / "templates")
RULES = load_rules(RESOURCES / "rules")
OBJECT = "\ufffc"
NONE = Qt.KeyboardModifier.NoModifier


class Reading:
    """An open pane and all that it said."""

    def __init__(self, qtbot: QtBot, pane: ReportPane) -> None:
        self.qtbot = qtbot
        self.pane = pane
        self.drafts: list[ReportDraft] = []
        self.jumps: list[object] = []
        self.asked: list[str] = []
        pane.draft_changed.connect(self.drafts.append)
        pane.jump.connect(self.jumps.append)
        pane.preview_requested.connect(lambda: self.asked.append("preview"))
        pane.sign_requested.connect(lambda: self.asked.append("sign"))

    def editor(self, section: str) -> SectionEditor:
        found = [e for e in self.pane.findChildren(SectionEditor) if e.accessibleName() == section]
        return found[-1]

    def text(self, section: SectionId = SectionId.FINDINGS) -> str:
        made = self.pane.draft()
        assert made is not None
        part = made.section(section)
        assert part is not None
        return part.text

    def shows(self, words: str) -> bool:
        return any(words in label.text() for label in self.pane.findChildren(QLabel))

    def row_texts(self, name: str) -> list[str]:
        lists = [w for w in self.pane.findChildren(QListWidget) if w.accessibleName() == name]
        return [lists[0].item(row).text() for row in range(lists[0].count())]

    def action(self, name: str) -> QAction:
        return next(a for a in self.pane.actions() if a.objectName() == name)

    def button(self, text: str) -> QPushButton:
        return next(b for b in self.pane.findChildren(QPushButton) if b.text() == text)


@pytest.fixture
def reading(qtbot: QtBot) -> Reading:
    pane = ReportPane(rules=RULES, now=lambda: NOW)
    qtbot.addWidget(pane)
    pane.resize(470, 900)
    pane.open(context(), draft(), [PriorText("2025-11-20", "CT chest", "Clear.")], TEMPLATES)
    pane.show()
    pane.activateWindow()
    qtbot.waitExposed(pane)
    return Reading(qtbot, pane)


def test_names_that_are_part_of_the_interface(reading: Reading) -> None:
    names = {editor.accessibleName() for editor in reading.pane.findChildren(SectionEditor)}
    assert {"Report findings", "Report impression"} <= names
    assert reading.button("Preview").isEnabled()
    assert reading.button("Sign and send").isEnabled()


def test_patient_question_and_prior_come_from_the_context(reading: Reading) -> None:
    assert reading.shows("DOE, JANE · 4711 · 1972-03-04 · F")
    assert reading.shows("CT chest · 2026-11-24 · Accession A-123")
    assert reading.shows("Nodule growth?")
    assert reading.shows("30 pack-years")


def test_no_label_reads_text_as_markup(reading: Reading) -> None:
    order = replace(context().order, question="<b>bold</b><img src='file:///x'>\u202e")
    reading.pane.set_context(context(order=order))
    assert reading.shows("<b>bold</b><img src='file:///x'>[U+202E]")
    for label in reading.pane.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText


def test_opening_is_no_edit(reading: Reading) -> None:
    made = reading.pane.draft()
    assert made == draft()
    assert reading.drafts == []


def test_chip_shows_as_one_object(reading: Reading) -> None:
    plain = reading.editor("Report findings").toPlainText()
    assert plain == f"An {OBJECT} nodule in the right upper lobe."
    assert reading.row_texts("Report measurements") == ["8.0 mm · Series 3, image 142"]


def test_insert_goes_to_a_line_of_its_own_in_the_findings(reading: Reading) -> None:
    reading.pane.insert_measurement(finding("m2", 12.4))
    assert reading.text() == "An {{m:m1}} nodule in the right upper lobe.\n{{m:m2}} "
    assert [f.label for f in reading.drafts[-1].findings] == ["8.0 mm", "12.4 mm"]


def test_insert_goes_where_the_reader_wrote_last(reading: Reading) -> None:
    impression = reading.editor("Report impression")
    impression.setFocus()
    QTest.keyClicks(impression, " Measures")
    reading.pane.insert_measurement(finding("m2", 12.4))
    assert reading.text(SectionId.IMPRESSION) == "Right upper lobe nodule. Measures {{m:m2}} "
    QTest.keyClicks(impression, "now.")
    assert reading.text(SectionId.IMPRESSION).endswith("{{m:m2}} now.")


def test_typing_after_a_chip_is_plain_text(reading: Reading) -> None:
    editor = reading.editor("Report findings")
    place(editor, 4)
    QTest.keyClicks(editor, "xy")
    assert reading.text() == "An {{m:m1}}xy nodule in the right upper lobe."


def place(editor: QTextEdit, position: int, anchor: int | None = None) -> None:
    cursor = editor.textCursor()
    cursor.setPosition(position if anchor is None else anchor)
    if anchor is not None:
        cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


def test_click_on_a_chip_jumps(reading: Reading) -> None:
    editor = reading.editor("Report findings")
    middle = editor.chip_rect(3).center()
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, NONE, middle)
    assert reading.jumps == [frame()]
    assert reading.text() == draft().sections[1].text
    QTest.keyClicks(editor, "x")
    assert reading.text() == "An x nodule in the right upper lobe."
    editor.undo()
    assert reading.text() == draft().sections[1].text


def test_click_beside_a_chip_does_not_jump(reading: Reading) -> None:
    editor = reading.editor("Report findings")
    box = editor.chip_rect(3)
    for beside in (QPoint(box.left() - 6, box.center().y()), QPoint(box.right() + 30, box.top())):
        QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, NONE, beside)
    assert reading.jumps == []


def test_enter_on_a_selected_chip_jumps_and_keeps_it(reading: Reading) -> None:
    editor = reading.editor("Report findings")
    place(editor, 4, anchor=3)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert reading.jumps == [frame()]
    assert "{{m:m1}}" in reading.text()


def test_control_enter_beside_a_chip_jumps(reading: Reading) -> None:
    editor = reading.editor("Report findings")
    control = Qt.KeyboardModifier.ControlModifier
    for position in (3, 4):
        place(editor, position)
        QTest.keyClick(editor, Qt.Key.Key_Return, control)
    assert len(reading.jumps) == 2
    place(editor, 0)
    QTest.keyClick(editor, Qt.Key.Key_Return, control)
    assert len(reading.jumps) == 2


def test_enter_elsewhere_is_a_new_line(reading: Reading) -> None:
    editor = reading.editor("Report findings")
    place(editor, 2)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert reading.text().startswith("An\n {{m:m1}}")
    assert reading.jumps == []


def test_list_of_measurements_jumps_by_key(reading: Reading) -> None:
    rows = next(
        w
        for w in reading.pane.findChildren(QListWidget)
        if w.accessibleName() == "Report measurements"
    )
    rows.setCurrentRow(0)
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert reading.jumps == [frame()]


def test_delete_takes_the_whole_chip_and_undo_brings_it_back(reading: Reading) -> None:
    editor = reading.editor("Report findings")
    place(editor, 4)
    QTest.keyClick(editor, Qt.Key.Key_Backspace)
    assert reading.text() == "An  nodule in the right upper lobe."
    assert not reading.drafts[-1].findings
    editor.undo()
    assert reading.text() == "An {{m:m1}} nodule in the right upper lobe."
    assert [f.label for f in reading.drafts[-1].findings] == ["8.0 mm"]


def test_undo_of_an_inserted_chip(reading: Reading) -> None:
    reading.pane.insert_measurement(finding("m2"))
    reading.editor("Report findings").undo()
    assert reading.text() == "An {{m:m1}} nodule in the right upper lobe."
    reading.editor("Report findings").redo()
    assert "{{m:m2}}" in reading.text()


def test_copy_carries_chips_here_and_words_elsewhere(reading: Reading) -> None:
    findings, impression = reading.editor("Report findings"), reading.editor("Report impression")
    place(findings, 11, anchor=0)
    findings.copy()
    assert QApplication.clipboard().text() == "An 8.0 mm nodule"
    impression.clear()
    impression.paste()
    assert reading.text(SectionId.IMPRESSION) == "An {{m:m1}} nodule"
    findings.cut()
    assert reading.text() == " in the right upper lobe."


def test_paste_of_markup_and_deceiving_characters_is_words(reading: Reading) -> None:
    QApplication.clipboard().setText(f"<b>x</b>\u202e{OBJECT}{{{{m:strange}}}}")
    impression = reading.editor("Report impression")
    impression.clear()
    impression.paste()
    assert reading.text(SectionId.IMPRESSION) == "<b>x</b>[U+202E]?{{m:strange}}"
    assert any("unknown measurement" in row for row in reading.row_texts("Report checks"))


def test_letters_outside_the_basic_plane_do_not_shift_chips(reading: Reading) -> None:
    editor = reading.editor("Report findings")
    place(editor, 0)
    editor.insertPlainText("\U0001f9ec山 ")
    assert reading.text().startswith("\U0001f9ec山 An {{m:m1}} nodule")
    QTest.mouseClick(
        editor.viewport(), Qt.MouseButton.LeftButton, NONE, editor.chip_rect(7).center()
    )
    assert reading.jumps == [frame()]


def test_remeasure_changes_the_label_and_the_draft(reading: Reading) -> None:
    reading.pane.remeasured(finding("m1", 9.5))
    assert reading.row_texts("Report measurements") == ["9.5 mm · Series 3, image 142"]
    assert [f.label for f in reading.drafts[-1].findings] == ["9.5 mm"]
    assert reading.text() == draft().sections[1].text
    reading.pane.remeasured(finding("unknown", 1.0))
    assert len(reading.drafts) == 1


def test_removed_measurement_stays_as_words_and_is_said(reading: Reading) -> None:
    reading.pane.measurement_removed(MeasurementId("m1"))
    assert reading.text() == "An 8.0 mm nodule in the right upper lobe."
    assert reading.shows("8.0 mm stays in the text as words")
    assert reading.drafts[-1].findings == ()
    reading.editor("Report findings").undo()
    assert "{{m:m1}}" not in reading.text()


def test_autosave_within_two_seconds_of_the_last_key(reading: Reading) -> None:
    editor = reading.editor("Report impression")
    editor.setFocus()
    with reading.qtbot.waitSignal(reading.pane.draft_changed, timeout=2000):
        QTest.keyClicks(editor, " More.")
        assert reading.shows("Not saved yet")
        assert reading.drafts == []
    assert reading.drafts[-1].section(SectionId.IMPRESSION) is not None
    assert reading.shows("Saving")
    reading.pane.saved(
        reading.drafts[-1].revision, datetime(2026, 11, 24, 12, 1, 7, tzinfo=NOW.tzinfo)
    )
    assert reading.shows("Draft saved 12:01:07")


def test_only_the_newest_revision_counts_as_saved(reading: Reading) -> None:
    editor = reading.editor("Report impression")
    for words in ("a", "b"):
        editor.insertPlainText(words)
        reading.pane.flush()
    reading.pane.saved(reading.drafts[0].revision, NOW)
    assert not reading.shows("Draft saved")
    editor.insertPlainText("c")
    reading.pane.saved(reading.drafts[-1].revision, NOW)
    assert reading.shows("Not saved yet")


def test_leaving_a_section_saves_at_once(reading: Reading) -> None:
    impression = reading.editor("Report impression")
    impression.setFocus()
    QTest.keyClicks(impression, "x")
    assert reading.drafts == []
    reading.editor("Report findings").setFocus()
    assert len(reading.drafts) == 1


@pytest.mark.parametrize(
    "leave",
    [
        ReportPane.close_report,
        lambda pane: pane.set_locked("Locked."),
        ReportPane.draft,
        lambda pane: pane.open(context(case="c2"), replace(draft(), case="c2"), (), TEMPLATES),
    ],
)
def test_nothing_typed_is_lost(reading: Reading, leave: Callable[[ReportPane], object]) -> None:
    reading.editor("Report impression").insertPlainText("Last words. ")
    leave(reading.pane)
    (made,) = reading.drafts
    section = made.section(SectionId.IMPRESSION)
    assert section is not None
    assert "Last words." in section.text
    assert made.case == "case-1"


def test_a_draft_of_another_case_is_refused(reading: Reading) -> None:
    with pytest.raises(ValueError, match="another case"):
        reading.pane.open(context(case="c2"), draft(), (), TEMPLATES)
    with pytest.raises(ValueError, match="another case"):
        reading.pane.set_context(context(case="c2"))


def test_closed_pane_shows_nobody(reading: Reading) -> None:
    reading.pane.close_report()
    assert reading.pane.draft() is None
    assert not reading.shows("DOE")
    assert not reading.button("Sign and send").isEnabled()
    reading.pane.insert_measurement(finding("m2"))
    reading.pane.remeasured(finding("m1", 1.0))
    assert reading.drafts == []


def test_locked_report_cannot_change(reading: Reading) -> None:
    reading.pane.set_locked("Signed; a signed report never changes.")
    assert reading.shows("a signed report never changes")
    editor = reading.editor("Report findings")
    QTest.keyClicks(editor, "xyz")
    reading.pane.insert_measurement(finding("m2"))
    reading.pane.remeasured(finding("m1", 1.0))
    reading.pane.measurement_removed(MeasurementId("m1"))
    assert reading.pane.draft() == draft()
    assert not reading.button("Sign and send").isEnabled()
    assert reading.button("Preview").isEnabled()
    reading.pane.set_locked("")
    assert reading.button("Sign and send").isEnabled()


def test_another_template_keeps_written_words(reading: Reading) -> None:
    chest = pick_template(TEMPLATES, "CT", "CHEST")
    reading.pane.open(context(), new_draft(context(), chest, NOW, "x"), (), TEMPLATES)
    reading.editor("Report impression").insertPlainText("My words.")
    picker = reading.pane.findChildren(QComboBox)[0]
    assert picker.currentText() == "CT chest"
    picker.setCurrentIndex(picker.findText("General report"))
    picker.activated.emit(picker.currentIndex())
    assert reading.drafts[-1].template == "generic"
    assert reading.text() == ""
    assert reading.text(SectionId.IMPRESSION) == "My words."


def test_checks_follow_the_text_and_lead_to_it(reading: Reading) -> None:
    assert reading.shows("All checks passed")
    impression = reading.editor("Report impression")
    impression.clear()
    reading.pane.flush()
    assert reading.row_texts("Report checks") == ["Blocks signing: Impression is empty."]
    assert reading.shows("1 before signing")


def test_newer_counts_come_with_the_context(reading: Reading) -> None:
    reading.pane.set_context(context(complete=(1, 3)))
    assert any("1 of 3" in row for row in reading.row_texts("Report checks"))


def test_commands(reading: Reading) -> None:
    reading.action("report.impression").trigger()
    assert reading.editor("Report impression").hasFocus()
    reading.action("report.findings").trigger()
    assert reading.editor("Report findings").hasFocus()
    reading.action("report.preview").trigger()
    reading.action("report.sign").trigger()
    QTest.mouseClick(reading.button("Preview"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(reading.button("Sign and send"), Qt.MouseButton.LeftButton)
    assert reading.asked == ["preview", "sign", "preview", "sign"]


def test_measurement_on_a_prior_jumps_there(reading: Reading) -> None:
    reading.pane.insert_measurement(finding("m9", 6.0, on=frame(7, PRIOR)))
    editor = reading.editor("Report findings")
    position = editor.toPlainText().rindex(OBJECT)
    QTest.mouseClick(
        editor.viewport(), Qt.MouseButton.LeftButton, NONE, editor.chip_rect(position).center()
    )
    assert reading.jumps == [frame(7, PRIOR)]
