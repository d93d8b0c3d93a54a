"""From an annotation to its numbers: one way for screen, report and command line."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

from numpy.typing import NDArray

from viewer.calibration.regions import axis_differences, common_scale, region_at, scale_at
from viewer.calibration.spacing import Scale, believable, pixel_aspect
from viewer.calibration.user import holds, pixels_of, user_scale
from viewer.errors import GeometryError
from viewer.measure import codes, linear, sayings
from viewer.measure.crossings import polygon_area
from viewer.measure.doubt import doubt_words
from viewer.measure.found import Found, FoundById
from viewer.measure.gaps import Rows
from viewer.measure.in_space import InSpace
from viewer.measure.kinds import KINDS, MeasurementKind
from viewer.measure.labels import number, sign, with_word
from viewer.measure.quantity import SQUARE_PIXELS, Dimension, Metric, Points
from viewer.measure.regions import Polygon, Region, members, whole_inside
from viewer.measure.space_reading import (
    left_out,
    space_notes,
    space_numbers,
    span_lines,
    why_not_in_space,
)
from viewer.measure.space_uncertainty import Steps, voxel_steps
from viewer.measure.statistics import Statistics, statistics
from viewer.measure.uncertainty import SCALE, SNAPPING, expanded
from viewer.measure.values import value_of
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import CalibrationKind, Measurement, MeasurementId, Ucum, Unit
from viewer.model.quantities import Readout, ReadoutKind
from viewer.model.refs import Code, FrameRef
from viewer.model.study import Instance
from viewer.pixels.measured import readout_named

__all__ = ["KINDS", "Ground", "Measured", "MeasurementKind", "Reading", "measured", "read"]

_CALIBRATED = {Dimension.LENGTH: (Unit.MILLIMETRE, Unit.PIXEL),
               Dimension.AREA: (Unit.MILLIMETRE_2, Unit.PIXEL_2),
               Dimension.VOLUME: (Unit.MILLILITRE, Unit.MILLILITRE)}  # fmt: skip
_FREE = {Dimension.ANGLE: Unit.DEGREE, Dimension.RATIO: Unit.ONE}


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What an annotation is measured on: one frame of one instance.

    Without ``pixels`` (stored values of that frame) there are no values; ``line`` is the reader's
    calibration of the image, ``readout`` names the values to take, '' is the image's default.
    """

    instance: Instance
    pixels: NDArray[Any] | None = None
    missing: Rows = ()
    readout: str = ""
    line: Annotation | None = None
    step: float | None = None
    """How far slices of its series lie apart, mm; for the uncertainty of what lies in space."""
    found: FoundById = field(default_factory=dict)
    """Values of annotations in space, which are taken from many images."""

    def scale(self, frame: int, points: Points = ()) -> Scale:
        """The spacing that decides: the reader's own calibration, else the header (F35 to F37).

        Without points that of the whole picture.
        """
        line = self.line
        if line and line.known is not None and holds(line, self.instance, frame, points):
            return believable(user_scale(line, self.instance))
        if not points:
            return believable(common_scale(self.instance, frame))
        return believable(scale_at(self.instance, frame, points))

    def relative(self, calibration: CalibrationKind) -> float:
        """What a scale of that kind is off by: a standard deviation over the scale itself."""
        relative, line = SCALE[calibration], self.line
        if calibration is CalibrationKind.USER and line is not None:
            return float(
                (relative**2 + 2 * (SNAPPING / pixels_of(line, self.instance)) ** 2) ** 0.5
            )
        return relative

    def of(self, annotation: Annotation) -> "Ground":
        """The same for an annotation's own plane, where it lies on none of the frames."""
        own, at = annotation.plane, annotation.on.frame
        if own is None:
            return self
        planes = tuple(own if n == at else one for n, one in enumerate(self.instance.planes))
        return replace(
            self, instance=replace(self.instance, planes=planes), pixels=None, missing=(), line=None
        )

    def found_of(self, annotation: Annotation) -> Found | None:
        """What was found of an annotation as it is now; None while it is not known."""
        found = self.found.get(annotation.id)
        return found if found is not None and found.holds(annotation, self.readout) else None

    def metric(self, frame: int, points: Points = ()) -> Metric:
        """How pixels of a frame become distances."""
        spacing = self.scale(frame, points).spacing
        if spacing is not None:
            return Metric(spacing, spacing)
        return Metric(SQUARE_PIXELS, Spacing(pixel_aspect(self.instance, frame), 1.0))


