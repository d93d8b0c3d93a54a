"""The sign dialog: who, what, whose key, and one deliberate act."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from reporting.model.issue import Issue, Severity
from reporting.model.report import Person, ReportContext
from reporting.model.signed import SignerIdentity
from reporting.qt.identity_line import patient_words
from reporting.qt.sign_dialog import SignDialog
from tests.kit.reporting import context, signer_identity

BLOCK = Issue("empty-section", Severity.BLOCK, "impression", "Impression is empty.")
WARN = Issue("side-conflict", Severity.WARN, "impression", "The sides differ.")
INCOMPLETE = Issue("incomplete-study", Severity.BLOCK, "", "1 of 2.", acknowledgeable=True)


class Signing:
    """A shown dialog and what it asked."""

    def __init__(
        self,
        qtbot: QtBot,
        *issues: Issue,
        about: ReportContext | None = None,
        identity: SignerIdentity | None = None,
    ) -> None:
        self.dialog = SignDialog(about or context(), issues, identity or signer_identity(), None)
        qtbot.addWidget(self.dialog)
        self.qtbot = qtbot
        self.asked = 0
        self.dialog.sign_asked.connect(self._count)
        self.dialog.show()

    def _count(self) -> None:
        self.asked += 1

    @property
    def button(self) -> QPushButton:
        names = {"Sign and send", "Signing …"}
        return next(b for b in self.dialog.findChildren(QPushButton) if b.text() in names)

    @property
    def field(self) -> QLineEdit:
        return self.dialog.findChildren(QLineEdit)[0]

    @property
    def box(self) -> QCheckBox:
        return self.dialog.findChildren(QCheckBox)[0]

    def words(self) -> str:
        labels = self.dialog.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if not label.isHidden())


def test_repeats_who_what_and_whose_key(qtbot: QtBot) -> None:
    words = Signing(qtbot).words()
    for part in (
        "DOE, JANE",
        "4711",
        "1972-03-04",
        "A-123",
        "2026-11-24",
        "CT chest",
        "Keiko Ito",
        "Lightbox demo signing CA",
        "4D2A",
        "2026-01-01 to 2028-01-01",
    ):
        assert part in words
    assert "All checks passed" in words


def test_needs_a_passphrase_then_one_click(qtbot: QtBot) -> None:
    signing = Signing(qtbot, WARN)
    assert not signing.button.isEnabled()
    assert signing.field.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(signing.field, "demo")
    assert signing.button.isEnabled()
    QTest.mouseClick(signing.button, Qt.MouseButton.LeftButton)
    assert signing.asked == 1
    assert signing.dialog.passphrase() == "demo"
    assert not signing.dialog.incomplete_accepted()
    assert signing.dialog.isVisible()


def test_a_block_leaves_only_the_way_back(qtbot: QtBot) -> None:
    signing = Signing(qtbot, BLOCK)
    QTest.keyClicks(signing.field, "demo")
    signing.field.setText("demo")
    assert not signing.button.isEnabled()
    assert not signing.field.isEnabled()
    QTest.keyClick(signing.dialog, Qt.Key.Key_Return)
    assert signing.asked == 0


def test_missing_images_need_the_readers_word(qtbot: QtBot) -> None:
    signing = Signing(qtbot, INCOMPLETE, about=context(complete=(1, 2)))
    QTest.keyClicks(signing.field, "demo")
    assert not signing.button.isEnabled()
    assert "1 of 2" in signing.box.text()
    signing.box.setChecked(True)
    assert signing.button.isEnabled()
    assert signing.dialog.incomplete_accepted()


def test_complete_study_asks_nothing(qtbot: QtBot) -> None:
    assert Signing(qtbot).box.isHidden()


def test_error_is_shown_and_the_reader_tries_again(qtbot: QtBot) -> None:
    signing = Signing(qtbot)
    QTest.keyClicks(signing.field, "wrong")
    signing.dialog.set_busy(True)
    assert signing.button.text() == "Signing …"
    assert not signing.button.isEnabled()
    QTest.keyClick(signing.dialog, Qt.Key.Key_Escape)
    assert signing.dialog.isVisible()
    signing.dialog.show_error("The passphrase does not open the signing identity.")
    assert "does not open" in signing.words()
    assert signing.button.isEnabled()
    assert signing.field.selectedText() != ""
    QTest.mouseClick(signing.button, Qt.MouseButton.LeftButton)
    assert "does not open" not in signing.words()
    QTest.keyClick(signing.dialog, Qt.Key.Key_Escape)
    assert not signing.dialog.isVisible()


def test_text_from_outside_is_plain(qtbot: QtBot) -> None:
    patient = Person("<b>1</b>", "", "<img src>^\u202eA", "", "")
    signing = Signing(qtbot, about=context(patient=patient))
    assert "<img src>, [U+202E]A" in signing.words()
    for label in signing.dialog.findChildren(QLabel):
        assert label.textFormat() is not Qt.TextFormat.RichText


def test_without_a_readable_certificate_it_says_so(qtbot: QtBot) -> None:
    dialog = SignDialog(context(), (), None)
    qtbot.addWidget(dialog)
    labels = [label.text() for label in dialog.findChildren(QLabel)]
    assert any("cannot be read before" in text for text in labels)


def test_a_name_from_right_to_left_stays_apart_from_the_rest() -> None:
    name = "\N{HEBREW LETTER SHIN}\N{HEBREW LETTER RESH}"
    words = patient_words(context(patient=Person("4711", "H", name, "1972-03-04", "F")))
    assert words == (
        "\N{LEFT-TO-RIGHT MARK}\N{FIRST STRONG ISOLATE}" + name + "\N{POP DIRECTIONAL ISOLATE}"
        " · 4711 · 1972-03-04 · F"
    )
