"""Pictures as large as what they show: one millimetre of the patient on one of the screen (F53)."""

import json
import math
from dataclasses import dataclass, replace

from viewer.calibration.regions import common_scale
from viewer.calibration.spacing import Scale
from viewer.model.presentation import CENTRED
from viewer.model.study import Instance
from viewer.viewport.viewport import Viewport, ViewState

BAR_MM = 100.0
"""Length of the line that a ruler is laid on."""
_LEAST_MM, _MOST_MM = 50.0, 200.0
_LEAST_PITCH, _MOST_PITCH = 0.03, 1.5
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class ScreenPitch:
    """Millimetres of a device pixel; ``checked`` is whether a ruler was laid on the screen."""

    mm: float
    checked: bool = False


def told_pitch(width_mm: float, device_pixels: float) -> ScreenPitch | None:
    """The pitch that a screen tells of itself; None where its numbers cannot be true."""
    if device_pixels < 1 or not math.isfinite(width_mm):
        return None
    pitch = width_mm / device_pixels
    return ScreenPitch(pitch) if _LEAST_PITCH <= pitch <= _MOST_PITCH else None


def measured_pitch(drawn: ScreenPitch, millimetres: float) -> ScreenPitch | None:
    """The pitch when a line drawn as 100 mm measures so many; None where that cannot be."""
    if not _LEAST_MM <= millimetres <= _MOST_MM:
        return None
    return ScreenPitch(drawn.mm * millimetres / BAR_MM, checked=True)


def read_pitches(text: str) -> dict[str, float]:
    """Pitches that were measured, by screen; what cannot be read is left out."""
    try:
        kept = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {
        str(screen): float(mm)
        for screen, mm in kept.items()
        if isinstance(mm, int | float) and _LEAST_PITCH <= mm <= _MOST_PITCH
    }


def write_pitches(pitches: dict[str, float]) -> str:
    """Pitches as a text that ``read_pitches`` reads."""
    return json.dumps(pitches, sort_keys=True)


def show_true_size(viewport: Viewport) -> str:
    """Show the image at its true size; else give a sentence that says why that is not possible."""
    state, instance = viewport.state, viewport.instance
    if instance is None or state.frame is None:
        return "There is no image here."
    scale = common_scale(instance, state.frame.frame)
    if scale.spacing is None:
        return f"The true size is not known. {scale.reason}"
    zoom = _true_zoom(scale, state.screen_mm)
    if zoom is None:
        return "The true size is not known: this screen does not tell how large it is."
    viewport.look_like(replace(state.look, zoom=zoom, offset=CENTRED, area=None))
    return ""


def size_text(state: ViewState, instance: Instance, zoom: float) -> str:
    """That a picture has its true size, and where that size holds; empty where it has not."""
    if state.frame is None:
        return ""
    scale = common_scale(instance, state.frame.frame)
    true = _true_zoom(scale, state.screen_mm)
    if true is None or abs(zoom - true) > _SAME * true:
        return ""
    return f"True size {scale.word}".strip()


def _true_zoom(scale: Scale, screen_mm: float | None) -> float | None:
    if scale.spacing is None or screen_mm is None:
        return None
    return scale.spacing.column / screen_mm