@dataclass(frozen=True, slots=True)
class Reading:
    """What an annotation says: unrounded numbers, lines for the reader, and what must be told.

    ``notes`` are sentences: why there is no number, what was left out. ``reason`` says why this
    unit.
    """

    measurements: tuple[Measurement, ...]
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement with the words that stand beside it and where it was made.

    ``label`` is '8.0 mm' with the calibration word where one is due; ``image`` says in words
    where it is: 'Series 3, image 142'; ``reason`` says why this unit. ``others`` are the further
    numbers of the same annotation: short axis, mean, SD.
    """

    measurement: Measurement
    label: str
    image: str
    frames: tuple[FrameRef, ...]
    reason: str
    others: tuple[Measurement, ...] = ()
    notes: tuple[str, ...] = ()
    doubt: str = ""
    """How far the first number may be off, and from where, as a sentence (F46)."""


def measured(annotation: Annotation, ground: Ground, image: str) -> Measured | None:
    """Measure with uncertainty and put into words; None where the annotation has no number.

    ``image`` names the frame for a reader. Raises GeometryError as ``read`` does.
    """
    found = read(annotation, ground, uncertain=True)
    if not found.measurements:
        return None
    first, *others = found.measurements
    grows = annotation.kind is AnnotationKind.GROWN
    of = "half of the voxels on its surface" if grows else "placing the points"
    return Measured(
        first,
        ", ".join(found.lines),
        image,
        (annotation.on,),
        found.reason,
        tuple(others),
        found.notes,
        doubt_words(first, ground.relative(first.calibration), of),
    )


def read(annotation: Annotation, ground: Ground, *, uncertain: bool = False) -> Reading:
    """Take all numbers of an annotation; a shape that has none says why in ``notes``.

    The first number's id is the annotation's for good, the others' begin with it. Raises
    GeometryError when annotation and image do not fit together.
    """
    record = KINDS[annotation.kind]
    _refuse_misfit(annotation, ground.instance, record)
    ground = ground.of(annotation)
    scale = ground.scale(annotation.on.frame, annotation.pixels)
    reader = _Reader(annotation, ground, record, scale)
    try:
        return reader.read(uncertain=uncertain)
    except GeometryError as none:
        return Reading((), (), (none.sentence,), scale.reason)


def _refuse_misfit(annotation: Annotation, instance: Instance, record: MeasurementKind) -> None:
    where = str(instance.ref.sop)
    if annotation.on.instance != instance.ref:
        raise GeometryError("The measurement belongs to another image.", where=where)
    if not record.takes(len(annotation.pixels)):
        least = "at least " if record.open_ended else ""
        raise GeometryError(
            f"A {annotation.kind} needs {least}{record.points} points, "
            f"not {len(annotation.pixels)}.",
            where=where,
        )


class _Reader:
    """Takes the numbers of one annotation."""

    def __init__(
        self, annotation: Annotation, ground: Ground, record: MeasurementKind, scale: Scale
    ) -> None:
        self._of, self._ground, self._record, self._scale = annotation, ground, record, scale
        self._metric = ground.metric(annotation.on.frame, annotation.pixels)
        self._instance = ground.instance.at(annotation.on.frame)

    def read(self, *, uncertain: bool) -> Reading:
        if self._record.space is not None or self._of.plane is not None:
            refused = why_not_in_space(self._scale)
            if refused:
                return Reading((), (), (refused,), self._scale.reason)
        if self._record.space is not None:
            return self._in_space(self._record.space, uncertain=uncertain)
        if self._has_other_axes():
            geometry = self._along_axes()
            lines = [self._scale.axes] if geometry else []
        else:
            geometry = self._geometry(uncertain=uncertain)
            lines = list(self._record.say(geometry, self._scale.spacing) if geometry else ())
            if lines:
                lines[-1] = with_word(lines[-1], geometry, self._scale)
        values: tuple[Measurement, ...] = ()
        notes = self._no_geometry(geometry)
        if self._record.region is not None:
            region = self._record.region(self._of.pixels, self._metric)
            values, more, told = self._values(region)
            lines += more
            notes += told
        elif self._record.probes:
            values, more, told = self._probe()
            lines += more
            notes += told
        if self._of.plane is not None and geometry and lines:
            lines[0] += " on MPR"
        lines = [*self._written(), *lines]
        return Reading((*geometry, *values), tuple(lines), tuple(notes), self._scale.reason)

    def _in_space(self, how: InSpace, *, uncertain: bool) -> Reading:
        found, of = self._ground.found_of(self._of), self._of
        numbers = space_numbers(
            how, of.points, found, self._voxel() if uncertain else None,
            SCALE[self._scale.calibration],
        )  # fmt: skip
        geometry = tuple(
            self._made(one.key, one.name, one.value, *self._unit(one.dimension), plus_minus=off)
            for one, off in numbers
        )
        said = self._record.say(geometry, self._scale.spacing) if geometry else ()
        values, more, notes = self._sampled(found, codes.VOXELS)
        readout = readout_named(self._instance, self._ground.readout)
        span = span_lines(of.span, sign(value_of(readout, self._instance)[1]))
        told = (*notes, *space_notes(how, of.span, found))
        lines = (*self._written(), *said, *more, *span)
        return Reading((*geometry, *values), lines, told, self._scale.reason)

    def _voxel(self) -> Steps | None:
        plane = self._ground.instance.planes[self._of.on.frame]
        step = self._ground.step
        return None if plane is None else voxel_steps(plane, step or max(plane.spacing))

    def _sampled(
        self, found: Found | None, counted: Code
    ) -> tuple[tuple[Measurement, ...], list[str], list[str]]:
        """Values that were taken from many images; none while they are not known."""
        if found is None or found.statistics is None:
            return (), [], list(found.notes) if found is not None else []
        readout = readout_named(self._instance, self._ground.readout)
        notes = [*found.notes, *left_out(found.statistics, voxels=counted is codes.VOXELS)]
        notes += _no_uptake(self._instance, readout) if found.statistics.spread else []
        name, unit = value_of(readout, self._instance)
        made = self._spread(found.statistics, name, unit, counted)
        if not made:
            return (), [], notes
        lines = list(sayings.spread({one.id.rpartition("/")[2]: one for one in made}))
        if self._of.plane is not None:
            lines[-1] += ", interpolated"
        return made, lines, notes

    def _geometry(self, *, uncertain: bool) -> tuple[Measurement, ...]:
        compute, points = self._record.compute, self._of.pixels
        off: dict[str, float] = {}
        if uncertain:
            off = expanded(compute, points, self._metric, self._relative(), self._record.slopes)
        return tuple(
            self._made(one.key, one.name, one.value, *self._unit(one.dimension),
                       plus_minus=off.get(one.key))
            for one in compute(points, self._metric)
        )  # fmt: skip

    def _has_other_axes(self) -> bool:
        """Whether the points lie in an ultrasound region that is not in centimetres (F36)."""
        if self._scale.spacing is not None:
            return False
        points = self._of.pixels
        return region_at(self._ground.instance, self._of.on.frame, points) is not None

    def _along_axes(self) -> tuple[Measurement, ...]:
        """What two points are apart along each axis; no length, area or angle."""
        points = self._of.pixels
        region = region_at(self._ground.instance, self._of.on.frame, points)
        if region is None or not self._scale.axes or self._of.kind is not AnnotationKind.LENGTH:
            return ()
        return tuple(
            self._made(
                one.name if n else "",
                Code(f"{one.name}-difference", codes.OWN, f"Difference in {one.name}"),
                one.value,
                Ucum(one.unit),
                CalibrationKind.US_REGION,
            )
            for n, one in enumerate(axis_differences(region, points[0], points[-1]))
        )

    def _no_geometry(self, geometry: tuple[Measurement, ...]) -> list[str]:
        """Why there is no length, area or angle on axes of other units."""
        if geometry or not self._has_other_axes() or self._record.compute is linear.nothing:
            return []
        return [self._scale.reason]

    def _relative(self) -> float:
        return self._ground.relative(self._scale.calibration)

    def _unit(self, dimension: Dimension) -> tuple[Unit, CalibrationKind]:
        calibration = self._scale.calibration
        if dimension in _FREE:
            return _FREE[dimension], calibration
        plain = self._scale.spacing is None
        return _CALIBRATED[dimension][plain], calibration

    def _values(self, region: Region) -> tuple[tuple[Measurement, ...], list[str], list[str]]:
        stored = self._instance.format
        notes = []
        if self._of.plane is not None:
            return self._sampled(self._ground.found_of(self._of), codes.PIXELS)
        if isinstance(region, Polygon) and polygon_area(region.points)[1]:
            notes.append("The outline crosses itself: area and pixels by the even-odd rule.")
        if stored is None or self._ground.pixels is None:
            return (), [], notes
        if not whole_inside(region, stored.rows, stored.columns):
            notes.append("Part of the shape lies outside the image; only pixels inside count.")
        if not stored.is_grey:
            return (), [], [*notes, "A colour image has no single values to take statistics of."]
        inside = members(region, stored.rows, stored.columns)
        readout = readout_named(self._instance, self._ground.readout)
        found = statistics(
            self._ground.pixels, inside, self._instance, readout, self._ground.missing
        )
        notes += left_out(found)
        notes += _no_uptake(self._instance, readout) if found.spread else []
        name, unit = value_of(readout, self._instance)
        made = self._spread(found, name, unit)
        lines = sayings.spread({one.id.rpartition("/")[2]: one for one in made}) if made else ()
        return made, list(lines), notes

    def _spread(
        self, found: Statistics, name: Code, unit: Unit | Ucum, counted: Code = codes.PIXELS
    ) -> tuple[Measurement, ...]:
        spread = found.spread
        if spread is None:
            return ()
        numbers = [
            ("mean", codes.MEAN, spread.mean),
            ("deviation", codes.DEVIATION, spread.deviation),
            ("minimum", codes.MINIMUM, spread.minimum),
            ("maximum", codes.MAXIMUM, spread.maximum),
            ("median", codes.MEDIAN, spread.median),
        ]
        none = CalibrationKind.NONE
        made = [
            self._made(key, name, value, unit, none, derivation=derivation)
            for key, derivation, value in numbers
            if value is not None
        ]
        count = float(spread.count)
        if counted is codes.VOXELS:
            return (*made, self._made("voxels", codes.VOXELS, count, Unit.ONE, none))
        return (*made, self._made("pixels", codes.PIXELS, count, Unit.PIXEL, none))

    def _probe(self) -> tuple[tuple[Measurement, ...], list[str], list[str]]:
        """The value of the pixel whose centre is nearest; where it is in the patient."""
        if self._of.plane is not None:
            return self._probe_on_plane()
        at, stored = self._of.pixels[0], self._instance.format
        lines = self._place()
        if stored is None or self._ground.pixels is None:
            return (), lines, []
        if not stored.is_grey:
            return (), lines, ["A colour image has no single value at a point."]
        nearest = PixelPoint(
            float(min(math.floor(at.column + 0.5), stored.columns - 1)),
            float(min(math.floor(at.row + 0.5), stored.rows - 1)),
        )
        inside = members(Polygon((nearest,)), stored.rows, stored.columns)
        readout = readout_named(self._instance, self._ground.readout)
        found = statistics(
            self._ground.pixels, inside, self._instance, readout, self._ground.missing
        )
        if found.spread is None:
            return (), lines, left_out(found)
        name, unit = value_of(readout, self._instance)
        none = CalibrationKind.NONE
        value = self._made("", name, found.spread.mean, unit, none)
        words = f"{number(value.value, unit)} {sign(unit)}".strip()
        return (value,), [words, *lines], _no_uptake(self._instance, readout)

    def _probe_on_plane(self) -> tuple[tuple[Measurement, ...], list[str], list[str]]:
        """The value between the voxels at the point itself."""
        values, _, notes = self._sampled(self._ground.found_of(self._of), codes.PIXELS)
        if not values:
            return (), self._place(), notes
        made = self._made(
            "", values[0].name, values[0].value, values[0].unit, values[0].calibration
        )
        words = f"{number(made.value, made.unit)} {sign(made.unit)}".strip()
        kept = [note for note in notes if "no SD" not in note]
        return (made,), [f"{words} on MPR, interpolated", *self._place()], kept

    def _place(self) -> list[str]:
        return [
            "L {:.1f} P {:.1f} H {:.1f} mm".format(*p).replace("-", "−")
            for p in self._of.points[:1]
        ]

    def _written(self) -> list[str]:
        """What the reader wrote, and a calibration line's length."""
        lines = [self._of.text] if self._of.text else []
        if self._of.kind is AnnotationKind.CALIBRATION:
            length = pixels_of(self._of, self._ground.instance)
            known = "" if self._of.known is None else f"{self._of.known:g} mm = "
            lines.append(f"Calibration: {known}{length:.1f} px, {self._of.made_by.author}")
        return lines

    def _made(
        self,
        key: str,
        name: Code,
        value: float,
        unit: Unit | Ucum,
        calibration: CalibrationKind,
        *,
        plus_minus: float | None = None,
        derivation: Code | None = None,
    ) -> Measurement:
        ident = f"{self._of.id}/{key}" if key else self._of.id
        return Measurement(
            MeasurementId(ident), self._of.id, self._of.on, name, value, unit, calibration,
            plus_minus, derivation, self._metric.aspect,
        )  # fmt: skip


def _no_uptake(instance: Instance, readout: Readout) -> list[str]:
    """Why values of a PET image are no uptake values, where they cannot be (F51)."""
    uptake = instance.suv
    if readout.kind is not ReadoutKind.MODALITY or uptake is None or uptake.scales:
        return []
    return list(uptake.refusals[:1])
