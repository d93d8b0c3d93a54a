"""Subtraction keeps the window's width, survives scrolling, and gives the window of before back."""

from tests.kit.viewer import (
    LUNG,
    SOFT,
    chest,
    frame_of,
    projection_instance,
    series_of,
    shown,
    study_of,
)
from viewer.model.presentation import Window
from viewer.viewport.masking import end_subtraction, shift_mask, subtract

STACK = chest(4)
FIRST, SECOND = (frame_of(STACK.series[0].instances[n]) for n in (0, 1))


def test_on_scrolled_and_off() -> None:
    viewport = shown(STACK)
    viewport.set_voi(LUNG)
    assert subtract(viewport, FIRST)
    assert viewport.state.look.voi == Window(0.5, LUNG.width)
    viewport.scroll(2)
    assert viewport.state.look.voi == Window(0.5, LUNG.width)
    assert viewport.state.look.mask is not None
    end_subtraction(viewport)
    after = viewport.state
    assert after.look.voi == LUNG
    assert not after.look.mask
    end_subtraction(viewport)
    assert viewport.state == after


def test_another_mask_keeps_the_window_of_before() -> None:
    viewport = shown(STACK)
    subtract(viewport, FIRST)
    viewport.set_window(5, 60)
    subtract(viewport, SECOND)
    mask = viewport.state.look.mask
    assert mask is not None
    assert (mask.frame, mask.before) == (SECOND, SOFT)
    assert viewport.state.look.voi == Window(0.5, 60)


def test_the_mask_moves_and_reset_takes_it_away() -> None:
    viewport = shown(STACK)
    assert not shift_mask(viewport, 1, 1)
    subtract(viewport, FIRST)
    assert shift_mask(viewport, 0.25, 0)
    assert shift_mask(viewport, 0.25, -1)
    mask = viewport.state.look.mask
    assert mask is not None
    assert (mask.right, mask.down) == (0.5, -1)
    viewport.reset()
    assert viewport.state.look.mask is None
    assert viewport.state.look.voi == SOFT


def test_what_cannot_be_subtracted() -> None:
    single = chest(1)
    assert not subtract(shown(single), frame_of(single.series[0].instances[0]))
    films = [projection_instance("PA"), projection_instance("LL", 1, rows=32)]
    assert not subtract(shown(study_of(series_of(films))), frame_of(films[1]))
    assert not subtract(shown(STACK), frame_of(films[0]))
