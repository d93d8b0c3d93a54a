"""Has the views of a turning volume computed one after the other, and turns it by the clock."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from viewer.errors import ViewerError
from viewer.loading.executor import Executor
from viewer.render.plane_request import value_range_of
from viewer.render.reslice import Reslicer
from viewer.render.rotation import Rotation
from viewer.render.rotation_picture import RotationPicture
from viewer.viewport.cine import RATE_STEP, Cine, Timeline
from viewer.viewport.turning import TurningViewport

RATE = 10.0
"""Views a second: a whole turn in six seconds."""


class TurningPane(QObject):
    """Fills one turning viewport; it begins to turn when every view is here."""

    notice = Signal(str)
    informed = Signal(str)

    def __init__(
        self,
        viewport: TurningViewport,
        picture: RotationPicture,
        executor: Executor,
        parent: QObject,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wait for a volume; ``clock`` gives seconds."""
        super().__init__(parent)
        self._viewport, self._picture = viewport, picture
        self._executor, self._clock = executor, clock
        self._reslicer: Reslicer | None = None
        self._rotation: Rotation | None = None
        self._cine: Cine | None = None
        self._factor = 1.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer_timeout)
        viewport.turned.connect(self.stop)

    @property
    def is_playing(self) -> bool:
        """Whether it turns by itself."""
        return self._cine is not None

    def take(self, reslicer: Reslicer) -> None:
        """Show this volume from all sides; nothing of another one is shown any more."""
        self.stop()
        self._reslicer, self._rotation = reslicer, None
        self._picture.expect()

        def done(rotation: Rotation) -> None:
            if self._reslicer is reslicer:
                self._rotation = rotation
                self._picture.show(rotation, reslicer)
                self._make_next(rotation)

        volume = reslicer.volume
        self._executor.run(lambda: Rotation(volume), done, self._failing(reslicer))

    def toggle(self) -> None:
        """Turn from the shown view on, or stand."""
        if self._cine is not None:
            self.stop()
        elif self._picture.error is not None:
            self.notice.emit(self._picture.error.sentence)
        elif self._rotation is None or self._rotation.next is not None:
            self.informed.emit(self.tr("The views are still being computed."))
        else:
            self._play()

    def faster(self, by: float = RATE_STEP) -> None:
        """Turn faster, or slower by less than 1."""
        if self._cine is None:
            self.informed.emit(self.tr("Nothing plays in this pane."))
            return
        self._cine = self._cine.faster(self._clock(), by)
        self._factor = self._cine.factor
        self._on_timer_timeout()

    def show(self, number: int) -> None:
        """Stand at a view."""
        self.stop()
        self._viewport.show_view(number)

    def stop(self) -> None:
        """Stand at the shown view."""
        self._cine = None
        self._timer.stop()

    def close(self) -> None:
        """Compute nothing more, and let go of the volume."""
        self.stop()
        self._reslicer, self._rotation = None, None
        self._viewport.take(None, 0, (0.0, 0.0))

    def _make_next(self, rotation: Rotation) -> None:
        number, reslicer = rotation.next, self._reslicer
        if reslicer is None:
            return
        if number is None:
            self._play()
            return

        def made(_view: object) -> None:
            if self._rotation is rotation:
                volume = rotation.volume
                self._viewport.take(rotation, rotation.here, value_range_of(volume))
                self._make_next(rotation)

        self._executor.run(lambda: rotation.make(number), made, self._failing(reslicer))

    def _failing(self, reslicer: Reslicer) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            if self._reslicer is not reslicer:
                return
            if not isinstance(error, ViewerError):
                error = ViewerError(
                    f"There are no views of this volume: {type(error).__name__}.", where=""
                )
            self._picture.fail(error)

        return failed

    def _play(self) -> None:
        rotation = self._rotation
        if rotation is None:
            return
        timeline = Timeline((1000 / RATE,) * rotation.views)
        start = timeline.start_of(self._viewport.state.index)
        self._cine = Cine(timeline, self._clock(), start, self._factor)
        self._on_timer_timeout()

    def _on_timer_timeout(self) -> None:
        if self._cine is None:
            return
        now = self._clock()
        self._viewport.show_view(self._cine.index(now))
        self._timer.start(max(round(self._cine.until_next(now) * 1000), 1))
