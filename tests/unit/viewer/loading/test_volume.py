"""Display sets become one block of voxels, or the reason why not is told (F42–F44)."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.executors import StepExecutor
from tests.kit.series import CORONAL, instance, plane, series, stored
from tests.kit.viewer import ArrayPool, NoBytes
from tests.kit.volumes import volume_of
from viewer.errors import GeometryError, UndecodableFrame
from viewer.loading.decoded import Decoded
from viewer.loading.frames import FrameCache
from viewer.loading.volume import VolumeFilling, VolumeSource, why_no_mpr
from viewer.model.display_set import DisplaySet, Kind
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.presentation import ModalityLut, Rescale
from viewer.model.split import SplitRule, SplitRules, split
from viewer.model.study import FrameFacts, Instance, Photometric, StoredFormat

HU = Rescale(1.0, -1024.0, "HU")
RULES = SplitRules(rules=(SplitRule(),))
"""Nothing but position decides: what the volume itself must refuse reaches it."""


def _set(*images: Instance) -> tuple[DisplaySet, dict[Any, Instance]]:
    (target,) = split(series(*images), RULES)
    return target, {image.ref.sop: image for image in images}


def _frame(image: Instance, frame: int = 0) -> NDArray[Any]:
    kind = image.format
    assert kind is not None
    number = (image.number or 0) * 100 + frame
    dtype = np.float32 if kind.floating else (np.int16 if kind.signed else np.uint16)
    return (np.arange(kind.rows * kind.columns).reshape(kind.rows, -1) + number).astype(dtype)


def _volume(*images: Instance) -> Any:
    target, held = _set(*images)
    return volume_of(target, held, lambda ref: Decoded(_frame(held[ref.sop], ref.frame)))


def _slices(count: int = 4, **values: Any) -> list[Instance]:
    return [instance(k, plane(0, 0, 2.5 * k), modality_lut=HU, **values) for k in range(count)]


def test_stored_values_stay_as_they_are_in_display_order() -> None:
    images = _slices()
    volume = _volume(*images)
    assert volume.voxels.dtype == np.int16
    assert volume.rescale == HU
    assert volume.geometry.step == 2.5
    for k, image in enumerate(reversed(images)):  # axial slices are read from the head down
        np.testing.assert_array_equal(volume.voxels[k], _frame(image))
    assert volume.voxels[1].base is not None
    assert not volume.voxels.flags.writeable
    assert volume.is_complete


@pytest.mark.parametrize(
    ("changes", "dtype"),
    [
        ({"bits_stored": 15, "high_bit": 14}, np.int16),
        ({"bits_stored": 16, "high_bit": 15}, np.uint16),
        ({"bits_stored": 16, "high_bit": 15, "signed": True}, np.int16),
        ({"bits_allocated": 32, "bits_stored": 32, "high_bit": 31}, np.float32),
        ({"bits_allocated": 32, "bits_stored": 32, "high_bit": 31, "floating": True}, np.float32),
    ],
)
def test_the_type_that_holds_the_values(changes: dict[str, Any], dtype: Any) -> None:
    volume = _volume(*_slices(format=replace(stored(), **changes)))
    assert volume.voxels.dtype == dtype
    values = volume.voxels.astype(float) * volume.rescale.slope + volume.rescale.intercept
    np.testing.assert_array_equal(values[3], _frame(_slices(format=replace(stored(), **changes))[0])
                                  .astype(float) - 1024)  # fmt: skip
    assert volume.rescale.unit == "HU"


def test_intercepts_that_differ_by_whole_steps_stay_exact_integers() -> None:
    images = [
        replace(image, modality_lut=Rescale(0.5, -1024 + 0.5 * k, "HU"))
        for k, image in enumerate(_slices())
    ]
    volume = _volume(*images)
    assert volume.voxels.dtype == np.int16
    for k, image in enumerate(reversed(images)):
        step = image.modality_lut
        assert isinstance(step, Rescale)
        values = volume.voxels[k] * volume.rescale.slope + volume.rescale.intercept
        np.testing.assert_array_equal(values, _frame(image) * step.slope + step.intercept)


def test_a_slope_of_its_own_for_each_slice_becomes_modality_values() -> None:
    images = [
        replace(image, modality_lut=Rescale(0.70494 / (k + 1), 0.0, "Bq/ml"))
        for k, image in enumerate(_slices())
    ]
    volume = _volume(*images)
    assert volume.voxels.dtype == np.float32
    assert volume.rescale == Rescale(1.0, 0.0, "Bq/ml")
    for k, image in enumerate(reversed(images)):
        step = image.modality_lut
        assert isinstance(step, Rescale)
        np.testing.assert_allclose(volume.voxels[k], _frame(image) * step.slope, rtol=6e-8)


def test_frames_of_one_object_have_their_own_rescale() -> None:
    steps = [Rescale(1.0, 0.0, ""), Rescale(2.0, -50.0, ""), Rescale(3.0, 0.0, "")]
    facts = tuple(FrameFacts(step) for step in steps)
    image = instance(1, *[plane(0, 0, k) for k in range(3)], per_frame=facts)
    volume = _volume(image)
    for k, step in enumerate(reversed(steps)):
        expected = _frame(image, 2 - k) * step.slope + step.intercept
        np.testing.assert_array_equal(volume.voxels[k], expected)


def test_a_modality_lut_is_looked_up() -> None:
    lut = ModalityLut(0, tuple(range(1000, 1400)), "")
    images = [replace(image, modality_lut=lut) for image in _slices()]
    volume = _volume(*images)
    np.testing.assert_array_equal(volume.voxels[3], _frame(images[0]) + 1000.0)


def test_padding_is_kept_apart_in_integers_and_in_floats() -> None:
    padded = replace(stored(), padding=(3, 4))
    volume = _volume(*_slices(format=padded))
    assert (volume.padding, volume.has_padding) == ((3, 4), True)
    images = _slices(format=padded)
    images[1] = replace(images[1], modality_lut=Rescale(2.0, 0.0, "HU"))
    volume = _volume(*images)
    assert volume.padding is None
    assert volume.has_padding
    assert np.isnan(volume.voxels).sum() == 2


def test_padding_that_no_voxel_has_is_none() -> None:
    volume = _volume(*_slices(format=replace(stored(), padding=(4000, 4000))))
    assert (volume.padding, volume.has_padding) == (None, False)


def test_frames_that_differ_in_padding_are_told_apart_voxel_by_voxel() -> None:
    images = _slices()
    images[0] = replace(images[0], format=replace(stored(), padding=(0, 0)))
    volume = _volume(*images)
    assert volume.voxels.dtype == np.float32
    assert np.isnan(volume.voxels[3, 0, 0])
    assert np.isnan(volume.voxels).sum() == 1


def test_values_that_float_cannot_hold_are_no_voxels() -> None:
    floats = StoredFormat(4, 5, 1, Photometric.MONOCHROME2, 64, 64, 63, True, floating=True)
    target, held = _set(*_slices(format=floats))
    volume = volume_of(target, held, lambda _: Decoded(np.full((4, 5), 1e300)))
    assert np.isnan(volume.voxels).all()


def test_a_missing_slice_is_a_gap_and_not_zeros() -> None:
    images = _slices(7)
    target, held = _set(*images)
    source = VolumeSource(target, held)
    for ref in target.frames:
        if ref.sop != images[3].ref.sop:
            source.put(ref, _frame(held[ref.sop]))
    assert [ref.sop for ref in source.lacking] == [images[3].ref.sop]
    volume = source.volume()
    assert volume.held == (True, True, True, False, True, True, True)
    assert volume.geometry.joined == (True, True, False, False, True, True)


def test_a_slice_without_some_of_its_rows_is_left_out() -> None:
    images = _slices()
    target, held = _set(*images)
    missing = {images[1].ref.sop: ((2, 4),)}
    volume = volume_of(
        target, held, lambda ref: Decoded(_frame(held[ref.sop]), missing.get(ref.sop, ()))
    )
    assert volume.held == (True, True, False, True)


def _colour() -> StoredFormat:
    return replace(stored(), samples=3, photometric=Photometric.RGB, bits_allocated=8,
                   bits_stored=8, high_bit=7)  # fmt: skip


def _turned(k: int) -> ImagePlane:
    row = PointLps(1, 0.04 * (k % 2), 0)
    column = PointLps(-0.04 * (k % 2), 1, 0)
    return ImagePlane(PointLps(0, 0, k), row, column, Spacing(0.1, 0.1))


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ([instance(k) for k in range(4)], "where they lie"),
        ([instance(k, plane(0, 0, k // 2)) for k in range(6)], "one position"),
        ([instance(k, plane(0, 0, k)) for k in range(2)], "Fewer than 3"),
        ([instance(k, plane(0, 0, k), format=_colour()) for k in range(4)], "Colour"),
        ([instance(k, plane(0, 0, k), format=stored(4 + k % 2)) for k in range(4)], "size"),
        ([instance(k, plane(0, 0, k), modality_lut=Rescale(1, 0, str(k % 2))) for k in range(4)],
         "units"),
        ([instance(k, plane(0, 0, k), format=None) for k in range(4)], "no images"),
        ([instance(k, _turned(k), format=stored(40, 50)) for k in range(4)], "turned"),
    ],
)  # fmt: skip
def test_why_there_is_no_other_plane(images: list[Instance], reason: str) -> None:
    target, held = _set(*images)
    told = why_no_mpr(target, held)
    assert told is not None
    assert reason in told
    with pytest.raises(GeometryError, match=reason):
        VolumeSource(target, held)


def test_mixed_orientations_never_reach_a_volume() -> None:
    scout = instance(9, plane(0, 0, 0, CORONAL))
    sets = split(series(*_slices(), scout), SplitRules(rules=(SplitRule(by=("Orientation",)),)))
    assert sorted(s.kind for s in sets) == [Kind.STACK, Kind.VOLUME]


def test_gaps_tilt_and_uneven_steps_are_no_reason() -> None:
    images = [instance(k, plane(0, 0.3 * k, k + (k > 3) * 4)) for k in range(8)]
    target, held = _set(*images)
    assert why_no_mpr(target, held) is None
    assert len(target.warnings) >= 2
    assert _volume(*images).geometry.joined.count(False) == 1


def test_an_instance_that_is_gone_is_told() -> None:
    target, held = _set(*_slices())
    del held[target.frames[0].sop]
    assert why_no_mpr(target, held) == "Some of the images are not here."


class _Room:
    """A cache over prepared frames, and a volume filled from it."""

    def __init__(self, lost: int | None = None) -> None:
        self.images = _slices(5)
        self.target, self.held = _set(*self.images)
        self.executor = StepExecutor()
        arrays = {
            (image.ref.sop, 0): _frame(image) for image in self.images if image.number != lost
        }
        self.pool = ArrayPool(arrays)
        self.cache = FrameCache(NoBytes(), self.pool, self.executor, 100)  # type: ignore[arg-type]  # a fake pool
        self.cache.know(self.images)
        self.changes = 0

    def fill(self) -> VolumeFilling:
        return VolumeFilling(
            VolumeSource(self.target, self.held),
            self.cache,
            self.executor,
            self._count,
            owner="mpr",
        )

    def _count(self) -> None:
        self.changes += 1


def test_a_volume_larger_than_the_cache_is_filled_whole() -> None:
    room = _Room()
    filling = room.fill()
    room.executor.drain()
    assert filling.is_done
    assert filling.source.volume().is_complete
    assert room.changes in range(1, 6)
    assert room.cache.used <= 100
    filling.close()


def test_frames_of_a_volume_are_in_memory_once() -> None:
    room = _Room()
    room.cache = FrameCache(NoBytes(), room.pool, room.executor, 1 << 20)  # type: ignore[arg-type]  # a fake pool
    room.cache.know(room.images)
    filling = room.fill()
    room.executor.drain()
    volume = filling.source.volume()
    for k, ref in enumerate(room.target.frames):
        frame = room.cache.get(ref)
        assert frame is not None
        assert np.shares_memory(frame, volume.voxels[k])
        assert not frame.flags.writeable
        np.testing.assert_array_equal(frame, _frame(room.held[ref.sop]))
        assert frame.dtype == _frame(room.held[ref.sop]).dtype
    filling.close()


def test_frames_that_the_block_holds_otherwise_stay_as_they_are() -> None:
    """A rescale that changes from slice to slice: the block holds moved or float values."""
    images = [
        instance(k, plane(0, 0, 2.5 * k), modality_lut=Rescale(1.0, -1024.0 - 3 * k, "HU"))
        for k in range(4)
    ]
    target, held = _set(*images)
    source = VolumeSource(target, held)
    for ref in target.frames:
        source.put(ref, _frame(held[ref.sop]))
    kind = _frame(images[0]).dtype
    kept = [ref.sop for ref in target.frames if source.shared(ref, kind) is not None]
    assert kept == [target.frames[0].sop]


def test_pixels_of_another_type_are_refused_by_the_cache() -> None:
    room = _Room()
    filling = room.fill()
    room.executor.drain()
    ref = next(ref for ref in room.target.frames if room.cache.get(ref) is not None)
    with pytest.raises(ValueError, match="not the pixels"):
        room.cache.hold_elsewhere(ref, np.zeros((2, 2), np.int32))
    filling.close()


@pytest.mark.parametrize(
    ("low", "high", "signed", "spare"),
    [(0, 9, True, -1), (0, 9, False, 10), (-32768, 9, True, 10), (-32768, 32767, True, None)],
)
def test_a_value_that_no_pixel_has(low: int, high: int, signed: bool, spare: int | None) -> None:
    kind = replace(stored(), bits_stored=16, high_bit=15, signed=signed)
    images = _slices(format=kind)
    target, held = _set(*images)
    source = VolumeSource(target, held)
    for ref in target.frames:
        frame = np.zeros((kind.rows, kind.columns), np.int16 if signed else np.uint16)
        frame[0, 0], frame[1, 1] = low, high
        source.put(ref, frame)
    volume = source.volume()
    assert volume.extremes == (float(min(low, 0)), float(max(high, 0)))
    assert volume.spare == spare


def test_a_frame_that_is_lost_is_named_and_the_rest_goes_on() -> None:
    room = _Room(lost=2)
    filling = room.fill()
    room.executor.drain()
    assert filling.is_done
    (lost,) = filling.failures
    assert lost.sop == room.images[2].ref.sop
    assert isinstance(filling.failures[lost], UndecodableFrame)
    assert filling.source.volume().held.count(False) == 1
    filling.close()


def test_after_closing_nothing_more_is_taken() -> None:
    room = _Room()
    filling = room.fill()
    filling.close()
    room.executor.drain()
    assert filling.is_done
    assert room.changes == 0
    assert not any(filling.source.volume().held)
