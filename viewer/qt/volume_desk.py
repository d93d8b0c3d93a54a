"""Opens and leaves 3D: the volume fills while it is already turned; VTK is loaded only then."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from viewer.errors import GeometryError
from viewer.hanging.images import CaseImages, Hung
from viewer.loading.even_slices import EvenSlices
from viewer.loading.executor import unheeded
from viewer.loading.volume import Volume, VolumeSource
from viewer.pixels.volume_presets import VolumePreset, volume_presets_for
from viewer.qt.composer import Composer
from viewer.qt.desk import Desk
from viewer.qt.mpr_desk import MprDesk
from viewer.qt.panes import Drawing, Panes
from viewer.qt.shown_volume import Renewal, ShownVolume
from viewer.qt.volume_board import VolumeBoard
from viewer.render.plane_request import value_range_of
from viewer.render.volume_picture import VolumePicture
from viewer.viewport.camera import SIDES
from viewer.viewport.commands import ZOOM_STEP
from viewer.viewport.transform import PanePoint
from viewer.viewport.volume_overlay import mode_text
from viewer.viewport.volume_tools import arrow
from viewer.viewport.volume_view import Cutting, VolumeViewport

OPEN = "volume.open"
_REFRESH_MS = 400
_TURN = 5.0
_ROLL = 0.2617993877991494
"""15 degrees."""
_PASSES = ("tool.", "view.texts", "view.plain", "picture.", "panel.", "keys.", "screen.")
"""Commands, and beginnings of their ids, that act as on any pane."""
_LEAVES = ("layout.", "series.", "study.", "mpr.open", "petct.open", "key.", "frame.unseen")
"""Commands that show something else: 3D is left first."""
_TURNS: Mapping[str, tuple[float, float]] = {
    "volume.turn_left": (-_TURN, 0.0),
    "volume.turn_right": (_TURN, 0.0),
    "volume.turn_up": (0.0, -_TURN),
    "volume.turn_down": (0.0, _TURN),
}

Act = Callable[[], None]


class VolumeDesk(Desk):
    """One volume in 3D at a time, in place of the panes; they come back as they were."""

    def __init__(
        self,
        panes: Panes,
        drawing: Drawing,
        composer: Composer,
        mpr: MprDesk,
        presets: Sequence[VolumePreset],
        parent: QWidget,
    ) -> None:
        """Stand on the stage of the planes, and share their volume."""
        super().__init__(parent)
        self._panes, self._drawing, self._composer, self._mpr = panes, drawing, composer, mpr
        self._presets = tuple(presets)
        self._images: CaseImages | None = None
        self._left: list[VolumePicture] = []
        """Pictures whose processes are being given back."""
        self.board: VolumeBoard | None = None
        self._actions: Mapping[str, QAction] = {}
        self._tip = ""
        self._volume = ShownVolume(
            mpr.shelf, drawing, self._is_busy, self, owner="3d", every_ms=_REFRESH_MS
        )
        self._volume.notice.connect(self.notice)
        self._volume.grown.connect(self._on_volume_grown)
        self._volume.late.connect(self._on_volume_late)
        self._volume.renewed.connect(self._on_volume_renewed)
        self._volume.gone.connect(self._on_volume_gone)

    # -- the door --------------------------------------------------------------------------------

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None ends 3D."""
        self._images = images
        if images is None:
            self.leave()
        else:
            self._volume.know(images)

    def stop(self) -> None:
        """The case is about to be closed."""
        self.leave()

    def close_desk(self) -> None:
        """Nothing is shown any more, and nothing runs on the executor any more."""
        self.leave()
        for picture in self._left:
            picture.release()
        self._left.clear()

    def redraw(self) -> None:
        """Draw the overlay again."""
        if self.board is not None:
            self.board.redraw()

    def why_not(self) -> str | None:
        """Why the active pane's series cannot be shown in 3D, as MPR says it; None if it can."""
        return self._mpr.why_not()

    def toggle(self) -> None:
        """Show the active pane's series in 3D, or leave it."""
        if self.board is not None:
            self._go_back()
        else:
            self.enter()

    def enter(self) -> None:
        """Show the volume at once, and fill it meanwhile; refuse with the reason."""
        reason, entry, images = self.why_not(), self._entry(), self._images
        if reason is not None or entry is None or images is None:
            self._refuse(reason or "")
            return
        self._mpr.leave()
        try:
            source = self._mpr.shelf.source_of(entry, images)
            viewport = self._viewport_of(entry, images, source)
        except GeometryError as error:
            self._refuse(error.sentence)
            return
        board = VolumeBoard(viewport, self._drawing, self._composer)
        board.notice.connect(self.notice)
        self.board = board
        viewport.stepped.connect(self._on_viewport_stepped)
        self._drawing.executor.run(board.picture.prepare, unheeded, unheeded)
        self._mpr.stage.addWidget(board)
        self._mpr.stage.setCurrentWidget(board)
        self._volume.show(entry, source)
        board.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        self.informed.emit(self.tr("3D: drag to turn (scroll tool), arrow keys turn, Esc leaves."))
        self.changed.emit()

    def leave(self) -> None:
        """Show the panes again as they were, and end what draws in 3D."""
        board = self.board
        if board is None:
            return
        self._volume.end()
        self.board = None
        stage = self._mpr.stage
        stage.setCurrentWidget(self._panes.grid)
        stage.removeWidget(board)
        board.close_board()
        self._give_back(board.picture)
        board.setParent(None)
        board.deleteLater()
        self._panes.active.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _give_back(self, picture: VolumePicture) -> None:
        self._left.append(picture)

        def done(_outcome: object) -> None:
            if picture in self._left:
                self._left.remove(picture)

        self._drawing.executor.run(picture.release, done, done)

    # -- commands --------------------------------------------------------------------------------

    def acts(self) -> dict[str, Act]:
        """What each command of 3D does, by its id."""
        sides = {f"volume.side_{letter.lower()}": self._facing(letter) for letter in SIDES}
        turns = {name: self._on(arrow(*angles)) for name, angles in _TURNS.items()}
        return (
            sides
            | turns
            | {
                OPEN: self.toggle,
                "volume.preset": self._next_preset,
                "volume.crop": self._toggle_box,
                "volume.cut": lambda: self._toggle_cutting(Cutting.INSIDE),
                "volume.keep": lambda: self._toggle_cutting(Cutting.OUTSIDE),
                "volume.whole": self._restore,
            }
        )

    def guarded(self, acts: Mapping[str, Act]) -> dict[str, Act]:
        """The same commands, each doing what is right while a volume is shown in 3D."""
        own = self._own()
        return {name: self._guard(name, act, own.get(name)) for name, act in acts.items()}

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """Keep the command's own words, for when nothing stands against it."""
        self._actions = actions
        for name in (OPEN, "volume.crop", "volume.cut", "volume.keep"):
            actions[name].setCheckable(True)
        self._tip = actions[OPEN].toolTip()

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check what is on; grey what cannot be, with the reason."""
        board = self.board
        reason = None if board is not None else self.why_not()
        action = actions[OPEN]
        action.setChecked(board is not None)
        action.setEnabled(reason is None)
        key = action.shortcut().toString()
        action.setToolTip(self._tip if reason is None else f"{action.text()} ({key}): {reason}")
        for name, other in actions.items():
            if name.startswith("volume.") and name != OPEN:
                other.setEnabled(board is not None)
        state = board.viewport.state if board is not None else None
        actions["volume.crop"].setChecked(state is not None and state.boxed)
        cutting = state.cutting if state is not None else None
        actions["volume.cut"].setChecked(cutting is Cutting.INSIDE)
        actions["volume.keep"].setChecked(cutting is Cutting.OUTSIDE)

    def _own(self) -> dict[str, Act]:
        return {
            "frame.first": self._facing("A"),
            "frame.last": self._facing("P"),
            "view.reset": self._escape,
            "view.fit": self._on(VolumeViewport.fit),
            "view.zoom_in": self._on(lambda v: _zoom(v, ZOOM_STEP)),
            "view.zoom_out": self._on(lambda v: _zoom(v, 1 / ZOOM_STEP)),
            "view.turn": self._on(lambda v: v.look_from(v.state.camera.rolled(_ROLL))),
            "view.flip": self._on(lambda v: v.look_from(v.state.camera.rolled(-_ROLL))),
            "annotation.undo": self._on(VolumeViewport.undo),
            "annotation.redo": self._on(VolumeViewport.redo),
        }

    def _guard(self, name: str, act: Act, own: Act | None) -> Act:
        def guarded() -> None:
            if self.board is None or name.startswith(("volume.", *_PASSES)):
                act()
            elif own is not None:
                own()
            elif name.startswith(_LEAVES):
                self.leave()
                act()
            else:
                self.notice.emit(self.tr("This works on images and planes: leave 3D first."))

        return guarded

    def _on(self, act: Callable[[VolumeViewport], object]) -> Act:
        def acting() -> None:
            if self.board is not None:
                act(self.board.viewport)

        return acting

    def _facing(self, letter: str) -> Act:
        return self._on(lambda viewport: viewport.look_from(SIDES[letter]))

    def _escape(self) -> None:
        """First a gesture ends, then a mode, then 3D."""
        board = self.board
        if board is None or board.cancel_gesture():
            return
        state = board.viewport.state
        if state.cutting is not None or state.boxed:
            board.viewport.put(cutting=None, boxed=False)
            self.changed.emit()
        else:
            self._go_back()

    def _go_back(self) -> None:
        self.leave()
        self.informed.emit(self.tr("3D is closed."))  # else the line below still says how to turn

    def _next_preset(self) -> None:
        if self.board is not None:
            preset = self.board.viewport.next_preset()
            self.informed.emit(self.tr("3D: %1").replace("%1", preset.name))

    def _toggle_box(self) -> None:
        if self.board is not None:
            state = self.board.viewport.state
            self._mode(boxed=not state.boxed, cutting=None)

    def _toggle_cutting(self, wanted: Cutting) -> None:
        if self.board is not None:
            now = self.board.viewport.state.cutting
            self._mode(cutting=None if now is wanted else wanted, boxed=False)

    def _mode(self, *, boxed: bool, cutting: Cutting | None) -> None:
        if self.board is not None:
            self.board.viewport.put(boxed=boxed, cutting=cutting)
            words = mode_text(self.board.viewport.state)
            if words:
                self.informed.emit(self.tr(words))
            self.changed.emit()

    def _restore(self) -> None:
        if self.board is not None and not self.board.viewport.restore():
            self.informed.emit(self.tr("Nothing of this volume was cut or cropped."))

    # -- the volume ------------------------------------------------------------------------------

    def _entry(self) -> Hung | None:
        target = self._panes.active.viewport.state.target
        return self._images.entries.get(target.id) if self._images and target else None

    def _viewport_of(self, entry: Hung, images: CaseImages, source: VolumeSource) -> VolumeViewport:
        unit = source.volume().rescale.unit
        presets = volume_presets_for(self._presets, unit)
        if not presets:
            raise GeometryError(
                self.tr("No preset fits values in %1.").replace("%1", unit or "no unit"),
                where=entry.target.series,
            )
        window = self._panes.active.viewport.window()
        slices = EvenSlices.of(source.geometry)
        return VolumeViewport(entry.target, images.instances, slices, window, presets)

    def _refuse(self, reason: str) -> None:
        self.notice.emit(self.tr("No 3D of this series. %1").replace("%1", reason))
        self.changed.emit()

    def _on_viewport_stepped(self) -> None:
        self.changed.emit()

    def _is_busy(self) -> bool:
        return self.board is not None and self.board.widget.gesture is not None

    def _on_volume_grown(self, volume: Volume, filling: bool) -> None:
        if self.board is not None:
            self.board.viewport.take(volume, value_range_of(volume), filling=filling)
            self.board.picture.take(volume)

    def _on_volume_late(self, late: int) -> None:
        if self.board is not None:
            self.board.viewport.put(late=late)

    def _on_volume_renewed(self, renewal: Renewal) -> None:
        if self.board is None:
            return
        try:
            slices = EvenSlices.of(renewal.source.geometry)
        except GeometryError as error:
            self._end_with(error.sentence)
        else:
            self.board.viewport.renew(renewal.entry.target, renewal.images.instances, slices)

    def _on_volume_gone(self) -> None:
        self._end_with(
            self.tr("Images that have come arrange this series anew: open 3D again for it.")
        )

    def _end_with(self, reason: str) -> None:
        self.leave()
        self.notice.emit(self.tr("3D is closed. %1").replace("%1", reason))


def _zoom(viewport: VolumeViewport, factor: float) -> None:
    pane = viewport.state.pane
    viewport.zoom_at(PanePoint(pane.width / 2, pane.height / 2), factor)
