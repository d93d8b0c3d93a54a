"""The one crossing between threads: results come home in order, drafts are never dropped."""

import threading
import time
from functools import partial

from pytestqt.qtbot import QtBot

from workstation.qt.tasks import TaskRunner
from workstation.session.lanes import CancelToken, Lane


def test_results_come_home_on_the_gui_thread(qtbot: QtBot) -> None:
    runner = TaskRunner()
    seen: list[tuple[int, bool]] = []
    home = threading.get_ident()
    runner.run(
        lambda _: threading.get_ident(),
        lambda worker: seen.append((worker, threading.get_ident() == home)),
        lambda _: None,
        lane=Lane.WORK,
    )
    qtbot.waitUntil(lambda: len(seen) == 1)
    assert seen[0][0] != home
    assert seen[0][1]
    runner.close()


def test_a_fault_goes_to_failed(qtbot: QtBot) -> None:
    runner = TaskRunner()
    faults: list[Exception] = []

    def work(_: CancelToken) -> None:
        raise ValueError("no")

    runner.run(work, lambda _: None, faults.append, lane=Lane.NET)
    qtbot.waitUntil(lambda: len(faults) == 1)
    assert isinstance(faults[0], ValueError)
    runner.close()


def test_cancelled_work_delivers_nothing(qtbot: QtBot) -> None:
    runner = TaskRunner()
    go = threading.Event()
    seen: list[str] = []

    def work(token: CancelToken) -> str:
        go.wait(5)
        return "cancelled" if token.cancelled() else "ran"

    token = runner.run(work, seen.append, lambda _: None, lane=Lane.WORK)
    token.cancel()
    go.set()
    runner.run(lambda _: "after", seen.append, lambda _: None, lane=Lane.WORK)
    qtbot.waitUntil(lambda: seen == ["after"])
    runner.close()


def test_closing_finishes_every_save_and_drops_the_rest(qtbot: QtBot) -> None:
    runner = TaskRunner()
    saved: list[int] = []
    other: list[int] = []

    def save(number: int, _: CancelToken) -> None:
        time.sleep(0.01)
        saved.append(number)

    def dawdle(number: int, _: CancelToken) -> None:
        time.sleep(0.05)
        other.append(number)

    for number in range(20):
        runner.run(partial(save, number), lambda _: None, lambda _: None, lane=Lane.STORE)
        runner.run(partial(dawdle, number), lambda _: None, lambda _: None, lane=Lane.WORK)
    runner.close()
    assert saved == list(range(20))
    assert len(other) < 20


def test_after_settling_work_goes_on(qtbot: QtBot) -> None:
    runner = TaskRunner()
    runner.run(lambda _: 1, lambda _: None, lambda _: None, lane=Lane.NET)
    runner.settle()
    seen: list[int] = []
    runner.run(lambda _: 2, seen.append, lambda _: None, lane=Lane.NET)
    qtbot.waitUntil(lambda: seen == [2])
    runner.close()


def test_what_was_asked_before_settling_reaches_nobody(qtbot: QtBot) -> None:
    runner = TaskRunner()
    seen: list[str] = []
    runner.run(lambda _: "store", seen.append, lambda _: None, lane=Lane.STORE)
    runner.run(lambda _: runner.post(lambda: seen.append("posted")), print, print, lane=Lane.STORE)
    runner.settle()
    qtbot.wait(50)
    assert seen == []
    runner.close()


def test_post_from_any_thread(qtbot: QtBot) -> None:
    runner = TaskRunner()
    seen: list[int] = []
    thread = threading.Thread(
        target=lambda: runner.post(lambda: seen.append(threading.get_ident()))
    )
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: seen == [threading.get_ident()])
    runner.close()
    runner.post(lambda: seen.append(0))
    qtbot.wait(20)
    assert len(seen) == 1
