"""A worker that crashes, hangs, hogs memory or panics costs one frame and a sentence (R21, R25)."""

import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from tests.kit import codestreams, decoder_workers, dicom_files
from tests.kit.executors import StepExecutor
from tests.kit.viewer import frame_of
from viewer.errors import UndecodableFrame
from viewer.loading.frames import FrameCache, Priority
from viewer.loading.headers import read_header
from viewer.loading.pool import DecodePool
from viewer.model.refs import SopUid, StudyUid

JPEG_LS = "1.2.840.10008.1.2.4.80"
GREY = np.random.default_rng(5).integers(0, 4096, (64, 48), np.uint16)
GOOD = codestreams.jpeg_ls(GREY)


def _decode(pool: DecodePool, data: bytes, frame: int = 0) -> Any:
    return pool.decode(data, frame, read_header(io.BytesIO(data), name="file").instance).pixels


def _stream(data: bytes, number: int = 1) -> bytes:
    return dicom_files.encoded([data], JPEG_LS, number=number, Rows=64, Columns=48)


@pytest.fixture
def faulty() -> Iterator[DecodePool]:
    pool = DecodePool(1, seconds=1.0, serve=decoder_workers.serve)
    yield pool
    pool.close()


def test_frames_come_whole_to_many_threads() -> None:
    pool = DecodePool(2)
    data = dicom_files.encoded(
        [codestreams.jpeg_ls(GREY + i) for i in range(4)], JPEG_LS, Rows=64, Columns=48,
        BitsStored=16, HighBit=15,
    )  # fmt: skip
    wrong: list[int] = []

    def ask(frame: int) -> None:
        for _ in range(5):
            if not np.array_equal(_decode(pool, data, frame), GREY + frame):
                wrong.append(frame)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert wrong == []


def test_a_frame_that_is_decoded_alone_gets_every_worker_s_share() -> None:
    """Threads are allowed where processes are not."""
    big = np.random.default_rng(6).integers(0, 4096, (512, 512), np.uint16)
    data = dicom_files.encoded(
        [codestreams.jpeg_2000(big)], "1.2.840.10008.1.2.4.90", Rows=512, Columns=512,
        BitsStored=16, HighBit=15,
    )  # fmt: skip
    pool = DecodePool(2)
    np.testing.assert_array_equal(_decode(pool, data), big)
    pool.close()


def test_native_pixels_start_no_process() -> None:
    pool = DecodePool(1)
    frame = _decode(pool, dicom_files.file())
    assert frame[0, 1] == 1
    assert all(one._process is None for one in pool._all)
    pool.close()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [(decoder_workers.CRASH, "crashed"), (decoder_workers.HANG, "more than 1 s")],
)
def test_a_dead_worker_costs_one_frame(faulty: DecodePool, fault: bytes, sentence: str) -> None:
    with pytest.raises(UndecodableFrame, match=sentence):
        _decode(faulty, _stream(GOOD + fault))
    begin = time.monotonic()
    assert _decode(faulty, _stream(GOOD, number=2)).shape == (64, 48)
    assert time.monotonic() - begin < 5


def test_an_image_that_killed_the_decoder_twice_is_not_tried_again(faulty: DecodePool) -> None:
    for _ in range(2):
        with pytest.raises(UndecodableFrame, match="crashed"):
            _decode(faulty, _stream(GOOD + decoder_workers.CRASH))
    with pytest.raises(UndecodableFrame, match="twice"):
        _decode(faulty, _stream(GOOD + decoder_workers.CRASH))
    assert _decode(faulty, _stream(GOOD, number=2)).shape == (64, 48)


@pytest.mark.parametrize("fault", [decoder_workers.CRASH, decoder_workers.HANG])
def test_the_next_frame_waits_for_no_process_that_starts_anew(fault: bytes) -> None:
    """Counted in processes: the lost one was started again, the other one gave the frame."""
    pool = DecodePool(2, seconds=1.0, serve=decoder_workers.serve)
    pool.wait_until_ready()
    with pytest.raises(UndecodableFrame):
        _decode(pool, _stream(GOOD + fault))
    (lost,) = (one for one in pool._all if one.starts == 2)
    assert not lost.is_ready
    for number in (2, 3, 4):
        assert _decode(pool, _stream(GOOD, number)).shape == (64, 48)
    assert not lost.is_ready, "nobody asked it, so nobody waited for it"
    assert sorted(one.starts for one in pool._all) == [1, 2]
    pool.close()


