"""Small pictures are drawn where they are asked for, as long as that takes half of the time."""

from dataclasses import replace

import numpy as np
import pytest

from tests.kit.executors import StepExecutor
from tests.kit.pictures import instance, stored, windowed
from viewer.model.presentation import ModalityLut, VoiLut
from viewer.render import kernels, screen_kernels
from viewer.render.at_once import AtOnce
from viewer.render.compositor import RenderRequest
from viewer.render.painted import Painted
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.transform import PaneSize

pytestmark = pytest.mark.timeout(90)  # the first of them compiles the loops
FRAME = np.arange(16, dtype=np.int16).reshape(4, 4)
SMALL = RenderRequest(FRAME, instance(), windowed(8, 16), PaneSize(40, 40))
LUT = VoiLut(0, (0, 100), 8, "")


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module", autouse=True)
def loops() -> None:
    kernels.warm_up()
    screen_kernels.warm_up()


NEXT = replace(SMALL, frame=FRAME[::-1].copy())


def shown(executor: StepExecutor, request: RenderRequest) -> RenderScheduler:
    """A scheduler that has shown a picture in pane a."""
    scheduler = RenderScheduler(executor, AtOnce())
    scheduler.show("a", request, lambda _: None)
    executor.drain()
    return scheduler


def test_a_small_picture_is_drawn_where_it_is_asked_for() -> None:
    executor, got = StepExecutor(), list[Painted]()
    scheduler = shown(executor, SMALL)
    wanted = (replace(SMALL, look=windowed(8, 8)), NEXT)
    for request in wanted:
        scheduler.show("a", request, got.append)
    assert len(executor) == 0
    for picture, request in zip(got, wanted, strict=True):
        assert np.array_equal(picture.levels, request.compose(request.sample()))


def test_the_first_picture_and_one_of_another_size_go_to_the_threads() -> None:
    executor, got = StepExecutor(), list[Painted]()
    scheduler = RenderScheduler(executor, AtOnce())
    for request in (SMALL, replace(SMALL, pane=PaneSize(41, 40))):
        scheduler.show("a", request, got.append)
        assert len(executor) == 1
        executor.drain()
    assert len(got) == 2


def test_another_thread_helps_with_a_picture_of_many_pixels() -> None:
    executor, got = StepExecutor(), list[Painted]()
    large = replace(NEXT, pane=PaneSize(1000, 1000))
    scheduler = shown(executor, replace(large, frame=FRAME))
    scheduler.show("a", large, got.append)
    assert np.array_equal(got[0].levels, large.compose(large.sample()))
    assert len(executor) == 1
    executor.drain()
    assert len(got) == 1


def test_nothing_is_drawn_at_once_by_a_scheduler_that_was_not_told_so() -> None:
    executor, got = StepExecutor(), list[Painted]()
    RenderScheduler(executor).show("a", SMALL, got.append)
    assert len(executor) == 1
    assert not got


@pytest.mark.parametrize(
    "request_",
    [
        replace(SMALL, pane=PaneSize(1200, 1200)),
        replace(SMALL, frame=np.zeros((1024, 1024), np.int16)),
        replace(SMALL, look=replace(SMALL.look, voi=LUT)),
        replace(SMALL, look=replace(SMALL.look, voi=None), fallback=(0, 9)),
        replace(SMALL, instance=instance(modality_lut=ModalityLut(0, (1, 2), "HU"))),
        replace(
            SMALL,
            frame=FRAME.astype(np.float32),
            instance=instance(stored(bits_allocated=32, floating=True)),
        ),
    ],
    ids=["large pane", "large frame", "VOI LUT", "no window", "modality LUT", "float"],
)
def test_what_takes_longer_goes_to_the_threads(request_: RenderRequest) -> None:
    assert AtOnce().takes("a", SMALL, None)
    assert not AtOnce().takes("a", request_, None)


def test_a_larger_picture_is_only_looked_up_at_once() -> None:
    large = replace(SMALL, pane=PaneSize(1200, 1600))
    assert not AtOnce().takes("a", large, None)
    assert AtOnce().takes("a", large, SMALL.sample())
    assert not AtOnce().takes("a", replace(SMALL, pane=PaneSize(2000, 2000)), SMALL.sample())


def test_no_more_than_half_of_the_time_is_spent() -> None:
    clock = Clock()
    quick = AtOnce(clock)
    known = SMALL.sample()
    for _ in range(100):  # nothing but drawing
        begun = quick.now()
        if not quick.takes("a", SMALL, known):
            break
        clock.now += 0.001
        quick.spent(begun)
    assert 0.010 <= clock.now <= 0.022
    clock.now += 0.002
    assert quick.takes("a", SMALL, known)


def test_of_panes_that_scroll_together_the_first_is_sampled_at_once() -> None:
    clock = Clock()
    quick = AtOnce(clock)
    clock.now = 1.0
    assert quick.takes("a", SMALL, None)
    assert not quick.takes("b", SMALL, None)
    assert quick.takes("b", SMALL, SMALL.sample()), "looking up takes next to nothing"
    assert quick.takes("a", SMALL, None)
    clock.now += 0.020
    assert quick.takes("b", SMALL, None)


def test_a_pane_that_is_being_drawn_waits_for_its_turn() -> None:
    executor, got = StepExecutor(), list[str]()
    scheduler = RenderScheduler(executor, AtOnce())
    large = replace(SMALL, pane=PaneSize(1200, 1200))
    scheduler.show("a", large, lambda _: got.append("large"))
    scheduler.show("a", SMALL, lambda _: got.append("small"))
    assert got == []
    executor.drain()
    assert got[-1] == "small"


def test_a_failure_is_told_as_that_of_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: RenderRequest) -> None:
        raise ValueError("broken")

    failed: list[Exception] = []
    scheduler = shown(StepExecutor(), SMALL)
    monkeypatch.setattr(RenderRequest, "sampling", broken)
    scheduler.show("a", NEXT, lambda _: None, failed.append)
    assert str(failed[0]) == "broken"
