"""The clock of a cine: true rate, uneven times, loop and sweep, speed, and its words."""

import pytest

from tests.kit.viewer import frame_of, projection_instance
from viewer.model.display_set import DisplaySet, DisplaySetId, Kind
from viewer.viewport.cine import Cine, Timeline


def _set(count: int, *frame_ms: float) -> DisplaySet:
    instance = projection_instance("AP", frames=count)
    frames = tuple(frame_of(instance, n) for n in range(count))
    series = instance.ref.series
    return DisplaySet(DisplaySetId("1"), series, Kind.CINE, frames, "", frame_ms=frame_ms)


def test_frames_stand_as_long_as_the_header_says() -> None:
    cine = Cine.start(_set(4, 40.0, 100.0, 10.0, 50.0), 0, 5.0)
    at = [(0.0, 0), (0.039, 0), (0.041, 1), (0.139, 1), (0.141, 2), (0.149, 2), (0.151, 3)]
    assert [cine.index(5 + t) for t, _ in at] == [index for _, index in at]
    assert cine.index(5.201) == 0  # loops
    assert cine.until_next(5.041) == pytest.approx(0.099)
    assert cine.rate == pytest.approx(20.0)


def test_a_late_question_drops_frames_and_keeps_the_time() -> None:
    """Asked only four times a second, 30 frames a second go on at 30 frames a second."""
    cine = Cine.start(_set(90, *[1000 / 30] * 90), 0, 0.0)
    assert [cine.index(n / 4 + 1e-6) for n in range(5)] == [0, 7, 15, 22, 30]


def test_sweep_runs_back_without_standing_twice_at_the_ends() -> None:
    cine = Cine.start(_set(4, *[10.0] * 4), 0, 0.0, sweep=True)
    assert [cine.index(n / 100 + 0.001) for n in range(8)] == [0, 1, 2, 3, 2, 1, 0, 1]


@pytest.mark.parametrize(("count", "order"), [(1, (0,)), (2, (0, 1)), (3, (0, 1, 2, 1))])
def test_short_sweeps(count: int, order: tuple[int, ...]) -> None:
    assert Timeline((10.0,) * count, sweep=True).order == order


def test_it_begins_where_the_reader_stands_and_anew_at_the_end() -> None:
    target = _set(5, *[20.0] * 5)
    assert Cine.start(target, 3, 1.0).index(1.0) == 3
    assert Cine.start(target, 4, 1.0).index(1.0) == 0


def test_faster_goes_on_from_the_frame_that_stands() -> None:
    cine = Cine.start(_set(100, *[10.0] * 100), 0, 0.0)
    double = cine.faster(0.305, 2.0)
    assert double.index(0.305) == 30
    assert double.index(0.4) == 30 + 19
    assert double.rate == pytest.approx(200)
    slowest = cine.faster(0.0, 1e-9)
    assert slowest.rate == pytest.approx(100 / 16)


def test_frames_of_no_length_are_passed_over() -> None:
    cine = Cine.start(_set(3, 10.0, 0.0, 10.0), 0, 0.0)
    assert {cine.index(n / 1000) for n in range(20)} == {0, 2}


def test_without_times_in_the_header_ten_a_second_and_said_so() -> None:
    cine = Cine.start(_set(3), 0, 0.0)
    assert cine.rate == 10
    assert cine.words(None) == "Playing 10 frames/s · no rate in the header"


def test_words_tell_true_chosen_and_shown_rate() -> None:
    cine = Cine.start(_set(2, 40.0, 40.0), 0, 0.0)
    assert cine.words(None) == "Playing 25 frames/s"
    assert cine.words(24.0) == "Playing 25 frames/s"
    assert cine.words(12.5) == "Playing 25 frames/s · shown 12.5"
    assert cine.faster(0.0, 2.0).words(None) == "Playing 50 frames/s · header 25"


def test_time_that_passed_before_the_first_picture_does_not_count() -> None:
    cine = Cine.start(_set(10, *[10.0] * 10), 3, 0.0)
    assert cine.resumed(7.0).index(7.0) == 3
