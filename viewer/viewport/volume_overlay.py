"""What stands above a volume in 3D, and its words: never taken for an image, never measured on."""

from collections.abc import Sequence

from viewer.model.study import Instance, Series
from viewer.viewport.camera import Camera
from viewer.viewport.corners import LineRule, fill_corners
from viewer.viewport.letters import EdgeLetters, of_direction, opposite
from viewer.viewport.overlay import Overlay, PaneContext, corner_fields
from viewer.viewport.plane_overlay import late_text
from viewer.viewport.transform import PaneTransform
from viewer.viewport.volume_box import volume_marks
from viewer.viewport.volume_view import Cutting, VolumeState, VolumeViewport

NOT_MEASURED = "NOT FOR MEASUREMENT"
_SIDES = {"A": "front", "P": "back", "L": "left", "R": "right", "H": "head", "F": "feet"}


def volume_overlay(
    viewport: VolumeViewport,
    state: VolumeState,
    instance: Instance,
    transform: PaneTransform,
    context: PaneContext,
    rules: Sequence[LineRule],
) -> Overlay:
    """Compose the display list of a volume."""
    fields = corner_fields(state, instance, transform, context) | {
        "image.position": "",
        "image.thickness": "",
        "image.laterality": "",
        "image.view": "",
        "view.image": f"From the {side_words(state.camera)}",
        "view.zoom": f"{transform.zoom:.2f} px/mm",
        "view.size": "",
        "mark.size": "",
        "mark.covers": NOT_MEASURED,  # on a line of its own, which no narrow pane cuts short
        "mark.reformat": _name(state),
        "mark.volume": volume_text(state),
    }
    return Overlay(
        corners=fill_corners(rules, fields, instance.modality, context.review.level),
        letters=edge_letters(state.camera),
        ruler=None,
        shapes=(),
        notes=context.notes,
        volume=volume_marks(viewport, state),
    )


def edge_letters(camera: Camera) -> EdgeLetters:
    """What lies towards each edge of the pane (F45)."""
    right, bottom = of_direction(camera.right), of_direction(camera.down)
    return EdgeLetters(opposite(right), right, opposite(bottom), bottom)


def side_words(camera: Camera) -> str:
    """From where it is looked: 'front', 'front, left and head', nearest first."""
    words = [_SIDES[letter] for letter in opposite(of_direction(camera.into))]
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def volume_text(state: VolumeState) -> str:
    """How much of the volume is here and seen, and whether the picture is a coarse one."""
    parts = []
    if state.here < state.slices:
        parts.append(f"VOLUME {state.here} OF {state.slices} IMAGES")
    parts += late_text(state.late)
    if state.crop is not None:
        parts.append("CROPPED")
    if state.cuts:
        parts.append("CUT" if len(state.cuts) == 1 else f"CUT {len(state.cuts)} TIMES")
    if state.coarse:
        parts.append("COARSE")
    elif state.thinned:
        parts.append("NOT EVERY VOXEL")
    return " · ".join(parts)


def mode_text(state: VolumeState) -> str:
    """What the pointer does just now, where it does not do the usual."""
    if state.cutting is Cutting.INSIDE:
        return "Draw around what is to be cut away"
    if state.cutting is Cutting.OUTSIDE:
        return "Draw around what is to be kept"
    return "Drag the handles of the box" if state.boxed else ""


def volume_description(state: VolumeState, series: Series) -> str:
    """The accessible description of a volume's pane."""
    number = "" if series.number is None else f" {series.number}"
    parts = [
        f"Series{number} {series.description}".strip(),
        _name(state).replace(" · ", ", "),
        NOT_MEASURED.lower(),
        f"from the {side_words(state.camera)}",
        volume_text(state).lower().replace(" · ", ", "),
        mode_text(state),
    ]
    return ", ".join(part for part in parts if part)


def _name(state: VolumeState) -> str:
    return f"3D reconstruction · {state.preset.name}" if state.preset else "3D reconstruction"
