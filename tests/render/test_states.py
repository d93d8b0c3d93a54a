"""Viewport states as a reader makes them, drawn by the real panes, against plain numpy.

Tolerance 0 for grey at 1:1, one level where values are resampled. The reference below is written
anew from the text of the standard and of F53/F54: it shares no line with what it judges.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import grey_format, projection_instance, series_of, study_of
from viewer.model.geometry import Spacing
from viewer.model.presentation import Rescale, Window
from viewer.model.study import ProjectionGeometry, Study
from viewer.viewport.viewport import Viewport

ROWS, COLUMNS = 120, 150
Values = NDArray[np.float64]


def _picture() -> NDArray[np.int16]:
    """Noise under a ramp, and an edge: what a wrong place or weight shows in at once."""
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    noise_part = np.random.default_rng(7).integers(-150, 150, (ROWS, COLUMNS))
    edge = np.where((row - 50) ** 2 + (column - 90) ** 2 < 900, 600, 0)
    return np.asarray(6 * column + 4 * row - 500 + noise_part + edge, dtype=np.int16)


def _study(aspect: tuple[float, float]) -> Study:
    facts = ProjectionGeometry(imager_spacing=Spacing(*aspect))
    instance = projection_instance(
        "PA",
        format=grey_format(ROWS, COLUMNS),
        windows=(Window(100, 1500),),
        modality_lut=Rescale(1.5, -40, ""),
        projection=facts,
    )
    return study_of(series_of([instance]))


# -- the reference ---------------------------------------------------------------------------------


def _levels(values: Values, centre: float, width: float, invert: bool) -> NDArray[np.uint8]:
    """PS3.3 C.11.2.1.2.1 in float64, polarity at the end, rounded half up once (F13)."""
    x = values * 1.5 - 40
    p = np.clip((x - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)
    p = 1 - p if invert else p
    return np.floor(p * 255 + 0.5).astype(np.uint8)


def _upright(turns: int, flip: bool, stored: Values) -> Values:
    """Flipped, then turned clockwise, as an array."""
    return np.rot90(stored[:, ::-1] if flip else stored, -turns)


def _weights(
    count: int, size: int, zoom: float, offset: float
) -> tuple[Values, NDArray[np.bool_], NDArray[np.bool_]]:
    """For every device pixel the weight of every image pixel along one axis (F54).

    Enlarged: linear between the two nearest centres; reduced: see ``_reduced``. Also which
    device pixels lie on the image, and which have their centre on its very edge, where either is
    right.
    """
    weights = np.zeros((count, size))
    centre = count / 2 + offset
    inside, edge = np.zeros(count, bool), np.zeros(count, bool)
    for n in range(count):
        at = (n + 0.5 - centre) / zoom + size / 2  # in image pixels from the outer edge
        inside[n] = 0 <= at <= size
        edge[n] = min(abs(at), abs(at - size)) < 1e-9
        if not inside[n]:
            continue
        if zoom >= 1:
            place = min(max(at - 0.5, 0.0), size - 1.0)
            first = min(math.floor(place), size - 2)
            weights[n, first] = 1 - (place - first)
            weights[n, first + 1] = place - first
        else:
            weights[n] = _reduced(at, size, 1 / zoom)
    return weights, inside, edge


def _reduced(at: float, size: int, step: float) -> Values:
    """What each image pixel covers of intervals around a place, as much as F54 needs of them.

    Less than two pixels to one: at least 2/1.05 pixels. Two to three: one pixel more than the
    device pixel, so that each image pixel lies wholly in one, mixed with a short one until a
    quarter of each pixel is left there.
    """
    if step < 2:
        parts = [(max(step, 2 / 1.05), 1.0)]
    else:
        assert 2 < step < 3
        parts = [(step + 1, (step + 1) / 4), (0.8, 1 - (step + 1) / 4)]
    made = np.zeros(size)
    for length, part in parts:
        low, high = at - length / 2, at + length / 2
        share = np.minimum(np.arange(size) + 1, high) - np.maximum(np.arange(size), low)
        made += np.maximum(share, 0) / length * part
    return np.asarray(made / made.sum())


def _drawn(
    stored: NDArray[np.int16], view: Viewport, aspect: float
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """The pane by the reference: least and most levels that are right, and where they count.

    What is resampled is rounded to stored units, half up: one unit more or less where the last
    digit of a sum decides.
    """
    look, pane, transform = view.state.look, view.state.pane, view.transform()
    assert transform is not None
    zoom = transform.zoom
    voi = look.voi
    assert isinstance(voi, Window)
    upright = _upright(look.quarter_turns, look.flip_horizontal, stored.astype(np.float64))
    turned = bool(look.quarter_turns % 2)
    across, down = (zoom * aspect, zoom) if turned else (zoom, zoom * aspect)
    offset = (look.offset.x, look.offset.y)
    if across == down == 1:  # pixel edges lie on the device grid (F53)
        offset = (
            _snapped(pane.width, upright.shape[1], offset[0]),
            _snapped(pane.height, upright.shape[0], offset[1]),
        )
    by_column, seen_x, edge_x = _weights(pane.width, upright.shape[1], across, offset[0])
    by_row, seen_y, edge_y = _weights(pane.height, upright.shape[0], down, offset[1])
    sums = by_row @ upright @ by_column.T
    both = []
    for slack in (-1e-6, 1e-6):
        made = _levels(np.floor(sums + 0.5 + slack), voi.centre, voi.width, look.invert)
        made[~seen_y] = 0
        made[:, ~seen_x] = 0
        both.append(made)
    counts = ~edge_y[:, None] & ~edge_x[None, :]
    return np.minimum(*both), np.maximum(*both), counts


def _snapped(pane: int, size: int, offset: float) -> float:
    centre = pane / 2 + offset
    return math.floor(centre - size / 2 + 0.5) + size / 2 - pane / 2


# -- 2D --------------------------------------------------------------------------------------------


def _window(centre: float, width: float) -> Callable[[Viewport], object]:
    return lambda v: v.set_voi(Window(centre, width))


def _zoomed(zoom: float) -> Callable[[Viewport], object]:
    return lambda v: v.look_like(replace(v.state.look, zoom=zoom))


STATES: dict[str, Sequence[Callable[[Viewport], object]]] = {
    "as opened": (),
    "narrow window": (_window(250, 90),),
    "one level wide": (_window(250, 2),),
    "inverted": (Viewport.invert,),
    "flipped": (Viewport.flip,),
    "turned": (lambda v: v.turn(1),),
    "turned and flipped": (Viewport.flip, lambda v: v.turn(3)),
    "panned": (lambda v: v.pan(37, -21),),
    "everything": (Viewport.flip, lambda v: v.turn(1), Viewport.invert, lambda v: v.pan(-8, 13)),
}


def _shown(qtbot: QtBot, aspect: tuple[float, float] = (0.5, 0.5)) -> Room:
    study = _study(aspect)
    sop = study.series[0].instances[0].ref.sop
    room = make_room(qtbot, study, arrays={(sop, 0): _picture()})
    room.open(study)
    return room


def _compared(room: Room, aspect: float = 1.0) -> int:
    """Largest difference of any pixel of the pane from the reference."""
    picture = room.pane().picture
    assert picture.at_rest
    assert picture.pixels is not None
    least, most, counts = _drawn(_picture(), room.viewport(), aspect)
    drawn = picture.pixels.astype(int)
    assert drawn.shape == most.shape
    assert len(np.unique(most)) > 1
    off = np.maximum(least - drawn, drawn - most)
    return int(off[counts].max())


@pytest.mark.parametrize("name", STATES)
def test_grey_at_one_to_one_is_exact(name: str, qtbot: QtBot) -> None:
    room = _shown(qtbot)
    for act in (*STATES[name], _zoomed(1.0)):
        act(room.viewport())
    room.settle()
    assert _compared(room) == 0


@pytest.mark.parametrize("zoom", [2.7, 5.0, 0.37, 0.6])
@pytest.mark.parametrize("name", STATES)
def test_resampled_within_one_level(name: str, zoom: float, qtbot: QtBot) -> None:
    room = _shown(qtbot)
    for act in (*STATES[name], _zoomed(zoom)):
        act(room.viewport())
    room.settle()
    assert _compared(room) <= 1


@pytest.mark.parametrize("spacing", [(0.8, 0.5), (0.5, 0.8)])
@pytest.mark.parametrize("name", ["as opened", "turned", "everything"])
def test_pixels_that_are_not_square_within_one_level(
    name: str, spacing: tuple[float, float], qtbot: QtBot
) -> None:
    room = _shown(qtbot, spacing)
    for act in STATES[name]:
        act(room.viewport())
    room.settle()
    assert _compared(room, spacing[0] / spacing[1]) <= 1
