"""Putting the demo cases on the platform: resources at once, images from a process behind it."""

import importlib
import os
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

from workstation.demo.arrivals import Arrivals
from workstation.demo.fhir_rules import without_arrival
from workstation.demo.fhir_store import FhirStore, Resource
from workstation.demo.image_folder import ImageFolder


class Case(Protocol):
    """What a demo case offers; see ``workstation.demo.seed``."""

    @property
    def key(self) -> str:
        """Short name; also its folder below the images."""
        ...

    def resources(self) -> list[Resource]:
        """Give its FHIR resources while images still arrive."""
        ...

    def make_images(self, folder: Path, progress: Callable[[int, int], None]) -> None:
        """Write its files, or nothing when they are there."""
        ...

    def arrived(self) -> list[Resource]:
        """Give ImagingStudy and Task as they are once all images are there."""
        ...


class NoCasesError(Exception):
    """The folder to seed from holds nothing to read."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """The cases to put on the platform, and what is told of the folder they come from."""

    cases: Sequence[Case] = ()
    left_out: Sequence[tuple[str, str]] = ()
    """Each file that is in no case, and why."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The file of each SOP Instance."""


Cases = Callable[[Path | None], Seeds]
"""Loads the cases, in this process and again in the one behind; importable by its name."""


def demo_cases(data: Path | None) -> Seeds:
    """Give the phantom cases, or those of the folder ``data``."""
    seed: Any = importlib.import_module("workstation.demo.seed")
    if data is None:
        return Seeds(seed.phantom_cases())
    found = Seeds(*seed.folder_notes(data))
    if not found.cases:
        raise NoCasesError(f"there is no readable DICOM image in {data}")
    return found


def no_cases(_: Path | None) -> Seeds:
    """Give none: the platform serves what its state folder holds."""
    return Seeds()


@dataclass(slots=True)
class Seeding:
    """Seeds one platform; ``say`` prints a line of progress."""

    store: FhirStore
    images: ImageFolder
    arrivals: Arrivals
    folder: Path
    dicomweb: str
    say: Callable[[str], None]
    load: Cases
    data: Path | None = None
    _waiting: dict[str, Case] = field(default_factory=dict)
    _process: BaseProcess | None = None
    _thread: threading.Thread | None = None
    _stopping: bool = False

    def put_resources(self) -> Seeds:
        """Store what is not yet known of every case; what is known stays as it is."""
        seeds = self.load(self.data)
        if not seeds.cases:
            self.images.add_folder(self.folder)
        for case in seeds.cases:
            resources = case.resources()
            _put_missing(self.store, [_placed(r, self.dicomweb) for r in resources])
            if self._has_arrived(case, resources):
                self.images.add_folder(self.folder / case.key)
                continue
            self._waiting[case.key] = case
            self.arrivals.tell(_tasks(resources), 0, _announced(resources))
        self._follow_address()
        for name, reason in seeds.left_out:
            self.say(f"Left out: {name}: {reason}")
        return seeds

    def start(self) -> None:
        """Make the images that are missing, in a process of its own."""
        if not self._waiting:
            return
        context = get_context("spawn")
        mine, theirs = context.Pipe(duplex=False)
        work = (self.load, self.data, self.folder, list(self._waiting), theirs)
        self._process = context.Process(target=_make_images, args=work, name="demo images")
        self._process.start()
        theirs.close()
        self._thread = threading.Thread(target=self._listen, args=(mine,), name="demo seeding")
        self._thread.start()

    def stop(self) -> None:
        """End the process behind; its unfinished images are made anew at the next start."""
        self._stopping = True
        if self._process is not None:
            self._process.terminate()
            self._process.join(5)
        if self._thread is not None:
            self._thread.join(5)

    def _has_arrived(self, case: Case, resources: Sequence[Resource]) -> bool:
        studies = [r["id"] for r in resources if r["resourceType"] == "ImagingStudy"]
        stored = [self.store.newest("ImagingStudy", id_) for id_ in studies]
        known = all(s is not None and s.get("numberOfInstances") for s in stored)
        return known and (self.folder / case.key).is_dir()

    def _listen(self, news: Connection) -> None:
        with news:
            try:
                while True:
                    self._take(news.recv())
            except (EOFError, OSError):
                pass
        for case in self._waiting.values():
            if not self._stopping:
                self.arrivals.failed(_tasks(case.resources()))
                self.say(f"The images of {case.key} could not be prepared.")

    def _take(self, news: tuple[str, str, int, int]) -> None:
        kind, key, done, total = news
        case = self._waiting[key]
        tasks = _tasks(case.resources())
        if kind == "progress":
            self.arrivals.tell(tasks, done, total)
            self.say(f"Preparing {_title(case)}: {done} of {total} images")
            return
        del self._waiting[key]
        if kind == "failed":
            self.arrivals.failed(tasks)
            self.say(f"The images of {_title(case)} could not be prepared.")
            return
        if unread := self.images.add_folder(self.folder / key):
            self.say(f"{unread} files of {_title(case)} cannot be served.")
        _put_arrived(self.store, [_placed(r, self.dicomweb) for r in case.arrived()])
        self.arrivals.complete(tasks)
        self.say(f"Ready: {_title(case)}")

    def _follow_address(self) -> None:
        """The port may be another one than at the last start."""
        with self.store.unit() as unit:
            for endpoint in unit.each("Endpoint"):
                mine = endpoint["connectionType"]["code"] == "dicom-wado-rs"
                if mine and endpoint["address"] != self.dicomweb:
                    unit.put({**endpoint, "address": self.dicomweb})
            unit.commit()


