"""Planes on demand: read once, dropped with their case, a failure told as a sentence."""

import io
from typing import Any, BinaryIO

import numpy as np
import pytest

from tests.kit import dicom_files
from tests.kit.executors import StepExecutor
from viewer.errors import MissingInstance
from viewer.loading.decoded import Decoded
from viewer.loading.headers import read_header
from viewer.loading.held import HeldBytes
from viewer.loading.overlay_cache import NOTHING, OverlayCache
from viewer.model.refs import FrameRef, SopUid, StudyUid
from viewer.model.study import Instance
from viewer.pixels.bitmaps import unpacked


class OneFile:
    """A source of one file that can be lost."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.lost = False
        self.opened = 0

    def sops(self, study: StudyUid) -> tuple[SopUid, ...]:
        return ()

    def open(self, sop: SopUid) -> BinaryIO:
        self.opened += 1
        if self.lost:
            raise MissingInstance("It was not downloaded.", where=sop)
        return io.BytesIO(self.data)


def no_pixels(_data: bytes, _frame: int, _instance: Instance) -> Decoded:
    raise AssertionError("no pixels are needed for a plane with its own data")


def with_overlay() -> tuple[bytes, Instance]:
    ds = dicom_files.dataset()
    bits = np.packbits(np.eye(4, 5, dtype=np.uint8), bitorder="little").tobytes()
    elements: tuple[tuple[int, str, Any], ...] = (
        (0x10, "US", 4), (0x11, "US", 5), (0x40, "CS", "G"), (0x50, "SS", [1, 1]),
        (0x100, "US", 1), (0x102, "US", 0),
        (0x3000, "OW", bits + b"\0"),
    )  # fmt: skip
    for number, vr, value in elements:
        ds.add_new(0x60000000 | number, vr, value)
    data = dicom_files.written(ds)
    return data, read_header(io.BytesIO(data), name="file").instance


class Bench:
    def __init__(self) -> None:
        data, self.instance = with_overlay()
        self.source, self.executor = OneFile(data), StepExecutor()
        self.cache = OverlayCache(HeldBytes(self.source), no_pixels, self.executor)
        self.arrived: list[Any] = []
        self.cache.arrived.connect(self.arrived.append)
        ref = self.instance.ref
        self.ref = FrameRef(ref.study, ref.series, ref.sop, 0)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_planes_are_read_once_and_off_this_thread(bench: Bench) -> None:
    assert bench.cache.get(bench.ref, bench.instance) is None
    assert bench.cache.get(bench.ref, bench.instance) is None
    assert bench.source.opened == 0
    bench.executor.drain()
    assert bench.arrived == [bench.ref]
    read = bench.cache.get(bench.ref, bench.instance)
    assert read is not None
    (bitmap,) = read.bitmaps
    assert np.array_equal(unpacked(bitmap), np.eye(4, 5, dtype=np.bool_))
    assert (bench.source.opened, read.problem) == (1, "")


def test_images_without_planes_cost_nothing(bench: Bench) -> None:
    plain = read_header(io.BytesIO(dicom_files.file()), name="file").instance
    assert bench.cache.get(bench.ref, plain) is NOTHING
    assert len(bench.executor) == 0


def test_what_cannot_be_read_is_a_sentence(bench: Bench) -> None:
    bench.source.lost = True
    bench.cache.get(bench.ref, bench.instance)
    bench.executor.drain()
    read = bench.cache.get(bench.ref, bench.instance)
    assert read is not None
    assert read.problem == ("The overlays of this image cannot be shown: It was not downloaded.")


def test_a_closed_case_gets_nothing_late(bench: Bench) -> None:
    bench.cache.get(bench.ref, bench.instance)
    bench.cache.clear()
    bench.executor.drain()
    assert bench.arrived == []
    assert bench.cache.get(bench.ref, bench.instance) is None
