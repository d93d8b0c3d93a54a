"""The picture of a volume in 3D: coarse and at once while it moves, whole when it stands."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from viewer.errors import ViewerError
from viewer.loading.even_slices import EvenSlices
from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.presentation import Window
from viewer.pixels.pipeline import Levels
from viewer.pixels.volume_presets import VolumeKind
from viewer.render.painted import Painted
from viewer.render.sampler import Sampled
from viewer.render.scheduler import RenderScheduler
from viewer.render.volume3d import Look
from viewer.render.volume_process import Aim, Held, Stop, VolumeProcess
from viewer.render.voxel_block import Prism, factors_for
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import ViewState
from viewer.viewport.volume_view import Cut, VolumeState, VolumeViewport

QUICK_VOXELS = 12_000_000
"""Voxels of the volume that is drawn while something moves, where a processor draws."""
WHOLE_VOXELS = 160_000_000
"""Voxels of the volume that is drawn at rest."""
_COARSEST = 5
_STANDING = 2
"""Coarseness of the picture that stands until the whole one is drawn."""
_SLOW, _FAST = 0.10, 0.04
"""Seconds of a picture while moving, beyond which the next is coarser, below which it is finer."""
_KEY, _WHOLE_KEY = ("3d", "quick"), ("3d", "whole")


@dataclass(frozen=True, slots=True)
class VolumeRequest:
    """One picture, drawn by a process; a DrawRequest."""

    process: VolumeProcess
    held: Held
    aim: Aim
    coarseness: int
    passing: bool = False
    """Whether it is finished even where the next one waits, so that a long drag keeps moving."""
    _stop: Stop = field(default_factory=Stop, compare=False)

    @property
    def subject(self) -> int:
        """Which volume it shows."""
        return id(self.held.slices)

    @property
    def pane(self) -> PaneSize:
        """Size of the picture in device pixels."""
        return PaneSize(self.aim.width, self.aim.height)

    @property
    def helpers(self) -> int:
        """The process has threads of its own."""
        return 0

    @property
    def seconds(self) -> float:
        """How long the process drew, once it is done."""
        return self.process.seconds

    def help(self) -> None:
        """Nothing can be shared out."""

    def sample(self) -> Sampled:
        """Let the process draw, and wait."""
        pixels = self.process.draw(
            self.held,
            self.aim,
            coarseness=self.coarseness,
            stop=Stop() if self.passing else self._stop,
        )
        return Sampled(pixels, 0, 0)

    def same_place(self, _other: object) -> bool:
        """Each picture is drawn anew."""
        return False

    def compose(self, sampled: Sampled) -> Levels:
        """They are finished."""
        return cast(Levels, sampled.values)

    def give_up(self) -> None:
        """Send no more of the volume, and stop drawing what will not be shown."""
        self._stop.set()


class VolumePicture:
    """Keeps the last finished picture together with the state that it shows.

    Where a processor draws there are two processes: one holds a thinned-out volume and draws coarse
    pictures at once, the other holds the whole and draws what stands; it is never waited for while
    something moves. A graphics processor draws the whole volume always.
    """

    changed = Signal()
    troubled = Signal(str)
    """Carries the sentence why there is no picture of the whole; a coarse one stays."""

    def __init__(
        self,
        viewport: VolumeViewport,
        scheduler: RenderScheduler,
        make: Callable[[int, bool], VolumeProcess] | None = None,
    ) -> None:
        """Draw ``viewport``; every call-back runs on the GUI thread. ``make`` makes processes."""
        self._viewport, self._scheduler = viewport, scheduler
        make = make or _make
        self._quick = make(QUICK_VOXELS, False)
        self._whole = make(WHOLE_VOXELS, True)
        self._volume: Volume | None = None
        self._slices = viewport.slices
        """Those of the volume: the viewport may already know more of them."""
        self._coarseness = _COARSEST
        self._asked: VolumeState | None = None
        self._stuck = False
        """Whether the whole cannot be drawn."""
        self.painted: Painted | None = None
        self.shown: ViewState | None = None
        self.error: ViewerError | None = None
        self.waiting: str = ""
        """What is being waited for: '' or 'picture'."""
        self.preview = False
        """No volume is drawn from previews of its images."""
        self._thin()
        viewport.changed.connect(self._on_viewport_changed)

    @property
    def pixels(self) -> NDArray[Any] | None:
        """The colours of the picture, made anew each time."""
        return None if self.painted is None else self.painted.levels

    @property
    def at_rest(self) -> bool:
        """Whether what is shown is what the viewport asks for, whole."""
        return self.shown is not None and self.shown == self._viewport.state

    @property
    def seconds(self) -> tuple[float, float]:
        """How long the last coarse and the last whole picture took in their processes."""
        return self._quick.seconds, self._whole.seconds

    def take(self, volume: Volume) -> None:
        """Draw from this volume from now on; it may be one that has more slices."""
        self._volume, self._slices = volume, self._viewport.slices
        self._thin()
        self._asked = None
        self.refresh()

    def fuse(self, _second: object) -> None:
        """Nothing lies over a volume in 3D."""

    def request_for(self, _look: object, _pane: PaneSize) -> None:
        """No magnifier looks at a volume."""

    def prepare(self) -> None:
        """Start a process, which loads its libraries meanwhile; may be called from any thread."""
        self._quick.start()

    def release(self) -> None:
        """Give back what the processes leave once they are ended; not for the GUI thread."""
        self._quick.release()
        self._whole.release()

    def close(self) -> None:
        """Ask for nothing more, listen no longer, end the processes, let go of the volume.

        ``release`` must follow.
        """
        self._viewport.changed.disconnect(self._on_viewport_changed)
        for key in (_KEY, _WHOLE_KEY):
            self._scheduler.cancel(key)
        self._volume = None
        self._quick.kill()
        self._whole.kill()

    def refresh(self) -> None:
        """Ask again for what the viewport shows."""
        state = self._viewport.state
        if self._asked is not None and state.same_picture(self._asked):
            self._keep(state)
            return
        if self._volume is None or not any(self._volume.held) or min(state.pane) < 2:
            self._settle(None, "picture")
            return
        self._asked = state
        self._scheduler.cancel(_WHOLE_KEY)
        if not self._quick.software:
            self._ask(self._whole, state, 1)
            return
        fast = state.moving or state.filling
        self._ask(self._quick, state, self._coarseness if fast else _STANDING)

    def _thin(self) -> None:
        """Tell whether the whole has more voxels than are drawn."""
        slices = self._viewport.slices
        thinned = max(factors_for(slices.shape, slices.spacing, WHOLE_VOXELS)) > 1
        if thinned != self._viewport.state.thinned:
            self._viewport.put(thinned=thinned)

    def _on_viewport_changed(self, _state: ViewState) -> None:
        self.refresh()

    def _keep(self, state: VolumeState) -> None:
        """The same pixels under other marks."""
        shown = self.shown
        if isinstance(shown, VolumeState) and shown.same_picture(state):
            self.shown = replace(state, coarse=shown.coarse)
            self._settle(self.error, self.waiting)

    def _ask(self, process: VolumeProcess, state: VolumeState, coarseness: int) -> None:
        volume = self._volume
        if volume is None:
            return
        whole = process is self._whole
        slices = self._slices
        request = VolumeRequest(
            process,
            Held(volume, slices, prisms_of(state, slices, self._viewport)),
            aim_of(self._viewport, state, volume),
            coarseness,
            passing=state.moving,
        )
        if not whole or self.shown is None:
            self._settle(None, "picture")
        shown = replace(state, coarse=not whole)
        self._scheduler.show(
            _WHOLE_KEY if whole else _KEY,
            request,
            lambda painted: self._drawn(shown, painted, coarseness),
            self._whole_failed if whole else self._failed,
        )

    def _drawn(self, state: VolumeState, painted: Painted, coarseness: int) -> None:
        now = self._viewport.state
        same = state.same_picture(now)
        if not state.coarse and not same and self._quick.software:
            return  # something moves again, and is drawn coarsely
        if state.coarse and state.moving:
            self._coarseness = _next(self._coarseness, self._quick.seconds)
        if same:  # with the marks of now
            state = replace(now, coarse=state.coarse)
        self.painted, self.shown = painted, state
        self._settle(None, "")
        if state.coarse and same and not (now.moving or now.filling or self._stuck):
            self._ask(self._whole, now, 1)

    def _failed(self, error: Exception) -> None:
        self.painted, self.shown = None, None
        self._settle(_said(error, self._viewport), "")

    def _whole_failed(self, error: Exception) -> None:
        self._stuck = True
        self.troubled.emit(_said(error, self._viewport).sentence)
        self._settle(None, "")

    def _settle(self, error: ViewerError | None, waiting: str) -> None:
        self.error, self.waiting = error, waiting
        self.changed.emit()


def _make(most: int, background: bool) -> VolumeProcess:
    return VolumeProcess(most=most, background=background)


def _said(error: Exception, viewport: VolumeViewport) -> ViewerError:
    if isinstance(error, ViewerError):
        return error
    target = viewport.state.target
    return ViewerError(
        f"This volume cannot be drawn in 3D: {type(error).__name__}.",
        where=str(target.series) if target else "",
    )


def _next(coarseness: int, seconds: float) -> int:
    if seconds > _SLOW:
        return min(coarseness + 1, _COARSEST)
    return max(coarseness - 1, 2) if seconds < _FAST else coarseness


def aim_of(viewport: VolumeViewport, state: VolumeState, volume: Volume) -> Aim:
    """The camera of a state, and what of the volume is in the picture."""
    transform = viewport.transform_of(state)
    zoom = transform.zoom if transform is not None else 1.0
    camera, down = state.camera, state.camera.down
    spacing = viewport.slices.spacing
    box = None
    if state.crop is not None:
        low, high = state.crop.low, state.crop.high
        ends = [(a * p, b * p) for a, b, p in zip(low, high, spacing, strict=True)]
        box = (*ends[0], *ends[1], *ends[2])
    return Aim(
        state.pane.width,
        state.pane.height,
        viewport.focus(state),
        camera.into,
        (-down.x, -down.y, -down.z),
        1 / zoom,
        look_of(state, volume),
        box,
    )


def look_of(state: VolumeState, volume: Volume) -> Look:
    """What voxel values look like through the preset and the window of a state."""
    preset, rescale, window = state.preset, volume.rescale, _window(state)
    if preset is None or window is None:
        return Look(())
    tints = preset.seen_through(window)
    stored = [
        ((t.value - rescale.intercept) / rescale.slope, t.opacity, t.red, t.green, t.blue)
        for t in tints
    ]
    light = preset.light
    return Look(
        tuple(sorted(stored)),
        brightest=preset.kind is VolumeKind.BRIGHTEST,
        flipped=rescale.slope < 0,
        light=(light.ambient, light.diffuse, light.specular, light.power),
    )


def _window(state: VolumeState) -> Window | None:
    """The window of a state; without one all values that there are."""
    if isinstance(state.look.voi, Window):
        return state.look.voi
    if state.fallback is None:
        return None
    low, high = state.fallback
    return Window((low + high) / 2, max(high - low, 1.0))


def prisms_of(
    state: VolumeState, slices: EvenSlices, viewport: VolumeViewport
) -> tuple[Prism, ...]:
    """The cuts of a state in the coordinates of the voxels."""
    return tuple(_prism(cut, slices.matrix, viewport.centre) for cut in state.cuts)


def _prism(cut: Cut, matrix: NDArray[np.float64], middle: PointLps) -> Prism:
    away = matrix[:3, 3] - np.array(middle)
    rows = []
    for way in (cut.camera.right, cut.camera.down):
        direction = np.array(way)
        across = direction @ matrix[:3, :3]
        rows.append((*across.tolist(), float(direction @ away)))
    return Prism(rows[0], rows[1], cut.corners, cut.inside)
