"""What goes wrong with platform, session and disk, in the real window: told, and nothing lost."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from tests.kit.demo_cases import write_tiny_case
from tests.kit.real_room import Platform, Room, open_room
from workstation.model.delivery import EntryState

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    write_tiny_case(tmp_path / "platform" / "state", cases=2)
    made = Platform(tmp_path / "platform")
    yield made
    made.stop()


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path, platform: Platform) -> Iterator[Room]:
    """Signed in, nothing opened yet."""
    with open_room(qtbot, tmp_path / "me", platform) as made:
        made.sign_in()
        yield made


@pytest.fixture
def reading(room: Room) -> Room:
    """The case is open with all its images, and its report is written."""
    room.open()
    room.until(lambda: room.held() == (3, 3))
    room.write("No embolism.")
    room.write("Normal.", "Report impression")
    return room


def _sign_in_page(room: Room) -> str:
    page = room.program.window.sign_in
    return page.message() if page.isVisible() else ""


def test_a_platform_that_is_away_is_told_on_the_sign_in_page(
    qtbot: QtBot, tmp_path: Path, platform: Platform
) -> None:
    platform.kill()
    with open_room(qtbot, tmp_path / "me", platform) as room:
        room.program.sign_in()
        room.until(lambda: "cannot be reached" in _sign_in_page(room))
        assert f"127.0.0.1:{platform.port}" in _sign_in_page(room)


def test_r32_a_certificate_of_another_authority_ends_the_sign_in(
    qtbot: QtBot, tmp_path: Path, platform: Platform
) -> None:
    write_tiny_case(tmp_path / "other" / "state")
    other = Platform(tmp_path / "other")
    other.stop()
    with open_room(qtbot, tmp_path / "me", platform, **{"platform.ca": other.ready["ca"]}) as room:
        room.program.sign_in()
        room.until(lambda: "could not be verified" in _sign_in_page(room))
        assert "Nothing was sent" in _sign_in_page(room)


def test_r32_a_certificate_that_changes_while_reading_is_told_once_and_holds_the_report(
    reading: Room, tmp_path: Path, platform: Platform
) -> None:
    tls, kept = tmp_path / "platform" / "state" / "tls", tmp_path / "tls"
    platform.kill()
    shutil.copytree(tls, kept)
    shutil.rmtree(tls)
    platform.restart()
    reading.until(lambda: reading.told("could not be verified"))
    reading.sign()
    reading.until(lambda: reading.told("Report of case C-000123: The certificate of 127.0.0.1"))
    reading.qtbot.wait(5000)
    assert reading.earlier().count("could not be verified") == 2
    assert [e.state for e in reading.entries()] == [EntryState.QUEUED]
    assert reading.delivery().startswith("Signed, not sent yet. The certificate")
    platform.kill()
    shutil.rmtree(tls)
    shutil.copytree(kept, tls)
    platform.restart()
    reading.until(lambda: _sign_in_page(reading))
    reading.sign_in()
    reading.until(lambda: reading.find(QLabel, "Receipt number"))


def test_an_access_token_that_ends_is_renewed_unseen(reading: Room, platform: Platform) -> None:
    platform.order(fail="expire-tokens")
    reading.sign()
    reading.until(lambda: reading.find(QLabel, "Receipt number"))
    assert reading.earlier().count("\n") == 0


def test_a_session_that_ends_while_writing_loses_no_letter(room: Room, platform: Platform) -> None:
    room.open()
    platform.kill()
    room.write("Typed when the session was over already")
    platform.restart()
    room.until(lambda: _sign_in_page(room))
    assert _sign_in_page(room) == (
        "Your session has expired. Sign in to go on. What you wrote in case C-000123 is kept."
    )
    assert not room.workplace.reading.isVisible()
    room.program.sign_in()
    room.until(room.is_writing)
    assert room.text() == "Typed when the session was over already"


def test_r34_another_reader_inherits_neither_the_case_nor_the_reports(
    reading: Room, platform: Platform
) -> None:
    platform.kill()
    reading.sign()
    reading.until(lambda: reading.told("kept here and sent again"))
    platform.restart()
    reading.until(lambda: _sign_in_page(reading))
    start = reading.program._start
    reading.program._start = replace(start, demo_user="dr-okafor")
    reading.program.sign_in()
    reading.until(lambda: reading.program.window.status._network.text() == "● online")
    reading.qtbot.wait(3500)
    assert reading.session_case() == ""
    assert reading.workplace.desk.cases == ()
    assert "0 to send, 1 of another reader" in reading.program.window.status._outbox.text()
    assert platform.search("DiagnosticReport") == []
    reading.program.sign_out()
    reading.program._start = start
    reading.sign_in()
    reading.until(lambda: reading.told("sent and verified"))
    assert len(platform.search("DiagnosticReport")) == 1


def test_a_platform_killed_after_signing_gets_the_report_once_it_is_back(
    reading: Room, platform: Platform
) -> None:
    platform.kill()
    reading.sign()
    reading.until(lambda: reading.told("sent again by itself"))
    assert "Report of case C-000123: 127.0.0.1" in reading.earlier()
    assert reading.delivery().startswith("Signed, not sent yet.")
    platform.restart()
    reading.until(lambda: _sign_in_page(reading))
    assert "Signed reports to be sent after you have signed in: 1." in _sign_in_page(reading)
    reading.sign_in()
    reading.until(lambda: reading.find(QLabel, "Receipt number"))
    (report,) = platform.search("DiagnosticReport")
    assert report["conclusion"] == "Normal."
    assert reading.delivery().startswith("Sent and verified; receipt DiagnosticReport/")
    reading.click("Next case")
    reading.until(lambda: reading.session_case() == "")
    reading.open()
    reading.click("Receipt")
    reading.until(lambda: reading.find(QLabel, "Receipt number"))


def test_a_report_in_conflict_is_shown_and_sent_again_at_the_readers_word(
    reading: Room, platform: Platform
) -> None:
    _let_it_conflict(reading, platform)
    assert reading.delivery() == (
        "NOT ACCEPTED. Case C-000123 was ended on the platform: it is cancelled. "
        "The signed report is kept here."
    )
    assert "1 not accepted" in reading.program.window.status._outbox.text()
    platform.change_task("case-1", status="in-progress")
    reading.click("Send again")
    reading.until(lambda: reading.find(QLabel, "Receipt number"))
    assert [e.state for e in reading.entries()] == [EntryState.VERIFIED]


def test_a_report_in_conflict_is_sent_as_a_second_opinion_at_the_readers_word(
    reading: Room, platform: Platform
) -> None:
    _let_it_conflict(reading, platform)
    reading.click("Send as second opinion …")
    (dialog,) = reading.dialogs()
    shown = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for words in ("Müller, Ana", "C-000123", "cancelled", "exactly as it was signed"):
        assert words in shown
    reading.click("Send as second opinion", dialog)
    reading.until(lambda: reading.told("sent and verified"))
    (report,) = platform.search("DiagnosticReport")
    assert report["category"][-1]["coding"][0]["code"] == "S"
    assert platform.search("Task?_id=case-1")[0]["status"] == "cancelled"


def test_a_report_in_conflict_is_returned_to_draft_changed_and_signed_anew(
    reading: Room, platform: Platform
) -> None:
    before = reading.version()
    _let_it_conflict(reading, platform)
    platform.change_task("case-1", status="in-progress")
    reading.until(lambda: reading.version() not in ("", before))
    reading.click("Return to draft …")
    (dialog,) = reading.dialogs()
    shown = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for words in ("Müller, Ana", "P-1", "1958-04-12", "C-000123", "A2026-000123", "cancelled"):
        assert words in shown
    reading.click("Keep the signed report", dialog)
    assert [e.state for e in reading.entries()] == [EntryState.CONFLICT]
    reading.click("Return to draft …")
    reading.click("Return to draft", reading.dialogs()[0])
    reading.until(lambda: reading.told("is a draft again"))
    reading.until(lambda: reading.is_writing() and reading.delivery() == "")
    reading.until(lambda: reading.text() == "No embolism.")
    reading.write("A small embolus after all.")
    reading.sign()
    reading.until(lambda: reading.find(QLabel, "Receipt number"))
    states = [e.state for e in reading.entries()]
    assert states == [EntryState.RETURNED, EntryState.VERIFIED]
    bodies = reading.workplace._kept.database.read(
        "SELECT version, body FROM signed ORDER BY version"
    )
    assert [version for version, _ in bodies] == [1, 2]
    assert bodies[0][1] != bodies[1][1]
    (report,) = platform.search("DiagnosticReport")
    assert "A small embolus after all." in str(report["text"])


def _let_it_conflict(room: Room, platform: Platform) -> None:
    """Cancel the case on the platform before the reader's program has heard of it."""
    platform.order(fail="503", path_prefix="/fhir/Task", times=9)
    platform.change_task("case-1", status="cancelled")
    room.sign()
    platform.behave()
    room.until(lambda: [e.state for e in room.entries()] == [EntryState.CONFLICT], 20)
    room.until(lambda: room.delivery().startswith("NOT ACCEPTED"))


