"""Where work runs, as the session sees it; the windows' TaskRunner implements it."""

import os
import threading
from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeVar

T = TypeVar("T")


class Lane(Enum):
    """Threads by purpose; the value is name and number."""

    STORE = ("store", 1)
    NET = ("net", 4)
    """Calls that somebody waits for: sign-in, worklist, claims, sending."""
    DOWNLOAD = ("download", 2)
    """Long ones, apart, so that they hold up none of the others."""
    DECODE = ("decode", 6)
    """They wait for decoder processes, of which there are fewer: whoever asks last finds one."""
    RENDER = ("render", max(2, min(os.cpu_count() or 2, 8)))
    DOCUMENT = ("document", 1)
    """Reports and foreign pages, apart, so that a slow one holds up no image."""
    WORK = ("work", 1)
    """Headers, report forms, signing."""


class CancelToken:
    """Says to running work that nobody waits for it any more."""

    def __init__(self) -> None:
        """Start uncancelled."""
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop; its result will be dropped."""
        self._event.set()

    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._event.is_set()


class Lanes(Protocol):
    """Runs work on a lane and delivers the result on the session's own thread."""

    def run(
        self,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        lane: Lane,
    ) -> CancelToken:
        """Run ``work`` on ``lane``; then ``done`` or ``failed`` here, unless cancelled."""
        ...

    def post(self, act: Callable[[], None]) -> None:
        """Run ``act`` soon on the session's thread; may be called from any thread."""
        ...
