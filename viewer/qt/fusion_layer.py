"""The volume that is laid over pictures: it fills while it is already shown."""

from PySide6.QtCore import QObject, Signal

from viewer.hanging.images import CaseImages, Hung
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.loading.volume import VolumeSource
from viewer.qt.volume_feed import VolumeFeed
from viewer.render.plane_request import value_range_of
from viewer.render.reslice import Reslicer
from viewer.viewport.fusion import aligned, laid_in


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
        self.reslicer = Reslicer(source.volume())
        self._feed = VolumeFeed(source, cache, executor, owner="fusion")
        self._feed.grown.connect(self._on_feed_grown)

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
        return self._feed.is_done

    def close_layer(self) -> None:
        """Ask for nothing more."""
        self._feed.close_feed()
        self.deleteLater()

    def _on_feed_grown(self) -> None:
        self.reslicer = Reslicer(self._feed.source.volume())
        self.changed.emit()
