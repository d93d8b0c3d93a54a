"""Takes the values of what lies in space: many images at once, so beside the drawing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from viewer.errors import GeometryError, ViewerError
from viewer.hanging.images import CaseImages
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache, Priority
from viewer.measure.found import Found, takes_values, what_of
from viewer.measure.growing import Grown, Growth, begun, finished, grown_on
from viewer.measure.kinds import KINDS
from viewer.measure.slices import Places, Slice, places_of, solid_statistics, touched
from viewer.measure.solids import Solid
from viewer.model.annotation import Annotation, AnnotationId
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.pixels.measured import readout_named
from viewer.qt.desk import Desk
from viewer.render.plane_region import plane_statistics
from viewer.render.reslice import Reslicer

if TYPE_CHECKING:
    from viewer.model.display_set import DisplaySetId

_NO_VOLUME = "Its values come from the volume: open MPR of its series to see them."


@dataclass(slots=True, eq=False)
class _Job:
    """One annotation whose values are being taken; frames are held until it is done."""

    annotation: Annotation
    readout: str
    of: object
    solid: Solid | None = None
    places: Places | None = None
    run: range = range(0)
    pixels: dict[FrameRef, NDArray[Any] | None] = field(default_factory=dict)
    lacking: set[FrameRef] = field(default_factory=set)
    images: int | None = None
    """Of how many images its values are; None while it is of none."""


class SpaceDesk(Desk):
    """Keeps what was found of annotations in space, and asks for what is not known yet."""

    arrived = Signal(str)
    """Carries the id of an annotation of which something was found."""
    lapsed = Signal(str)
    """Carries the id of one whose values hold no more: more of its images have come."""

    def __init__(self, cache: FrameCache, executor: Executor, parent: QWidget) -> None:
        """Know nothing; images follow with each case."""
        super().__init__(parent)
        self.found: dict[AnnotationId, Found] = {}
        self.volume_of: Callable[[FrameRef], Reslicer | None] = _no_volume
        """The volume of the stack that holds a frame, while one is here."""
        self._cache, self._executor = cache, executor
        self._images: CaseImages | None = None
        self._jobs: dict[AnnotationId, _Job] = {}
        self._counts: dict[AnnotationId, tuple[FrameRef, int]] = {}
        """Of how many images something was found of one on this frame."""
        self._at: dict[FrameRef, Places | str] = {}
        self._lying: dict[tuple[DisplaySetId, int], Places | str] = {}
        cache.arrived.connect(self._on_frame_arrived)

    def know(self, images: CaseImages | None, /) -> None:
        """Take what is here of the case; None ends everything of it."""
        self._images = images
        self._lying.clear()
        self._at.clear()
        if images is not None:
            self._drop_outdated()
        else:
            self.found.clear()
            self._jobs.clear()
            self._counts.clear()
            self._cache.forget(self)

    def close_desk(self) -> None:
        """Take nothing any more."""
        self._jobs.clear()
        self._cache.arrived.disconnect(self._on_frame_arrived)

    def step_of(self, frame: FrameRef) -> float | None:
        """How far the slices round a frame lie apart, mm; None where they make no volume."""
        places = self.places_at(frame)
        return places.step if isinstance(places, Places) else None

    def places_at(self, frame: FrameRef) -> Places | str:
        """Where the slices of a frame's series lie, or why they make no volume."""
        if frame not in self._at:
            self._at[frame] = self._places_at(frame)
        return self._at[frame]

    def _places_at(self, frame: FrameRef) -> Places | str:
        entry = self._images.holding(frame) if self._images is not None else None
        if entry is None or self._images is None:
            return "The images of this measurement are not here."
        key = (entry.target.id, len(entry.target.frames))
        if key not in self._lying:
            planes = []
            for ref in entry.target.frames:
                instance = self._images.instances.get(ref.sop)
                lies = instance is not None and ref.frame < len(instance.planes)
                planes.append(instance.planes[ref.frame] if instance and lies else None)
            self._lying[key] = places_of(entry.target.frames, planes)
        return self._lying[key]

    def grown(self, annotation: Annotation) -> Grown | None:
        """The voxels that grew of an annotation; an earlier state's while it grows anew."""
        found = self.found.get(annotation.id)
        return found.grown if found is not None else None

    def slices_near(self, annotation: Annotation) -> tuple[Slice, ...]:
        """The slice that the first point lies in, as far as it is here."""
        places = self.places_at(annotation.on)
        if not isinstance(places, Places):
            return ()
        n = places.nearest(annotation.points[0])
        return self._slices(places, range(n, n + 1), {})

    def want(self, annotation: Annotation, readout: str) -> None:
        """Find the values of an annotation in space, unless they are known or being found."""
        record = KINDS[annotation.kind]
        closed, probes = record.closed, record.probes
        if not takes_values(annotation, closed=closed, probes=probes) or self._images is None:
            return
        of = what_of(annotation, readout)
        known, job = self.found.get(annotation.id), self._jobs.get(annotation.id)
        if (known is not None and known.of == of) or (job is not None and job.of == of):
            return
        if not record.takes(len(annotation.points)):
            return
        job = _Job(annotation, readout, of)
        self._jobs[annotation.id] = job
        if annotation.plane is not None:
            self._start_on_plane(job)
        else:
            self._start(job)

    def forget(self, wanted: AnnotationId) -> None:
        """Let go of a deleted annotation; what is being taken of it ends after its next step."""
        self._jobs.pop(wanted, None)
        self.found.pop(wanted, None)

    def volume_changed(self) -> None:
        """Take what lacked a volume, or was of one with fewer images, again: one has come."""
        for wanted, found in tuple(self.found.items()):
            if found.of[3] is not None and found.statistics is None:
                del self.found[wanted]
        self._drop_outdated()
        self.changed.emit()

    def _drop_outdated(self) -> None:
        """Let go of what is of fewer images than there are now, found or still being taken."""
        for job in tuple(self._jobs.values()):
            if self._is_outdated(job):
                del self._jobs[job.annotation.id]
                self.lapsed.emit(job.annotation.id)
        for wanted, (on, count) in tuple(self._counts.items()):
            if count != self._count(on):
                del self._counts[wanted]
                if self.found.pop(wanted, None) is not None:
                    self.lapsed.emit(wanted)

    def _is_outdated(self, job: _Job) -> bool:
        return job.images not in (None, self._count(job.annotation.on))

    # -- what is taken ---------------------------------------------------------------------------

    def _start_on_plane(self, job: _Job) -> None:
        annotation, instance = job.annotation, self._instance(job.annotation.on)
        reslicer = self.volume_of(annotation.on)
        if reslicer is None or instance is None:
            self._refuse(job, _NO_VOLUME)
            return
        job.images = reslicer.volume.geometry.slices
        readout = readout_named(instance, job.readout)

        def work() -> Found:
            statistics = plane_statistics(annotation, reslicer, readout)
            return Found(what_of(annotation, job.readout), statistics)

        self._executor.run(work, self._done(job), self._failed(job))

    def _start(self, job: _Job) -> None:
        how = KINDS[job.annotation.kind].space
        places = self.places_at(job.annotation.on)
        if isinstance(places, str):
            self._refuse(job, places)
            return
        if how is None or how.solid is None or (how.grows and job.annotation.span is None):
            self._jobs.pop(job.annotation.id, None)
            return
        try:
            job.solid = how.solid(job.annotation.points)
        except GeometryError as error:  # as its reading says; who waits for values is told
            self._refuse(job, error.sentence)
            return
        job.places, job.run = places, touched(job.solid, places)
        job.images = len(places.frames)
        for n in job.run:
            self._take(job, places.frames[n])
        if job.lacking:
            self._ask()
        else:
            self._run(job)

    def _take(self, job: _Job, frame: FrameRef) -> None:
        pixels = self._cache.get(frame)
        if pixels is None and self._cache.failure(frame) is None:
            job.lacking.add(frame)
            return
        job.lacking.discard(frame)
        job.pixels[frame] = pixels

    def _ask(self) -> None:
        wanted = {frame: None for job in self._jobs.values() for frame in sorted(job.lacking)}
        self._cache.want(tuple(wanted), priority=Priority.THUMBNAIL, owner=self)

    def _on_frame_arrived(self, frame: FrameRef) -> None:
        for job in tuple(self._jobs.values()):
            if frame in job.lacking:
                self._take(job, frame)
                if not job.lacking:
                    self._run(job)

    def _run(self, job: _Job) -> None:
        places, solid, annotation = job.places, job.solid, job.annotation
        if places is None or solid is None:
            return
        slices, span, readout = (
            self._slices(places, job.run, job.pixels),
            annotation.span,
            job.readout,
        )
        if span is not None:
            seed = annotation.points[0]
            self._executor.run(
                lambda: grown_on(begun(seed, solid, span, slices, readout)),
                lambda growth: self._grow(job, growth),
                self._failed(job),
            )
            return

        def work() -> Found:
            statistics, notes = solid_statistics(solid, slices, readout, places)
            return Found(what_of(annotation, readout), statistics, None, notes)

        self._executor.run(work, self._done(job), self._failed(job))

    def _grow(self, job: _Job, growth: Growth) -> None:
        """Go on, a few rounds at a time, until nothing more comes or it is not wanted any more."""
        if self._jobs.get(job.annotation.id) is not job:
            return
        if not growth.done:
            self.informed.emit(
                self.tr("Growing: %1 voxels, Esc stops it").replace("%1", f"{growth.count:,}")
            )
            self._executor.run(
                lambda: grown_on(growth), lambda more: self._grow(job, more), self._failed(job)
            )
            return
        of = what_of(job.annotation, job.readout)

        def work() -> Found:
            grown, statistics, notes = finished(growth, job.readout)
            return Found(of, statistics, grown, notes)

        self._executor.run(work, self._done(job), self._failed(job))

    def stop_growing(self) -> bool:
        """End what grows; False where nothing did."""
        growing = [job for job in self._jobs.values() if job.annotation.span is not None]
        for job in growing:
            self._refuse(job, self.tr("The growing was stopped: move it to begin again."))
        return bool(growing)

    def _done(self, job: _Job) -> Callable[[Found], None]:
        def done(found: Found) -> None:
            if self._jobs.get(job.annotation.id) is job:
                del self._jobs[job.annotation.id]
                on = job.annotation.on
                count = self._count(on) if job.images is None else job.images
                self._counts[job.annotation.id] = on, count
                self.found[job.annotation.id] = found
                self.arrived.emit(job.annotation.id)

        return done

    def _failed(self, job: _Job) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            why = self.tr("Its values cannot be taken.")
            self._refuse(job, error.sentence if isinstance(error, ViewerError) else why)

        return failed

    def _refuse(self, job: _Job, why: str) -> None:
        found = Found(what_of(job.annotation, job.readout), None, None, (why,))
        # asked for while a pane is painted: nothing may be told before that is over
        self._executor.run(lambda: found, self._done(job), self._failed(job))

    def _slices(
        self, places: Places, run: range, pixels: dict[FrameRef, NDArray[Any] | None]
    ) -> tuple[Slice, ...]:
        made = []
        for n in run:
            frame, instance = places.frames[n], self._instance(places.frames[n])
            if instance is not None:
                held = pixels.get(frame) if frame in pixels else self._cache.get(frame)
                missing = self._cache.missing(frame)
                made.append(
                    Slice(frame, instance, places.planes[n], places.depths[n], held, missing)
                )
        return tuple(made)

    def _count(self, frame: FrameRef) -> int:
        entry = self._images.holding(frame) if self._images is not None else None
        return 0 if entry is None else len(entry.target.frames)

    def _instance(self, frame: FrameRef) -> Instance | None:
        instance = self._images.instances.get(frame.sop) if self._images is not None else None
        return None if instance is None else instance.at(frame.frame)


def _no_volume(_frame: FrameRef) -> Reslicer | None:
    return None
