"""Lanes that run everything at once on the calling thread, in order: deterministic sessions."""

from collections.abc import Callable
from typing import TypeVar

from workstation.session.lanes import CancelToken, Lane

T = TypeVar("T")


class InlineLanes:
    """Implements Lanes; work that is ``held`` waits until ``release``."""

    def __init__(self) -> None:
        self.held: set[Lane] = set()
        self._waiting: list[Callable[[], None]] = []

    def run(
        self,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        lane: Lane,
    ) -> CancelToken:
        """Run now, unless the lane is held."""
        token = CancelToken()

        def act() -> None:
            try:
                result = work(token)
            except Exception as error:  # noqa: BLE001 - goes where the product would send it
                if not token.cancelled():
                    failed(error)
            else:
                if not token.cancelled():
                    done(result)

        if lane in self.held:
            self._waiting.append(act)
        else:
            act()
        return token

    def post(self, act: Callable[[], None]) -> None:
        """Run now."""
        act()

    def release(self) -> None:
        """Run what waits and hold nothing any more."""
        self.held.clear()
        waiting, self._waiting = self._waiting, []
        for act in waiting:
            act()
