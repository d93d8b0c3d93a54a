"""Leads through the frames that were not seen yet."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from PySide6.QtCore import QObject, Signal

from viewer.hanging.images import CaseImages
from viewer.hanging.seen import next_unseen
from viewer.model.refs import FrameRef
from viewer.qt.desk import Desk
from viewer.viewport.viewport import Viewport


class SeenSteps(Desk):
    """Goes to the next frame that nobody has shown to the reader."""

    found = Signal(object)
    """Carries the FrameRef to be shown."""

    def __init__(
        self,
        subject: Callable[[], tuple[Viewport, CaseImages | None]],
        seen: Callable[[], AbstractSet[FrameRef]],
        parent: QObject | None = None,
    ) -> None:
        """Ask ``subject`` and ``seen`` at each step what is shown and what was seen."""
        super().__init__(parent)
        self._subject = subject
        self._seen = seen

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"frame.unseen": self.step}

    def step(self) -> None:
        """Go to the next frame that was not seen."""
        viewport, images = self._subject()
        if images is None:
            return
        frame = next_unseen(images, viewport.state.frame, self._seen())
        if frame is not None:
            self.found.emit(frame)
        else:
            self.informed.emit(self.tr("There is no other image of this case that was not seen."))
