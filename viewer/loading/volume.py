"""A display set as one block of voxels with its geometry, or the reason why it cannot be one."""

from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from viewer.errors import GeometryError, UndecodableFrame, ViewerError
from viewer.loading.executor import Executor, unheeded
from viewer.loading.frames import FrameCache, Priority
from viewer.loading.memory import give_back_freed
from viewer.loading.voxel_values import VoxelValues, voxel_values
from viewer.model.display_set import DisplaySet, Kind
from viewer.model.geometry import ImagePlane, PixelPoint
from viewer.model.presentation import Rescale
from viewer.model.refs import FrameRef, SopUid
from viewer.model.stacking import joined_steps, positions_along, repeats
from viewer.model.study import Instance
from viewer.model.volume_geometry import VolumeGeometry

_LEAST_SLICES = 3


@dataclass(frozen=True, slots=True)
class Volume:
    """Voxels of a display set as far as they are here; made anew when more have come.

    ``voxels`` is (slices, rows, columns), read only, of int16, uint16 or float32; slice k is a view
    of it and shows frame k of the display set. What is not held, is padding, or lies in a gap of
    ``geometry`` is not there for any reconstruction.
    """

    voxels: NDArray[Any]
    geometry: VolumeGeometry
    rescale: Rescale
    """Voxel value to modality value, with its unit."""
    padding: tuple[float, float] | None
    """Inclusive range of voxel values that are no pixels, where there are any; NaN in float32."""
    held: tuple[bool, ...]
    has_padding: bool = False
    """Whether any voxel is padding."""
    extremes: tuple[float, float] | None = None
    """Lowest and highest voxel value that is a pixel, of the slices that are here."""
    spare: int | None = None
    """A value of the voxels' integer type that no pixel has; None where each is taken."""

    @property
    def is_complete(self) -> bool:
        """Whether every slice is here."""
        return all(self.held)


def why_no_mpr(target: DisplaySet, instances: Mapping[SopUid, Instance]) -> str | None:
    """Why no other plane may be reconstructed from a display set, as a sentence; None if it may.

    Gaps, uneven steps and tilt are no reason: they are drawn as they are (F42, F43).
    """
    found = [instances[ref.sop].at(ref.frame) for ref in target.frames if ref.sop in instances]
    if target.kind in {Kind.DOCUMENT, Kind.OTHER} or not found or found[0].format is None:
        return "These are no images."
    if target.masks:
        return "The masks of a segmentation are not reconstructed in other planes."
    if not all(one.format is not None and one.format.is_grey for one in found):
        return "Colour images are not reconstructed in other planes."
    shapes = {(one.format.rows, one.format.columns) for one in found if one.format is not None}
    if len(found) < len(target.frames):
        return "Some of the images are not here."
    if len(shapes) > 1:
        return "The images differ in size."
    if len({one.modality_lut.unit for one in found}) > 1:
        return "The values of the images are in different units."
    return _crooked(_planes(target, instances), *shapes.pop())


def _planes(target: DisplaySet, instances: Mapping[SopUid, Instance]) -> list[ImagePlane | None]:
    held = ((instances[ref.sop].planes, ref.frame) for ref in target.frames)
    return [planes[frame] if planes else None for planes, frame in held]


def _crooked(given: Sequence[ImagePlane | None], rows: int, columns: int) -> str | None:
    """Why planes do not make a volume."""
    planes = [plane for plane in given if plane is not None]
    if len(planes) < len(given):
        return "The images do not say where they lie in the patient."
    positions = positions_along(planes)
    if repeats(positions):
        return "Several images lie at one position."
    if len(planes) < _LEAST_SLICES:
        return f"Fewer than {_LEAST_SLICES} slices make no volume."
    if positions != sorted(positions):
        return "The images are not in the order of their positions."
    first = planes[0]
    corners = [
        PixelPoint(columns - 1, 0),
        PixelPoint(0, rows - 1),
        PixelPoint(columns - 1, rows - 1),
    ]
    ways = {(plane.row, plane.column, plane.spacing): plane for plane in planes}
    turned = max(
        ((plane.to_lps(corner) - plane.position) - (first.to_lps(corner) - first.position)).norm
        for plane in ways.values()
        for corner in corners
    )
    if turned > min(first.spacing) / 2:
        return f"The planes are turned against each other, by up to {turned:.2f} mm at their edges."
    return None


