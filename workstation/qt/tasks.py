"""TaskRunner: the only way off the GUI thread and the only way back onto it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from workstation.logs import Log
from workstation.session.lanes import CancelToken, Lane

T = TypeVar("T")


class TaskRunner(QObject):
    """Runs work on lanes and delivers results on the thread that owns this object."""

    _home = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start no thread until the first work arrives."""
        super().__init__(parent)
        self._log = Log("tasks")
        self._pools: dict[Lane, ThreadPoolExecutor] = {}
        self._tokens: dict[CancelToken, Lane] = {}
        self._closed = False
        self._settled = 0
        self._home.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        lane: Lane,
    ) -> CancelToken:
        """Run ``work`` on a lane; ``done`` or ``failed`` follows here unless it was cancelled."""
        token = CancelToken()
        if self._closed:
            token.cancel()
            return token
        self._tokens[token] = lane
        self._pool(lane).submit(self._run, work, done, failed, token)
        return token

    def post(self, act: Callable[[], None]) -> None:
        """Run ``act`` soon on the owning thread; may be called from any thread."""
        if not self._closed:
            self._home.emit((act, None, self._settled))

    def finish(self, lane: Lane) -> None:
        """Wait until all that was given to a lane of one thread so far has run."""
        if not self._closed:
            self._pool(lane).submit(lambda: None).result()

    def settle(self) -> None:
        """Cancel all but the store's work, wait until every lane is empty, then go on.

        No result of what was given before arrives any more: who waited for it may be gone.
        """
        for token, lane in self._tokens.items():
            if lane is not Lane.STORE:
                token.cancel()
        for lane, pool in self._pools.items():
            pool.shutdown(wait=True, cancel_futures=lane is not Lane.STORE)
        self._pools.clear()
        self._tokens.clear()
        self._settled += 1

    def close(self) -> None:
        """Finish the store's work, drop the rest, deliver nothing more."""
        self._closed = True
        self.settle()

    def _pool(self, lane: Lane) -> ThreadPoolExecutor:
        if lane not in self._pools:
            name, threads = lane.value
            self._pools[lane] = ThreadPoolExecutor(threads, thread_name_prefix=name)
        return self._pools[lane]

    def _run(
        self,
        work: Callable[[CancelToken], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        token: CancelToken,
    ) -> None:
        if token.cancelled():
            self._send(lambda: None, token)
            return
        try:
            result = work(token)
        except Exception as error:  # noqa: BLE001 - every fault of the work goes home to ``failed``
            fault = error
            self._log.error("work failed", fault)
            self._send(lambda: failed(fault), token)
        else:
            self._send(lambda: done(result), token)

    def _send(self, act: Callable[[], None], token: CancelToken) -> None:
        if not self._closed:
            self._home.emit((act, token, self._settled))

    def _deliver(self, parcel: object) -> None:
        assert isinstance(parcel, tuple)  # noqa: S101 - only _send and post emit
        act, token, settled = parcel
        if token is not None:
            self._tokens.pop(token, None)
        if self._closed or settled != self._settled or (token is not None and token.cancelled()):
            return
        act()


class LaneExecutor:
    """One lane of a TaskRunner as the viewer's Executor."""

    def __init__(self, runner: TaskRunner, lane: Lane) -> None:
        """Bind a lane."""
        self._runner = runner
        self._lane = lane

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run work without a cancel token."""
        self._runner.run(lambda _token: work(), done, failed, lane=self._lane)
