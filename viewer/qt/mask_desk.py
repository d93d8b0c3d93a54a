"""Digital subtraction by command: on and off, another mask, the mask moved by pixels."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from viewer.qt.desk import Desk
from viewer.viewport.masking import end_subtraction, shift_mask, subtract
from viewer.viewport.viewport import Viewport

_FINE = 0.25
"""Pixels that one press of a key moves the mask."""


class MaskDesk(Desk):
    """Subtracts in the active viewport."""

    def __init__(self, active: Callable[[], Viewport], parent: QObject | None = None) -> None:
        """Act on the viewport that ``active`` gives."""
        super().__init__(parent)
        self._active = active

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {
            "mask.toggle": self.toggle,
            "mask.here": self.take_here,
            "mask.left": lambda: self._shift(-_FINE, 0),
            "mask.right": lambda: self._shift(_FINE, 0),
            "mask.up": lambda: self._shift(0, -_FINE),
            "mask.down": lambda: self._shift(0, _FINE),
        }

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check whether something is subtracted."""
        actions["mask.toggle"].setChecked(self._active().state.look.mask is not None)

    def toggle(self) -> None:
        """Subtract the first frame, or nothing."""
        viewport = self._active()
        target = viewport.state.target
        if viewport.state.look.mask is not None:
            end_subtraction(viewport)
        elif target is None or not subtract(viewport, target.frames[0]):
            self._refuse()

    def take_here(self) -> None:
        """Subtract the frame that is shown."""
        frame = self._active().state.frame
        if frame is None or not subtract(self._active(), frame):
            self._refuse()

    def _shift(self, right: float, down: float) -> None:
        if not shift_mask(self._active(), right, down):
            self.notice.emit(self.tr("Nothing is subtracted in this pane."))

    def _refuse(self) -> None:
        self.notice.emit(
            self.tr("Only grey images of several frames of one size can be subtracted.")
        )
