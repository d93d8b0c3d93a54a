"""Off-thread work as the viewer sees it: a request out, a result home on the GUI thread."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Executor(Protocol):
    """Runs work on one lane of threads; the workstation's TaskRunner implements it."""

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run ``work`` off the GUI thread, then ``done`` or ``failed`` on the GUI thread.

        Neither is called after the executor was closed.
        """
        ...


def unheeded(_outcome: object) -> None:
    """What becomes of work that nobody waits for, done or failed."""
