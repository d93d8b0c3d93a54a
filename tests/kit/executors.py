"""Executors for tests: work is done when the test says so, on the test's own thread."""

from collections import deque
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class StepExecutor:
    """Keeps work until ``step``; call-backs run right after their work."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._queue: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        """Count the pieces of work that wait."""
        return len(self._queue)

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Keep work for a later step."""

        def act() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - whatever it is goes to ``failed``
                failed(error)
            else:
                done(result)

        self._queue.append(act)

    def step(self) -> None:
        """Do the oldest piece of work."""
        self._queue.popleft()()

    def drain(self) -> None:
        """Do all work, and what it starts."""
        while self._queue:
            self.step()


class AtOnce:
    """Does work where it is asked for."""

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Do it now; call-backs follow at once."""
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - whatever it is goes to ``failed``
            failed(error)
        else:
            done(result)
