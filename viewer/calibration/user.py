"""A reader's own calibration of one image; headers stay as they are (F37)."""

import math
from collections.abc import Iterable

from viewer.calibration.spacing import Scale, pixel_aspect
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.refs import InstanceRef
from viewer.model.study import Instance

WORD = "calibrated by hand"
_TRUE = frozenset({"CT", "MR", "PT", "NM"})
"""Modalities whose headers say the spacing in the patient: nobody calibrates those by hand."""


def why_no_calibration(instance: Instance) -> str | None:
    """Why an image is not calibrated by hand, as a sentence; None where it may be."""
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


def pixels_of(line: Annotation, instance: Instance) -> float:
    """Length of a calibration line in pixels of one column's width (F38)."""
    aspect = pixel_aspect(instance, line.on.frame)
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
        Spacing(across * pixel_aspect(instance, line.on.frame), across),
        CalibrationKind.USER,
        WORD,
        f"Calibrated by {line.made_by.author or 'the reader'} on {when} from a line of "
        f"{line.known:g} mm; it holds only where that object lay.",
    )