def test_a_full_disk_is_told_keeps_the_text_and_is_asked_about_before_quitting(
    reading: Room,
) -> None:
    reading.until(lambda: reading.workplace._kept.drafts.newest("case-1").revision >= 3)  # type: ignore[union-attr]
    reading.fill_disk()
    reading.write("Long findings. " * 400)
    reading.until(lambda: reading.told("NOT SAVED: The disk of "))
    assert reading.told("case C-000123 is in memory only")
    assert _saving(reading) == "NOT SAVED"
    reading.program.window.close()
    (question,) = reading.dialogs()
    assert reading.program.window.isVisible()
    reading.click("Do not quit", question)
    reading.free_disk()
    reading.until(lambda: reading.told("What could not be saved before is saved now."))
    assert _saving(reading).startswith("Draft saved")
    assert reading.workplace._kept.drafts.unsaved() == frozenset()


def _saving(room: Room) -> str:
    return room.workplace.reading.pane()._form.state.text()


def test_what_a_full_disk_refused_outlives_the_session(reading: Room, platform: Platform) -> None:
    reading.fill_disk()
    words = "Findings that no disk would take. " * 300
    reading.write(words)
    reading.until(lambda: reading.told("NOT SAVED"))
    platform.kill()
    platform.restart()
    reading.until(lambda: _sign_in_page(reading))
    reading.program.sign_in()
    reading.until(reading.is_writing)
    assert reading.text().strip() == words.strip()
    reading.until(lambda: reading.workplace._kept.drafts.unsaved() == frozenset())


