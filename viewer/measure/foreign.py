"""Where the measurements of a foreign structured report lie on the images that are here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from viewer.measure.foreign_planes import Planes
from viewer.measure.foreign_space import (
    Solid,
    circle_of,
    line_in_space,
    own_plane,
    shape_in_space,
)
from viewer.measure.kinds import KINDS
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.figure import Graphic
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.imported import StoredFigure, StoredGroup, StoredNumber, StoredReport
from viewer.model.refs import FrameOfReferenceUid, FrameRef, SopUid
from viewer.model.study import Instance

_K = AnnotationKind
_ON_PLANE = 0.05
"""mm within which a shape lies on the plane of its image."""
_OUTSIDE = 1.0
"""Pixels beyond the edge that writers who count from elsewhere may be off."""
_ROUND = frozenset({Graphic.CIRCLE, Graphic.ELLIPSE})
_BY_COUNT = {2: _K.LENGTH, 3: _K.POLYLINE}
_ANGLES = frozenset({"1483009", "285285000"})
_AXES = ("103339001", "103340004")
ABSENT = "their images are not here"
OUTSIDE = "they lie outside their image"
NO_FRAME = "they are on a frame that their image does not have"
NO_PLANE = "no image here lies where they are in the patient"
FAR = "they lie far from any image"
SEGMENTED = "they are segmentations, which have no outline of points"
NO_PLACE = "they have no place on an image"
IN_SPACE = "how they lie in space is not told by points alone"


@dataclass(frozen=True, slots=True)
class Foreign:
    """One shape of a stored group on one image.

    ``numbers`` are the group's where the shape is its first; ``comparable`` says whether they can
    be taken from this shape anew. ``off`` is how far it lies from the plane of its image, mm.
    ``again`` is a shape that another series shows too.
    """

    annotation: Annotation
    group: StoredGroup
    source: str
    numbers: tuple[StoredNumber, ...] = ()
    comparable: bool = False
    off: float = 0.0
    again: bool = False
    unchecked: str = ""
    """Why its numbers are not compared though they could be, as a sentence."""

    @property
    def name(self) -> str:
        """What the source calls it, led by the finding."""
        words = dict.fromkeys((self.group.finding, self.group.name, *self.group.sites))
        return " · ".join(word for word in words if word) or KINDS[self.annotation.kind].title


def placed(
    report: StoredReport, instances: Mapping[SopUid, Instance]
) -> tuple[tuple[Foreign, ...], tuple[str, ...]]:
    """Every shape that lies on an image of the case, and a sentence for each reason against one."""
    planes = Planes(instances)
    found: list[Foreign] = []
    why: dict[str, int] = {}
    for number, group in enumerate(report.groups):
        shapes, refused = _shapes(group, instances, planes)
        if refused:
            why[refused] = why.get(refused, 0) + 1
            continue
        try:
            ident = f"sr/{report.sop}/{number}"
            placed_so = (_in_patient(shape, instances) for shape in shapes)
            found += list(_named(placed_so, group, report, ident))
        except ValueError:  # Annotation refuses what is far from every image
            why[FAR] = why.get(FAR, 0) + 1
    told = tuple(f"{_many(count)} not shown: {reason}." for reason, count in why.items())
    return tuple(found), (*report.told, *told)


@dataclass(frozen=True, slots=True)
class _Shape:
    kind: AnnotationKind
    on: FrameRef
    pixels: tuple[PixelPoint, ...]
    whole: bool
    off: float = 0.0
    again: bool = False
    points: tuple[PointLps, ...] = ()
    """Of what lies in space; ``pixels`` are their projections then."""
    space: FrameOfReferenceUid | None = None
    plane: ImagePlane | None = None
    """Of what lies flat between images: ``pixels`` count on it then."""


def _many(count: int) -> str:
    return "One measurement is" if count == 1 else f"{count} measurements are"


def _named(
    shapes: Iterable[_Shape], group: StoredGroup, report: StoredReport, ident: str
) -> Iterator[Foreign]:
    for n, shape in enumerate(shapes):
        made_by = Provenance(
            report.author.replace("^", " ").strip() or report.device,
            _moment(report.written),
            report.device,
        )
        ref = AnnotationId(f"{ident}/{n}")
        made = Annotation(
            ref, shape.kind, shape.on, shape.pixels, shape.points, shape.space, made_by,
            plane=shape.plane,
        )  # fmt: skip
        one = Foreign(made, group, report.source, off=shape.off, again=shape.again)
        if n == 0 or shape.again:
            one = replace(one, numbers=group.numbers, comparable=shape.whole)
        yield replace(one, annotation=replace(made, text=one.name))


def _shapes(
    group: StoredGroup, instances: Mapping[SopUid, Instance], planes: Planes
) -> tuple[list[_Shape], str]:
    """The shapes of a group, or why it has none."""
    if not group.figures:
        return [], SEGMENTED if group.segments else NO_PLACE
    solid = shape_in_space(group)
    if solid is not None:
        return _in_space(solid, group.figures[0].space, planes)
    in_space = group.kind is not None and group.kind.in_space
    if in_space or any(one.graphic is Graphic.ELLIPSOID for one in group.figures):
        return [], IN_SPACE
    flat: list[_OnImage] = []
    for figure in group.figures:
        if figure.sop is None:
            spots = planes.spots(figure.space, figure.points)
            if not spots:
                return _off_images(group, planes)
            flat.append(_OnImage(figure, tuple((s.on, s.pixels, s.off) for s in spots)))
            continue
        image = instances.get(figure.sop)
        refused = _refused(figure, image)
        if image is None or refused:
            return [], refused
        on = FrameRef(image.ref.study, image.ref.series, image.ref.sop, figure.frame)
        flat.append(_OnImage(figure, ((on, figure.pixels, 0.0),)))
    return _joined(group, flat), ""


def _in_space(
    solid: Solid | None, space: FrameOfReferenceUid | None, planes: Planes
) -> tuple[list[_Shape], str]:
    """What lies on no image, by the frame that is nearest to its first point."""
    near = planes.nearest(space, solid[1][0]) if solid is not None else None
    if solid is None or near is None:
        return [], NO_PLANE
    (kind, points), (on, plane) = solid, near
    pixels = tuple(plane.to_pixel(point) for point in points)
    return [_Shape(kind, on, pixels, whole=True, points=points, space=space)], ""


def _off_images(group: StoredGroup, planes: Planes) -> tuple[list[_Shape], str]:
    """A line or an angle in space, or what lies flat on a plane of its own."""
    figure = group.figures[0]
    line = line_in_space(figure) if len(group.figures) == 1 else None
    if line is not None and group.kind in {None, _K.LENGTH, _K.ANGLE}:
        return _in_space(line, figure.space, planes)
    return _between(group, planes)


def _between(group: StoredGroup, planes: Planes) -> tuple[list[_Shape], str]:
    """What lies flat between images or across them, on a plane of its own."""
    kind, plane = group.kind or _kind_of(group), own_plane(group.figures)
    spaces = {figure.space for figure in group.figures}
    if kind is None or plane is None or len(spaces) != 1:
        return [], NO_PLANE
    (space,) = spaces
    near = planes.nearest(space, plane.position)
    parts = [(one, tuple(plane.to_pixel(p) for p in one.points)) for one in group.figures]
    pixels = _points(kind, parts)
    if kind is _K.CIRCLE and len(pixels) == 4:
        pixels = circle_of(pixels)
    if near is None or not KINDS[kind].takes(len(pixels)):
        return [], NO_PLANE
    points = tuple(plane.to_lps(p) for p in pixels)
    made = _Shape(kind, near[0], pixels, whole=True, points=points, space=space, plane=plane)
    return [made], ""


def _in_patient(shape: _Shape, instances: Mapping[SopUid, Instance]) -> _Shape:
    """The same with its places in the patient, where its image has a plane that it lies on."""
    image, at = instances[shape.on.sop], shape.on.frame
    plane = image.planes[at] if at < len(image.planes) else None
    if shape.points or plane is None or shape.off > _ON_PLANE:
        return shape
    points = tuple(plane.to_lps(p) for p in shape.pixels)
    return replace(shape, points=points, space=image.frame_of_reference)


@dataclass(frozen=True, slots=True)
class _OnImage:
    """A figure with each frame that shows it: the frame, its points there, how far off it lies."""

    figure: StoredFigure
    spots: tuple[tuple[FrameRef, tuple[PixelPoint, ...], float], ...]


def _refused(figure: StoredFigure, image: Instance | None) -> str:
    """Why a figure cannot be shown on its image; empty where it can."""
    if image is None or image.format is None:
        return ABSENT
    if not 0 <= figure.frame < image.frames:
        return NO_FRAME
    places: Iterable[PixelPoint] = figure.pixels
    if figure.graphic in _ROUND:  # its edge may lie beyond, its centre not
        around = figure.pixels[:1] if figure.graphic is Graphic.CIRCLE else figure.pixels
        count = len(around)
        places = [
            PixelPoint(sum(p.column for p in around) / count, sum(p.row for p in around) / count)
        ]
    rows, columns = image.format.rows - 0.5 + _OUTSIDE, image.format.columns - 0.5 + _OUTSIDE
    inside = all(
        -0.5 - _OUTSIDE <= p.column <= columns and -0.5 - _OUTSIDE <= p.row <= rows for p in places
    )
    return "" if inside else OUTSIDE


def _joined(group: StoredGroup, flat: Sequence[_OnImage]) -> list[_Shape]:
    """One shape where the figures make one of a kind that is known, else one for each figure."""
    kind = group.kind or _kind_of(group)
    frames = {spots[0][0] for spots in (one.spots for one in flat)}
    if kind is not None and len(frames) == 1:
        shapes = []
        for n in range(min(len(one.spots) for one in flat)):
            points = _points(kind, [(one.figure, one.spots[n][1]) for one in flat])
            if not KINDS[kind].takes(len(points)):
                break
            on, _, off = flat[0].spots[n]
            shapes.append(_Shape(kind, on, points, whole=True, off=off, again=n > 0))
        if shapes:
            return shapes
    return [shape for one in flat for shape in _alone(one, whole=len(flat) == 1, group=group)]


def _points(
    kind: AnnotationKind, parts: Sequence[tuple[StoredFigure, tuple[PixelPoint, ...]]]
) -> tuple[PixelPoint, ...]:
    """The points as our kind has them: handles where they are told, else of all figures in turn."""
    handles = [pixels for figure, pixels in parts if figure.graphic is Graphic.MULTIPOINT]
    if handles:
        return handles[0]
    points = [p for figure, pixels in parts for p in _open(figure, pixels)]
    if kind is _K.ANGLE and len(points) == 4 and points[1] == points[2]:
        del points[2]
    return tuple(points)


def _open(figure: StoredFigure, pixels: tuple[PixelPoint, ...]) -> tuple[PixelPoint, ...]:
    """Without the point that closes an outline."""
    return pixels[:-1] if figure.closed and pixels[0] == pixels[-1] else pixels


def _kind_of(group: StoredGroup) -> AnnotationKind | None:
    """What a group was drawn as by an unknown writer; None where its figures belong apart."""
    codes = [number.name.value for number in group.numbers]
    counts = [len(figure.pixels or figure.points) for figure in group.figures]
    if counts == [2, 2] and set(_AXES) <= set(codes):
        return _K.BIDIRECTIONAL
    if len(counts) != 1:
        return None
    if counts[0] == 3 and _ANGLES & set(codes) and not group.figures[0].closed:
        return _K.ANGLE
    return _kind_alone(group.figures[0])


def _kind_alone(figure: StoredFigure) -> AnnotationKind | None:
    match figure.graphic:
        case Graphic.POINT:
            return _K.PROBE
        case Graphic.CIRCLE:
            return _K.CIRCLE
        case Graphic.ELLIPSE:
            return _K.ELLIPSE
        case Graphic.MULTIPOINT:
            return None
    if figure.closed:
        return _K.POLYGON
    return _BY_COUNT.get(len(figure.pixels or figure.points), _K.POLYLINE)


def _alone(one: _OnImage, *, whole: bool, group: StoredGroup) -> Iterator[_Shape]:
    kind = _kind_alone(one.figure)
    for n, (on, pixels, off) in enumerate(one.spots):
        points = _open(one.figure, pixels)
        if kind is None or not KINDS[kind].takes(len(points)):
            for p in points:
                yield _Shape(_K.PROBE, on, (p,), whole=False, off=off, again=n > 0)
            continue
        three = group.kind is _K.CIRCLE_3 and kind is _K.CIRCLE  # by its centre
        whole = whole and (three or group.kind in {None, kind})
        yield _Shape(kind, on, points, whole=whole, off=off, again=n > 0)


def _moment(written: str) -> datetime:
    """When a report was written; the start of the era where it does not say."""
    digits = written.partition(".")[0].ljust(14, "0")[:14]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime(1, 1, 1, tzinfo=UTC)
