"""The picture of one pane: asks for frames and drawings, and says what may be shown meanwhile."""

from collections.abc import Hashable
from dataclasses import replace
from itertools import chain, zip_longest
from typing import Any

from numpy.typing import NDArray
from psygnal import Signal

from viewer.errors import ViewerError
from viewer.loading.colour_tables import PLAIN, Conversion
from viewer.loading.decoded import sound_parts
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache, Priority
from viewer.model.presentation import Presentation
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.pixels.pipeline import PixelPipeline
from viewer.render.compositor import RenderRequest
from viewer.render.fused import FusedRequest, Layer, over
from viewer.render.graphics import laid_over
from viewer.render.painted import Painted
from viewer.render.plane_request import PlaneRequest
from viewer.render.reslice import Reslicer
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import Viewport, ViewState

Picture = RenderRequest | PlaneRequest | FusedRequest


class LivePicture:
    """Keeps the last finished picture together with the state that it shows.

    While another frame is on its way the earlier picture stays with its own texts, so that words
    and pixels always belong together; another display set never keeps it.
    """

    changed = Signal()

    def __init__(
        self,
        viewport: Viewport,
        cache: FrameCache,
        scheduler: RenderScheduler,
        executor: Executor,
        key: Hashable,
    ) -> None:
        """Draw ``viewport`` under ``key``; every call-back runs on the GUI thread."""
        self._viewport = viewport
        self._cache = cache
        self._scheduler = scheduler
        self._executor = executor
        self._key = key
        self._ranged: set[FrameRef] = set()
        self._empty: set[FrameRef] = set()
        """Frames without a value that could be ranged."""
        self._second: Reslicer | None = None
        self._around: tuple[str, int, int] | None = None
        """Set, its length and place around which frames were last asked for ahead."""
        self.painted: Painted | None = None
        self.shown: ViewState | None = None
        self.error: ViewerError | None = None
        self.waiting: str = ""
        """What is being waited for: '', 'instance', 'frame' to be decoded, 'picture' of it."""
        self.preview = False
        """Whether the picture shows no more than a coarse preview of the frame (never at rest)."""
        viewport.changed.connect(self._on_viewport_changed)
        cache.arrived.connect(self._on_cache_arrived)
        cache.overlays.arrived.connect(self._on_more_arrived)
        cache.previews.arrived.connect(self._on_more_arrived)
        cache.colours.arrived.connect(self._on_colours_arrived)

    @property
    def pixels(self) -> NDArray[Any] | None:
        """The levels of the picture, made anew each time."""
        return None if self.painted is None else self.painted.levels

    @property
    def at_rest(self) -> bool:
        """Whether what is shown is what the viewport asks for."""
        return not self.preview and self.shown is not None and self.shown == self._viewport.state

    def fuse(self, second: Reslicer | None) -> None:
        """Take the volume that the viewport's fusion lays over; drawn when its state says so."""
        self._second = second

    def close(self) -> None:
        """Ask for nothing more and listen no longer."""
        self._second = None
        self._viewport.changed.disconnect(self._on_viewport_changed)
        self._cache.arrived.disconnect(self._on_cache_arrived)
        self._cache.overlays.arrived.disconnect(self._on_more_arrived)
        self._cache.previews.arrived.disconnect(self._on_more_arrived)
        self._cache.colours.arrived.disconnect(self._on_colours_arrived)
        self._cache.forget(self._key)
        self._scheduler.cancel(self._key)

    def refresh(self) -> None:
        """Ask again for what the viewport shows."""
        state = self._viewport.state
        other = _other_set(self.shown, state)
        if other:
            self._drop()
            self._empty.clear()
        if other or state.fallback is None:
            self._ranged.clear()
        if state.frame is None:
            self._around = None
            self._settle(None, "")
            return
        instance = self._viewport.drawn
        if instance is None or instance.format is None:
            self._drop()
            self._settle(None, "instance")
            return
        frame = self._cache.get(state.frame)
        if frame is None:
            self._ask(state)
            return
        self._prefetch(state)
        mask = state.look.mask
        if mask is not None and self._cache.get(mask.frame) is None:
            failure = self._cache.failure(mask.frame)
            if failure is not None:
                self._drop()
                self._settle(failure, "")
                return
            self._cache.want([mask.frame], priority=Priority.INTERACTION, owner=self._key)
        self._draw(frame, instance, state)

    def request_for(self, look: Presentation, pane: PaneSize) -> Picture | None:
        """Another picture of the shown frame; None while the frame is not here."""
        state, instance = self._viewport.state, self._viewport.drawn
        frame = self._cache.get(state.frame) if state.frame is not None else None
        if frame is None or instance is None or instance.format is None:
            return None
        if look.voi is None and self._viewport.is_grey and state.fallback is None:
            return None
        return self._request(frame, instance, replace(state, look=look, pane=pane))

    def elsewhere(self) -> tuple[ViewState, Picture | None] | None:
        """What is shown as it leaves the program, without what is for this screen alone (F60).

        None where it is the shown picture itself; no picture while it cannot be had.
        """
        shown, instance = self.shown, self._viewport.drawn
        if shown is None or instance is None or shown.frame is None:
            return None
        state = replace(shown, display=None, screen_colours=None)
        if state == shown:
            return None
        frame = self._cache.get(shown.frame)
        return state, None if frame is None else self._request(frame, instance, state)

    def _on_viewport_changed(self, _state: ViewState) -> None:
        self.refresh()

    def _on_cache_arrived(self, ref: FrameRef) -> None:
        mask = self._viewport.state.look.mask
        awaited = (self._viewport.state.frame, mask.frame if mask is not None else None)
        if ref in awaited and not self.at_rest:
            self.refresh()
        elif self._is_ranged_set(ref):
            self._widen(ref)

    def _on_more_arrived(self, ref: FrameRef) -> None:
        if ref == self._viewport.state.frame and not self.at_rest:
            self.refresh()

    def _on_colours_arrived(self) -> None:
        if not self._viewport.is_grey and not self.at_rest:
            self.refresh()

    def _ask(self, state: ViewState) -> None:
        frame = state.frame
        failure = self._cache.failure(frame) if frame is not None else None
        if failure is not None:
            self._drop()
            self._settle(failure, "")
            return
        instance = self._viewport.drawn
        coarse = self._cache.previews.get(frame, instance) if frame and instance else None
        if frame is not None:
            self._cache.want([frame], priority=Priority.INTERACTION, owner=self._key)
        if instance is not None:
            self._colours(instance, state)  # made while the frame is decoded
        self._prefetch(state)
        self._settle(None, "frame")
        ranged = state.look.voi is not None or state.fallback is not None
        if coarse is not None and instance is not None and ranged:
            self._draw(coarse, instance, state, preview=True)

    def _draw(
        self, frame: NDArray[Any], instance: Instance, state: ViewState, *, preview: bool = False
    ) -> None:
        if state.pane.width < 2 or state.pane.height < 2 or state.frame is None:
            return
        self._settle(None, "frame" if preview else "picture")
        unranged = state.fallback is None and state.frame not in self._empty
        if state.look.voi is None and self._viewport.is_grey and unranged:
            self._widen(state.frame)
            if state.target is not None:  # frames that another pane has had decoded
                self._widen(*state.target.frames)
            return
        request = self._request(frame, instance, state)
        if request is None:
            return  # a picture is shown with all that lies on it, or later
        self._scheduler.show(
            self._key,
            request,
            lambda painted: self._drawn(state, painted, preview),
            lambda error: self._failed(state, error),
        )

    def _request(self, frame: NDArray[Any], instance: Instance, state: ViewState) -> Picture | None:
        """The picture of a state; None while it is not known what lies on the frame."""
        read = self._cache.overlays.get(state.frame, instance) if state.frame else None
        if read is None or state.frame is None:
            return None
        mask: NDArray[Any] | None = None
        if state.look.mask is not None:
            mask = self._cache.get(state.look.mask.frame)
            if mask is None:
                return None
        colours = self._colours(instance, state)
        if colours is None:
            return None
        added = self._viewport.added_overlays()
        shutter, overlays = laid_over(instance, (*read.bitmaps, *added))
        base = RenderRequest(
            frame,
            instance,
            state.look,
            state.pane,
            state.frame.frame,
            fallback=state.fallback,
            display=state.display,
            shutter=shutter,
            mask=mask,
            overlays=overlays,
            colours=colours.table,
        )
        return self._fused(base, state)

    def _colours(self, instance: Instance, state: ViewState) -> Conversion | None:
        """How colours reach the screen (F18); None while that is made."""
        grey = instance.format is None or instance.format.is_grey
        if grey or state.look.colours_as_sent:
            return PLAIN
        screen = state.screen_colours.profile if state.screen_colours else None
        return self._cache.colours.get(instance.colour_profile, screen)

    def _fused(self, base: RenderRequest, state: ViewState) -> Picture:
        plane = self._viewport.plane_of(state.frame) if state.frame else None
        stored = base.instance.format
        if stored is None or base.frame.shape[:2] != (stored.rows, stored.columns):
            return base  # a coarse preview, whose pixels lie elsewhere
        second = Layer(self._second, plane) if self._second and plane else None
        return over(base, state.fusion, second)

    def _drawn(self, state: ViewState, painted: Painted, preview: bool) -> None:
        if not _other_set(state, self._viewport.state):
            self.painted, self.shown, self.preview = painted, state, preview
            self._settle(None, "frame" if preview else "")

    def _failed(self, state: ViewState, error: Exception) -> None:
        where = str(state.frame.sop) if state.frame else ""
        self._drop()
        self._settle(
            error
            if isinstance(error, ViewerError)
            else ViewerError(f"This image cannot be drawn: {type(error).__name__}.", where=where),
            "",
        )

    def _prefetch(self, state: ViewState) -> None:
        """Ask for every other frame of the set, the nearest first, unless all were asked for."""
        target, instance = state.target, self._viewport.instance
        if target is None or instance is None or instance.format is None:
            return
        place = (target.id, len(target.frames), state.index)
        if place == self._around:
            return
        same_set = self._around is not None and self._around[:2] == place[:2]
        self._around = place
        if same_set and self._cache.is_whole(self._key):
            return
        onward = target.frames[state.index + 1 :]
        back = reversed(target.frames[: state.index])
        around = chain.from_iterable(zip_longest(onward, back))
        refs = [ref for ref in around if ref is not None]
        self._cache.want(refs, priority=Priority.PREFETCH, owner=self._key)

    def _is_ranged_set(self, ref: FrameRef) -> bool:
        state = self._viewport.state
        return state.look.voi is None and state.target is not None and ref in state.target.frames

    def _widen(self, *refs: FrameRef) -> None:
        """Take frames into the range that a look without VOI maps to black and white (F12)."""
        target = self._viewport.state.target
        found = {ref: ranged for ref in refs if (ranged := self._ranging(ref)) is not None}
        if target is None or not found:
            return

        def work() -> tuple[float, float] | None:
            ranges = [
                values
                for parts, pipeline in found.values()
                for part in parts
                if (values := pipeline.reach(part)) is not None
            ]
            if not ranges:
                return None
            return min(low for low, _ in ranges), max(high for _, high in ranges)

        def done(reach: tuple[float, float] | None) -> None:
            now = self._viewport.state.target
            if now is None or now.id != target.id:
                return
            if reach is not None:
                self._viewport.extend_range(*reach)
                return
            self._empty.update(found)  # nothing but padding: black through any range (F11)
            if self._viewport.state.frame in found and not self.at_rest:
                self.refresh()

        self._executor.run(work, done, lambda error: self._failed(self._viewport.state, error))

    def _ranging(self, ref: FrameRef) -> tuple[list[NDArray[Any]], PixelPipeline] | None:
        """What the range of a frame is computed from; None where it is not here or known already.

        A set may hold colours too, which have no range.
        """
        frame, instance = self._cache.get(ref), self._viewport.drawn_at(ref)
        if frame is None or instance is None or ref in self._ranged:
            return None
        if instance.format is None or not instance.format.is_grey:
            return None
        self._ranged.add(ref)
        return sound_parts(frame, self._cache.missing(ref)), PixelPipeline.of(instance)

    def _drop(self) -> None:
        self._scheduler.cancel(self._key)
        self.painted, self.shown, self.preview = None, None, False

    def _settle(self, error: ViewerError | None, waiting: str) -> None:
        self.error, self.waiting = error, waiting
        self.changed.emit()


def _other_set(one: ViewState | None, other: ViewState) -> bool:
    if one is None or one.target is None:
        return False
    return other.target is None or one.target.id != other.target.id
