"""What stands above a reconstructed plane, and its words: always told apart from an image."""

from collections.abc import Sequence
from dataclasses import replace

from viewer.calibration.spacing import Scale
from viewer.model.geometry import PointLps
from viewer.model.measurement import CalibrationKind
from viewer.model.presentation import Presentation
from viewer.model.sample_grid import Slab, SlabMode
from viewer.model.study import Instance, Series
from viewer.viewport.corners import LineRule, fill_corners
from viewer.viewport.cross_lines import WORDS, cross_lines
from viewer.viewport.letters import letters
from viewer.viewport.overlay import Overlay, PaneContext, corner_fields
from viewer.viewport.planes import Crosshair, PlaneName
from viewer.viewport.reformat import PlaneState
from viewer.viewport.ruler import ruler
from viewer.viewport.shapes import Shape
from viewer.viewport.transform import PaneTransform
from viewer.viewport.words import position_text, window_text

_OBLIQUE = 0.5
"""Degrees from the patient's plane beyond which a plane is called oblique."""
_MODES = {SlabMode.MAXIMUM: "MIP", SlabMode.MINIMUM: "MinIP", SlabMode.MEAN: "mean"}


def plane_overlay(
    state: PlaneState,
    instance: Instance,
    transform: PaneTransform,
    context: PaneContext,
    rules: Sequence[LineRule],
    shapes: Sequence[Shape] = (),
    *,
    scale: float = 1.0,
    slices: int = 0,
) -> Overlay | None:
    """Compose the display list of a plane; ``slices`` are those of the whole volume.

    ``scale`` is device pixels per logical pixel.
    """
    crosshair, cut = state.crosshair, state.cut
    if crosshair is None or cut is None:
        return None
    plane = cut.plane
    fields = corner_fields(state, instance, transform, context) | {
        "image.position": ""
        if state.words
        else position_text(replace(plane, position=crosshair.centre)),
        "image.thickness": "",
        "image.laterality": "",
        "image.view": "",
        "view.image": f"{'View' if state.words else 'Step'} {state.index + 1}/{state.count}",
        "view.zoom": f"Zoom {transform.zoom:.2f}",
        "mark.covers": "",
        "mark.reformat": state.words or reformat_text(state.name, crosshair, state.slab),
        "mark.volume": volume_text(state, slices),
    }
    return Overlay(
        corners=fill_corners(rules, fields, instance.modality, context.review.level),
        letters=letters(plane, None, transform),
        ruler=ruler(
            Scale(plane.spacing, CalibrationKind.PATIENT, "", "Reformatted from the volume."),
            transform,
        ),
        shapes=tuple(shapes),
        notes=context.notes,
        crosshair=cross_lines(
            crosshair,
            plane,
            transform,
            scale=scale,
            on=state.name,
            thickness=state.slab.thickness if state.slab else 0.0,
        ),
        plane=state.name,
    )


def plane_words(name: PlaneName, crosshair: Crosshair) -> str:
    """The patient's plane that a plane is nearest to, and by how much it is oblique.

    Where it was turned so far that this is another one, the word of its line stands behind.
    """
    nearest, tilt = crosshair.tilt(name)
    words = f"{nearest.value}, oblique {tilt:.0f}°" if tilt >= _OBLIQUE else nearest.value
    return words if nearest is name else f"{words} ({WORDS[name]})"


def slab_text(slab: Slab | None) -> str:
    """Mode and thickness of a slab, or that there is none."""
    return f"{_MODES[slab.mode]} {slab.thickness:.1f} mm" if slab else "single plane"


def reformat_text(name: PlaneName, crosshair: Crosshair, slab: Slab | None) -> str:
    """That this is a reconstruction: of which plane, how interpolated, how thick."""
    return f"MPR {plane_words(name, crosshair)} · trilinear · {slab_text(slab)}"


def volume_text(state: PlaneState, slices: int) -> str:
    """How much of the volume is here, and whether the picture is a coarse one; else empty."""
    parts = []
    if state.here < slices:
        parts.append(f"VOLUME {state.here} OF {slices} IMAGES")
    parts += late_text(state.late)
    if state.coarse > 1:
        parts.append("HALF RESOLUTION" if state.coarse == 2 else f"RESOLUTION 1/{state.coarse}")
    return " · ".join(parts)


def late_text(late: int) -> list[str]:
    """That images have come which are not in the volume, as one part of a mark; else nothing."""
    return [f"LACKS {late} NEW IMAGE{'S' if late > 1 else ''}"] if late else []


def plane_description(state: PlaneState, series: Series, slices: int) -> str:
    """The accessible description of a plane's pane."""
    if state.crosshair is None:
        return "Empty"
    number = "" if series.number is None else f" {series.number}"
    centre = point_text(state.crosshair.centre)
    parts = [
        f"Series{number} {series.description}".strip(),
        (state.words or reformat_text(state.name, state.crosshair, state.slab)).replace(
            " · ", ", "
        ),
        f"crosshair at {centre}",
        _window_words(state.look),
        volume_text(replace(state, coarse=1), slices).lower(),
    ]
    return ", ".join(part for part in parts if part)


def point_text(point: PointLps) -> str:
    """A point of the patient: 'L 12.3 P 45.6 H 78.9 mm'."""
    named = zip(point, ("L", "P", "H"), ("R", "A", "F"), strict=True)
    return " ".join(f"{a if v >= 0 else b} {abs(v):.1f}" for v, a, b in named) + " mm"


def _window_words(look: Presentation) -> str:
    return window_text(look, grey=True)
