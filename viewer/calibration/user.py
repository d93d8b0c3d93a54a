"""A reader's own calibration of one image; headers stay as they are (F37)."""

import math
from collections.abc import Iterable, Sequence

from viewer.calibration.regions import region_at, spacing_in
from viewer.calibration.spacing import Scale, pixel_aspect
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.refs import InstanceRef
from viewer.model.study import Instance
from viewer.model.ultrasound import AxisUnit, UltrasoundRegion

WORD = "calibrated by hand"
_TRUE = frozenset({"CT", "MR", "PT", "NM"})
"""Modalities whose headers say the spacing in the patient: nobody calibrates those by hand."""


def why_no_calibration(instance: Instance, line: Annotation) -> str | None:
    """Why an image is not calibrated by a line drawn by hand, as a sentence; None where it may be.

    ``instance`` is the whole object of the line's frame.
    """
    region = region_at(instance, line.on.frame, line.pixels)
    if region is not None and _has_other_units(region):
        return "The axes of this ultrasound region are no lengths; no line calibrates them."
    if instance.modality in _TRUE:
        return f"The header of a {instance.modality} image says its spacing; a line drawn by hand "\
            "does not replace it."  # fmt: skip
    return None


def line_of(annotations: Iterable[Annotation], image: InstanceRef) -> Annotation | None:
    """The newest calibration line with a known length on an image."""
    lines = [
        a
        for a in annotations
        if a.kind is AnnotationKind.CALIBRATION
        and a.known is not None
        and a.on.instance == image
        and a.pixels[0] != a.pixels[-1]
    ]
    return max(lines, key=lambda a: a.made_by.made_at, default=None)


def holds(
    line: Annotation, instance: Instance, frame: int, points: Sequence[PixelPoint] = ()
) -> bool:
    """Whether a line says the scale of a shape over these points, or of the whole picture.

    On ultrasound a line holds in the region that it was drawn in alone: another one has a scale of
    its own, or time and velocity instead of lengths (F36).
    """
    regions = instance.at(frame).regions
    if not regions:
        return True
    home = region_at(instance, line.on.frame, line.pixels)
    if home is not None and _has_other_units(home):
        return False
    if not points:
        return all(region == home for region in regions)
    if home is None:
        return not any(region.holds(p) for region in regions for p in points)
    return region_at(instance, frame, points) == home


def _has_other_units(region: UltrasoundRegion) -> bool:
    """Whether an axis is known to be something else than a length."""
    return bool({region.x.unit, region.y.unit} - {AxisUnit.NONE, AxisUnit.CENTIMETRE})


def _aspect(line: Annotation, instance: Instance) -> float:
    """Height of a pixel over its width where a line lies (F38)."""
    region = region_at(instance, line.on.frame, line.pixels)
    spacing = None if region is None else spacing_in(region)
    return (
        pixel_aspect(instance, line.on.frame) if spacing is None else spacing.row / spacing.column
    )


def pixels_of(line: Annotation, instance: Instance) -> float:
    """Length of a calibration line in pixels of one column's width (F38)."""
    aspect = _aspect(line, instance)
    a, b = line.pixels[0], line.pixels[-1]
    return math.hypot(b.column - a.column, (b.row - a.row) * aspect)


def user_scale(line: Annotation, instance: Instance) -> Scale:
    """The scale that a calibration line gives; ValueError where it has no known length."""
    length = pixels_of(line, instance)
    if line.known is None or length == 0:
        raise ValueError("a calibration line has a length, drawn and known")
    across = line.known / length
    when = f"{line.made_by.made_at:%Y-%m-%d %H:%M}"
    return Scale(
        Spacing(across * _aspect(line, instance), across),
        CalibrationKind.USER,
        WORD,
        f"Calibrated by {line.made_by.author or 'the reader'} on {when} from a line of "
        f"{line.known:g} mm; it holds only where that object lay.",
    )
