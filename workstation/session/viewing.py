"""What the reader has seen of the open case: kept in batches, counted for signing."""

from collections.abc import Callable

from psygnal import Signal

from viewer.model.refs import FrameRef
from workstation.errors import StoreError
from workstation.logs import Log
from workstation.session.lanes import Lane, Lanes
from workstation.session.loading import LoadedStudy
from workstation.store.seen import SeenStore


class Viewing:
    """The seen frames of one case. ``saw`` remembers, ``keep`` writes what is not written yet."""

    counted = Signal()
    """More was seen than before, or more came back from the store."""

    def __init__(
        self, case: str, store: SeenStore, lanes: Lanes, refused: Callable[[Exception], None]
    ) -> None:
        """Nothing is known before ``read``; ``refused`` hears once when nothing can be kept."""
        self._case = case
        self._store = store
        self._lanes = lanes
        self._refused = refused
        self._log = Log("viewing")
        self._told = False
        self._pending: set[FrameRef] = set()
        self._writing = False
        self.seen: set[FrameRef] = set()

    def read(self) -> frozenset[FrameRef]:
        """What was seen earlier; empty where it cannot be read. On the store's lane."""
        try:
            return self._store.of(self._case)
        except StoreError as error:
            self._log.error("read", error)
            return frozenset()

    def restore(self, frames: frozenset[FrameRef]) -> None:
        """Take what was seen earlier."""
        self.seen |= frames
        self.counted.emit()

    def saw(self, frame: FrameRef) -> None:
        """A frame stood fully drawn in front of the reader."""
        if frame not in self.seen:
            self.seen.add(frame)
            self._pending.add(frame)

    def keep(self) -> None:
        """Write what is not written yet, off the GUI thread; what is refused waits for the next."""
        if self._writing or not self._pending:
            return
        batch = frozenset(self._pending)
        self._pending.clear()
        self._writing = True
        self._lanes.run(
            lambda _: self._store.add(self._case, batch),
            lambda _: self._written(),
            lambda error: self._not_written(batch, error),
            lane=Lane.STORE,
        )
        self.counted.emit()

    def counts(self, study: LoadedStudy | None) -> tuple[int, int]:
        """Images of a study that were seen, and how many there are; no documents, no masks."""
        if study is None:
            return (0, 0)
        frames = {
            frame
            for targets in study.sets.values()
            for target in targets
            if target.must_be_seen
            for frame in target.frames
        }
        return len(frames & self.seen), len(frames)

    def _written(self) -> None:
        self._writing = False
        self._told = False

    def _not_written(self, batch: frozenset[FrameRef], error: Exception) -> None:
        self._writing = False
        self._pending |= batch
        self._log.error("keep", error)
        if not self._told:
            self._told = True
            self._refused(error)
