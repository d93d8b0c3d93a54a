"""The frame cache serves what is wanted most, keeps within its bytes, and tells every failure."""

import io
from typing import BinaryIO, cast

import numpy as np
import pytest

from tests.kit.executors import StepExecutor
from viewer.errors import MissingInstance, UndecodableFrame
from viewer.loading.decoded import Decoded
from viewer.loading.frames import FrameCache, Priority
from viewer.loading.held import HeldBytes
from viewer.loading.pool import DecodePool
from viewer.model.refs import FrameRef, InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Instance, Photometric, StoredFormat

STORED = StoredFormat(4, 5, 1, Photometric.MONOCHROME2, 16, 16, 15, False)
FRAME_BYTES = 40
J2K = "1.2.840.10008.1.2.4.90"


class Source:
    """Holds the SOP UIDs it is given and counts what it reads."""

    def __init__(self, *sops: str) -> None:
        self.held = set(sops)
        self.opened: list[str] = []

    def sops(self, study: StudyUid) -> tuple[SopUid, ...]:
        return ()

    def open(self, sop: SopUid) -> BinaryIO:
        self.opened.append(sop)
        if sop not in self.held:
            raise MissingInstance("It is not here yet.", where=sop)
        return io.BytesIO(sop.encode())


class Pool:
    """Gives frames filled with the frame number, in the order asked."""

    workers = 1

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.broken: Exception | None = None
        self.missing: tuple[tuple[int, int], ...] = ()
        self.notes: tuple[str, ...] = ()

    def decode(self, sop_bytes: bytes, frame: int, instance: Instance) -> Decoded:
        self.asked.append((instance.ref.sop, frame))
        if self.broken:
            raise self.broken
        pixels = np.full((4, 5), frame, np.uint16)
        return Decoded(pixels, self.missing, self.notes)


class Kept:
    """Keeps frames in a dictionary."""

    def __init__(self) -> None:
        self.frames: dict[tuple[FrameRef, str], Decoded] = {}
        self.digests = {"a": "sha of a", "b": "sha of b"}

    def digest(self, sop: SopUid) -> str:
        return self.digests.get(sop, "")

    def has(self, ref: FrameRef, origin: str) -> bool:
        return (ref, origin) in self.frames

    def get(self, ref: FrameRef, origin: str) -> Decoded | None:
        return self.frames.get((ref, origin))

    def keep(self, ref: FrameRef, origin: str, decoded: Decoded) -> None:
        self.frames[ref, origin] = decoded

    def preview(self, sop_bytes: bytes, frame: int, instance: Instance) -> None:
        """Nothing here has one."""


class Bench:
    """A cache with everything around it under control; runs one piece of work a step."""

    def __init__(
        self, budget: int = 100 * FRAME_BYTES, *, sops: tuple[str, ...] = ("a", "b")
    ) -> None:
        self.source, self.pool, self.executor = Source(*sops), Pool(), StepExecutor()
        self.kept = Kept()
        self.cache = FrameCache(
            self.source, cast(DecodePool, self.pool), self.executor, budget, self.kept
        )
        self.arrived: list[FrameRef] = []
        self.cache.arrived.connect(self.arrived.append)

    def run(self) -> None:
        while len(self.executor):
            self.executor.step()


def _instance(sop: str, frames: int = 10, syntax: str = "") -> Instance:
    ref = InstanceRef(StudyUid("1"), SeriesUid("2"), SopUid(sop))
    return Instance(ref, "", syntax, "CT", 1, frames, STORED)


def _ref(sop: str, frame: int) -> FrameRef:
    return FrameRef(StudyUid("1"), SeriesUid("2"), SopUid(sop), frame)


def test_a_wanted_frame_arrives() -> None:
    bench = Bench()
    bench.cache.know([_instance("a")])
    bench.cache.want([_ref("a", 3)], priority=Priority.INTERACTION)
    assert bench.cache.get(_ref("a", 3)) is None
    bench.run()
    frame = bench.cache.get(_ref("a", 3))
    assert frame is not None
    assert frame[0, 0] == 3
    assert not frame.flags.writeable
    assert bench.arrived == [_ref("a", 3)]


def test_what_is_missing_and_to_be_said_goes_with_the_frame() -> None:
    bench = Bench()
    bench.pool.missing, bench.pool.notes = ((2, 4),), ("It is signed.",)
    bench.cache.know([_instance("a")])
    assert bench.cache.missing(_ref("a", 0)) == ()
    assert bench.cache.notes(_ref("a", 0)) == ()
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    bench.run()
    assert bench.cache.missing(_ref("a", 0)) == ((2, 4),)
    assert bench.cache.notes(_ref("a", 0)) == ("It is signed.",)


