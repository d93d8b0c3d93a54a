"""The picture of one plane: coarse while something moves, whole when it stands."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray
from psygnal import Signal

from viewer.errors import ViewerError
from viewer.model.presentation import Presentation
from viewer.model.study import Photometric
from viewer.render.fused import Layer, over
from viewer.render.painted import Painted
from viewer.render.plane_request import COARSE, PlaneRequest, coarse_enough
from viewer.render.reslice import Reslicer
from viewer.render.scheduler import DrawRequest, RenderScheduler
from viewer.viewport.reformat import PlaneState, PlaneViewport
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import ViewState


class PlanePicture:
    """Keeps the last finished picture together with the state that it shows.

    A slab, and any plane while something is dragged or the volume fills, is first drawn coarse; the
    whole picture follows as soon as nothing moves, and is given up when something does again.
    """

    changed = Signal()

    def __init__(self, viewport: PlaneViewport, scheduler: RenderScheduler, key: Hashable) -> None:
        """Draw ``viewport`` under ``key``; every call-back runs on the GUI thread."""
        self._viewport = viewport
        self._scheduler = scheduler
        self._key = key
        self._reslicer: Reslicer | None = None
        self._second: Reslicer | None = None
        self._coarse = COARSE
        """How coarse a picture is while something moves: found out from how long they take."""
        self._whole: tuple[object, ...] | None = None
        """Place of the last whole picture, whose samples are still known."""
        self.painted: Painted | None = None
        self.shown: ViewState | None = None
        self.error: ViewerError | None = None
        self.waiting: str = ""
        """What is being waited for: '' or 'picture'."""
        self.preview = False
        """No plane is drawn from previews of its images."""
        viewport.changed.connect(self._on_viewport_changed)

    @property
    def pixels(self) -> NDArray[Any] | None:
        """The levels of the picture, made anew each time."""
        return None if self.painted is None else self.painted.levels

    @property
    def at_rest(self) -> bool:
        """Whether what is shown is what the viewport asks for, whole."""
        return self.shown is not None and self.shown == self._viewport.state

    def take(self, reslicer: Reslicer) -> None:
        """Draw from this volume from now on; it may be one that has more slices."""
        self._reslicer = reslicer
        self._whole = None
        self.refresh()

    def fuse(self, second: Reslicer | None) -> None:
        """Take the volume that the viewport's fusion lays over; drawn when its state says so."""
        self._second = second

    def close(self) -> None:
        """Ask for nothing more, listen no longer, and let go of the volumes."""
        self._viewport.changed.disconnect(self._on_viewport_changed)
        self._scheduler.cancel(self._key)
        self._reslicer, self._second = None, None

    def refresh(self) -> None:
        """Ask again for what the viewport shows."""
        state = self._viewport.state
        if state.pane.width < 2 or state.pane.height < 2 or self._reslicer is None:
            return
        thick = state.slab is not None and _place(state) != self._whole
        coarse = state.moving or state.filling or thick
        self._ask(state, self._reslicer, self._coarse if coarse else 1)

    def request_for(self, look: Presentation, pane: PaneSize) -> DrawRequest | None:
        """Another picture of the shown plane; None while there is no volume."""
        if self._reslicer is None:
            return None
        state = replace(self._viewport.state, look=look, pane=pane)
        return self._request(state, self._reslicer)

    def elsewhere(self) -> tuple[PlaneState, DrawRequest | None] | None:
        """The shown plane as it leaves the program, without the screen's own table (F60).

        None where it is the shown picture itself; no picture while there is no volume.
        """
        shown = self.shown
        if not isinstance(shown, PlaneState) or shown.display is None:
            return None
        state = replace(shown, display=None)
        return state, None if self._reslicer is None else self._request(state, self._reslicer)

    def _on_viewport_changed(self, _state: ViewState) -> None:
        self.refresh()

    def _request(
        self, state: PlaneState, reslicer: Reslicer, coarse: int = 1
    ) -> DrawRequest | None:
        instance, cut = self._viewport.instance, state.cut
        if cut is None or instance is None or instance.format is None:
            return None
        inverse = instance.format.photometric is Photometric.MONOCHROME1
        base = PlaneRequest(
            reslicer,
            (instance.ref.study, instance.ref.series),
            Photometric.MONOCHROME1 if inverse else Photometric.MONOCHROME2,
            cut,
            state.slab,
            state.look,
            state.pane,
            coarse=coarse,
            display=state.display,
        )
        second = Layer(self._second, cut.plane, state.slab, coarse) if self._second else None
        return over(base, state.fusion, second)

    def _ask(self, state: PlaneState, reslicer: Reslicer, coarse: int) -> None:
        request = self._request(state, reslicer, coarse)
        if request is None:
            return
        self._settle(None, "picture")
        self._scheduler.show(
            self._key,
            request,
            lambda painted: self._drawn(replace(state, coarse=coarse), painted, request.seconds),
            self._failed,
        )

    def _drawn(self, state: PlaneState, painted: Painted, seconds: float) -> None:
        self.painted, self.shown = painted, state
        if state.coarse == 1:
            self._whole = _place(state)
        else:
            self._coarse = coarse_enough(state.coarse, seconds)
        now = self._viewport.state
        stands = not now.moving and not now.filling
        finish = state.coarse > 1 and stands and replace(state, coarse=1) == now
        self._settle(None, "")
        if finish and self._reslicer is not None:
            self._ask(now, self._reslicer, 1)

    def _failed(self, error: Exception) -> None:
        self.painted, self.shown = None, None
        self._settle(
            error
            if isinstance(error, ViewerError)
            else ViewerError(
                f"This plane cannot be drawn: {type(error).__name__}.",
                where=str(self._viewport.reformat.target.series),
            ),
            "",
        )

    def _settle(self, error: ViewerError | None, waiting: str) -> None:
        self.error, self.waiting = error, waiting
        self.changed.emit()


def _place(state: PlaneState) -> tuple[object, ...]:
    look, fusion = state.look, state.fusion
    second = (fusion.target, fusion.here) if fusion is not None else None
    return (state.cut, state.slab, state.pane, look.zoom, look.offset, state.here, second)
