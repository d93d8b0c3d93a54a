"""Every measurement kind as one record: points, drawing, computing, name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from viewer.errors import GeometryError
from viewer.measure import arrange, codes, linear, outline, regions, sayings
from viewer.measure.in_space import SPACE, InSpace
from viewer.measure.quantity import Metric, Points, Quantity
from viewer.measure.regions import Region
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import Measurement
from viewer.model.refs import Code


class DrawnBy(StrEnum):
    """What a hand does to draw a kind."""

    DRAG = "drag"
    """One drag, or two clicks, give the whole shape."""
    CLICKS = "clicks"
    """A click for each point."""
    PATH = "path"
    """A click for each point until it is ended."""
    FREE = "free"
    """The way of the pointer while the button is held."""


@dataclass(frozen=True, slots=True)
class MeasurementKind:
    """One kind; its key, icon and help stand in the key table under ``tool.<kind>``."""

    kind: AnnotationKind
    title: str
    points: int
    """How many points it has, at least where ``open_ended``."""
    drawn_by: DrawnBy
    name: Code
    """What its first number is called in a structured report."""
    compute: Callable[[Points, Metric], tuple[Quantity, ...]]
    draw: outline.Outline
    say: Callable[[Sequence[Measurement], Spacing | None], tuple[str, ...]] = sayings.first
    begin: arrange.Begin = arrange.two
    """The points that a drag gives."""
    settle: arrange.Settle = arrange.freely
    """All points once one of them was moved."""
    slopes: Callable[[Points, Metric], dict[str, float]] | None = None
    """Sums of squared slopes of its numbers by key, for kinds of very many points (F46)."""
    region: Callable[[Points, Metric], Region] | None = None
    """The shape whose pixels are counted."""
    probes: bool = False
    """Whether it reads the value under its point."""
    written: bool = False
    """Whether it carries words of the reader and no number."""
    space: InSpace | None = None
    """How it lies in the patient, for kinds that lie on no single image."""

    @property
    def open_ended(self) -> bool:
        """Whether points can be added and taken away."""
        return self.drawn_by in {DrawnBy.PATH, DrawnBy.FREE}

    @property
    def closed(self) -> bool:
        """Whether it encloses pixels."""
        return self.region is not None

    @property
    def by_two(self) -> bool:
        """Whether two places give its whole shape: ends, corners, centre and edge."""
        return self.drawn_by is DrawnBy.DRAG and self.kind is not AnnotationKind.BIDIRECTIONAL

    def placed(self, points: Points, shape: Spacing) -> tuple[PixelPoint, ...]:
        """The points of a shape from places given as numbers: all of them, or two that span it.

        Raises GeometryError where there are too few or too many.
        """
        given = tuple(points)
        if self.by_two and len(given) == 2:
            return self.begin(given[0], given[1], shape)
        if not self.takes(len(given)):
            least = "at least " if self.open_ended else ""
            many = f"{least}{self.points} point{'s' if self.points > 1 else ''}"
            raise GeometryError(f"{self.title} takes {many}, not {len(given)}.")
        return given

    def takes(self, count: int) -> bool:
        """Whether so many points make one."""
        return count >= self.points if self.open_ended else count == self.points


_K = AnnotationKind
_LINES = (
    MeasurementKind(
        _K.LENGTH, "Length", 2, DrawnBy.DRAG, codes.LENGTH, linear.length, outline.open_line
    ),
    MeasurementKind(
        _K.BIDIRECTIONAL, "Long and short axis", 4, DrawnBy.DRAG, codes.LONG_AXIS,
        linear.bidirectional, outline.two_lines, say=sayings.product, begin=arrange.cross,
        settle=arrange.keep_cross,
    ),
    MeasurementKind(
        _K.POLYLINE, "Polyline length", 2, DrawnBy.PATH, codes.PATH_LENGTH, linear.path,
        outline.open_line, slopes=linear.path_slopes,
    ),
    MeasurementKind(
        _K.CURVE, "Curve length", 2, DrawnBy.FREE, codes.PATH_LENGTH, linear.path,
        outline.open_line, slopes=linear.path_slopes,
    ),
    MeasurementKind(
        _K.ANGLE, "Angle", 3, DrawnBy.CLICKS, codes.ANGLE, linear.angle, outline.open_line
    ),
    MeasurementKind(
        _K.LINES_ANGLE, "Angle of two lines", 4, DrawnBy.CLICKS, codes.ANGLE, linear.lines_angle,
        outline.two_lines, say=sayings.supplemented,
    ),
    MeasurementKind(
        _K.COBB, "Cobb angle", 4, DrawnBy.CLICKS, codes.COBB, linear.cobb, outline.two_lines,
        say=sayings.cobb,
    ),
    MeasurementKind(
        _K.PARALLEL, "Distance of parallels", 3, DrawnBy.CLICKS, codes.DISTANCE, linear.parallel,
        outline.parallels,
    ),
    MeasurementKind(
        _K.HEART, "Cardiothoracic ratio", 4, DrawnBy.CLICKS, codes.HEART_RATIO, linear.heart,
        outline.two_lines, say=sayings.ratio,
    ),
)  # fmt: skip
_REGIONS = (
    MeasurementKind(
        _K.RECTANGLE, "Rectangle", 4, DrawnBy.DRAG, codes.AREA, regions.rectangle_size,
        outline.closed_line, say=sayings.area, begin=arrange.corners, settle=arrange.keep_corners,
        region=regions.polygon,
    ),
    MeasurementKind(
        _K.ELLIPSE, "Ellipse", 4, DrawnBy.DRAG, codes.AREA, regions.ellipse_size,
        outline.axes_outline, say=sayings.area, begin=arrange.axes, settle=arrange.keep_axes,
        region=regions.axes_ellipse,
    ),
    MeasurementKind(
        _K.CIRCLE, "Circle", 2, DrawnBy.DRAG, codes.AREA, regions.circle_size,
        outline.circle_outline, say=sayings.round_area, settle=arrange.with_centre,
        region=regions.circle,
    ),
    MeasurementKind(
        _K.CIRCLE_3, "Circle through three points", 3, DrawnBy.CLICKS, codes.AREA,
        regions.circle_3_size, outline.circle_3_outline, say=sayings.round_area,
        region=regions.circle_3,
    ),
    MeasurementKind(
        _K.POLYGON, "Polygon", 3, DrawnBy.PATH, codes.AREA, regions.polygon_size,
        outline.closed_line, say=sayings.area, slopes=regions.polygon_slopes,
        region=regions.polygon,
    ),
    MeasurementKind(
        _K.FREEHAND, "Free outline", 3, DrawnBy.FREE, codes.AREA, regions.polygon_size,
        outline.closed_line, say=sayings.area, slopes=regions.polygon_slopes,
        region=regions.polygon,
    ),
    MeasurementKind(
        _K.LIVEWIRE,
        "Outline along edges",
        3,
        DrawnBy.PATH,
        codes.AREA,
        regions.polygon_size,
        outline.closed_line,
        say=sayings.area,
        slopes=regions.polygon_slopes,
        region=regions.polygon,
    ),
    MeasurementKind(
        _K.PROBE, "Value at a point", 1, DrawnBy.CLICKS, codes.VALUE, linear.nothing,
        outline.no_line, probes=True,
    ),
)  # fmt: skip
_WORDS = (
    MeasurementKind(
        _K.ARROW, "Arrow", 2, DrawnBy.DRAG, codes.VALUE, linear.nothing, outline.open_line,
        written=True,
    ),
    MeasurementKind(
        _K.TEXT, "Text", 1, DrawnBy.CLICKS, codes.VALUE, linear.nothing, outline.no_line,
        written=True,
    ),
    MeasurementKind(
        _K.SPINE, "Spine label", 1, DrawnBy.CLICKS, codes.VALUE, linear.nothing, outline.no_line,
        written=True,
    ),
    MeasurementKind(
        _K.CALIBRATION, "Calibration line", 2, DrawnBy.DRAG, codes.LENGTH, linear.nothing,
        outline.open_line, written=True,
    ),
)  # fmt: skip

_SPACE = (
    MeasurementKind(
        _K.LINE_3D, "Length in 3D", 2, DrawnBy.CLICKS, codes.LENGTH, linear.nothing,
        outline.no_line, space=SPACE[_K.LINE_3D],
    ),
    MeasurementKind(
        _K.ANGLE_3D, "Angle in 3D", 3, DrawnBy.CLICKS, codes.ANGLE, linear.nothing,
        outline.no_line, space=SPACE[_K.ANGLE_3D],
    ),
    MeasurementKind(
        _K.SPHERE, "Sphere", 2, DrawnBy.DRAG, codes.VOLUME, linear.nothing, outline.no_line,
        say=sayings.round_area, space=SPACE[_K.SPHERE],
    ),
    MeasurementKind(
        _K.BOX, "Box", 4, DrawnBy.DRAG, codes.VOLUME, linear.nothing, outline.no_line,
        say=sayings.sized, space=SPACE[_K.BOX],
    ),
    MeasurementKind(
        _K.ELLIPSOID, "Ellipsoid", 4, DrawnBy.DRAG, codes.VOLUME, linear.nothing, outline.no_line,
        say=sayings.sized, space=SPACE[_K.ELLIPSOID],
    ),
    MeasurementKind(
        _K.GROWN, "Grown volume", 2, DrawnBy.DRAG, codes.VOLUME, linear.nothing, outline.no_line,
        space=SPACE[_K.GROWN],
    ),
)  # fmt: skip

KINDS: Mapping[AnnotationKind, MeasurementKind] = MappingProxyType(
    {record.kind: record for record in (*_LINES, *_REGIONS, *_WORDS, *_SPACE)}
)
