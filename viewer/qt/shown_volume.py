"""The volume under a board: it fills while it is shown, and takes up images that come later."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.errors import GeometryError
from viewer.hanging.images import CaseImages, Hung
from viewer.loading.volume import Volume, VolumeSource
from viewer.model.refs import FrameRef
from viewer.qt.panes import Drawing
from viewer.qt.volume_feed import VolumeFeed

QUIET_MS = 2500
"""A series of which nothing came for so long stands still, and is taken up."""
PATIENCE_MS = 15_000
"""So long after the first of them, images are taken up though more are coming."""


class VolumeShelf:
    """One volume at a time for planes and 3D: left and opened again, it is there at once."""

    def __init__(self) -> None:
        """Hold none."""
        self._source: VolumeSource | None = None

    def source_of(self, entry: Hung, images: CaseImages) -> VolumeSource:
        """The volume of a series; GeometryError says why it is none."""
        if self._source is None or self._source.target != entry.target:
            self._source = None  # never two volumes at once
            self._source = VolumeSource(entry.target, images.instances)
        return self._source

    def whole(self, frame: FrameRef) -> VolumeSource | None:
        """The volume of the stack of a frame with all of its slices; None where none is held."""
        source = self._source
        held = source is not None and frame in source.target.frames and not source.lacking
        return source if held else None

    def put(self, source: VolumeSource | None) -> None:
        """Hold this one from now on."""
        self._source = source


@dataclass(frozen=True, slots=True)
class Renewal:
    """The series of a board with the images that have come since, as one whole volume."""

    entry: Hung
    images: CaseImages
    source: VolumeSource


class ShownVolume(QObject):
    """Feeds one board; images that come meanwhile are counted, then taken up together.

    The volume with them is filled aside while the board still shows the one it has.
    """

    notice = Signal(str)
    grown = Signal(object, bool)
    """Carries the Volume as far as it is here, and whether more of it is on its way."""
    late = Signal(int)
    """So many images of the series are not in the volume."""
    renewed = Signal(object)
    """Carries the Renewal from which the board is to be drawn; ``grown`` follows."""
    gone = Signal()
    """The series is not there any more as it was."""

    def __init__(
        self,
        shelf: VolumeShelf,
        drawing: Drawing,
        busy: Callable[[], bool],
        parent: QObject,
        *,
        owner: str,
        every_ms: int,
    ) -> None:
        """Show nothing yet; while the board is ``busy``, as in a drag, nothing changes under it.

        ``owner`` tells the frames of this board from those of others.
        """
        super().__init__(parent)
        self._shelf, self._drawing, self._busy = shelf, drawing, busy
        self._owner, self._every_ms = owner, every_ms
        self._entry: Hung | None = None
        self._feed: VolumeFeed | None = None
        self._images: CaseImages | None = None
        self._next: tuple[Hung, CaseImages, VolumeFeed] | None = None
        """What is being filled aside."""
        self._late = 0
        self._quiet, self._patience = self._timer(QUIET_MS), self._timer(PATIENCE_MS)

    @property
    def source(self) -> VolumeSource | None:
        """What is shown; None while nothing is."""
        return self._feed.source if self._feed is not None else None

    @property
    def is_done(self) -> bool:
        """Whether all is shown that there is of it."""
        return self._feed is None or self._feed.is_done

    def show(self, entry: Hung, source: VolumeSource) -> None:
        """Fill this volume, and tell of it at once."""
        self.end()
        self._entry = entry
        self._feed = self._feed_of(source)
        self._feed.grown.connect(self._on_feed_grown)
        self._tell()

    def end(self) -> None:
        """Ask for nothing more."""
        self._quiet.stop()
        self._patience.stop()
        for feed in (self._feed, self._next[2] if self._next else None):
            if feed is not None:
                feed.close_feed()
        self._entry, self._images, self._feed, self._next, self._late = None, None, None, None, 0

    def know(self, images: CaseImages) -> None:
        """More of the case is here: count what of the series is not in its volume."""
        self._images = images
        if self._entry is None:
            return
        entry = images.entries.get(self._entry.target.id)
        if entry is None:
            self.gone.emit()
            return
        coming = len(set(entry.target.frames) - set(self._entry.target.frames))
        if coming == self._late:
            return
        self._late = coming
        self.late.emit(coming)
        self._quiet.start()
        if not self._patience.isActive():
            self._patience.start()

    def _timer(self, interval: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(self._on_due)
        return timer

    def _feed_of(self, source: VolumeSource, owner: str = "") -> VolumeFeed:
        return VolumeFeed(
            source,
            self._drawing.cache,
            self._drawing.executor,
            owner=self._owner + owner,
            every_ms=self._every_ms,
        )

    def _tell(self) -> None:
        if self._feed is not None:
            volume: Volume = self._feed.source.volume()
            self.grown.emit(volume, not self._feed.is_done)

    def _refuse(self, reason: str) -> None:
        text = self.tr("%1 new images of this series are not in its volume. %2")
        self.notice.emit(text.replace("%1", str(self._late)).replace("%2", reason))

    # -- what happened ---------------------------------------------------------------------------

    def _on_feed_grown(self) -> None:
        self._tell()
        lost = self._feed.lost if self._feed is not None and self._feed.is_done else 0
        if lost == 1:
            self.notice.emit(
                self.tr("An image of this series cannot be shown: the volume has a gap there.")
            )
        elif lost:
            text = self.tr("%1 images of this series cannot be shown: the volume has gaps there.")
            self.notice.emit(text.replace("%1", str(lost)))

    def _on_due(self) -> None:
        self._quiet.stop()
        self._patience.stop()
        images, shown = self._images, self._entry
        if self._next is not None:
            self._on_next_grown()
            return
        entry = images.entries.get(shown.target.id) if images and shown else None
        if entry is None or images is None or not self._late:
            return
        if not self.is_done:
            self._quiet.start()
            return
        try:
            source = VolumeSource(entry.target, images.instances)
        except GeometryError as error:
            self._refuse(error.sentence)
            return
        feed = self._feed_of(source, " anew")
        self._next = (entry, images, feed)
        feed.grown.connect(self._on_next_grown)
        if feed.is_done:
            self._on_next_grown()

    def _on_next_grown(self) -> None:
        if self._next is None or not self._next[2].is_done:
            return
        if self._busy():
            self._quiet.start()
            return
        (entry, images, feed), old = self._next, self._feed
        self._next = None
        if old is not None:
            old.close_feed()
        feed.grown.disconnect(self._on_next_grown)
        feed.grown.connect(self._on_feed_grown)
        self._entry, self._feed = entry, feed
        self._shelf.put(feed.source)
        self._late = 0
        self.renewed.emit(Renewal(entry, images, feed.source))
        self.late.emit(0)
        self._on_feed_grown()
        if self._images is not None:
            self.know(self._images)
