"""What a screen gets is what ``compose`` gives, word for word, on canvases that are used again."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.kit.pictures import COLOUR_STORED, instance, stored, windowed
from viewer.model.presentation import Rescale
from viewer.model.study import Instance
from viewer.pixels.colour_maps import load_colour_maps
from viewer.render import screen_kernels
from viewer.render.bands import Bands
from viewer.render.compositor import RenderRequest
from viewer.render.painted import Canvases, Painted, painted
from viewer.viewport.transform import PaneSize
from workstation.paths import resources

RNG = np.random.default_rng(20260101)
FRAME = RNG.integers(-1000, 3000, (40, 30)).astype(np.int16)
GREY = RenderRequest(
    FRAME, instance(stored(rows=40, columns=30), modality_lut=Rescale(1, -24, "HU")),
    windowed(700, 2500), PaneSize(70, 80),
)  # fmt: skip
LOOK = GREY.look


def _padded(of: Instance) -> Instance:
    return replace(of, format=stored(rows=40, columns=30, padding=(-1000, -500)))


def _coloured() -> RenderRequest:
    colours = load_colour_maps(resources() / "colour_maps.toml")
    return replace(GREY, look=replace(LOOK, colour_map=colours[0]))


CASES: dict[str, Callable[[], RenderRequest]] = {
    "enlarged": lambda: GREY,
    "reduced": lambda: replace(GREY, pane=PaneSize(21, 17)),
    "1:1": lambda: replace(GREY, look=replace(LOOK, zoom=1.0)),
    "turned": lambda: replace(GREY, look=replace(LOOK, quarter_turns=1)),
    "inverted on a ground": lambda: replace(GREY, background=77, look=replace(LOOK, invert=True)),
    "padded": lambda: replace(GREY, instance=_padded(GREY.instance)),
    "float": lambda: replace(
        GREY,
        frame=FRAME.astype(np.float32),
        instance=instance(stored(rows=40, columns=30, bits_allocated=32, floating=True)),
    ),
    "in colours": _coloured,
    "colour": lambda: RenderRequest(
        RNG.integers(0, 256, (40, 30, 3), dtype=np.uint8), instance(COLOUR_STORED),
        windowed(0, 1), PaneSize(70, 80),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_screen_gets_what_is_composed(case: str) -> None:
    request = CASES[case]()
    sampled = request.sample()
    expected = request.compose(sampled)
    anew, found = painted(request, None, Canvases())
    known, _ = painted(request, sampled, Canvases())
    for picture in (anew, known):
        assert np.array_equal(picture.levels, expected)
        assert picture.levels.shape == expected.shape
        assert np.all(picture.words >> np.uint32(24) == 255)
    assert np.array_equal(found.values, sampled.values, equal_nan=sampled.values.dtype.kind == "f")


def test_rows_that_are_shared_out_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = GREY.compose(GREY.sample())
    monkeypatch.setattr("viewer.render.compositor._SHARE", 1)
    seen: list[tuple[int, int]] = []
    plain = Bands.over

    def noting(self: Bands, rows: int, act: Callable[[int, int], None], *, band: int = 0) -> None:
        def noted(first: int, end: int) -> None:
            seen.append((first, end))
            act(first, end)

        plain(self, rows, noted, band=band)

    monkeypatch.setattr(Bands, "over", noting)
    request = replace(GREY, bands=Bands())
    assert np.array_equal(painted(request, None, Canvases())[0].levels, expected)
    assert len(seen) > 1
    assert [first for first, _ in seen[1:]] == [end for _, end in seen[:-1]]


def test_colours_lie_in_the_order_of_a_store() -> None:
    made = Canvases().paint_levels(np.array([[[0x12, 0x34, 0x56]]], np.uint8))
    assert int(made.words[0, 0]) == 0xFF123456
    assert made.levels.tolist() == [[[0x12, 0x34, 0x56]]]


def test_loops_equal_their_references() -> None:
    grey = RNG.integers(0, 256, (5, 7), dtype=np.uint8)
    colour = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    for levels, reference in (
        (grey, screen_kernels.grey_words_reference),
        (colour, screen_kernels.colour_words_reference),
    ):
        got, expected = np.empty((5, 7), np.uint32), np.empty((5, 7), np.uint32)
        screen_kernels.write_words(levels, got)
        reference(levels, expected)
        assert np.array_equal(got, expected)
    index = RNG.integers(0, 65536, (5, 7), dtype=np.uint16)
    table = RNG.integers(0, 256, 65536, dtype=np.uint8)
    words = np.zeros((9, 9), np.uint32)
    screen_kernels.look_up_words(index, table, words, 3, 1)
    screen_kernels.grey_words_reference(table[index], expected)
    assert np.array_equal(words[3:8, 1:8], expected)
    assert words[:3].max() == words[8:].max() == words[:, 8:].max() == 0


def test_nothing_that_leaves_the_canvas_reaches_a_compiled_loop() -> None:
    index, table = np.zeros((4, 4), np.uint16), np.zeros(65536, np.uint8)
    words = np.zeros((4, 4), np.uint32)
    with pytest.raises(ValueError, match="on its canvas"):
        screen_kernels.look_up_words(index, table, words, 0, 1)
    with pytest.raises(ValueError, match="65536"):
        screen_kernels.look_up_words(index, table[:9], words, 0, 0)
    with pytest.raises(ValueError, match="on its canvas"):
        screen_kernels.write_words(np.zeros((5, 4), np.uint8), words)
    with pytest.raises(ValueError, match="8 bits"):
        Canvases().paint_levels(np.zeros((2, 2), np.uint16))


def test_a_canvas_is_used_again_when_nobody_holds_its_picture() -> None:
    canvases = Canvases()
    first: Painted | None = canvases.paint_levels(np.zeros((3, 4), np.uint8))
    assert first is not None
    words = first.words
    second = canvases.paint_levels(np.ones((3, 4), np.uint8))
    assert second.words is not words
    assert words.max() == 0xFF000000, "a picture that is held stays as it is"
    first = None
    third = canvases.paint_levels(np.full((3, 4), 2, np.uint8))
    assert third.words is words
    assert canvases.paint_levels(np.zeros((4, 4), np.uint8)).words.shape == (4, 4)