def _make_images(
    load: Cases, data: Path | None, folder: Path, keys: Sequence[str], news: Connection
) -> None:
    """Run in the process behind: make the images of the named cases, one case after another."""
    warnings.filterwarnings("ignore", module="pydicom")
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for case in load(data).cases:
        if case.key not in keys:
            continue
        try:
            case.make_images(folder, _Teller(case.key, news))
            news.send(("arrived", case.key, 0, 0))
        except (OSError, ValueError, RuntimeError):
            news.send(("failed", case.key, 0, 0))


@dataclass(slots=True)
class _Teller:
    """Sends progress, but not for every file."""

    key: str
    news: Connection
    _told: int = -1

    def __call__(self, done: int, total: int) -> None:
        step = max(total // 20, 1)
        if done == total or done // step != self._told:
            self._told = done // step
            self.news.send(("progress", self.key, done, total))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _put_missing(store: FhirStore, resources: Sequence[Resource]) -> None:
    with store.unit() as unit:
        for resource in resources:
            if unit.get(resource["resourceType"], resource["id"]) is None:
                unit.put(without_arrival(resource))
        unit.commit()


def _put_arrived(store: FhirStore, resources: Sequence[Resource]) -> None:
    with store.unit() as unit:
        for resource in resources:
            if resource["resourceType"] == "ImagingStudy":
                unit.put(resource)
        unit.commit()


def _placed(resource: Resource, dicomweb: str) -> Resource:
    if resource["resourceType"] == "Endpoint":
        return {**resource, "address": resource["address"].replace("{dicomweb}", dicomweb)}
    return resource


def _tasks(resources: Sequence[Resource]) -> list[str]:
    return [r["id"] for r in resources if r["resourceType"] == "Task"]


def _announced(resources: Sequence[Resource]) -> int:
    for resource in resources:
        text = str(resource.get("businessStatus", {}).get("text", ""))
        count = text.rpartition(" of ")[2].rstrip(")")
        if count.isdigit():
            return int(count)
    return 0


def _title(case: Case) -> str:
    descriptions = [r.get("description") for r in case.resources() if r["resourceType"] == "Task"]
    return str(next(filter(None, descriptions), case.key))