def test_a_full_disk_stops_a_download_which_goes_on_later(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        room.ask()
        room.until(lambda: room.told("Download of case C-000123 stopped: The disk of "))
    room.open()
    room.until(lambda: room.held() == (3, 3))


def test_a_store_that_cannot_be_written_is_told_at_the_sign_in(
    qtbot: QtBot, tmp_path: Path, platform: Platform
) -> None:
    (tmp_path / "me").mkdir()
    (tmp_path / "me" / "store").write_text("a file in the place of the folder")
    with open_room(qtbot, tmp_path / "me", platform) as room:
        room.program.sign_in()
        room.until(lambda: "cannot be written" in _sign_in_page(room))
        assert room.program.workplace is None


def test_no_dialog_about_a_patient_outlives_the_session(reading: Room, platform: Platform) -> None:
    reading.click("Sign and send")
    reading.until(lambda: reading.find(QLineEdit, "Passphrase"))
    platform.kill()
    platform.restart()
    reading.until(lambda: _sign_in_page(reading))
    assert reading.dialogs() == []


def test_signing_out_during_a_download_is_no_fault(room: Room, platform: Platform) -> None:
    platform.order(fail="slow", seconds=1.0, path_prefix="/dicomweb", times=3)
    room.ask()
    room.qtbot.wait(100)
    room.program.sign_out()
    room.qtbot.wait(2500)
    assert _sign_in_page(room) == "You are signed out."
    assert room.earlier() == ""
