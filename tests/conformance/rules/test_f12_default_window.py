"""F12: without a window of its own, minimum to maximum of the whole displayed set."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.kit.dicom_files import file
from tests.kit.pictures import IDENTITY, instance, stored
from tests.kit.viewer import chest, grey_format, shown
from viewer.loading.headers import read_header
from viewer.model.presentation import Presentation, Rescale, VoiFunction, Window
from viewer.model.quantities import Suv, SuvScale
from viewer.pixels.pipeline import PixelPipeline, default_voi, value_range

DARK = np.array([[0, 10, 100]], dtype=np.int16)
BRIGHT = np.array([[50, 1000, 400]], dtype=np.int16)


def test_f12_two_frames_of_different_range_have_one_window() -> None:
    pipeline = PixelPipeline(stored(), IDENTITY)
    found = value_range([DARK, BRIGHT], pipeline)
    assert found == (0.0, 1000.0)
    for frame in (DARK, BRIGHT):
        levels = pipeline.p_values(frame, Presentation(), bits=8, fallback=found)
        expected = np.floor(frame / 1000 * 255 + 0.5)
        assert np.array_equal(levels, expected)


def test_f12_scrolling_does_not_change_what_a_value_looks_like() -> None:
    viewport = shown(chest(3, windows=()))
    viewport.extend_range(0, 100)
    viewport.extend_range(50, 1000)
    looks = set()
    for index in range(3):
        viewport.go_to_index(index)
        looks.add((viewport.state.look.voi, viewport.state.fallback))
    assert looks == {(None, (0, 1000))}


def test_f12_smallest_and_largest_pixel_value_are_not_believed() -> None:
    import io

    data = file(SmallestImagePixelValue=5, LargestImagePixelValue=6)
    found = read_header(io.BytesIO(data), name="file").instance
    assert default_voi(found) is None
    frame = np.arange(20, dtype=np.uint16).reshape(4, 5)
    assert value_range([frame], PixelPipeline.of(found)) == (0, 19)


def test_f12_the_range_is_one_of_modality_values() -> None:
    def ranged(frame: NDArray[np.int16], slope: float) -> tuple[float, float]:
        return value_range([frame], PixelPipeline(stored(), Rescale(slope, 1, "")))

    assert ranged(DARK, -2) == (-199, 1)
    assert ranged(DARK, 0.5) == (1, 51)


def test_f12_infinite_values_do_not_stretch_it() -> None:
    form = replace(grey_format(1, 4), floating=True, bits_allocated=32, bits_stored=32)
    frame = np.array([[np.inf, -np.inf, np.nan, 2.5]], dtype=np.float32)
    pipeline = PixelPipeline.of(instance(form))
    assert value_range([frame], pipeline) == (2.5, 2.5)
    levels = pipeline.p_values(frame, Presentation(), bits=8, fallback=(0, 2.5))
    assert levels.tolist() == [[255, 0, 0, 255]]


def test_f12_one_value_alone_is_black() -> None:
    flat = np.full((2, 2), 7, dtype=np.int16)
    pipeline = PixelPipeline(stored(), IDENTITY)
    levels = pipeline.p_values(flat, Presentation(), bits=8, fallback=value_range([flat], pipeline))
    assert levels.tolist() == [[0, 0], [0, 0]]


def test_f12_counts_begin_at_zero_and_one_hot_spot_does_not_darken_the_rest() -> None:
    frame = np.full((50, 50), 100, dtype=np.int16)
    frame[:10] = 0
    frame[25, 25] = 30000
    for modality in ("NM", "PT"):
        pipeline = PixelPipeline.of(replace(instance(stored()), modality=modality))
        assert value_range([frame], pipeline) == (0, 100)
    assert value_range([frame], PixelPipeline.of(instance(stored()))) == (0, 30000)


def test_f12_counts_without_any_above_zero_keep_their_range() -> None:
    nuclear = PixelPipeline.of(replace(instance(stored()), modality="NM"))
    assert value_range([np.full((4, 4), -7, dtype=np.int16)], nuclear) == (-7, -7)
    assert value_range([np.zeros((4, 4), dtype=np.int16)], nuclear) == (0, 0)


def test_f12_pet_with_uptake_values_begins_at_suv_0_to_6() -> None:
    uptake = Suv((SuvScale("SUVbw", 0.0005, "g/ml"),))
    found = default_voi(replace(instance(stored()), modality="PT", suv=uptake))
    assert found == Window(6000, 12000, "SUV 0–6", VoiFunction.LINEAR_EXACT)


def test_f12_a_window_of_the_header_is_before_every_other() -> None:
    own = Window(40, 400)
    uptake = Suv((SuvScale("SUVbw", 0.0005, "g/ml"),))
    pet = replace(instance(stored()), modality="PT", suv=uptake, windows=(own,))
    assert default_voi(pet) == own


def test_f12_pet_gets_its_window_once_the_series_has_its_uptake_values() -> None:
    viewport = shown(chest(3, windows=(), modality="PT"))
    assert viewport.state.look.voi is None
    target = viewport.state.target
    assert target is not None
    uptake = Suv((SuvScale("SUVbw", 0.001, "g/ml"),))
    series = chest(3, windows=(), modality="PT", suv=uptake).series[0]
    viewport.grow(target, {i.ref.sop: i for i in series.instances})
    assert viewport.state.look.voi == Window(3000, 6000, "SUV 0–6", VoiFunction.LINEAR_EXACT)