def test_a_process_killed_from_outside_costs_one_frame_and_starts_again(
    faulty: DecodePool,
) -> None:
    assert _decode(faulty, _stream(GOOD, number=2)).shape == (64, 48)
    process = faulty._all[0]._process
    assert process is not None
    process.kill()
    process.join()
    with pytest.raises(UndecodableFrame, match="crashed"):
        _decode(faulty, _stream(GOOD, number=3))
    assert faulty._all[0].starts == 2
    assert _decode(faulty, _stream(GOOD, number=4)).shape == (64, 48)


def test_the_open_case_goes_on_after_a_lost_decoder(faulty: DecodePool) -> None:
    """The frame that lost it says why, the very next one is decoded; nothing is opened anew."""
    files = [_stream(GOOD, 1), _stream(GOOD + decoder_workers.CRASH, 2), _stream(GOOD, 3)]
    instances = [read_header(io.BytesIO(data), name="file").instance for data in files]
    source = Held({i.ref.sop: data for i, data in zip(instances, files, strict=True)})
    executor = StepExecutor()
    cache = FrameCache(source, faulty, executor, 1 << 26)
    cache.know(instances)
    refs = [frame_of(instance) for instance in instances]
    cache.want(refs, priority=Priority.INTERACTION, owner="pane")
    executor.drain()
    failure = cache.failure(refs[1])
    assert failure is not None
    assert "crashed" in failure.sentence
    for ref in (refs[0], refs[2]):
        pixels = cache.get(ref)
        assert pixels is not None
        assert pixels.shape == (64, 48)


class Held:
    """Files in memory."""

    def __init__(self, files: dict[SopUid, bytes]) -> None:
        self.files = files

    def sops(self, study: StudyUid) -> Sequence[SopUid]:
        return tuple(self.files)

    def open(self, sop: SopUid) -> BinaryIO:
        return io.BytesIO(self.files[sop])


def test_a_codestream_of_another_size_reaches_no_process() -> None:
    pool = DecodePool(1)
    data = dicom_files.encoded([GOOD], JPEG_LS, Rows=64, Columns=49)
    with pytest.raises(UndecodableFrame, match="codestream 48 × 64"):
        _decode(pool, data)
    assert pool._all[0].starts == 0
    pool.close()


@pytest.mark.skipif(sys.platform == "win32", reason="address space is limited on POSIX only")
def test_memory_and_panics_are_answered() -> None:
    pool = DecodePool(1, serve=decoder_workers.limited)
    with pytest.raises(UndecodableFrame, match="more memory"):
        _decode(pool, _stream(GOOD + decoder_workers.HOG))
    with pytest.raises(UndecodableFrame, match="_Panic"):
        _decode(pool, _stream(GOOD, number=2))
    pool.close()


def test_closing_ends_the_frames_that_are_waited_for() -> None:
    pool = DecodePool(1, seconds=60, serve=decoder_workers.serve)
    said: list[str] = []

    def ask() -> None:
        try:
            _decode(pool, _stream(GOOD + decoder_workers.HANG))
        except UndecodableFrame as error:
            said.append(error.sentence)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    pool.close()
    for thread in threads:
        thread.join(timeout=5)
    assert len(said) == 3
    with pytest.raises(UndecodableFrame, match="closed"):
        _decode(pool, _stream(GOOD))
    pool.close()


_SCRIPT = """
import sys
from pathlib import Path
from viewer.loading.headers import read_header
from viewer.loading.pool import DecodePool

if __name__ == "__main__":
    file = Path(sys.argv[1])
    pool = DecodePool(1)
    with file.open("rb") as data:
        instance = read_header(data, name="file").instance
    print(pool.decode(file.read_bytes(), 0, instance).pixels.sum())
    pool.close()
    assert "imagecodecs" not in sys.modules, "the parent loaded a codec"
"""


@pytest.mark.slow
@pytest.mark.timeout(40)
def test_nothing_is_left_behind_and_nothing_said(tmp_path: Path) -> None:
    script, image = tmp_path / "script.py", tmp_path / "image.dcm"
    script.write_text(_SCRIPT)
    image.write_bytes(_stream(codestreams.jpeg_ls(GREY)))
    done = subprocess.run(
        [sys.executable, "-W", "error", script, image],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4], timeout=30,
        env={"PYTHONPATH": ".", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str(GREY.sum()), "")
