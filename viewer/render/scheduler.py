"""Newest-wins drawing: one picture in work per pane, what nobody waits for is never drawn."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from viewer.loading.executor import Executor, unheeded
from viewer.pixels.pipeline import Levels
from viewer.render.at_once import AtOnce
from viewer.render.bands import Overtaken
from viewer.render.burst import Burst
from viewer.render.compositor import RenderRequest
from viewer.render.painted import Canvases, Painted, painted
from viewer.render.sampler import Sampled
from viewer.viewport.transform import PaneSize

Done = Callable[[Levels], None]
Shown = Callable[[Painted], None]
Failed = Callable[[Exception], None]


class DrawRequest(Protocol):
    """Everything that one picture is a function of; made on the GUI thread, drawn on another."""

    @property
    def subject(self) -> Hashable:
        """Which series the picture shows."""
        ...

    @property
    def pane(self) -> PaneSize:
        """Size of the picture in device pixels."""
        ...

    def sample(self) -> Sampled:
        """Raw values on the pane's device pixels; may raise ``Overtaken`` after ``give_up``."""
        ...

    @property
    def helpers(self) -> int:
        """How many more threads make ``sample`` faster."""
        ...

    @property
    def seconds(self) -> float:
        """How long sampling took, once it is done."""
        ...

    def help(self) -> None:
        """Do a share of what ``sample`` does, on another thread, as long as there is any."""
        ...

    def same_place(self, other: object) -> bool:
        """Whether what ``sample`` gives is the same for both."""
        ...

    def compose(self, sampled: Sampled) -> Levels:
        """Finished device pixels."""
        ...

    def give_up(self) -> None:
        """A newer request waits: what takes long may stop. Called from the GUI thread."""
        ...


@dataclass(frozen=True, slots=True)
class _Job:
    request: DrawRequest
    draw: Callable[[DrawRequest, Sampled | None], tuple[Any, Sampled]]
    done: Callable[[Any], None]
    failed: Failed | None
    on_screen: bool = False

    @property
    def is_quick(self) -> bool:
        """Whether it takes so little time that other panes may wait for it."""
        return self.on_screen and isinstance(self.request, RenderRequest)


class RenderScheduler:
    """Draws requests on an executor; every method and call-back runs on the GUI thread.

    Per key one request is drawn at a time and only the newest waits. A picture that was overtaken
    is still handed over while the newer request shows the same series (so that a long drag keeps
    moving): show it with the words of its own request. It is dropped when the newer request shows
    another series or has another pane size, and when the key was cancelled.
    """

    def __init__(self, executor: Executor, at_once: AtOnce | None = None) -> None:
        """Draw on this executor's threads, and what ``at_once`` takes where it is asked for."""
        self._executor = executor
        self._at_once = at_once
        self._drawing: dict[Hashable, _Job] = {}
        self._waiting: dict[Hashable, _Job] = {}
        self._dropped: set[Hashable] = set()
        self._last: dict[Hashable, tuple[DrawRequest, Sampled]] = {}
        self._canvases: dict[Hashable, Canvases] = {}
        self._burst = Burst()

    def request(
        self, key: Hashable, request: DrawRequest, done: Done, failed: Failed | None = None
    ) -> None:
        """Draw for a pane; ``done`` gets the finished pixels, ``failed`` what went wrong.

        Without ``failed`` an error is raised where call-backs run.
        """
        self._take(key, _Job(request, _levels, done, failed))

    def show(
        self, key: Hashable, request: DrawRequest, done: Shown, failed: Failed | None = None
    ) -> None:
        """As ``request``, drawn for a screen; single frames that are drawn at once come at once."""
        draw = partial(painted, canvases=self._canvases.setdefault(key, Canvases()))
        self._take(key, _Job(request, draw, done, failed, on_screen=True))

    def _take(self, key: Hashable, job: _Job) -> None:
        if key in self._drawing:
            self._waiting[key] = job
            self._drawing[key].request.give_up()
        elif not self._drawn_at_once(key, job):
            self._start(key, job)

    def _drawn_at_once(self, key: Hashable, job: _Job) -> bool:
        """Draw a picture here and now; False where it is not one of those that are.

        Only panes that stay as they are: laying many out anew is work enough for this thread.
        """
        quick, last = self._at_once, self._last.get(key)
        if quick is None or last is None or last[0].pane != job.request.pane:
            return False
        known = self._known(key, job)
        if not job.on_screen or not quick.takes(key, job.request, known):
            return False
        begun = quick.now()
        for _ in range(0 if known is not None else job.request.helpers):
            self._executor.run(job.request.help, unheeded, unheeded)
        try:
            picture, sampled = job.draw(job.request, known)
        except Exception as error:
            if job.failed is None:
                raise
            job.failed(error)
            return True
        finally:
            quick.spent(begun)
        self._last[key] = (job.request, sampled)
        job.done(picture)
        return True

    def _known(self, key: Hashable, job: _Job) -> Sampled | None:
        """The samples of the last picture, where they are those of the next."""
        last = self._last.get(key)
        return last[1] if last is not None and last[0].same_place(job.request) else None

    def cancel(self, key: Hashable) -> None:
        """Forget a pane: nothing that was asked for it is handed over any more."""
        self._waiting.pop(key, None)
        self._last.pop(key, None)
        self._canvases.pop(key, None)
        self._burst.forget(key)
        if key in self._drawing:
            self._dropped.add(key)
            self._drawing[key].request.give_up()

    def _start(self, key: Hashable, job: _Job) -> None:
        self._drawing[key] = job
        known = self._known(key, job)

        def work() -> tuple[Any, Sampled] | None:
            try:
                return job.draw(job.request, known)
            except Overtaken:
                return None

        self._executor.run(
            work, lambda drawn: self._drawn(key, drawn), lambda error: self._failed(key, error)
        )
        for _ in range(0 if known is not None else job.request.helpers):
            self._executor.run(job.request.help, unheeded, unheeded)

    def _drawn(self, key: Hashable, drawn: tuple[Any, Sampled] | None) -> None:
        beside = self._beside(key)
        job, wanted = self._finish(key)
        if wanted and drawn is not None:
            self._last[key] = (job.request, drawn[1])
            if job.is_quick:
                self._burst.hold(key, partial(job.done, drawn[0]), beside)
            else:
                job.done(drawn[0])
        self._burst.hand_over()

    def _failed(self, key: Hashable, error: Exception) -> None:
        job, wanted = self._finish(key)
        self._burst.hand_over()
        if not wanted:
            return
        if job.failed is None:
            raise error
        job.failed(error)

    def _beside(self, key: Hashable) -> set[Hashable]:
        """What is drawn besides a key, where all of it is quick."""
        others = {other: job for other, job in self._drawing.items() if other != key}
        return set(others) if all(job.is_quick for job in others.values()) else set()

    def _finish(self, key: Hashable) -> tuple[_Job, bool]:
        """Start what waits; tell whether the finished job may still be shown."""
        job = self._drawing.pop(key)
        self._burst.end(key)
        dropped = key in self._dropped
        self._dropped.discard(key)
        following = self._waiting.pop(key, None)
        if following is not None:
            self._start(key, following)
        stale = following is not None and not _same_subject(job.request, following.request)
        return job, not dropped and not stale


def _levels(request: DrawRequest, known: Sampled | None) -> tuple[Levels, Sampled]:
    sampled = known if known is not None else request.sample()
    return request.compose(sampled), sampled


def _same_subject(one: DrawRequest, other: DrawRequest) -> bool:
    return one.subject == other.subject and one.pane == other.pane
