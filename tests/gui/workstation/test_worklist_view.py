"""The worklist page through its real widgets: what is shown, chosen, claimed, declined."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QTableView
from pytestqt.qtbot import QtBot

from tests.kit.lanes import InlineLanes
from tests.kit.platform import NOW, FakePlatform, a_case, a_study
from tests.kit.vault import open_database
from workstation.errors import ClaimLost, SignInNeeded, Unreachable
from workstation.model.case import Block, CaseState
from workstation.platform.client import InstanceBlob
from workstation.qt.worklist_model import Column, age_sex, person_line
from workstation.qt.worklist_view import WorklistView
from workstation.session.desk import Desk
from workstation.session.levels import Level
from workstation.store.cases import CaseStore
from workstation.store.drafts import DraftStore
from workstation.sync.download import Download


@pytest.fixture
def platform() -> FakePlatform:
    cases = (
        a_case("late", due=NOW - timedelta(minutes=5)),
        a_case("soon", study=a_study("1.2", 2, "CT head")),
        a_case("sent", state=CaseState.COMPLETED),
    )
    blobs = [("1.2.1", InstanceBlob(f"1.2.1.{n}", b"OK")) for n in range(2)]
    return FakePlatform(cases={c.id: c for c in cases}, instances={"1.2": blobs})


@pytest.fixture
def lanes() -> InlineLanes:
    return InlineLanes()


@pytest.fixture
def desk(tmp_path: Path, platform: FakePlatform, lanes: InlineLanes) -> Iterator[Desk]:
    database = open_database(tmp_path / "lightbox.db")
    store = CaseStore(tmp_path / "instances", database)

    def identify(_data: bytes) -> tuple[str, str, str, str]:
        sop = platform.sent[-1]
        return "1.2", "1.2.1", sop, "4711"

    yield Desk(
        lanes=lanes,
        platform=platform,
        store=store,
        drafts=DraftStore(database),
        download=Download(platform, store, identify=identify),
        clock=lambda: NOW,
    )
    database.close()


@pytest.fixture
def page(qtbot: QtBot, desk: Desk) -> WorklistView:
    view = WorklistView(desk, lambda: NOW)
    view.resize(1600, 900)
    qtbot.addWidget(view)
    view.show()
    return view


def _table(page: WorklistView) -> QTableView:
    return next(t for t in page.findChildren(QTableView) if t.accessibleName() == "Worklist")


def _button(page: WorklistView, name: str) -> QAbstractButton:
    return next(b for b in page.findChildren(QAbstractButton) if b.accessibleName() == name)


def _cells(page: WorklistView, column: Column) -> list[str]:
    model = _table(page).model()
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def test_cases_by_due_time(page: WorklistView, desk: Desk) -> None:
    desk.start()
    assert _cells(page, Column.DUE) == ["−00:05", "00:30"]
    assert _cells(page, Column.PRIORITY) == ["STAT", "STAT"]
    assert _cells(page, Column.PATIENT)[0].startswith("DOE, JANE")
    assert _cells(page, Column.IMAGES) == ["0/3", "0/2"]


def test_names_of_widgets_are_the_interface(page: WorklistView, desk: Desk) -> None:
    desk.start()
    for name in ("Open case", "Claim", "Decline"):
        assert _button(page, name).isVisible()
    assert _table(page).accessibleName() == "Worklist"


def test_a_tab_toggled_without_a_click_shows_its_cases(page: WorklistView, desk: Desk) -> None:
    desk.start()
    _button(page, "Sent").toggle()  # what AT-SPI does
    assert _cells(page, Column.STATE) == ["Sent"]


def test_claiming_downloads(page: WorklistView, desk: Desk) -> None:
    desk.start()
    page.select("soon")
    QTest.mouseClick(_button(page, "Claim"), Qt.MouseButton.LeftButton)
    assert desk.case(a_case("soon").id).state is CaseState.ACCEPTED  # type: ignore[union-attr]
    assert _cells(page, Column.IMAGES)[1] == "2/2"
    assert _cells(page, Column.STATE)[1] == "Claimed · ready offline"
    assert not _button(page, "Claim").isEnabled()


def test_a_lost_claim_is_told_and_the_list_fetched(
    page: WorklistView, desk: Desk, platform: FakePlatform
) -> None:
    desk.start()
    told: list[tuple[Level, str]] = []
    desk.notice.connect(lambda level, text: told.append((level, text)))
    page.select("soon")
    platform.faults = [ClaimLost("Somebody else holds the case.")]
    platform.cases["soon"] = replace(platform.cases["soon"], version='W/"9"')
    QTest.mouseClick(_button(page, "Claim"), Qt.MouseButton.LeftButton)
    assert (Level.ERROR, "Case C-soon: Somebody else holds the case.") in told
    assert desk.case(a_case("soon").id).version == 'W/"9"'  # type: ignore[union-attr]


def test_open_emits_the_case_by_mouse_and_by_key(page: WorklistView, desk: Desk) -> None:
    desk.start()
    opened: list[str] = []
    page.open_asked.connect(lambda case: opened.append(case.id))
    page.select("soon")
    QTest.mouseClick(_button(page, "Open case"), Qt.MouseButton.LeftButton)
    QTest.keyClick(_table(page), Qt.Key.Key_Return)
    assert opened == ["soon", "soon"]


def test_declining_removes_the_case(page: WorklistView, desk: Desk) -> None:
    desk.start()
    page.select("late")
    QTest.mouseClick(_button(page, "Decline"), Qt.MouseButton.LeftButton)
    assert len(_cells(page, Column.DUE)) == 1


def test_search_and_empty_words(page: WorklistView, desk: Desk) -> None:
    desk.start()
    search = page.findChild(QLineEdit)
    assert search is not None
    QTest.keyClicks(search, "head")
    assert _cells(page, Column.STUDY) == ["CT head"]
    search.setText("nobody")
    assert _cells(page, Column.STUDY) == []


@pytest.mark.parametrize(
    ("kinds", "shown", "whole"),
    [
        (("CT", "PT"), "CT/PT", "CT/PT"),
        (("MR", "CT", "US", "NM"), "MR +3", "MR/CT/US/NM"),
        ((), "CT", "CT"),
    ],
)
def test_every_kind_of_image_is_told(
    page: WorklistView,
    desk: Desk,
    platform: FakePlatform,
    kinds: tuple[str, ...],
    shown: str,
    whole: str,
) -> None:
    case = platform.cases["soon"]
    platform.cases["soon"] = replace(case, study=replace(case.study, modalities=kinds))
    desk.start()
    assert _cells(page, Column.MODALITY)[1] == shown
    cell = _table(page).model().index(1, Column.MODALITY)
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == whole


def test_a_blocked_case_says_why_and_cannot_be_opened(
    page: WorklistView, desk: Desk, platform: FakePlatform
) -> None:
    why = "Consent ended on 2026-11-01."
    platform.cases["soon"] = replace(
        platform.cases["soon"], blocks=(Block(stops_download=True, why=why),)
    )
    desk.start()
    page.select("soon")
    assert _cells(page, Column.STATE)[1] == "Blocked"
    assert not _button(page, "Open case").isEnabled()
    told: list[str] = []
    desk.notice.connect(lambda _level, text: told.append(text))
    desk.fetch(platform.cases["soon"])
    assert told == [why]
    assert platform.sent == []


def test_offline_the_remembered_cases_stay(
    page: WorklistView, desk: Desk, platform: FakePlatform
) -> None:
    desk.start()
    told: list[str] = []
    desk.notice.connect(lambda _level, text: told.append(text))
    platform.faults = [Unreachable("The platform does not answer.")]
    desk.refresh()
    assert not desk.online
    assert len(_cells(page, Column.DUE)) == 2
    assert told == ["The platform does not answer."]
    platform.faults = [Unreachable("The platform does not answer.")]
    desk.refresh()
    assert len(told) == 1


def test_an_ended_session_asks_for_sign_in(desk: Desk, platform: FakePlatform) -> None:
    ended: list[str] = []
    desk.session_ended.connect(ended.append)
    platform.faults = [SignInNeeded("The session has ended. Sign in again.")]
    desk.refresh()
    assert ended == ["The session has ended. Sign in again."]


def test_people_words() -> None:
    assert person_line("DOE^JANE^A=x") == "DOE, JANE A"
    assert person_line("") == "Name unknown"
    assert age_sex("1972-03-04", "F", NOW) == "F 54"
    assert age_sex("1972-12-04", "", NOW) == "53"
    assert age_sex("unknown", "M", NOW) == "M"