def test_rows_without_data_stay_known_while_the_picture_may_still_be_shown() -> None:
    bench = Bench(budget=1)
    bench.pool.missing = ((2, 4),)
    bench.cache.know([_instance("a")])
    for frame in (0, 1):
        bench.cache.want([_ref("a", frame)], priority=Priority.INTERACTION)
        bench.run()
    assert bench.cache.get(_ref("a", 0)) is None
    assert bench.cache.missing(_ref("a", 0)) == ((2, 4),)
    bench.cache.clear()
    assert bench.cache.missing(_ref("a", 0)) == ()


def test_interaction_comes_before_thumbnails_before_prefetch() -> None:
    bench = Bench()
    bench.cache.want([_ref("a", 1), _ref("a", 2)], priority=Priority.PREFETCH)
    bench.cache.want([_ref("a", 3)], priority=Priority.THUMBNAIL)
    bench.cache.want([_ref("a", 4)], priority=Priority.INTERACTION)
    bench.cache.want([_ref("a", 5)], priority=Priority.INTERACTION)
    bench.cache.know([_instance("a")])
    bench.run()
    assert [frame for _, frame in bench.pool.asked] == [5, 4, 3, 1, 2]


def test_a_new_request_of_an_owner_replaces_the_old_one() -> None:
    bench = Bench()
    bench.cache.want([_ref("a", 1), _ref("a", 2)], priority=Priority.PREFETCH, owner="pane")
    bench.cache.want([_ref("a", 3)], priority=Priority.PREFETCH, owner="pane")
    bench.cache.want([_ref("a", 4)], priority=Priority.INTERACTION, owner="pane")
    bench.cache.know([_instance("a")])
    bench.run()
    assert [frame for _, frame in bench.pool.asked] == [4, 3]


def test_forgetting_withdraws_what_was_not_begun() -> None:
    bench = Bench()
    bench.cache.want([_ref("a", 1)], priority=Priority.INTERACTION, owner="pane")
    bench.cache.forget("pane")
    bench.cache.know([_instance("a")])
    bench.run()
    assert bench.pool.asked == []


def test_no_frame_is_decoded_twice_at_once() -> None:
    bench = Bench()
    bench.cache.know([_instance("a")])
    for priority in Priority:
        bench.cache.want([_ref("a", 1)], priority=priority)
    bench.run()
    assert len(bench.pool.asked) == 1


def test_the_least_recently_used_frame_goes_first() -> None:
    bench = Bench(budget=3 * FRAME_BYTES)
    bench.cache.know([_instance("a")])
    for frame in range(3):
        bench.cache.want([_ref("a", frame)], priority=Priority.INTERACTION)
    bench.run()
    bench.cache.get(_ref("a", 0))
    bench.cache.want([_ref("a", 9)], priority=Priority.INTERACTION)
    bench.run()
    assert bench.cache.used == 3 * FRAME_BYTES
    assert bench.cache.get(_ref("a", 0)) is not None
    assert sum(bench.cache.get(_ref("a", f)) is None for f in (1, 2)) == 1


def test_a_frame_larger_than_the_budget_is_still_given() -> None:
    bench = Bench(budget=1)
    bench.cache.know([_instance("a")])
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    bench.run()
    assert bench.cache.get(_ref("a", 0)) is not None


def test_prefetch_stops_before_it_pushes_out_its_own_first_frames() -> None:
    bench = Bench(budget=8 * FRAME_BYTES)
    bench.cache.know([_instance("a", 100)])
    bench.cache.want([_ref("a", f) for f in range(100)], priority=Priority.PREFETCH)
    bench.run()
    assert [frame for _, frame in bench.pool.asked] == list(range(6))


@pytest.mark.parametrize(
    "error", [UndecodableFrame("It is cut.", where="a"), ValueError("patient")]
)
def test_failures_arrive_too(error: Exception) -> None:
    bench = Bench()
    bench.pool.broken = error
    bench.cache.know([_instance("a")])
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    bench.run()
    failure = bench.cache.failure(_ref("a", 0))
    assert isinstance(failure, UndecodableFrame)
    assert "patient" not in failure.sentence
    assert bench.arrived == [_ref("a", 0)]
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    assert len(bench.executor) == 0


def test_what_was_missing_can_be_asked_again_once_it_is_known_anew() -> None:
    bench = Bench(sops=())
    bench.cache.know([_instance("a")])
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    bench.run()
    assert isinstance(bench.cache.failure(_ref("a", 0)), MissingInstance)
    bench.source.held.add("a")
    bench.cache.know([_instance("a")])
    assert bench.cache.failure(_ref("a", 0)) is None
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    bench.run()
    assert bench.cache.get(_ref("a", 0)) is not None


def test_nothing_of_a_closed_case_arrives() -> None:
    bench = Bench()
    bench.cache.know([_instance("a")])
    bench.cache.want([_ref("a", 0), _ref("a", 1)], priority=Priority.INTERACTION)
    bench.cache.clear()
    bench.run()
    assert bench.arrived == []
    assert bench.cache.used == 0


