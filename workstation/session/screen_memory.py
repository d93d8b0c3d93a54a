"""Which screens report and images stand on: what is remembered, and what is to be done with it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_MOST = 16


@dataclass(frozen=True, slots=True)
class ScreenMemory:
    """Screens by the keys that they are known again by; no image screens: one window."""

    report: str = ""
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the report's window stands, and the screens that are filled with images."""

    report: str
    images: tuple[str, ...]


def read_memory(text: str) -> ScreenMemory:
    """What was kept; nothing where it cannot be read."""
    try:
        kept = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return ScreenMemory()
    if not isinstance(kept, dict):
        return ScreenMemory()
    report, images = kept.get("report"), kept.get("images")
    if not isinstance(report, str) or not isinstance(images, list):
        return ScreenMemory()
    if not all(isinstance(key, str) for key in images):
        return ScreenMemory()
    return ScreenMemory(report, tuple(dict.fromkeys(images[:_MOST])))


def write_memory(memory: ScreenMemory) -> str:
    """A text that ``read_memory`` reads."""
    return json.dumps({"report": memory.report, "images": list(memory.images)}, sort_keys=True)


def spread(attached: Sequence[str], here: str) -> ScreenMemory:
    """The report stays ``here``, images go to every other screen, in the order of ``attached``."""
    return ScreenMemory(here, tuple(key for key in attached if key != here))


def placement(
    memory: ScreenMemory, attached: Sequence[str], here: str, closed: Collection[str] = ()
) -> Placement:
    """What the remembered screens come to with those that are attached.

    ``here`` is where the report's window stands; ``closed`` are screens whose images the reader
    has sent back. A report whose screen is gone goes where no images are, if there is such a
    screen, else it takes the place of images.
    """
    images = [key for key in memory.images if key in attached and key not in closed]
    if memory.report in attached:
        report = memory.report
    else:
        free = [key for key in attached if key not in images]
        preferred = here if here in free or (here in attached and not free) else ""
        report = preferred or next(iter(free or attached), "")
    return Placement(report, tuple(key for key in images if key != report))
