"""Opens and leaves the board of PET and CT by command."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from viewer.hanging.images import CaseImages, Hung
from viewer.model.presentation import Presentation
from viewer.qt.composer import Composer
from viewer.qt.desk import Desk
from viewer.qt.fusion_desk import FusionDesk
from viewer.qt.mpr_desk import MprDesk
from viewer.qt.panes import Panes
from viewer.qt.pet_ct_board import PetCtBoard, Uptake
from viewer.qt.plane_board import Maker, PlaneBoard
from viewer.viewport.fusion import pet_ct
from viewer.viewport.reformat import Reformat, first_look
from viewer.viewport.viewport import Viewport

OPEN = "petct.open"


class PetCtDesk(Desk):
    """Finds the CT and the PET that belong together, and keeps the board in step with both."""

    def __init__(
        self,
        panes: Panes,
        mpr: MprDesk,
        fusion: FusionDesk,
        composer: Composer,
        parent: QObject | None = None,
    ) -> None:
        """Open the board where ``mpr`` opens its own; ``fusion`` holds the PET."""
        super().__init__(parent)
        self._panes, self._mpr, self._fusion, self._composer = panes, mpr, fusion, composer
        self._images: CaseImages | None = None
        fusion.filled.connect(self._on_filled)

    @property
    def board(self) -> PetCtBoard | None:
        """The board while it is shown."""
        board = self._mpr.board
        return board if isinstance(board, PetCtBoard) else None

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {OPEN: self.toggle}

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case."""
        self._images = images

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """The command can be checked."""
        actions[OPEN].setCheckable(True)

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check the command while the board is shown."""
        actions[OPEN].setChecked(self.board is not None)

    def toggle(self) -> None:
        """Show the board, or the panes again; refuse with the reason."""
        if self.board is not None:
            self._mpr.leave()
        else:
            self._open()
        self.changed.emit()

    def _open(self) -> None:
        images = self._images
        found = pet_ct(images) if images else self.tr("There is no case open.")
        if images is None or isinstance(found, str):
            self.notice.emit(self.tr("No PET/CT board. %1").replace("%1", str(found)))
            return
        scan, entry = found
        self._mpr.leave()
        layer, fusion = self._fusion.hold(scan, entry), self._fusion.fusion
        if layer is None or fusion is None:
            return
        look = replace(_first_look(entry, images), invert=True)
        if fusion.window is not None:
            look = replace(look, voi=fusion.window)
        uptake = Uptake(entry, layer.reslicer.volume.geometry, look)

        def make(reformat: Reformat, maker: Maker) -> PlaneBoard:
            return PetCtBoard(
                reformat, uptake, images.instances, self._panes.drawing, self._composer, maker
            )

        if self._mpr.open_board(scan, _first_look(scan, images), make) is not None:
            self._fusion.lay_over(entry)
            self._on_filled()

    def _on_filled(self) -> None:
        board, layer = self.board, self._fusion.layer
        if board is None or layer is None:
            return
        if layer.entry.target.id != board.uptake.entry.target.id or self._images is None:
            return
        if layer.entry.target.frames != board.uptake.entry.target.frames:  # more of it has come
            geometry = layer.reslicer.volume.geometry
            board.renew_uptake(layer.entry, self._images.instances, geometry)
        board.take_uptake(layer.reslicer, filling=not layer.is_done)


def _first_look(entry: Hung, images: CaseImages) -> Presentation:
    viewport = Viewport()
    viewport.show(entry.target, images.instances, index=len(entry.target.frames) // 2)
    return first_look(viewport)
