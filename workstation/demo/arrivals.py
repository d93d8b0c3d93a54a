"""How far the images of each case have come, shown in its Task without making a new version.

A new version at every step would make each claim during the arrival lose with 412.
"""

from collections.abc import Iterable

from workstation.demo.fhir_rules import ARRIVING
from workstation.demo.fhir_store import Resource


class Arrivals:
    """Written by the seeding thread, read by the requests; each Task has one sentence or none."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def tell(self, tasks: Iterable[str], done: int, total: int) -> None:
        """Set how many of how many objects are there."""
        for task in tasks:
            self._told[task] = f"{ARRIVING} ({done} of {total})"

    def failed(self, tasks: Iterable[str]) -> None:
        """Say that the images will not come."""
        for task in tasks:
            self._told[task] = f"{ARRIVING}: failed"

    def complete(self, tasks: Iterable[str]) -> None:
        """Say nothing any more."""
        for task in tasks:
            self._told.pop(task, None)

    def show(self, resource: Resource) -> Resource:
        """Give the resource as a client sees it."""
        if resource["resourceType"] != "Task":
            return resource
        told = self._told.get(resource["id"])
        if told is None or resource["status"] not in {"requested", "accepted", "in-progress"}:
            return resource
        return {**resource, "businessStatus": {"text": told}}
