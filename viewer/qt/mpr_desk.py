"""Opens and leaves reconstructions: the volume fills while planes are already shown."""

import math
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QWidget

from viewer.errors import GeometryError
from viewer.hanging.images import CaseImages, Hung
from viewer.loading.volume import Volume, why_no_mpr
from viewer.model.presentation import Presentation
from viewer.model.refs import FrameRef
from viewer.model.sample_grid import Slab, SlabMode
from viewer.qt.composer import Composer
from viewer.qt.desk import Desk
from viewer.qt.mpr_board import MprBoard
from viewer.qt.panes import Drawing, Panes
from viewer.qt.plane_board import Maker, PlaneBoard
from viewer.qt.shown_volume import Renewal, ShownVolume, VolumeShelf
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.reslice import Reslicer
from viewer.viewport.commands import ZOOM_STEP
from viewer.viewport.plane_overlay import slab_text
from viewer.viewport.reformat import PlaneViewport, Reformat, first_look
from viewer.viewport.slabs import USUAL, next_mode, thicker
from viewer.viewport.viewport import Viewport

OPEN = "mpr.open"
_REFRESH_MS = 250
_TURN = math.radians(5)
_GOES_ON = ("tool.", "frame.", "window.", "view.fit", "view.one_to_one", "view.invert",
            "view.texts", "view.plain", "picture.", "panel.", "key.next", "key.previous",
            "keys.", "mpr.",
            "fusion.", "petct.", "screen.", "volume.", "annotation.")  # fmt: skip
"""Commands, and beginnings of their ids, that act on the active plane as on any pane."""
_LEAVES = ("layout.", "series.")
"""Commands that show something else: the reconstruction is left first."""


MakeBoard = Callable[[Reformat, Maker], PlaneBoard]


