"""What a tool in space is measured on by the command line: slices of one series."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from viewer.errors import GeometryError, ViewerError
from viewer.loading.folder import FolderSource
from viewer.measure.found import Found, what_of
from viewer.measure.growing import begun, finished, grown_on, proposed
from viewer.measure.in_space import InSpace
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Ground
from viewer.measure.slices import Places, Slice, places_of, solid_statistics, touched
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.display_set import DisplaySet
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.refs import FrameRef
from viewer.model.split import SplitRules, split
from workstation.cli.one_image import Decode
from workstation.errors import UserFacingError

_EDGE = 0.5
"""Pixels beyond the centre of an outer pixel that belong to it."""


class SpaceGround:
    """One series of a folder, chosen by where the first point lies."""

    def __init__(
        self, path: Path, series: str | None, first: PointLps, rules: SplitRules, decode: Decode
    ) -> None:
        """Find it; UserFacingError where no series holds the point."""
        if not path.exists():
            raise UserFacingError(f"{path} does not exist.")
        self._source, self._decode = FolderSource(), decode
        scan = self._source.scan([path])
        found = [s for study in scan.studies for s in study.series if series in {None, s.uid}]
        for one in found:
            self._instances = {i.ref.sop: i for i in one.instances}
            for target in split(one, rules):
                places = self._places(target)
                if isinstance(places, Places) and self._holds(places, first):
                    self.places, self.series = places, one
                    return
        raise UserFacingError("No series there makes a volume that holds the first point.")

    def annotation(
        self,
        kind: AnnotationKind,
        points: Sequence[PointLps],
        made_by: Provenance,
        span: tuple[float, float] | None,
    ) -> Annotation:
        """The shape of these points; GeometryError where they make none."""
        how, record = KINDS[kind].space, KINDS[kind]
        on = self.places.nearest(points[0])
        plane = self.places.planes[on]
        if len(points) == 2 and how is not None and how.begin is not None:
            points = how.begin(points[0], points[1], plane)
        if not record.takes(len(points)):
            raise GeometryError(f"{record.title} takes {record.points} points, not {len(points)}.")
        frame = self.places.frames[on]
        return Annotation(
            AnnotationId("measurement"),
            kind,
            frame,
            tuple(plane.to_pixel(p) for p in points),
            tuple(points),
            self._instances[frame.sop].frame_of_reference,
            made_by,
            span=span,
        )

    def ground(self, made: Annotation, readout: str) -> tuple[Annotation, Ground]:
        """What it is measured on, values and all; a range is proposed where it has none."""
        how = KINDS[made.kind].space
        instance = self._instances[made.on.sop]
        ground = Ground(instance, readout=readout, step=self.places.step)
        if how is None or how.solid is None:
            return made, ground
        made, found = self._found(made, how, readout)
        return made, replace(ground, found={made.id: found})

    def _found(self, made: Annotation, how: InSpace, readout: str) -> tuple[Annotation, Found]:
        solid = how.solid(made.points) if how.solid is not None else None
        if solid is None:
            raise GeometryError("It encloses nothing.")
        slices = self._slices(touched(solid, self.places))
        if not how.grows:
            statistics, notes = solid_statistics(solid, slices, readout, self.places)
            return made, Found(what_of(made, readout), statistics, None, notes)
        if made.span is None:
            made = replace(made, span=proposed(made.points[0], slices, readout))
        growth = begun(made.points[0], solid, made.span or (0.0, 0.0), slices, readout)
        while not growth.done:
            growth = grown_on(growth)
        grown, statistics, notes = finished(growth, readout)
        return made, Found(what_of(made, readout), statistics, grown, notes)

    def _slices(self, run: range) -> tuple[Slice, ...]:
        made = []
        for n in run:
            frame = self.places.frames[n]
            instance = self._instances[frame.sop]
            try:
                with self._source.open(frame.sop) as file:
                    decoded = self._decode(file.read(), frame.frame, instance)
            except ViewerError as error:
                raise UserFacingError(f"Image {frame.sop}: {error.sentence}") from error
            made.append(
                Slice(
                    frame,
                    instance.at(frame.frame),
                    self.places.planes[n],
                    self.places.depths[n],
                    decoded.pixels,
                    decoded.missing,
                )
            )
        return tuple(made)

    def _places(self, target: DisplaySet) -> Places | str:
        return places_of(target.frames, [self._plane(ref) for ref in target.frames])

    def _plane(self, ref: FrameRef) -> ImagePlane | None:
        instance = self._instances.get(ref.sop)
        if instance is None or ref.frame >= len(instance.planes):
            return None
        return instance.planes[ref.frame]

    def _holds(self, places: Places, point: PointLps) -> bool:
        n = places.nearest(point)
        plane, stored = places.planes[n], self._instances[places.frames[n].sop].format
        at = plane.to_pixel(point)
        return (
            stored is not None
            and abs(plane.distance(point)) <= places.depths[n]
            and -_EDGE <= at.column <= stored.columns - _EDGE
            and -_EDGE <= at.row <= stored.rows - _EDGE
        )
