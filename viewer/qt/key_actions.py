"""Steps from key image to key image over the whole case (PS3.3 A.35.4)."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from viewer.hanging.images import CaseImages
from viewer.hanging.key_images import next_key_image
from viewer.qt.desk import Desk
from viewer.viewport.viewport import Viewport


class KeySteps(Desk):
    """Goes to the key image after or before the one that the active pane shows."""

    found = Signal(object)
    """Carries the FrameRef to be shown."""

    def __init__(
        self,
        subject: Callable[[], tuple[Viewport, CaseImages | None]],
        parent: QObject | None = None,
    ) -> None:
        """Ask ``subject`` at each step what is shown."""
        super().__init__(parent)
        self._subject = subject

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"key.next": lambda: self.step(1), "key.previous": lambda: self.step(-1)}

    def step(self, by: int) -> None:
        """Go on by one key image, forward (1) or back (-1)."""
        viewport, images = self._subject()
        if images is None:
            return
        order = [entry.target for entry in images.in_order() if images.has_pixels(entry)]
        frame = next_key_image(order, images.keys, viewport.state.frame, by)
        if frame is not None:
            self.found.emit(frame)
        elif next_key_image(order, images.keys, None, 1) is None:
            self.informed.emit(self.tr("No key images came with this case."))
        elif by > 0:
            self.informed.emit(self.tr("This is the last key image of the case."))
        else:
            self.informed.emit(self.tr("This is the first key image of the case."))
