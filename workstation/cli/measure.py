"""``lightbox measure``: what a tool says of places on one image, by the code of the window."""

import argparse
import json
import math
import re
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from viewer.errors import GeometryError
from viewer.loading.folder import FolderSource
from viewer.loading.pool import DecodePool
from viewer.measure.doubt import parts
from viewer.measure.kinds import KINDS
from viewer.measure.labels import uncertainty_text
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.measurement import Measurement
from viewer.model.quantities import Readout
from viewer.model.split import SplitRules, load_rules
from viewer.model.study import Instance
from viewer.pixels.measured import readouts
from viewer.viewport.by_numbers import Place, places_of
from workstation.cli.one_image import Named, OneImage, images_of, read_image
from workstation.cli.space_ground import SpaceGround
from workstation.errors import UserFacingError
from workstation.paths import resources

TOOLS = tuple(kind.value for kind, record in KINDS.items() if not record.written)
_NEAR = 0.5
"""mm from an image within which a place lies on it; half of the step between images if more."""
_NOBODY = Provenance("", datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for, checked."""

    image: Named
    tool: AnnotationKind
    places: tuple[Place, ...]
    by_place: bool
    """Whether the image is the one that the places lie on."""
    readout: str = ""
    told: bool = False
    span: tuple[float, float] | None = None
    """Values in which a volume grows."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``measure`` takes."""
    # Points may begin with a minus, which is a value and no option.
    parser._negative_number_matcher = re.compile(r"-[\d.]")  # noqa: SLF001 - no public way
    add = parser.add_argument
    add("path", type=Path, help="DICOM file or folder")
    add("--tool", required=True, choices=TOOLS, metavar="TOOL", help=", ".join(TOOLS))
    add(
        "--points",
        required=True,
        metavar="P;P",
        help="'x,y,z;x,y,z' in mm of the patient (LPS), or 'column,row;column,row' from 0 at the "
        "centre of the first pixel",
    )
    add("--series", metavar="UID", help="series to take; else the first with images")
    add(
        "--index",
        metavar="I",
        help="image in display order, from 0; else the points' own",
    )
    add("--frame", metavar="F", help="frame of that image's object as it is stored, from 0")
    add("--readout", metavar="NAME", help="values to take; else the image's default")
    add("--range", metavar="LOW;HIGH", help="values that a grown volume takes in; else proposed")
    add("--json", action="store_true", help="write JSON instead of text")


def run(args: argparse.Namespace) -> int:
    """Write the numbers; UserFacingError says in a sentence why there are none."""
    wanted = checked(args)
    rules = load_rules(resources() / "splitting.toml")
    if wanted.tool.in_space:
        return _run_in_space(wanted, rules)
    if wanted.by_place:
        wanted = replace(wanted, image=_image_of(wanted, rules))
    with closing(DecodePool(workers=1)) as pool:
        image = read_image(wanted.image, pool.decode, rules)
    readout = _readout(wanted, image)
    try:
        annotation = _annotation(wanted, image)
        found = read(annotation, _ground(image, readout), uncertain=True)
    except GeometryError as error:
        raise UserFacingError(error.sentence) from error
    return _write(wanted, image, annotation, found)


def _run_in_space(wanted: Wanted, rules: SplitRules) -> int:
    """The same of a tool that lies on no single image."""
    points = [p for p in wanted.places if isinstance(p, PointLps)]
    if len(points) < len(wanted.places):
        raise UserFacingError("--points: a tool in space takes points in mm of the patient.")
    named = wanted.image
    with closing(DecodePool(workers=1)) as pool:
        series = SpaceGround(named.path, named.series, points[0], rules, pool.decode)
        on = series.places.frames[series.places.nearest(points[0])]
        index = [ref for _, ref in images_of(series.series, rules)].index(on)
        image = read_image(replace(named, series=on.series, index=index), pool.decode, rules)
        readout = _readout(wanted, image)
        try:
            made = series.annotation(wanted.tool, points, _NOBODY, wanted.span)
            made, ground = series.ground(made, readout)
            found = read(made, ground, uncertain=True)
        except GeometryError as error:
            raise UserFacingError(error.sentence) from error
    return _write(wanted, image, made, found)


def _readout(wanted: Wanted, image: OneImage) -> str:
    """The name of the values to take as the image has it; UserFacingError where it has none."""
    offered = {one.name.casefold(): one.name for one in _offered(image)}
    if wanted.readout and wanted.readout.casefold() not in offered:
        names = ", ".join(offered.values()) or "none"
        raise UserFacingError(f"This image has no values called {wanted.readout}; it has {names}.")
    return offered.get(wanted.readout.casefold(), "")


def _write(wanted: Wanted, image: OneImage, annotation: Annotation, found: Reading) -> int:
    if not found.measurements:
        raise UserFacingError(" ".join(found.notes) or "There is no number.")
    text = json.dumps(_described(image, annotation, found), indent=2, allow_nan=False)
    sys.stdout.write((text if wanted.told else "\n".join(_lines(found))) + "\n")
    return 0


def checked(args: argparse.Namespace) -> Wanted:
    """The arguments as they are meant; UserFacingError for the first that means nothing."""
    text = str(args.points)
    numbers = 2 if len(text.split(";")[0].split(",")) == 2 else 3
    try:
        places = places_of(text, numbers)
    except GeometryError as error:
        raise UserFacingError(f"--points: {error.sentence}") from error
    index = None if args.index is None else _count("--index", args.index)
    frame = None if args.frame is None else _count("--frame", args.frame)
    by_place = numbers == 3 and index is None and frame is None
    return Wanted(
        Named(args.path, args.series, index or 0, frame),
        AnnotationKind(args.tool),
        places,
        by_place,
        args.readout or "",
        told=args.json,
        span=None if args.range is None else _span(str(args.range)),
    )


def _span(text: str) -> tuple[float, float]:
    """Two numbers, the lower one first; UserFacingError."""
    try:
        low, high = (float(part) for part in text.split(";"))
    except ValueError:
        low, high = math.inf, math.inf
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise UserFacingError("--range: a lowest and a highest value, as '-50;150'.")
    return low, high


def _image_of(wanted: Wanted, rules: SplitRules) -> Named:
    """The image whose plane lies nearest to all places; the first series with such a one."""
    named, places = wanted.image, [p for p in wanted.places if isinstance(p, PointLps)]
    if not named.path.exists():
        raise UserFacingError(f"{named.path} does not exist.")
    scan = FolderSource().scan([named.path])
    nearest = None
    for series in (s for study in scan.studies for s in study.series):
        if named.series not in {None, series.uid}:
            continue
        planes = [_plane(instance, ref.frame) for instance, ref in images_of(series, rules)]
        off = [
            max((abs(plane.distance(p)) for p in places), default=0.0) if plane else math.inf
            for plane in planes
        ]
        if not off or min(off) == math.inf:
            continue
        best = off.index(min(off))
        if off[best] <= max(_NEAR, _half_step(planes, best)):
            return replace(named, series=series.uid, index=best)
        nearest = min(off[best], nearest if nearest is not None else off[best])
    if nearest is None:
        raise UserFacingError("No image there has a place in the patient; give columns and rows.")
    raise UserFacingError(f"The points lie {nearest:.1f} mm off the nearest image.")


def _half_step(planes: Sequence[ImagePlane | None], at: int) -> float:
    here = planes[at]
    if here is None:
        return 0.0
    away = [abs(here.distance(other.position)) for other in planes if other is not None]
    return min((d for d in away if d > 1e-6), default=0.0) / 2 + 1e-6


def _plane(instance: Instance, frame: int) -> ImagePlane | None:
    return instance.planes[frame] if frame < len(instance.planes) else None


def _annotation(wanted: Wanted, image: OneImage) -> Annotation:
    instance, frame = image.instance, image.ref.frame
    plane = _plane(instance, frame)
    near = math.inf if wanted.by_place else _NEAR
    pixels = tuple(_pixel(place, plane, n, near) for n, place in enumerate(wanted.places, 1))
    stored = instance.format
    for n, p in enumerate(pixels, 1):
        if stored is None or not (
            -0.5 <= p.column <= stored.columns - 0.5 and -0.5 <= p.row <= stored.rows - 0.5
        ):
            raise UserFacingError(f"Point {n} lies outside the image.")
    shape = Ground(instance).metric(frame, pixels).shape
    pixels = KINDS[wanted.tool].placed(pixels, shape)
    return Annotation(
        AnnotationId("measurement"),
        wanted.tool,
        image.ref,
        pixels,
        () if plane is None else tuple(plane.to_lps(p) for p in pixels),
        instance.frame_of_reference if plane is not None else None,
        _NOBODY,
    )


def _pixel(place: Place, plane: ImagePlane | None, number: int, near: float) -> PixelPoint:
    if isinstance(place, PixelPoint):
        return place
    if plane is None:
        raise UserFacingError("This image has no place in the patient; give columns and rows.")
    off = abs(plane.distance(place))
    if off > near:
        raise UserFacingError(f"Point {number} lies {off:.1f} mm off the plane of the image.")
    return plane.to_pixel(place)


def _offered(image: OneImage) -> Sequence[Readout]:
    stored = image.instance.format
    return readouts(image.instance) if stored is not None and stored.is_grey else ()


def _ground(image: OneImage, readout: str = "") -> Ground:
    return Ground(image.instance, image.pixels, readout=readout)


def _described(image: OneImage, annotation: Annotation, found: Reading) -> dict[str, object]:
    """The documented JSON of ``lightbox measure``."""
    return {
        "tool": annotation.kind.value,
        "series": image.ref.series,
        "sop": image.ref.sop,
        "frame": image.ref.frame,
        "pixels": [list(p) for p in annotation.pixels],
        "points": [list(p) for p in annotation.points],
        "label": ", ".join(found.lines),
        "measurements": [_number(one, _ground(image)) for one in found.measurements],
        "reason": found.reason,
        "notes": list(found.notes),
        "warnings": [*image.instance.repairs, *image.notes],
    }


def _number(one: Measurement, ground: Ground) -> dict[str, object]:
    of = parts(one, ground.relative(one.calibration))
    derived = {} if one.derivation is None else {"derivation": one.derivation.meaning}
    return {
        "name": one.name.meaning,
        **derived,
        "value": one.value,
        "unit": str(one.unit),
        "calibration": one.calibration.value,
        "plus_minus": one.plus_minus,
        "from_placing": None if of is None else of.placing,
        "from_scale": None if of is None else of.scale,
    }


def _lines(found: Reading) -> list[str]:
    first = found.measurements[0]
    off = ""
    if first.plus_minus is not None:
        off = f" (± {uncertainty_text(first.plus_minus, first.unit)}, k = 2)"
    return [f"{found.lines[0]}{off}", *found.lines[1:], found.reason, *found.notes]


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise UserFacingError(f"{name} is a number from 0, not {text}.")
    return int(text)