class VolumeSource:
    """Gathers the frames of one display set into one block, allocated once."""

    def __init__(self, target: DisplaySet, instances: Mapping[SopUid, Instance]) -> None:
        """Reserve the block; GeometryError says why the display set is no volume."""
        reason = why_no_mpr(target, instances)
        if reason is not None:
            raise GeometryError(reason, where=target.series)
        self.target = target
        self._facts = [instances[ref.sop].at(ref.frame) for ref in target.frames]
        self._place = {ref: k for k, ref in enumerate(target.frames)}
        self._values: VoxelValues = voxel_values(self._facts)
        planes = [plane for plane in _planes(target, instances) if plane is not None]
        stored = self._facts[0].format
        rows, columns = (0, 0) if stored is None else (stored.rows, stored.columns)
        self._geometry = VolumeGeometry.of(
            planes, rows, columns, joined_steps(positions_along(planes))
        )
        try:
            self._block = np.zeros((len(planes), rows, columns), self._values.dtype)
        except MemoryError as error:
            raise GeometryError(
                "There is not enough memory for this volume.", where=target.series
            ) from error
        self._held = [False] * len(planes)
        self._has_padding = False
        self._extremes: tuple[float, float] | None = None

    @property
    def geometry(self) -> VolumeGeometry:
        """Where the slices lie, whether or not they are here."""
        return self._geometry

    @property
    def lacking(self) -> tuple[FrameRef, ...]:
        """Frames that are not in the block yet."""
        return tuple(ref for ref, k in self._place.items() if not self._held[k])

    def put(
        self, ref: FrameRef, pixels: NDArray[Any], missing: Sequence[tuple[int, int]] = ()
    ) -> None:
        """Take one decoded frame; one that lacks rows stays out, like a slice that is missing."""
        k = self._place[ref]
        if missing or self._held[k]:
            return
        padded = self._values.put(pixels, k, self._facts[k], self._block[k])
        self._has_padding = self._has_padding or padded
        self._widen(self._values.extremes(self._block[k], padded=padded))
        self._held[k] = True

    def shared(self, ref: FrameRef, kind: np.dtype[Any]) -> NDArray[Any] | None:
        """One slice of the block as the frame of type ``kind`` that was put there, bit by bit.

        Whoever holds frames can so hold this one without a second copy. None where the block
        holds other numbers than the frame, or the frame is not here.
        """
        k = self._place[ref]
        if not self._held[k] or not self._values.keeps(k, kind):
            return None
        found: NDArray[Any] = self._block[k].view(kind)
        found.flags.writeable = False
        return found

    def volume(self) -> Volume:
        """The volume as far as it is here: a view, nothing is copied."""
        voxels = self._block.view()
        voxels.flags.writeable = False
        return Volume(
            voxels,
            self._geometry.lacking(self._held),
            self._values.rescale,
            self._values.padding if self._has_padding else None,
            tuple(self._held),
            self._has_padding,
            self._extremes,
            self._values.spare(self._extremes),
        )

    def _widen(self, found: tuple[float, float] | None) -> None:
        if found is not None and self._extremes is not None:
            low, high = self._extremes
            found = min(low, found[0]), max(high, found[1])
        self._extremes = found or self._extremes


class VolumeFilling:
    """Fills a volume from the frame cache as frames arrive; its methods run on the GUI thread.

    Frames are put into the block on the executor, a few at a time, one batch after the other.
    Frames that the block holds bit by bit are from then on held there only: the cache gives up
    its own copy.
    """

    _BATCH = 8
    _TRIM = 64
    """Frames after which the memory that the cache gave up goes back to the system."""

    def __init__(
        self,
        source: VolumeSource,
        cache: FrameCache,
        executor: Executor,
        changed: Callable[[], None],
        *,
        owner: Hashable,
        priority: Priority = Priority.THUMBNAIL,
    ) -> None:
        """Take what is here and ask for the rest; ``changed`` is called after each batch.

        The cache gives up prefetching what is larger than itself, a volume is fetched whole.
        """
        self.source = source
        self.failures: dict[FrameRef, ViewerError] = {}
        self._cache, self._executor = cache, executor
        self._changed, self._owner = changed, owner
        self._waiting = set(source.lacking)
        self._ready: deque[_Arrived] = deque()
        self._putting = False
        self._put_since_trim = 0
        cache.arrived.connect(self._on_cache_arrived)
        wanted = [ref for ref in source.lacking if not self._take(ref)]
        if wanted:
            cache.want(wanted, priority=priority, owner=owner)
        self._put()

    @property
    def is_done(self) -> bool:
        """Whether every frame is in the block or known to be lost."""
        return not self._waiting

    def close(self) -> None:
        """Wait for nothing more; a batch that is being put is finished but told to nobody."""
        self._cache.arrived.disconnect(self._on_cache_arrived)
        self._cache.forget(self._owner)
        self._changed = _nobody
        self._waiting.clear()
        self._ready.clear()

    def _on_cache_arrived(self, ref: FrameRef) -> None:
        if ref in self._waiting and self._take(ref):
            self._put()
            if ref in self.failures:
                self._changed()

    def _take(self, ref: FrameRef) -> bool:
        pixels, failure = self._cache.get(ref), self._cache.failure(ref)
        if pixels is not None:
            self._ready.append(_Arrived(ref, pixels, self._cache.missing(ref)))
        elif failure is not None:
            self.failures[ref] = failure
            self._waiting.discard(ref)
        else:
            return False
        return True

    def _put(self) -> None:
        if self._putting or not self._ready:
            return
        batch = [self._ready.popleft() for _ in range(min(self._BATCH, len(self._ready)))]
        self._putting = True

        trim = self._put_since_trim >= self._TRIM
        self._put_since_trim = 0 if trim else self._put_since_trim + len(batch)

        def work() -> None:
            if trim:
                give_back_freed()
            for ref, pixels, missing in batch:
                self.source.put(ref, pixels, missing)

        self._executor.run(
            work, lambda _: self._done(batch), lambda error: self._fail(batch, error)
        )

    def _done(self, batch: Sequence["_Arrived"]) -> None:
        self._putting = False
        if not self._waiting:
            return  # closed meanwhile
        for ref, pixels, _missing in batch:
            self._waiting.discard(ref)
            shared = self.source.shared(ref, pixels.dtype)
            if shared is not None:
                self._cache.hold_elsewhere(ref, shared)
        if not self._waiting:
            self._executor.run(give_back_freed, unheeded, unheeded)
        self._changed()
        self._put()

    def _fail(self, batch: Sequence["_Arrived"], error: Exception) -> None:
        """A frame that does not fit the block is lost like one that cannot be decoded."""
        for ref, _pixels, _missing in batch:
            self.failures[ref] = UndecodableFrame(
                f"This image does not fit the others: {type(error).__name__}.", where=ref.sop
            )
        self._done(batch)


def _nobody() -> None:
    """Nobody is told any more, nor held."""


class _Arrived(NamedTuple):
    ref: FrameRef
    pixels: NDArray[Any]
    missing: tuple[tuple[int, int], ...]
