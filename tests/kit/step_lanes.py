"""Lanes of which a test decides when work runs and when its result arrives, in place of threads."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from workstation.session.lanes import CancelToken, Lane

T = TypeVar("T")


@dataclass
class _Job:
    work: Callable[[CancelToken], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    token: CancelToken


class StepLanes:
    """Behaves as TaskRunner does; nothing happens between ``do`` and ``deliver``."""

    def __init__(self) -> None:
        self._queues: dict[Lane, deque[_Job]] = {lane: deque() for lane in Lane}
        self._home: deque[tuple[CancelToken | None, Callable[[], None]]] = deque()
        self._tokens: dict[CancelToken, Lane] = {}
        self._closed = False

    def run(
        self,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        lane: Lane,
    ) -> CancelToken:
        """Queue it on its lane."""
        token = CancelToken()
        if self._closed:
            token.cancel()
            return token
        self._tokens[token] = lane
        self._queues[lane].append(_Job(work, done, failed, token))
        return token

    def post(self, act: Callable[[], None]) -> None:
        """Deliver soon."""
        if not self._closed:
            self._home.append((None, act))

    def do(self, lane: Lane, which: int = 0) -> None:
        """Run one job of a lane; with several threads the first few may end in any order."""
        queue = self._queues[lane]
        if not queue:
            return
        place = which % min(len(queue), lane.value[1])
        job = queue[place]
        del queue[place]
        if job.token.cancelled():
            return
        try:
            result = job.work(job.token)
        except Exception as error:  # noqa: BLE001 - goes where the product would send it
            fault = error
            self._send(job.token, lambda: job.failed(fault))
        else:
            self._send(job.token, lambda: job.done(result))

    def deliver(self) -> None:
        """Let one result arrive, in the order in which the work ended."""
        if not self._home:
            return
        token, act = self._home.popleft()
        if token is not None:
            self._tokens.pop(token, None)
        if not self._closed and (token is None or not token.cancelled()):
            act()

    def drain(self, *lanes: Lane) -> None:
        """Run and deliver what is there on these lanes until nothing is left."""
        for _ in range(2000):
            for lane in lanes:
                self.do(lane)
            self.deliver()
            if not self._home and not any(self._queues[lane] for lane in lanes):
                return

    def finish(self, lane: Lane) -> None:
        """Run all that the lane holds."""
        while self._queues[lane]:
            self.do(lane)

    def settle(self) -> None:
        """Cancel all but the store's work, and run that."""
        for token, lane in self._tokens.items():
            if lane is not Lane.STORE:
                token.cancel()
        self.finish(Lane.STORE)
        for queue in self._queues.values():
            queue.clear()
        self._tokens.clear()
        self._home.clear()

    def close(self) -> None:
        """Finish the store's work and deliver nothing more."""
        self._closed = True
        self.settle()

    def _send(self, token: CancelToken, act: Callable[[], None]) -> None:
        if not self._closed:
            self._home.append((token, act))
