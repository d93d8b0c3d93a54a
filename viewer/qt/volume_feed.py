"""Fills a volume that is already shown, and tells of it now and then, not for every frame."""

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.loading.volume import VolumeFilling, VolumeSource

_TOLD_MS = 250


class VolumeFeed(QObject):
    """One volume on its way; ``grown`` follows each few frames, and once all are here."""

    grown = Signal()
    """More of it is here, or it is known that nothing more will come."""

    def __init__(
        self,
        source: VolumeSource,
        cache: FrameCache,
        executor: Executor,
        *,
        owner: str,
        every_ms: int = _TOLD_MS,
    ) -> None:
        """Take what is here and ask for the rest; ``owner`` is whose frames these are.

        Closed and dropped it goes at once, and the volume with it: it has no parent.
        """
        super().__init__()
        self.source = source
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(every_ms)
        self._soon.timeout.connect(self.grown)
        self._filling = VolumeFilling(source, cache, executor, self._on_filled, owner=owner)

    @property
    def is_done(self) -> bool:
        """Whether nothing more of it will come."""
        return self._filling.is_done

    @property
    def lost(self) -> int:
        """How many of its images cannot be shown, as far as is known."""
        return len(self._filling.failures)

    def close_feed(self) -> None:
        """Ask for nothing more."""
        self._soon.stop()
        self._filling.close()

    def _on_filled(self) -> None:
        if self._filling.is_done:
            self._soon.stop()
            self.grown.emit()
        elif not self._soon.isActive():
            self._soon.start()
