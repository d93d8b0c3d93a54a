"""Newest wins, one in work per pane, and nothing of a pane that was left."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.kit.executors import StepExecutor
from tests.kit.pictures import instance, windowed
from viewer.model.refs import InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.pixels.pipeline import Levels
from viewer.render.compositor import RenderRequest
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.transform import PaneSize

FRAME = np.zeros((4, 4), dtype=np.int16)
ONE = instance()
NEXT = instance(sop="1.2.3.5")
OTHER = replace(ONE, ref=InstanceRef(StudyUid("1.2"), SeriesUid("1.9"), SopUid("1.9.1")))
PANE = PaneSize(4, 4)


def request(centre: float = 0, of: object = ONE, pane: PaneSize = PANE) -> RenderRequest:
    return RenderRequest(FRAME, of, windowed(centre, 100), pane)  # type: ignore[arg-type] # instance


def test_a_request_is_drawn_and_handed_over() -> None:
    executor, got = StepExecutor(), list[Levels]()
    RenderScheduler(executor).request("a", request(), got.append)
    executor.drain()
    assert got[0].shape == (4, 4)


def test_only_the_newest_waits() -> None:
    executor, got = StepExecutor(), list[str]()
    scheduler = RenderScheduler(executor)
    for name in ("first", "second", "third"):
        scheduler.request("a", request(), _noting(got, name))
    assert len(executor) == 1
    executor.drain()
    assert got == ["first", "third"], "the overtaken picture of the same frame keeps a drag moving"


def test_scrolling_faster_than_drawing_still_shows_frames_on_the_way() -> None:
    executor, got = StepExecutor(), list[str]()
    scheduler = RenderScheduler(executor)
    scheduler.request("a", request(), _noting(got, "frame 1"))
    scheduler.request("a", request(of=NEXT), _noting(got, "frame 2"))
    executor.drain()
    assert got == ["frame 1", "frame 2"]


@pytest.mark.parametrize("newer", [request(of=OTHER), request(pane=PaneSize(5, 5))])
def test_a_picture_of_another_series_or_size_is_dropped(newer: RenderRequest) -> None:
    executor, got = StepExecutor(), list[str]()
    scheduler = RenderScheduler(executor)
    scheduler.request("a", request(), lambda _: got.append("stale"))
    scheduler.request("a", newer, lambda _: got.append("new"))
    executor.drain()
    assert got == ["new"]


def test_panes_do_not_wait_for_each_other() -> None:
    executor = StepExecutor()
    scheduler = RenderScheduler(executor)
    scheduler.request("a", request(), _ignore)
    scheduler.request("b", request(), _ignore)
    assert len(executor) == 2


def test_a_cancelled_pane_gets_nothing_and_can_ask_again() -> None:
    executor, got = StepExecutor(), list[str]()
    scheduler = RenderScheduler(executor)
    scheduler.request("a", request(), lambda _: got.append("drawing"))
    scheduler.request("a", request(), lambda _: got.append("waiting"))
    scheduler.cancel("a")
    scheduler.request("a", request(), lambda _: got.append("after"))
    executor.drain()
    assert got == ["after"]
    scheduler.cancel("never asked")


def test_windowing_draws_from_the_values_already_sampled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sampled: list[RenderRequest] = []
    original = RenderRequest.sample

    def counting(self: RenderRequest) -> object:
        sampled.append(self)
        return original(self)

    monkeypatch.setattr(RenderRequest, "sample", counting)
    executor, got = StepExecutor(), list[Levels]()
    scheduler = RenderScheduler(executor)
    for centre in (0, 500):
        scheduler.request("a", request(centre), got.append)
        executor.drain()
    assert len(sampled) == 1
    assert got[0].max() > got[1].max() == 0
    scheduler.request("a", request(of=OTHER), got.append)
    executor.drain()
    assert len(sampled) == 2


def test_a_failure_reaches_its_pane_or_the_caller() -> None:
    executor, failed = StepExecutor(), list[Exception]()
    scheduler = RenderScheduler(executor)
    broken = RenderRequest(np.zeros((2, 2), np.uint8), ONE, windowed(0, 9), PANE, bits=99)
    scheduler.request("a", broken, _ignore, failed.append)
    executor.drain()
    assert "1 to 16 bits" in str(failed[0])
    scheduler.request("a", broken, _ignore)
    with pytest.raises(ValueError, match="1 to 16 bits"):
        executor.drain()
    scheduler.request("a", broken, _ignore)
    scheduler.cancel("a")
    executor.drain()


def test_panes_that_are_drawn_together_change_together() -> None:
    executor, got = StepExecutor(), list[str]()
    scheduler = RenderScheduler(executor)
    for key in ("a", "b"):
        scheduler.show(key, request(), lambda _, key=key: got.append(key))  # type: ignore[misc]
    executor.step()
    assert got == []
    executor.step()
    assert got == ["a", "b"]
    scheduler.show("a", request(), lambda _: got.append("left"))
    scheduler.show("b", request(), lambda _: got.append("stays"))
    executor.step()
    scheduler.cancel("a")
    executor.step()
    assert got == ["a", "b", "stays"]


def _noting(got: list[str], name: str) -> Callable[[Levels], None]:
    return lambda _: got.append(name)


def _ignore(picture: Levels) -> None:
    """A pane that does not look."""
