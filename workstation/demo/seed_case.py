"""A planned case made real: its resources now, its images when asked, nothing made twice."""

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from workstation.demo.people import Resource, shared_resources
from workstation.demo.seed_plan import CasePlan, StudyPlan
from workstation.demo.seed_resources import arrived_resources, first_resources

_MARKER = "complete.json"


class StudyWriter(Protocol):
    """Writes the objects of one study: a phantom, the wheel's real images, a folder's files."""

    version: str
    """Part of the completion marker: a new one makes all images anew."""

    def write(
        self,
        plan: CasePlan,
        study: StudyPlan,
        folder: Path,
        *,
        seeded: datetime,
        written: Callable[[], None],
    ) -> None:
        """Write all objects of ``study`` below ``folder``; call ``written`` after each."""
        ...


class PlannedCase:
    """One case of the demo; see ``seed.SeedCase``."""

    def __init__(self, plan: CasePlan, seeded: datetime, writer: StudyWriter) -> None:
        self.plan = plan
        self._seeded = seeded
        self._writer = writer

    @property
    def key(self) -> str:
        """Short name of the case."""
        return self.plan.key

    def resources(self) -> list[Resource]:
        """Give all resources of the case, the shared ones too, while images still arrive."""
        return [*shared_resources(), *first_resources(self.plan, self._seeded)]

    def arrived(self) -> list[Resource]:
        """Give ImagingStudy and Task as they are once all images are there."""
        return arrived_resources(self.plan, self._seeded)

    def make_images(self, folder: Path, progress: Callable[[int, int], None]) -> None:
        """Write Part 10 files to ``folder/<key>/<study>/<series>/``; nothing if complete."""
        home = folder / self.plan.key
        total = self.plan.instances
        seeded = self._completed(home)
        if seeded is not None:
            self._seeded = seeded
            progress(total, total)
            return
        if home.exists():
            shutil.rmtree(home)
        count = 0

        def written() -> None:
            nonlocal count
            count += 1
            progress(count, total)

        for study in self.plan.studies():
            place = home / study.key
            place.mkdir(parents=True)
            self._writer.write(self.plan, study, place, seeded=self._seeded, written=written)
        mark = {"plan": self._fingerprint(), "seeded": self._seeded.isoformat()}
        temporary = home / f"{_MARKER}.part"
        temporary.write_text(json.dumps(mark), encoding="utf-8")
        temporary.replace(home / _MARKER)

    def _completed(self, home: Path) -> datetime | None:
        try:
            mark = json.loads((home / _MARKER).read_text(encoding="utf-8"))
            if mark["plan"] == self._fingerprint():
                return datetime.fromisoformat(mark["seeded"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # no marker, or one that is not ours: the images are made anew
        return None

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(self._writer.version.encode())
        for study in self.plan.studies():
            for series in study.series:
                for instance in series.instances:
                    digest.update(f"{study.uid} {series.uid} {instance.uid}\n".encode())
        return digest.hexdigest()
