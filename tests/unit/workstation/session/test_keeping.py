"""What is removed is said with its reasons; what must stay is said once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.kit.lanes import InlineLanes
from tests.kit.platform import NOW, a_case, a_study
from tests.kit.vault import some_keys
from workstation.model.case import Block, Case
from workstation.session.keeping import Keeping
from workstation.session.levels import Level
from workstation.session.local_store import LocalStore, open_store
from workstation.settings import defaults


class FakeDesk:
    """Cases, and which of them are being fetched."""

    def __init__(self, *cases: Case) -> None:
        self.cases = cases
        self.fetching: set[str] = set()
        self.counted = 0

    def is_fetching(self, case: Case) -> bool:
        return case.id in self.fetching

    def recount(self) -> None:
        self.counted += 1


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[LocalStore]:
    store = open_store(tmp_path, some_keys(), defaults(), owner="", unsaved=None)
    for name in ("a", "b"):
        store.cases.put(f"1.{name}", f"1.{name}.1", f"1.{name}.1.1", bytes(100))
    yield store
    store.close()


def _case(name: str, *, revoked: bool = False) -> Case:
    blocks = (Block(stops_download=True, why="no"),) if revoked else ()
    return replace(a_case(name), study=a_study(f"1.{name}", 1), blocks=blocks)


def _keeping(
    store: LocalStore, desk: FakeDesk, days_on: int = 0
) -> tuple[Keeping, list[tuple[Level, str]]]:
    keeping = Keeping(
        lanes=InlineLanes(),
        retention=store.retention,
        policy=replace(store.policy, spare=0),
        desk=desk,
        drafts=store.drafts,
        clock=lambda: NOW + timedelta(days=days_on),
    )
    told: list[tuple[Level, str]] = []
    keeping.notice.connect(lambda level, words: told.append((level, words)))
    return keeping, told


def test_what_is_removed_is_said_with_its_reasons(store: LocalStore) -> None:
    desk = FakeDesk(_case("a", revoked=True))
    keeping, told = _keeping(store, desk)
    keeping.used(_case("b"))
    keeping.tidy()
    assert [words for _, words in told] == [
        "Removed from this computer: images of 1 study (0.0 GB), "
        "1 which the platform does not allow any more."
    ]
    assert desk.counted == 1
    keeping.tidy()
    assert len(told) == 1
    later, told = _keeping(store, FakeDesk(), days_on=31)
    later.tidy([_case("b")])  # open now
    assert told == []
    later.tidy()
    assert "which nobody opened for long" in told[0][1]


def test_work_that_is_not_sent_keeps_its_images_and_says_so_once(store: LocalStore) -> None:
    keeping, told = _keeping(store, FakeDesk(_case("a", revoked=True)))
    keeping.used(_case("a"))
    with store.database.transaction() as change:
        change.write("INSERT INTO annotations (reading, body) VALUES ('a', '[1]')")
    keeping.tidy()
    keeping.tidy()
    assert [level for level, _ in told] == [Level.WARNING]
    assert "not sent yet" in told[0][1]
    keeping.forget(_case("a"))
    assert "stay: work on it is not sent yet" in told[1][1]
    assert store.cases.held("1.a")


def test_the_reader_removes_a_case_unless_it_is_being_fetched(store: LocalStore) -> None:
    desk = FakeDesk(_case("a"), _case("b"))
    keeping, told = _keeping(store, desk)
    desk.fetching.add("a")
    keeping.forget(desk.cases[0])
    assert store.cases.held("1.a")
    desk.fetching.clear()
    keeping.forget(desk.cases[0])
    assert not store.cases.held("1.a")
    assert "are removed from this computer" in told[-1][1]
    keeping.forget(desk.cases[0])
    assert "are not on this computer" in told[-1][1]