class MprDesk(Desk):
    """One reconstruction at a time, in place of the panes; they come back as they were."""

    opened = Signal(object)
    """Carries the PlaneBoard that was built."""

    def __init__(
        self,
        panes: Panes,
        drawing: Drawing,
        composer: Composer,
        maker: Maker,
        parent: QWidget,
    ) -> None:
        """Stand where the panes stand; ``stage`` shows the ones or the other."""
        super().__init__(parent)
        self._panes, self._drawing = panes, drawing
        self._composer, self._maker = composer, maker
        self._images: CaseImages | None = None
        self.shelf = VolumeShelf()
        """The volume of planes and 3D."""
        self.volume = ShownVolume(
            self.shelf, drawing, self._is_busy, self, owner="mpr", every_ms=_REFRESH_MS
        )
        """What the planes are drawn from."""
        self._mode, self._thickness = SlabMode.MAXIMUM, USUAL
        self._known: dict[tuple[str, int], str | None] = {}
        self.board: PlaneBoard | None = None
        self.stage = QStackedWidget()
        self.stage.addWidget(panes.grid)
        self._tip = ""
        self.volume.notice.connect(self.notice)
        self.volume.grown.connect(self._on_volume_grown)
        self.volume.late.connect(self._on_volume_late)
        self.volume.renewed.connect(self._on_volume_renewed)
        self.volume.gone.connect(self._on_volume_gone)

    @property
    def is_on(self) -> bool:
        """Whether planes are shown."""
        return self.board is not None

    @property
    def viewport(self) -> Viewport | None:
        """The viewport of the active pane; None while no planes are shown."""
        return self.board.viewport if self.board else None

    @property
    def planes(self) -> tuple[ViewportWidget, ...]:
        """The panes over which a second volume may be laid; none while there are no planes."""
        return self.board.planes if self.board else ()

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None ends the reconstruction."""
        self._images = images
        self._known.clear()
        if images is None:
            self.leave()
            self.shelf.put(None)
            return
        self.volume.know(images)
        board = self.board
        entry = images.entries.get(board.reformat.target.id) if board is not None else None
        if board is not None and entry is not None:
            board.know(entry, images.instances)

    def volume_of(self, frame: FrameRef) -> Reslicer | None:
        """The whole volume of the stack of a frame, as drawn last; None where none is here."""
        found = self.board.whole_volume(frame) if self.board is not None else None
        source = self.shelf.whole(frame) if found is None else None
        return found if source is None else Reslicer(source.volume())

    def why_not(self) -> str | None:
        """Why the active pane's series cannot be reconstructed, as a sentence; None if it can."""
        entry = self._entry()
        if entry is None or self._images is None:
            return self.tr("There is no series in this pane.")
        key = (entry.target.id, len(entry.target.frames))
        if key not in self._known:
            self._known[key] = why_no_mpr(entry.target, self._images.instances)
        return self._known[key]

    def toggle(self) -> None:
        """Show the active pane's series in three planes, or leave them."""
        if self.is_on:
            self.leave()
        else:
            self.enter()

    def enter(self) -> None:
        """Show three planes at once, and fill the volume meanwhile; refuse with the reason."""
        reason, entry, images = self.why_not(), self._entry(), self._images
        if reason is not None or entry is None or images is None:
            self._refuse(reason or "")
            return

        def make(reformat: Reformat, maker: Maker) -> PlaneBoard:
            return MprBoard(reformat, entry, images.instances, self._drawing, self._composer, maker)

        pane = self._panes.active
        board = self.open_board(entry, first_look(pane.viewport), make)
        frame = pane.viewport.state.frame
        if board is not None and frame is not None and frame != pane.opened:
            board.reformat.go_to_frame(frame)  # the reader has gone there

    def open_board(self, entry: Hung, look: Presentation, make: MakeBoard) -> PlaneBoard | None:
        """Show a board of planes of a series in place of the panes; refuse with the reason."""
        if self._images is None:
            return None
        try:
            source = self.shelf.source_of(entry, self._images)
        except GeometryError as error:
            self._refuse(error.sentence)
            return None
        self.leave()
        board = make(
            Reformat(entry.target, self._images.instances, source.geometry, look), self._maker
        )
        board.notice.connect(self.notice)
        board.informed.connect(self.informed)
        board.activated.connect(self.changed)
        board.stepped.connect(self.changed)
        board.thickened.connect(self._thicken)
        self.board = board
        self.opened.emit(board)
        self._panes.guests = tuple(
            w for w in board.widgets if not isinstance(w.viewport, PlaneViewport)
        )
        self.stage.addWidget(board)
        self.stage.setCurrentWidget(board)
        self.volume.show(entry, source)
        board.widgets[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()
        return board

    def leave(self) -> None:
        """Show the panes again as they were."""
        board = self.board
        if board is None:
            return
        self.volume.end()
        self.board = None
        self._panes.guests = ()
        self.stage.setCurrentWidget(self._panes.grid)
        self.stage.removeWidget(board)
        board.close_board()
        board.setParent(None)
        board.deleteLater()
        self._panes.active.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    # -- commands --------------------------------------------------------------------------------

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command of reconstructions does, by its id."""
        return {
            OPEN: self.toggle,
            "mpr.slab": self._next_slab,
            "mpr.thicker": lambda: self._thicken(1),
            "mpr.thinner": lambda: self._thicken(-1),
            "mpr.here": self._go_to_pointer,
            "mpr.straighten": self._straighten,
            "mpr.turn_right": lambda: self._turn(_TURN),
            "mpr.turn_left": lambda: self._turn(-_TURN),
            "mpr.curved": self._refuse_path,
        }

    def guarded(self, acts: Mapping[str, Callable[[], None]]) -> dict[str, Callable[[], None]]:
        """The same commands, each doing what is right while planes are shown."""
        return {name: self._guard(name, act) for name, act in acts.items()}

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """Keep the command's own words, for when nothing stands against it."""
        actions[OPEN].setCheckable(True)
        self._tip = actions[OPEN].toolTip()

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check the command while planes are shown; grey it, with the reason, where it cannot."""
        reason = None if self.is_on else self.why_not()
        action = actions[OPEN]
        action.setChecked(self.is_on)
        action.setEnabled(reason is None)
        key = action.shortcut().toString()
        action.setToolTip(self._tip if reason is None else f"{action.text()} ({key}): {reason}")
        for name, other in actions.items():
            if name.startswith("mpr.") and name != OPEN:
                other.setEnabled(self.is_on)

    def _guard(self, name: str, act: Callable[[], None]) -> Callable[[], None]:
        own: dict[str, Callable[[], None]] = {
            "view.reset": self._reset,
            "view.zoom_in": lambda: self._on_board(lambda board: board.zoom(ZOOM_STEP)),
            "view.zoom_out": lambda: self._on_board(lambda board: board.zoom(1 / ZOOM_STEP)),
            "pane.next": lambda: self._on_board(lambda board: board.step(1)),
            "pane.previous": lambda: self._on_board(lambda board: board.step(-1)),
            "pane.maximise": lambda: self._on_board(PlaneBoard.toggle_maximised),
        }

        steps: dict[str, Callable[[PlaneBoard], object]] = {
            "annotation.undo": lambda board: board.shapes.undo(),
            "annotation.redo": lambda board: board.shapes.redo(),
        }

        def guarded() -> None:
            if self.board is not None and name in self.board.acts and not self._is_kept(name):
                self.board.acts[name]()
            elif self.board is not None and name in steps:
                steps[name](self.board)
            elif self.board is None or name.startswith(_GOES_ON):
                act()
            elif name in own:
                own[name]()
            elif name.startswith(_LEAVES):
                self.leave()
                act()
            else:
                self.notice.emit(self.tr("This works on the images themselves: leave MPR first."))

        return guarded

    def _is_kept(self, name: str) -> bool:
        """Whether a command on measurements is meant for a chosen one that is kept with the case.

        While a path is drawn the board has keys of its own for it.
        """
        board = self.board
        if board is None or not name.startswith("annotation."):
            return False
        chosen = board.shapes.selection.chosen
        return chosen is not None and board.shapes.kept.get(chosen) is not None

    def _on_board(self, act: Callable[[PlaneBoard], object]) -> None:
        if self.board is not None:
            act(self.board)

    def _reset(self) -> None:
        board = self.board
        if board is None or board.cancel_gesture():
            return
        if board.plane is None:
            board.viewport.reset()
        else:
            board.reset()

    def _next_slab(self) -> None:
        if self.board is not None:
            self._set_slab(next_mode(self.board.slab, self._thickness))

    def _thicken(self, notches: int) -> None:
        if self.board is not None:
            self._set_slab(thicker(self.board.slab, notches, self._mode))

    def _set_slab(self, slab: Slab | None) -> None:
        if self.board is None or slab == self.board.slab:
            return
        if slab is not None:
            self._mode, self._thickness = slab.mode, slab.thickness
        self.board.set_slab(slab)
        self.informed.emit(self.tr("Slab: %1").replace("%1", slab_text(slab)))

    def _straighten(self) -> None:
        if self.board is not None:
            self.board.reformat.straighten()

    def _turn(self, angle: float) -> None:
        plane = self.board.plane if self.board else None
        if plane is None:
            self.notice.emit(self.tr("Choose a plane first: the two others turn in it."))
        else:
            plane.reformat.turn(plane.reformat.crosshair, plane.name, angle)

    def _refuse_path(self) -> None:
        self.notice.emit(self.tr("A path is drawn on the planes of MPR: open MPR first."))

    def _go_to_pointer(self) -> None:
        if self.board is not None and not self.board.go_to_pointer():
            self.notice.emit(self.tr("The pointer is on no voxel of the volume."))

    # -- the volume ------------------------------------------------------------------------------

    def _entry(self) -> Hung | None:
        target = self._panes.active.viewport.state.target
        return self._images.entries.get(target.id) if self._images and target else None

    def _refuse(self, reason: str) -> None:
        self.notice.emit(self.tr("No MPR of this series. %1").replace("%1", reason))

    def _is_busy(self) -> bool:
        return self.board is not None and self.board.is_pointed_at

    def _on_volume_grown(self, volume: Volume, filling: bool) -> None:
        if self.board is not None:
            self.board.take(Reslicer(volume), filling=filling)

    def _on_volume_late(self, late: int) -> None:
        if self.board is not None:
            self.board.miss(late)

    def _on_volume_renewed(self, renewal: Renewal) -> None:
        if self.board is not None:
            self.board.renew(renewal.entry, renewal.images.instances, renewal.source.geometry)

    def _on_volume_gone(self) -> None:
        self.leave()
        self.notice.emit(
            self.tr("Images that have come arrange this series anew: open MPR again for it.")
        )
