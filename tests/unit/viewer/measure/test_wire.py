"""The way along an edge: as Dijkstra finds it, upon the edge, and none where nothing is."""

import heapq
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from viewer.measure.crossings import polygon_area
from viewer.measure.wire import REACH, Crop, crop_of, step_costs, wire_from
from viewer.model.geometry import PixelPoint, Spacing

ONE = Spacing(1.0, 1.0)


def disc(radius: float, size: int = 121, noise: float = 0.0) -> NDArray[np.float64]:
    j, i = np.mgrid[0:size, 0:size] - size // 2
    made: NDArray[np.float64] = 100.0 / (1 + np.exp((np.hypot(i, j) - radius) * 2))
    return made + np.random.default_rng(3).normal(0, noise, made.shape) if noise else made


def dijkstra(cost: NDArray[np.float64], start: tuple[int, int], shape: Spacing) -> Any:
    far = np.full(cost.shape, np.inf)
    far[start] = 0.0
    queue = [(0.0, start)]
    while queue:
        here, (r, c) = heapq.heappop(queue)
        if here > far[r, c]:
            continue
        for dr in (-1, 0, 1):
            for dc in (-1, 0, 1):
                n = (r + dr, c + dc)
                inside = 0 <= n[0] < cost.shape[0] and 0 <= n[1] < cost.shape[1]
                if (dr, dc) != (0, 0) and inside:
                    way = math.hypot(dr * shape.row, dc * shape.column)
                    total = here + (cost[r, c] + cost[n]) / 2 * way
                    if total < far[n]:
                        far[n] = total
                        heapq.heappush(queue, (total, n))
    return far


@pytest.mark.parametrize("shape", [ONE, Spacing(1.0, 0.5)])
def test_all_ways_cost_what_dijkstra_says(shape: Spacing) -> None:
    values = np.random.default_rng(1).normal(0, 1, (33, 41))
    found = wire_from(PixelPoint(7, 12), Crop(values, 0, 0), shape)
    expected = dijkstra(step_costs(values, shape), (12, 7), shape)
    assert np.allclose(found.costs, expected, rtol=1e-12)
    way = found.way(PixelPoint(38, 30))
    assert way is not None
    assert way[-1] == PixelPoint(38, 30)
    for a, b in zip((PixelPoint(7, 12), *way), way, strict=False):
        assert max(abs(a.column - b.column), abs(a.row - b.row)) == 1


@pytest.mark.parametrize("noise", [0.0, 4.0])
def test_four_clicks_near_its_edge_outline_a_disc(noise: float) -> None:
    radius, middle = 40.0, 60
    frame = disc(radius, noise=noise)
    anchors = [PixelPoint(middle + radius * x, middle + radius * y)
               for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1))]  # fmt: skip
    outline: list[PixelPoint] = []
    for n, anchor in enumerate(anchors):
        wire = wire_from(anchor, crop_of(frame, anchor), ONE)
        way = wire.way(anchors[(n + 1) % 4])
        assert way is not None
        outline += way
    off = [abs(math.hypot(p.column - middle, p.row - middle) - radius) for p in outline]
    assert max(off) < 2.0
    assert polygon_area(outline)[0] == pytest.approx(math.pi * radius**2, rel=0.02)


def test_an_outline_is_closed_on_its_other_side() -> None:
    """Three clicks on half of a disc: back to the first the way goes round, not back."""
    radius, middle = 40.0, 60
    frame = disc(radius)
    anchors = [PixelPoint(100, 60), PixelPoint(60, 100), PixelPoint(20, 60)]
    outline = [anchors[0]]
    for here, there in zip(anchors, (*anchors[1:], anchors[0]), strict=True):
        way = wire_from(here, crop_of(frame, here), ONE, outline).way(there)
        assert way is not None
        outline += way
    off = [abs(math.hypot(p.column - middle, p.row - middle) - radius) for p in outline]
    assert max(off) < 2.0
    assert polygon_area(outline)[0] == pytest.approx(math.pi * radius**2, rel=0.02)


def test_a_place_beyond_the_crop_has_no_way_and_flat_values_go_straight() -> None:
    frame = np.zeros((240, 340), np.int16)
    anchor = PixelPoint(200, 20)
    wire = wire_from(anchor, crop_of(frame, anchor), ONE)
    assert wire.way(PixelPoint(200 + REACH + 1, 20)) is None
    way = wire.way(PixelPoint(230, 20))
    assert way is not None
    assert [p.row for p in way] == [20] * 30
    assert wire.way(anchor) == ()


def test_padding_colours_and_edges_of_the_image_raise_nothing() -> None:
    frame = np.full((20, 30), np.nan)
    frame[5:, 5:] = 7.0
    corner = PixelPoint(-0.5, -0.5)
    assert wire_from(corner, crop_of(frame, corner), ONE).way(PixelPoint(29, 19)) is not None
    assert np.isfinite(step_costs(np.full((4, 4), np.nan), ONE)).all()
    assert crop_of(np.zeros((9, 9, 3), np.uint8), corner).values.shape == (9, 9)
