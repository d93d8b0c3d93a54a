"""Two tiny cases for seeding, loadable by name in the process that makes images."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.kit.demo_cases import ct_slice, tiny_resources
from workstation.demo.fhir_store import Resource
from workstation.demo.seeding import Seeds


@dataclass(frozen=True)
class TinySeed:
    """A case of ``count`` images; ``fails`` makes it break while it writes."""

    key: str
    count: int
    fails: bool = False

    @property
    def study(self) -> str:
        """Study Instance UID."""
        return f"2.25.{7000 + self.count}"

    def resources(self) -> list[Resource]:
        """Give order, study without images, and the Task."""
        shared = [r for r in tiny_resources() if r["resourceType"] not in {"Task", "ImagingStudy"}]
        study, task = self._study(), self._task()
        del study["series"]
        study["numberOfInstances"] = study["numberOfSeries"] = 0
        task["businessStatus"] = {"text": f"images arriving (0 of {self.count})"}
        return [*shared, study, task]

    def make_images(self, folder: Path, progress: Callable[[int, int], None]) -> None:
        """Write the images."""
        home = folder / self.key
        home.mkdir(parents=True, exist_ok=True)
        for index in range(1, self.count + 1):
            if self.fails and index == 2:
                raise OSError("the disk is full")
            data = ct_slice(index, study=self.study, series=f"{self.study}.1")
            (home / f"{index}.dcm").write_bytes(data)
            progress(index, self.count)

    def arrived(self) -> list[Resource]:
        """Give the study with its images, and the plain Task."""
        return [self._study(), self._task()]

    def _study(self) -> Resource:
        found = next(r for r in tiny_resources() if r["id"] == "study-1")
        made = copy.deepcopy(found) | {"id": f"study-{self.key}", "numberOfInstances": self.count}
        made["identifier"][0]["value"] = f"urn:oid:{self.study}"
        return made

    def _task(self) -> Resource:
        found = next(r for r in tiny_resources() if r["resourceType"] == "Task")
        made = copy.deepcopy(found) | {"id": f"case-{self.key}", "description": f"CT {self.key}"}
        made["input"][0]["valueReference"]["reference"] = f"ImagingStudy/study-{self.key}"
        return made


def two_seeds(_: Path | None) -> Seeds:
    """Give two good cases."""
    return Seeds([TinySeed("first", 3), TinySeed("second", 2)])


def one_broken_seed(_: Path | None) -> Seeds:
    """Give a case that fails, then a good one."""
    return Seeds([TinySeed("broken", 4, fails=True), TinySeed("good", 2)])
