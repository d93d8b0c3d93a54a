"""The volume that is laid over pictures: it fills while it is already shown."""

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.hanging.images import CaseImages, Hung
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.loading.volume import VolumeFilling, VolumeSource
from viewer.render.plane_request import value_range_of
from viewer.render.reslice import Reslicer
from viewer.viewport.fusion import aligned, laid_in

_REFRESH_MS = 250


class FusionLayer(QObject):
    """One second volume, held once however many panes show it."""

    changed = Signal()
    """More of it is here: ``reslicer`` is another one."""

    def __init__(
        self,
        base: Hung,
        entry: Hung,
        images: CaseImages,
        cache: FrameCache,
        executor: Executor,
        parent: QObject,
    ) -> None:
        """Reserve the volume and ask for its frames; GeometryError says why it is none."""
        by = aligned(base, entry, images.instances, images.alignments)
        source = VolumeSource(entry.target, laid_in(entry, images.instances, by))
        super().__init__(parent)
        self.base = base
        """Images over which it is laid, or others of their space."""
        self.aligned = by
        self.entry = entry
        self._source = source
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(_REFRESH_MS)
        self._refresh.timeout.connect(self._on_refresh_timeout)
        self.reslicer = Reslicer(source.volume())
        self._filling = VolumeFilling(source, cache, executor, self._on_filled, owner="fusion")

    @property
    def here(self) -> int:
        """How many slices the reslicer has."""
        return sum(self.reslicer.volume.held)

    @property
    def extremes(self) -> tuple[float, float]:
        """Lowest and highest modality value of what is here."""
        return value_range_of(self.reslicer.volume)

    @property
    def is_done(self) -> bool:
        """Whether nothing more of it will come."""
        return self._filling.is_done

    def close_layer(self) -> None:
        """Ask for nothing more."""
        self._refresh.stop()
        self._filling.close()
        self.deleteLater()

    def _on_filled(self) -> None:
        if self._filling.is_done:
            self._refresh.stop()
            self._on_refresh_timeout()
        elif not self._refresh.isActive():
            self._refresh.start()

    def _on_refresh_timeout(self) -> None:
        self.reslicer = Reslicer(self._source.volume())
        self.changed.emit()
