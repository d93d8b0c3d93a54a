"""Plays the panes: one frame is asked for at a time, at the moment that the clock says."""

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

from viewer.model.display_set import DisplaySetId, Kind
from viewer.qt.desk import Desk
from viewer.qt.panes import Pane
from viewer.viewport.cine import RATE_STEP, Cine
from viewer.viewport.viewport import Viewport, ViewState

Clock = Callable[[], float]
_SELF_STARTING = frozenset({"US", "IVUS", "XA", "RF"})
"""Modalities whose clips play as soon as they hang."""
_LEAST_WAIT_MS = 4
"""Left to the rest of the program after each frame, however fast a cine is asked for."""
_HIDDEN_WAIT_MS = 200
_MEASURED_SECONDS = 1.0


class _Player:
    """One pane: its cine, and when its last pictures were finished."""

    def __init__(
        self,
        pane: Pane,
        clock: Clock,
        is_tiled: Callable[[Viewport], bool],
        changed: Callable[[], None],
    ) -> None:
        self._pane = pane
        self._is_tiled = is_tiled
        self._clock = clock
        self._changed = changed
        self._at = 0
        self._late = False
        self._begins = False
        self._drawn: deque[float] = deque()
        self._drawn_index = -1
        self._target: DisplaySetId | None = None
        self.cine: Cine | None = None
        self._timer = QTimer(pane.widget)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer_timeout)
        pane.viewport.changed.connect(self._on_viewport_changed)
        pane.widget.picture.changed.connect(self._on_picture_changed)

    def begin(self, *, sweep: bool) -> None:
        """Play from the shown frame on; a cine that plays keeps its speed."""
        state = self._pane.viewport.state
        if state.target is None or state.count < 2 or self._is_tiled(self._pane.viewport):
            self._begins = False
            return
        factor = self.cine.factor if self.cine else 1.0
        now = self._clock()
        self.play(Cine.start(state.target, state.index, now, factor=factor, sweep=sweep))

    def play(self, cine: Cine) -> None:
        self.cine = cine
        self._begins = False
        self._drawn.clear()
        self._at = self._pane.viewport.state.index
        self._step()
        self._changed()

    def stop(self) -> None:
        self._timer.stop()
        self._late = self._begins = False
        if self.cine is not None:
            self.cine = None
            self._changed()

    def shown_rate(self) -> float | None:
        """Frames a second that were drawn of late; None until half a second was measured."""
        if len(self._drawn) < 2 or self._drawn[-1] - self._drawn[0] < _MEASURED_SECONDS / 2:
            return None
        return (len(self._drawn) - 1) / (self._drawn[-1] - self._drawn[0])

    def _step(self) -> None:
        """Show the frame that is due; while the last one is not yet drawn, wait for that."""
        if self.cine is None:
            return
        if not self._pane.widget.isVisible():
            self._timer.start(_HIDDEN_WAIT_MS)
            return
        if not self._is_settled():
            self._late = True
            return
        self._at = self.cine.index(self._clock())
        self._pane.viewport.go_to_index(self._at)
        if self.cine is not None:
            wait = self.cine.until_next(self._clock()) * 1000
            self._timer.start(max(round(wait), _LEAST_WAIT_MS))

    def _is_settled(self) -> bool:
        picture = self._pane.widget.picture
        return picture.at_rest or picture.error is not None

    def _on_timer_timeout(self) -> None:
        if self._begins:
            self.begin(sweep=False)
        else:
            self._step()

    def _on_picture_changed(self) -> None:
        if self.cine is None or not self._is_settled():
            return
        shown = self._pane.widget.picture.shown
        if shown is not None and shown.index != self._drawn_index:
            self._drawn_index = shown.index
            self._count_drawn(self._clock())
        if self._late:
            self._late = False
            if len(self._drawn) <= 1:  # the time runs from the first picture on
                self.cine = self.cine.resumed(self._clock())
            self._timer.start(_LEAST_WAIT_MS)  # the picture is painted first

    def _count_drawn(self, now: float) -> None:
        self._drawn.append(now)
        while now - self._drawn[0] > _MEASURED_SECONDS:
            self._drawn.popleft()

    def _on_viewport_changed(self, state: ViewState) -> None:
        """The reader's own step ends the playing; another clip may begin by itself."""
        target = state.target
        known, self._target = self._target, target.id if target else None
        if self._target != known:
            self.stop()
            if self._starts_itself(state):
                self._begins = True
                self._timer.start(0)
        elif self.cine is not None and state.index != self._at:
            self.stop()
        elif self.cine is not None and len(self.cine.timeline.frame_ms) != state.count:
            self.begin(sweep=self.cine.timeline.sweep)  # more frames have arrived

    def _starts_itself(self, state: ViewState) -> bool:
        moving = state.target is not None and state.target.kind is Kind.CINE and state.count > 1
        instance = self._pane.viewport.instance
        return moving and instance is not None and instance.modality in _SELF_STARTING


class CineDesk(Desk):
    """The cine commands of a reading area."""

    def __init__(
        self,
        active: Callable[[], Viewport],
        is_tiled: Callable[[Viewport], bool],
        parent: QObject | None = None,
        *,
        clock: Clock = time.monotonic,
    ) -> None:
        """Act on the viewport that ``active`` gives, by a steady clock in seconds.

        Panes of a tiled stack do not play.
        """
        super().__init__(parent)
        self._active = active
        self._is_tiled = is_tiled
        self._clock = clock
        self._players: list[tuple[Viewport, _Player]] = []
        self._sweep = False

    def watch(self, pane: Pane) -> None:
        """Take in a pane."""
        self._players.append(
            (pane.viewport, _Player(pane, self._clock, self._is_tiled, self.changed.emit))
        )

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {
            "cine.play": self.toggle,
            "cine.faster": lambda: self._change_speed(RATE_STEP),
            "cine.slower": lambda: self._change_speed(1 / RATE_STEP),
            "cine.sweep": self.toggle_sweep,
        }

    def toggle(self) -> None:
        """Play the active pane or let it stand."""
        player = self._player(self._active())
        if player is None or self._active().state.count < 2:
            self.notice.emit(self.tr("One image alone cannot be played."))
        elif player.cine is not None:
            player.stop()
        elif self._is_tiled(self._active()):
            self.notice.emit(self.tr("A tiled stack cannot be played."))
        else:
            player.begin(sweep=self._sweep)

    def toggle_sweep(self) -> None:
        """Run back and forth, or in a loop, from now on."""
        self._sweep = not self._sweep
        player = self._player(self._active())
        if player is not None and player.cine is not None:
            player.begin(sweep=self._sweep)
        self.informed.emit(
            self.tr("Cines run back and forth.") if self._sweep else self.tr("Cines run in a loop.")
        )

    def is_playing(self, viewport: Viewport) -> bool:
        """Whether a viewport plays."""
        player = self._player(viewport)
        return player is not None and player.cine is not None

    def words(self, viewport: Viewport) -> str:
        """What plays in a viewport, for its corner; empty where nothing plays."""
        player = self._player(viewport)
        if player is None or player.cine is None:
            return ""
        return player.cine.words(player.shown_rate())

    def stop_all(self) -> None:
        """Let everything stand."""
        for _, player in self._players:
            player.stop()

    def _change_speed(self, by: float) -> None:
        player = self._player(self._active())
        if player is None or player.cine is None:
            self.informed.emit(self.tr("Nothing plays in this pane."))
            return
        player.play(player.cine.faster(self._clock(), by))

    def _player(self, viewport: Viewport) -> _Player | None:
        return next((player for known, player in self._players if known is viewport), None)
