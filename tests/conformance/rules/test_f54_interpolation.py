"""F54: a reduced image passes over no pixel, and an enlarged one says that it is interpolated."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.drawn import render_view
from tests.kit.viewer import ct_instance
from viewer.model.presentation import CENTRED, Offset, Presentation, Window
from viewer.render.compositor import RenderRequest
from viewer.render.sampler import taps
from viewer.viewport.transform import PaneSize
from viewer.viewport.words import zoom_text

SIDE = 64
FULL = 1600
WHOLE = Window(FULL / 2 + 0.5 - 1024, FULL + 1)  # the made CT has an intercept of -1024


def _frame() -> NDArray[np.int16]:
    return np.zeros((SIDE, SIDE), np.int16)


def _values(
    frame: NDArray[np.int16], zoom: float, pane: PaneSize, offset: Offset = CENTRED
) -> NDArray[np.int16]:
    """Modality values on the device pixels."""
    look = Presentation(WHOLE, zoom=zoom, offset=offset)
    instance = ct_instance(rows=frame.shape[0], columns=frame.shape[1])
    found = RenderRequest(frame, instance, look, pane).sample().values
    return np.asarray(found, np.int16)


def _offsets(count: int) -> Iterator[tuple[int, int]]:
    yield from ((row, column) for row in range(count) for column in range(count))


@pytest.mark.parametrize("pane", [PaneSize(40, 40), PaneSize(41, 40), PaneSize(40, 41)])
@pytest.mark.parametrize("by", [2, 4, 8])
def test_f54_a_single_bright_pixel_keeps_its_share_wherever_it_is(pane: PaneSize, by: int) -> None:
    for row, column in _offsets(by):
        frame = _frame()
        frame[SIDE // 2 + row - by // 2, SIDE // 2 + column - by // 2] = FULL
        assert _values(frame, 1 / by, pane).max() >= FULL // by**2


def test_f54_a_single_bright_pixel_of_a_sixteenth_is_seen_on_the_screen() -> None:
    for row, column in _offsets(4):
        frame = _frame()
        frame[20 + row, 20 + column] = FULL
        picture = render_view(
            frame,
            ct_instance(rows=SIDE, columns=SIDE),
            Presentation(WHOLE, zoom=0.25),
            PaneSize(40, 40),
        )
        assert picture.max() >= 255 // 16
        assert (picture > 0).sum() == 1


@pytest.mark.parametrize("offset", [Offset(0.3, 0.7), Offset(0.5, 0.5), Offset(-0.25, 0.1)])
def test_f54_a_pixel_between_device_pixels_is_shared_out_and_not_lost(offset: Offset) -> None:
    for row, column in _offsets(4):
        frame = _frame()
        frame[28 + row, 28 + column] = FULL
        found = _values(frame, 0.25, PaneSize(40, 40), offset)
        assert found.sum() == pytest.approx(FULL / 16, abs=2)


RATIOS = (
    1.01,
    1.1,
    1.5,
    1.9,
    2,
    2.04,
    2.08,
    2.13,
    2.5,
    2.9,
    3,
    3.1,
    3.7,
    4,
    4.2,
    5,
    5.5,
    6,
    7,
    9.3,
)


def _shares(step: float, phase: float) -> NDArray[np.float64]:
    """(places, pixels): which pixels make each place of a long axis, away from its ends."""
    size = 240
    at = np.arange(20 + phase, size - 20, step)
    axis = taps(at, size, step)
    shares = np.zeros((at.size, size))
    for k in range(axis.weights.shape[1]):
        shares[np.arange(at.size), axis.first + k] += axis.weights[:, k]
    return shares


@pytest.mark.parametrize("step", RATIOS)
def test_f54_every_ratio_and_pan_keeps_single_pixels_and_leaves_no_alias(step: float) -> None:
    wanted = 1 / 4 if step <= 4 else 1 / (2 * np.ceil(step / 2))
    grating = np.where(np.arange(240) % 2 == 0, 1.0, -1.0)
    for phase in np.linspace(0, 1, 21):
        shares = _shares(step, phase)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        assert shares.max(axis=0)[40:200].min() >= wanted - 1e-9
        assert np.abs(shares @ grating).max() <= 0.05 + 1e-9
        middle = shares @ np.arange(240) - np.arange(20 + phase, 220, step)
        assert np.abs(middle).max() <= 0.5 + 1e-9  # nothing moves by more than half a pixel


def test_f54_the_plain_mean_of_an_area_would_be_found() -> None:
    """The check itself: three to one a third of a grating is left, between two a half is lost."""
    third = np.array([1.0, -1.0, 1.0]).mean()
    assert abs(third) > 0.05
    assert (0.5 / 4) ** 2 < 1 / 16


def test_f54_panned_by_any_part_of_a_pixel_a_sixteenth_stays_at_four_to_one() -> None:
    frame = _frame()
    frame[30, 33] = FULL
    for x, y in ((0.0, 0.0), (0.3, 0.7), (0.5, 0.5), (-0.25, 0.1), (0.125, 0.875)):
        assert _values(frame, 0.25, PaneSize(40, 40), Offset(x, y)).max() >= FULL / 16
        assert _values(frame, 0.3, PaneSize(40, 40), Offset(x, y)).max() >= FULL // 16


@pytest.mark.parametrize("offset", [Offset(0, 0), Offset(0.3, 0.7)])
@pytest.mark.parametrize("zoom", [0.9, 0.7, 0.45, 1 / 3, 0.2])
def test_f54_odd_ratios_leave_no_alias_on_the_screen(zoom: float, offset: Offset) -> None:
    lines = (np.indices((SIDE, SIDE))[1] % 2 * FULL).astype(np.int16)
    found = _values(lines, zoom, PaneSize(24, 24), offset).astype(np.float64)
    inside = found[2:-2, 2:-2]
    assert np.abs(inside - FULL / 2).max() <= 0.025 * FULL + 1


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("phase", [0, 1])
@pytest.mark.parametrize("offset", [Offset(0, 0), Offset(0.3, 0.7)])
@pytest.mark.parametrize("by", [2, 4, 8])
def test_f54_a_grating_of_single_pixels_becomes_grey_without_an_alias(
    by: int, offset: Offset, phase: int, axis: int
) -> None:
    lines = (np.indices((SIDE, SIDE))[axis] + phase) % 2 * FULL
    found = _values(lines.astype(np.int16), 1 / by, PaneSize(24, 24), offset)
    inside = found[1:-1, 1:-1].astype(np.float64)  # at the edge less than a whole area is there
    assert np.ptp(inside) <= 0.05 * FULL
    assert inside.mean() == pytest.approx(FULL / 2, rel=0.01)


def test_f54_skipping_pixels_would_be_found() -> None:
    """The check itself: every fourth pixel alone loses bright pixels, and all of a grating."""
    seen = 0
    for row, column in _offsets(4):
        frame = _frame()
        frame[28 + row, 28 + column] = FULL
        seen += int(frame[::4, ::4].max() >= FULL // 16)
    assert seen == 1
    lines = (np.indices((SIDE, SIDE))[1] % 2 * FULL).astype(np.int16)
    assert lines[::4, ::4].max() == 0


@pytest.mark.parametrize(("zoom", "said"), [(1.0, False), (3.0, True), (0.25, True)])
def test_f54_it_is_said_that_pixels_are_interpolated(zoom: float, *, said: bool) -> None:
    assert ("interpolated" in zoom_text(zoom)) == said