def test_a_multi_frame_file_is_read_once_and_a_single_frame_is_not_kept() -> None:
    bench = Bench()
    bench.cache.know([_instance("a", 5), _instance("b", 1)])
    bench.cache.want([_ref("a", f) for f in range(5)], priority=Priority.INTERACTION)
    bench.cache.want([_ref("b", 0)], priority=Priority.INTERACTION)
    bench.run()
    assert bench.source.opened.count("a") == 1
    held = HeldBytes(bench.source, budget=1)
    assert held.bytes_of(SopUid("a"), keep=True) == b"a"
    assert held.bytes_of(SopUid("b"), keep=True) == b"b"
    held.bytes_of(SopUid("b"), keep=True)
    assert bench.source.opened.count("b") == 2
    held.clear()
    held.bytes_of(SopUid("b"), keep=True)
    assert bench.source.opened.count("b") == 3


def test_decoded_frames_are_kept_and_not_decoded_again() -> None:
    bench = Bench()
    bench.cache.know([_instance("a", 3, J2K)])
    bench.cache.want([_ref("a", 1)], priority=Priority.INTERACTION)
    bench.run()
    assert sorted(frame for _, frame in bench.pool.asked) == [0, 1, 2]
    assert bench.arrived == [_ref("a", 1)]
    assert bench.cache.get(_ref("a", 0)) is None
    bench.cache.clear()
    bench.cache.know([_instance("a", 3, J2K)])
    bench.cache.want([_ref("a", f) for f in range(3)], priority=Priority.PREFETCH)
    bench.run()
    assert len(bench.pool.asked) == 3
    found = bench.cache.get(_ref("a", 2))
    assert found is not None
    assert found[0, 0] == 2


def test_frames_of_another_original_or_decoder_are_decoded_anew() -> None:
    bench = Bench()
    bench.cache.know([_instance("a", 1, J2K)])
    bench.run()
    assert [origin.split()[0] for _, origin in bench.kept.frames] == ["sha"]
    bench.kept.digests["a"] = "another file"
    bench.cache.clear()
    bench.cache.know([_instance("a", 1, J2K)])
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    bench.run()
    assert len(bench.pool.asked) == 2


def test_whoever_waits_comes_before_what_is_decoded_for_later() -> None:
    bench = Bench()
    bench.cache.know([_instance("a", 5, J2K)])
    bench.executor.step()
    bench.cache.want([_ref("a", 4)], priority=Priority.INTERACTION)
    bench.cache.want([_ref("a", 3)], priority=Priority.PREFETCH)
    bench.run()
    assert [frame for _, frame in bench.pool.asked] == [0, 1, 4, 3, 2]


def test_native_frames_and_cut_frames_are_not_kept() -> None:
    bench = Bench()
    bench.cache.know([_instance("a", 2)])
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    bench.run()
    bench.pool.missing = ((1, 4),)
    bench.cache.know([_instance("b", 1, J2K)])
    bench.cache.want([_ref("b", 0)], priority=Priority.INTERACTION)
    bench.run()
    assert not bench.kept.frames


def test_what_cannot_be_decoded_ahead_is_told_only_when_it_is_asked_for() -> None:
    bench = Bench()
    bench.pool.broken = UndecodableFrame("It is cut.", where="a")
    bench.cache.know([_instance("a", 2, J2K)])
    bench.run()
    assert bench.cache.failure(_ref("a", 0)) is None
    bench.cache.want([_ref("a", 0)], priority=Priority.INTERACTION)
    bench.run()
    assert bench.cache.failure(_ref("a", 0)) is not None


def test_a_prefetch_is_whole_until_a_frame_is_dropped() -> None:
    bench = Bench(budget=8 * FRAME_BYTES)
    bench.cache.know([_instance("a", 20)])
    bench.cache.want([_ref("a", f) for f in range(5)], priority=Priority.PREFETCH, owner="p")
    assert not bench.cache.is_whole("p")
    bench.run()
    assert bench.cache.is_whole("p")
    bench.cache.want([_ref("a", 15)], priority=Priority.INTERACTION, owner="p")
    bench.run()
    assert bench.cache.is_whole("p")
    bench.cache.want([_ref("a", f) for f in range(10, 15)], priority=Priority.INTERACTION)
    bench.run()
    assert not bench.cache.is_whole("p")


def test_slow_frames_leave_a_decoder_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.loading.frames._SLOW_SECONDS", -1.0)
    bench = Bench()
    bench.pool.workers = 2
    bench.cache.know([_instance("a", 20)])
    bench.cache.want([_ref("a", f) for f in range(20)], priority=Priority.PREFETCH)
    assert len(bench.executor) == 2
    bench.executor.step()
    assert len(bench.executor) == 1
    bench.cache.want([_ref("a", 15), _ref("a", 16)], priority=Priority.INTERACTION)
    assert len(bench.executor) == 3
