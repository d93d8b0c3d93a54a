"""Lengths on a straightened picture: true along the surface that it shows, and so labelled.

The path lies on one plane and the rows of the picture are upright on it, so that the surface was
bent straight without stretching (it is developable): the picture's own millimetres are its.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from viewer.calibration.spacing import scale_of
from viewer.measure.labels import text
from viewer.measure.quantity import SQUARE_PIXELS, Metric
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import Spacing
from viewer.model.measurement import CalibrationKind, Unit
from viewer.viewport.curve_edits import Curves
from viewer.viewport.curved import CurvedSheet, CurvedViewport
from viewer.viewport.drawing import Hand
from viewer.viewport.measuring import Selection, begin, hold
from viewer.viewport.shapes import Shape, shape_of
from viewer.viewport.tools import Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PaneTransform
from viewer.viewport.viewport import Viewport

_REASON = "Along the surface that was bent straight, and straight through the patient."


def why_no_length(viewport: CurvedViewport) -> str | None:
    """Why a length along this picture would not be true, as a sentence; None where it is."""
    state, instance = viewport.state, viewport.instance
    if instance is None or state.nearest is None or state.sheet is None:
        return "There is no picture to measure on."
    if state.slab is not None:
        return "A slab shows what lies behind each other as one: take it away to measure here."
    scale = scale_of(instance, state.nearest.frame)
    if scale.calibration is not CalibrationKind.PATIENT:
        return f"No length on this picture is known to be true. {scale.reason}"
    return None


def read_along(annotation: Annotation, sheet: CurvedSheet) -> Reading:
    """A length along the surface, and the straight way between its two ends."""
    first, last = annotation.pixels[0], annotation.pixels[-1]
    (s, v), (t, w) = sheet.millimetres(first), sheet.millimetres(last)
    spacing = Spacing(sheet.pixel, sheet.pixel)
    along = text(math.hypot(t - s, w - v), Unit.MILLIMETRE, spacing)
    straight = text((sheet.to_lps(last) - sheet.to_lps(first)).norm, Unit.MILLIMETRE, spacing)
    return Reading((), (f"{along} along the curve", f"{straight} straight"), (), _REASON)


def curve_shapes(
    viewport: CurvedViewport,
    curves: Curves,
    selection: Selection,
    transform: PaneTransform,
    preview: Annotation | None,
) -> tuple[Shape, ...]:
    """What is drawn on a curved picture; ``preview`` is what is being drawn on it."""
    sheet = viewport.state.sheet
    if sheet is None:
        return ()
    held = [one for one in curves.lengths() if preview is None or one.id != preview.id]
    return tuple(
        shape_of(
            one,
            transform,
            Metric(SQUARE_PIXELS, SQUARE_PIXELS),
            lambda annotation: read_along(annotation, sheet),
            selected=one.id == selection.chosen,
            drawing=one is preview,
            held=selection.point,
        )
        for one in (*held, *((preview,) if preview is not None else ()))
    )


@dataclass(frozen=True, slots=True)
class CurveLength:
    """Draws lengths on a curved picture; refuses with a sentence where none would be true."""

    curves: Curves
    selection: Selection
    hand: Hand
    refuse: Callable[[str], None]
    id: ToolId = ToolId.LENGTH

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Take hold of a length under the pointer, else begin a new one there."""
        if not isinstance(viewport, CurvedViewport):
            return None
        self.selection.choose(None)
        gesture = hold(e, viewport, self.curves.lengths(), self.selection)
        if gesture is not None:
            return gesture
        refused = why_no_length(viewport)
        if refused is not None:
            self.refuse(refused)
            return None
        return begin(e, viewport, AnnotationKind.LENGTH, self.selection, self.hand)
