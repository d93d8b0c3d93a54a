"""One opening of a CT, in a process of its own: seconds to the first image and to all, peak memory.

``python -m tests.bench.opening WAY FOLDER`` prints one JSON object. The clock starts in a
program that is up: modules are imported, decoders wait, the store is open.
"""

import json
import os
import queue
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")
CORES = os.cpu_count() or 1


class Opened(NamedTuple):
    """When the first image and all images were there, in seconds."""

    first: float
    all: float
    sum: int
    """Of all stored values, the same for every way that is right."""
    waited: float = 0.0
    """Median until another image was there that was asked for while the rest arrived."""


class Threads:
    """An executor as the window's: work in threads, call-backs in the thread that pumps."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count)
        self._home: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def run(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        def act() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - whatever it is goes to ``failed``
                fault = error
                self._home.put(lambda: failed(fault))
            else:
                self._home.put(lambda: done(result))

        self._pool.submit(act)

    def pump(self, until: Callable[[], bool]) -> None:
        while not until():
            self._home.get(timeout=60)()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def cache_over(source: Any, kept: Any = None) -> Iterator[tuple[Any, Threads]]:
    """A frame cache as in the window, its decoders ready."""
    from viewer.loading.frames import FrameCache
    from viewer.loading.pool import DecodePool

    pool, threads = DecodePool(workers=CORES), Threads(CORES + 2)
    pool.warm_up()
    pool.wait_until_ready()
    try:
        yield FrameCache(source, pool, threads, 1_500_000_000, kept), threads
    finally:
        threads.close()
        pool.close()


def folder(path: Path) -> Opened:
    """Lightbox on a folder that it sees for the first time."""
    from viewer.loading.folder import FolderSource
    from viewer.loading.outline import load_compiled_walk
    from viewer.model.split import load_rules, split
    from workstation.paths import resources

    load_compiled_walk()
    source = FolderSource()
    with cache_over(source) as (cache, threads):
        begun = time.perf_counter()
        study = source.scan([path]).studies[0]
        rules = load_rules(resources() / "splitting.toml")
        return _shown(begun, study, split(study.series[0], rules)[0], cache, threads)


def store(path: Path) -> Opened:
    """Lightbox on a study in its store."""
    from viewer.loading.outline import load_compiled_walk
    from viewer.model.refs import StudyUid
    from viewer.model.split import load_rules
    from workstation.paths import resources
    from workstation.session.loading import StudyLoader

    load_compiled_walk()
    rules = load_rules(resources() / "splitting.toml")
    with stores(path) as (cases, kept):
        study_uid = StudyUid((path / "study").read_text())
        with cache_over(cases, kept) as (cache, threads):
            begun = time.perf_counter()
            loaded = StudyLoader(cases, rules, kept_headers(cases, kept)).load(study_uid)
            assert loaded is not None
            return _shown(begun, loaded.study, _hung(loaded), cache, threads)


@contextmanager
def stores(path: Path) -> Iterator[tuple[Any, Any]]:
    """The case store and the decoded frames in a folder."""
    from tests.kit.vault import open_database
    from workstation.store.cases import CaseStore
    from workstation.store.decoded import DecodedStore, Room

    database = open_database(path / "lightbox.db")
    cases = CaseStore(path / "instances", database)
    kept = DecodedStore(path / "decoded", database, cases.digest, room=Room(spare=0))
    try:
        yield cases, kept
    finally:
        kept.close()
        database.close()


def fill(path: Path, files: Path) -> None:
    """Put a folder into a new store and open it once, so that its frames are decoded and kept."""
    from viewer.loading.headers import read_header
    from viewer.model.split import load_rules
    from workstation.paths import resources
    from workstation.session.loading import StudyLoader

    path.mkdir(parents=True)
    with stores(path) as (cases, kept):
        for file in sorted(files.iterdir()):
            with file.open("rb") as data:
                read = read_header(data, name=str(file))
            ref = read.instance.ref
            cases.put(ref.study, ref.series, ref.sop, file.read_bytes())
        (path / "study").write_text(ref.study)
        with cache_over(cases, kept) as (cache, threads):
            rules = load_rules(resources() / "splitting.toml")
            loaded = StudyLoader(cases, rules, kept_headers(cases, kept)).load(ref.study)
            assert loaded is not None
            _shown(time.perf_counter(), loaded.study, _hung(loaded), cache, threads)
            threads.pump(lambda: cache.is_idle)


def _hung(loaded: Any) -> Any:
    """The display set that is shown."""
    return next(iter(loaded.sets.values()))[0]


def kept_headers(cases: Any, kept: Any) -> Any:
    """The headers of earlier openings."""
    from workstation.store.headers import KeptHeaders

    return KeptHeaders(kept, cases.digests)


def _shown(begun: float, study: Any, target: Any, cache: Any, threads: Threads) -> Opened:
    from viewer.loading.frames import Priority

    cache.know(i for series in study.series for i in series.instances)
    frames = target.frames
    middle = frames[len(frames) // 2]
    cache.want([middle], priority=Priority.INTERACTION, owner="pane")
    order = sorted(range(len(frames)), key=lambda n: abs(n - len(frames) // 2))
    cache.want([frames[n] for n in order], priority=Priority.PREFETCH, owner="pane")
    threads.pump(lambda: cache.get(middle) is not None)
    first = time.perf_counter() - begun
    whole = len(frames) * cache.get(middle).nbytes
    waited = [_asked(cache, threads, frames[n], whole) for n in range(7, len(frames), 97)]
    threads.pump(lambda: cache.used >= whole)
    done = time.perf_counter() - begun
    summed = sum(int(cache.get(frame).sum()) for frame in frames)
    return Opened(first, done, summed, median(waited))


def _asked(cache: Any, threads: Threads, frame: Any, whole: int) -> float:
    """Seconds until a frame is there, asked for when a few more have arrived."""
    from viewer.loading.frames import Priority

    enough = min(cache.used + whole // 40, whole)
    threads.pump(lambda: cache.used >= enough)
    begun = time.perf_counter()
    cache.want([frame], priority=Priority.INTERACTION, owner="pane")
    threads.pump(lambda: cache.get(frame) is not None)
    return time.perf_counter() - begun


def _sorted_by_number(path: Path) -> list[str]:
    return sorted(str(file) for file in path.iterdir())


def pydicom(path: Path) -> Opened:
    """A loop of pydicom, its plug-ins as it chooses them, and numpy.stack."""
    import pydicom

    begun = time.perf_counter()
    images, first = [], 0.0
    for name in _sorted_by_number(path):
        images.append(pydicom.dcmread(name).pixel_array)
        first = first or time.perf_counter() - begun
    volume = np.stack(images)
    return Opened(first, time.perf_counter() - begun, int(volume.sum()))


def simpleitk(path: Path) -> Opened:
    """ImageSeriesReader; the first image is one ReadImage."""
    import SimpleITK as sitk  # noqa: N813

    names = _sorted_by_number(path)
    begun = time.perf_counter()
    sitk.ReadImage(names[len(names) // 2])
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(path)))
    image = reader.Execute()
    volume = sitk.GetArrayViewFromImage(image)  # only as long as the image
    done = time.perf_counter() - begun
    return Opened(first, done, int(volume.sum(dtype=np.int64)) + 1024 * volume.size)


def dicomsdl(path: Path) -> Opened:
    """A loop of dicomsdl."""
    import dicomsdl

    begun = time.perf_counter()
    images, first = [], 0.0
    for name in _sorted_by_number(path):
        images.append(dicomsdl.open(name).pixelData(storedvalue=True))
        first = first or time.perf_counter() - begun
    volume = np.stack(images)
    return Opened(first, time.perf_counter() - begun, int(volume.sum()))


def imagecodecs(path: Path) -> Opened:
    """imagecodecs alone on every core: the codestream is found by its marks, no header is read."""
    from tests.bench.codestreams import decode, read

    names = _sorted_by_number(path)
    begun = time.perf_counter()
    first_image = decode(read(names[len(names) // 2]))
    first = time.perf_counter() - begun
    volume = np.empty((len(names), *first_image.shape), np.uint16)

    def one(n: int) -> None:
        volume[n] = decode(read(names[n]))

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(one, range(len(names))))
    return Opened(first, time.perf_counter() - begun, int(volume.sum()))


WAYS: dict[str, Callable[[Path], Opened]] = {
    "folder": folder,
    "store": store,
    "pydicom": pydicom,
    "SimpleITK": simpleitk,
    "dicomsdl": dicomsdl,
    "imagecodecs": imagecodecs,
}


def main(way: str, path: str, files: str = "") -> int:
    """Open once and print what it took; ``fill`` makes the store PATH of the files."""
    if way == "fill":
        fill(Path(path), Path(files))
        return 0
    opened = WAYS[way](Path(path))
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    told = {
        **opened._asdict(),
        "peak_mb": own.ru_maxrss * 1024 // 1_000_000,
        "cpu": sum(use.ru_utime + use.ru_stime for use in (own, children)),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
