"""Bands of rows that several threads draw of one picture, each taking the next one that is left."""

import os
import threading
from collections.abc import Callable
from time import perf_counter

BAND = 32
"""Rows of a band: between two looks at whether a newer picture is waited for."""
_PATIENCE = 0.05
"""Seconds that a helper waits for something to do before it goes."""
_MOST = 8
THREADS = max(2, min(os.cpu_count() or 2, _MOST))
"""Threads that draw pictures."""


class Overtaken(Exception):
    """A picture was given up because somebody waits for a newer one."""


class Bands:
    """The work on one picture: its own thread calls ``over``, others may ``help``."""

    def __init__(self) -> None:
        """Nothing to do yet."""
        self._news = threading.Condition()
        self._act: Callable[[int, int], None] | None = None
        self._next = self._rows = self._going = 0
        self._band = BAND
        self._closed = self._stopped = False
        self._fault: Exception | None = None
        self.seconds = 0.0
        """How long the rows took, all threads together."""

    def stop(self) -> None:
        """Give the picture up: no band is begun any more."""
        with self._news:
            self._stopped = self._closed = True
            self._news.notify_all()

    def over(self, rows: int, act: Callable[[int, int], None], *, band: int = BAND) -> None:
        """Do ``act(first, end)`` for every ``band`` of rows, together with whoever helps.

        Returns when all are done; raises ``Overtaken`` when the picture was given up, and whatever
        a band raised on any thread.
        """
        with self._news:
            self._act, self._rows, self._next, self._band = act, rows, 0, band
            self._closed, self._fault = self._stopped, None
            self._news.notify_all()
        begun = perf_counter()
        while self._one(act):
            pass
        with self._news:
            self._news.wait_for(lambda: self._going == 0)
            self.seconds = perf_counter() - begun
            self._closed, self._act = True, None
            self._news.notify_all()
            if self._fault is not None:
                raise self._fault
            if self._stopped:
                raise Overtaken

    def help(self) -> None:
        """Do bands as long as there are any; waits a moment for them to be there."""
        with self._news:
            self._news.wait_for(lambda: self._act is not None or self._closed, _PATIENCE)
            act = self._act
        while act is not None and self._one(act):
            pass

    def _one(self, act: Callable[[int, int], None]) -> bool:
        """Do the next band; False where there is none."""
        with self._news:
            first = self._next
            if self._stopped or self._fault is not None or first >= self._rows:
                return False
            self._next = end = min(first + self._band, self._rows)
            self._going += 1
        try:
            act(first, end)
        except Exception as error:  # noqa: BLE001 - raised again by ``over`` on its own thread
            with self._news:
                self._fault = error
        finally:
            with self._news:
                self._going -= 1
                self._news.notify_all()
        return True
