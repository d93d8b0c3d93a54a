"""The cases that the demo platform starts with: invented patients, or any folder of DICOM."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from workstation.demo.people import Resource, shared_resources
from workstation.demo.phantoms import drawn_cases
from workstation.demo.seed_folder import scan_folder
from workstation.demo.seed_wheel import wheel_cases

__all__ = ["Progress", "SeedCase", "folder_cases", "phantom_cases", "shared_resources"]

Progress = Callable[[int, int], None]
"""Called with (objects written, objects in all) of one case."""


class SeedCase(Protocol):
    """One case to put on the platform; ids are stable, so seeding twice changes nothing."""

    @property
    def key(self) -> str:
        """Short name, unique among the cases; the Task is ``case-<key>``."""
        ...

    def resources(self) -> list[Resource]:
        """Give all resources of the case, the shared ones too, while images still arrive."""
        ...

    def make_images(self, folder: Path, progress: Progress) -> None:
        """Write Part 10 files to ``folder/<key>/<study>/<series>/``; nothing if complete."""
        ...

    def arrived(self) -> list[Resource]:
        """Give ImagingStudy and Task as they are once all images are there."""
        ...


def phantom_cases(now: datetime | None = None) -> list[SeedCase]:
    """Give the demo cases, the most urgent first; times are relative to ``now``."""
    seeded = now or datetime.now(UTC).astimezone()
    return [*drawn_cases(seeded), *wheel_cases(seeded)]


def folder_cases(data: Path, now: datetime | None = None) -> list[SeedCase]:
    """Give one case per study of the folder, the patient's earlier studies as its priors."""
    return list(scan_folder(data, now).cases)


def folder_notes(data: Path) -> tuple[list[SeedCase], list[tuple[str, str]], Mapping[str, str]]:
    """Give the cases, each file left out with its reason, and each SOP Instance's file."""
    scan = scan_folder(data)
    return list(scan.cases), [(f.name, f.reason) for f in scan.left_out], scan.names
