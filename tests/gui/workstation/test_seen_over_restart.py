"""What was seen of real images, and key images: kept over a restart, told before signing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QTreeWidget
from pytestqt.qtbot import QtBot

from reporting.model.report import Person
from tests.kit.platform import FakePlatform, a_case, a_study
from tests.kit.workplace import Office, open_office
from viewer.loading.folder import FolderSource
from viewer.model.study import Study
from viewer.qt.viewport_widget import ViewportWidget
from workstation.platform.client import InstanceBlob

SERIES = "ct-chest-nlst-101287/619089952642"
IMAGES = 6


@pytest.fixture
def study(shared_dicom: Path) -> tuple[Study, FakePlatform]:
    files = sorted((shared_dicom / SERIES).iterdir())[:IMAGES]
    (study,) = FolderSource().scan(files).studies
    (series,) = study.series
    who = study.patient
    person = Person(who.id, "https://x.example", who.name, who.birth_date, who.sex)
    case = a_case("a", patient=person, study=a_study(str(study.uid), instances=IMAGES))
    platform = FakePlatform(cases={case.id: case})
    sops = [str(i.ref.sop) for i in series.instances]
    platform.instances[str(study.uid)] = [
        (str(series.uid), InstanceBlob(sop, file.read_bytes()))
        for sop, file in zip(sops, files, strict=True)
    ]
    return study, platform


@contextmanager
def _reading(qtbot: QtBot, path: Path, platform: FakePlatform) -> Iterator[Office]:
    """The program from its start until the case is open and its images are here."""
    with open_office(path, platform) as office:
        desk, reading = office.workplace.desk, office.workplace.reading
        qtbot.waitUntil(lambda: len(desk.cases) == 1 and desk.online, timeout=20_000)
        office.workplace.worklist.open_asked.emit(desk.cases[0])
        qtbot.waitUntil(lambda: _count(office) == IMAGES, timeout=20_000)
        qtbot.waitUntil(lambda: reading.pane().draft() is not None, timeout=20_000)
        office.window.activateWindow()
        yield office


def _pane(office: Office) -> ViewportWidget:
    return next(v for v in office.window.findChildren(ViewportWidget) if v.isVisible())


def _count(office: Office) -> int:
    shown = [v for v in office.window.findChildren(ViewportWidget) if v.isVisible()]
    return shown[0].viewport.state.count if shown else 0


def _seen(office: Office) -> int:
    session = office.workplace.reading.session()
    assert session is not None
    return session.context().seen[0]


def _panel(office: Office) -> str:
    """All words of the series panel."""
    tree = office.window.findChild(QTreeWidget)
    assert tree is not None
    model, found = tree.model(), []
    for n in range(model.rowCount()):
        top = model.index(n, 0)
        found.append(str(top.data()))
        found += [str(model.index(m, 0, top).data()) for m in range(model.rowCount(top))]
    return " ".join(" ".join(found).split())


def _checks(office: Office) -> str:
    lists = [
        w for w in office.window.findChildren(QListWidget) if w.accessibleName() == "Report checks"
    ]
    return " ".join(w.item(n).text() for w in lists for n in range(w.count()))


def _look_at(qtbot: QtBot, office: Office, key: Qt.Key) -> None:
    before = _seen(office)
    _pane(office).setFocus()
    QTest.keyClick(_pane(office), key)
    qtbot.waitUntil(lambda: _seen(office) == before + 1, timeout=20_000)


@pytest.mark.timeout(90)  # it starts the program and its decoders three times
def test_seen_images_are_kept_over_a_restart_and_told_before_signing(
    qtbot: QtBot, tmp_path: Path, study: tuple[Study, FakePlatform]
) -> None:
    _, platform = study
    with _reading(qtbot, tmp_path, platform) as office:
        qtbot.waitUntil(lambda: _pane(office).picture.at_rest, timeout=20_000)
        qtbot.waitUntil(lambda: _seen(office) >= 1, timeout=20_000)  # the one that opened
        _look_at(qtbot, office, Qt.Key.Key_Down)
        QTest.keyClick(_pane(office), Qt.Key.Key_K)  # a key image is kept as well
        seen = _seen(office)  # one more where the first stood before the others were here
        assert seen in {2, 3}
        qtbot.waitUntil(lambda: f"{seen} of {IMAGES} images seen" in _panel(office), timeout=20_000)
        qtbot.waitUntil(
            lambda: (
                f"{IMAGES - seen} of {IMAGES} images of the current study were not seen."
                in _checks(office)
            ),
            timeout=20_000,
        )
    with _reading(qtbot, tmp_path, platform) as office:
        qtbot.waitUntil(lambda: _seen(office) >= seen, timeout=20_000)
        qtbot.waitUntil(lambda: f"{seen} of {IMAGES} images seen" in _panel(office), timeout=20_000)
        for n in range(seen + 1, IMAGES + 1):  # "show me what I have not seen", to the last
            _look_at(qtbot, office, Qt.Key.Key_N)
            assert _seen(office) == n
        qtbot.waitUntil(lambda: "all seen" in _panel(office), timeout=20_000)
        qtbot.waitUntil(lambda: "were not seen" not in _checks(office), timeout=20_000)
        QTest.keyClick(_pane(office), Qt.Key.Key_N)
        told = office.window.status.notice_text
        assert told == "There is no other image of this case that was not seen."
    with _reading(qtbot, tmp_path, platform) as office:
        qtbot.waitUntil(lambda: "all seen" in _panel(office), timeout=20_000)
        assert "1 key image" in _panel(office)
        session = office.workplace.reading.session()
        assert session is not None
        assert session.context().seen == (IMAGES, IMAGES)  # as the signed report will have it
