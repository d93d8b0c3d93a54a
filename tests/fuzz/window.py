"""``python -m tests.fuzz.window FOLDER``: every file through loader, reading area and drawn pane.

One line of JSON a file: what its header said or, for the first and the last frame of each of its
display sets, what the pane said; what ran on the GUI thread for longest; and the most memory ever.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from tests.kit.viewer import IDENTITY, NOW
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.folder import FolderSource
from viewer.loading.frames import FrameCache
from viewer.loading.pages import PdfProcess
from viewer.loading.pool import DecodePool
from viewer.loading.source import InstanceSource
from viewer.model.display_set import Kind
from viewer.model.split import load_rules
from viewer.qt.reading_area import ReadingArea
from viewer.qt.viewport_widget import ViewportWidget
from workstation.paths import resources
from workstation.qt.tasks import LaneExecutor, TaskRunner
from workstation.session.lanes import Lane
from workstation.session.loading import LoadedStudy, StudyLoader

_ADDRESSES = 6 << 30
"""What the whole process may have of addresses: a memory bomb in it ends the run."""
_SECONDS = 60.0
"""How long one pane is waited for."""
_BUSY = 0.5
"""Processor time that one act may take of the GUI thread."""
_MEGABYTES = 500
_ROOT = Path(__file__).parents[2]
PICTURE = "picture"


@dataclass
class _Pane:
    """The window that stays while one file after another is shown in it."""

    application: QApplication
    area: ReadingArea
    cache: FrameCache
    pane: ViewportWidget
    longest: float = 0.0

    def show(self, loaded: LoadedStudy) -> list[str]:
        """Hang each display set and give what its pane showed: a picture or a sentence."""
        series = loaded.study.series[0]
        self._timed(lambda: self.area.open_case(loaded.study, (), loaded.sets, IDENTITY))
        said = []
        for target in loaded.sets[series.uid]:
            instance = next(i for i in series.instances if i.ref.sop == target.frames[0].sop)
            if instance.format is None:
                said.append("; ".join(target.warnings) or target.kind.value)
                continue
            for frame in (target.frames[0], target.frames[-1])[: len(target.frames)]:
                self._timed(partial(self.area.go_to, frame))
                said.append(self._settled(frame))
        return said

    def _settled(self, frame: object) -> str:
        end = time.monotonic() + _SECONDS
        live, state = self.pane.picture, self.pane.viewport
        while time.monotonic() < end:
            self._timed(self.application.processEvents)
            if state.state.frame == frame:
                if live.error is not None:
                    return live.error.sentence
                if live.at_rest:
                    self._timed(self.area.grab)
                    return PICTURE
            time.sleep(0.001)
        return f"NOTHING, waiting for {live.waiting}"

    def _timed(self, act: Callable[[], object]) -> None:
        begin = time.thread_time()
        act()
        self.longest = max(self.longest, time.thread_time() - begin)


def _loaded(loader: Callable[[InstanceSource], StudyLoader], file: Path) -> tuple[Any, list[str]]:
    source = FolderSource()
    scan = source.scan([file])
    told = [one.reason for one in scan.rejected]
    if not scan.studies:
        return None, told
    loaded = loader(source).load(scan.studies[0].uid)
    if loaded is None:
        made_up = any(
            "no Study Instance UID" in repair
            for series in scan.studies[0].series
            for instance in series.instances
            for repair in instance.repairs
        )
        why = "It names no study, so no platform takes it." if made_up else "NOTHING was loaded"
        return None, [*told, why]
    return (source, loaded), [*told, *loaded.problems]


class _Sources(InstanceSource):
    """The source of whatever file is shown now."""

    now: InstanceSource

    def sops(self, study: Any) -> Any:
        return self.now.sops(study)

    def open(self, sop: Any) -> Any:
        return self.now.open(sop)


def shown(folder: Path) -> tuple[list[dict[str, Any]], str]:
    """Show every file of a folder in a process of its own; also how that ended, if not well."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.fuzz.window", str(folder)],
        cwd=_ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    well = done.returncode == 0 and "Traceback" not in done.stderr
    ended = "" if well else f"status {done.returncode}: {done.stderr[-2000:]}"
    return [json.loads(line) for line in done.stdout.splitlines()], ended


def faults_of(one: dict[str, Any]) -> Iterator[str]:
    """What is wrong with how one file went."""
    if not one["said"]:
        yield "nothing was said"
    for words in one["said"]:
        if words not in {PICTURE, Kind.DOCUMENT} and (
            not words.endswith(".") or "NOTHING" in words
        ):
            yield f"no sentence: {words!r}"
    if one["longest"] > _BUSY:
        yield f"the window was busy for {one['longest']:.2f} s"
    if one["peak_mb"] > _MEGABYTES:
        yield f"the process had {one['peak_mb']:.0f} MB"


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def through(folder: Path) -> None:
    """Print a line for each file."""
    with suppress(ValueError):  # a smaller limit already holds
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    application = QApplication(sys.argv[:1])
    tasks, pool, sources = TaskRunner(), DecodePool(1), _Sources()
    rules = load_rules(resources() / "splitting.toml")
    cache = FrameCache(sources, pool, LaneExecutor(tasks, Lane.DECODE), 256_000_000)
    pages = PdfProcess()
    area = ReadingArea(
        cache=cache, executor=LaneExecutor(tasks, Lane.RENDER),
        documents=DocumentShelf(sources, LaneExecutor(tasks, Lane.DOCUMENT), pages),
        resources=resources(), author="Dr. Ito", now=lambda: NOW,
    )  # fmt: skip
    area.resize(900, 600)
    area.show()
    pane = area.findChild(ViewportWidget, "viewport.1")
    assert isinstance(pane, ViewportWidget)
    window = _Pane(application, area, cache, pane)
    try:
        for file in sorted(f for f in folder.rglob("*") if f.is_file()):
            found, said = _loaded(lambda source: StudyLoader(source, rules), file)
            window.longest = 0.0
            if found is not None:
                sources.now, loaded = found
                said += window.show(loaded)
            line = {"file": file.name, "said": said, "longest": window.longest}
            print(json.dumps(line | {"peak_mb": _peak_mb()}), flush=True)
    finally:
        area.shut_down()
        tasks.close()
        pool.close()
        pages.close()


if __name__ == "__main__":
    through(Path(sys.argv[1]))
