"""What a pane shows, in the words of its corners and of its accessible description."""

from datetime import date

from viewer.model.geometry import ImagePlane
from viewer.model.presentation import Presentation, VoiFunction, VoiLut
from viewer.model.study import Instance, Series
from viewer.pixels.pipeline import FROM_ZERO
from viewer.viewport.letters import of_direction, opposite
from viewer.viewport.softcopy import size_is_unknown
from viewer.viewport.viewport import ViewState

_OLDEST = 125


def date_text(dicom: str) -> str:
    """YYYYMMDD as YYYY-MM-DD; anything else as it is."""
    if len(dicom) == 8 and dicom.isdigit():
        return f"{dicom[:4]}-{dicom[4:6]}-{dicom[6:]}"
    return dicom


def time_text(dicom: str) -> str:
    """HHMM… as HH:MM; anything else as it is."""
    if len(dicom) >= 4 and dicom[:4].isdigit():
        return f"{dicom[:2]}:{dicom[2:4]}"
    return dicom


def age_text(born: str, at: str, stated: str = "") -> str:
    """The age of a patient on a day, both YYYYMMDD or YYYY-MM-DD: '54 y', '7 mo', '12 d'.

    Where they tell none, what the header states (an age string: 054Y); else empty.
    """
    try:
        first, day = date.fromisoformat(born), date.fromisoformat(at)
    except ValueError:
        number = stated[:-1].lstrip("0")
        unit = {"Y": "y", "M": "mo", "W": "wk", "D": "d"}.get(stated[-1:].upper(), "")
        return f"{number} {unit}" if unit and number.isdigit() else ""  # 000Y says nothing
    if day < first or day.year - first.year > _OLDEST:
        return ""  # a date that was made up tells no age
    months = (day.year - first.year) * 12 + day.month - first.month - (day.day < first.day)
    if months >= 24:
        return f"{months // 12} y"
    return f"{months} mo" if months >= 1 else f"{(day - first).days} d"


def person_text(dicom: str) -> str:
    """Family^Given^Middle as given, middle and family name."""
    family, *others = [part.strip() for part in dicom.split("^")[:3]]
    return " ".join(part for part in (*others, family) if part)


def number_text(value: float) -> str:
    """A window value: whole where it is whole or large, else three significant digits."""
    text = f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
    return text.replace("-", "−") if text != "-0" else "0"


def window_text(
    look: Presentation,
    *,
    grey: bool,
    profile: bool = False,
    screen: str = "",
    from_zero: bool = False,
) -> str:
    """Width, centre and name of the VOI in use; of a colour image how its colours are meant.

    ``profile`` tells whether the image has a colour profile and ``screen`` what that of the screen
    is called (F18), ``from_zero`` that without a
    VOI black is 0 and white what nearly all counts lie below (F12).
    """
    if not grey:
        return _colour_text(look, profile=profile, screen=screen)
    voi = look.voi
    if voi is None:
        text = "Window: 0 to nearly all counts" if from_zero else "Window: minimum to maximum"
    elif isinstance(voi, VoiLut):
        text = f"VOI LUT {voi.explanation}".strip()
    else:
        parts = [f"W {number_text(voi.width)} L {number_text(voi.centre)}", voi.explanation]
        if "SUV" in voi.explanation:  # the uptake is what is read: it stands where nothing is cut
            parts = [f"{voi.explanation} ·", *parts[:1]]
        if voi.function is not VoiFunction.LINEAR:
            parts.append(voi.function.value.lower().replace("_", " "))
        text = " ".join(part for part in parts if part)
    return f"{text} · inverted" if look.invert else text


def _colour_text(look: Presentation, *, profile: bool, screen: str) -> str:
    if look.colours_as_sent and (profile or screen):
        return ""  # a warning of its own says so
    text = "Colour by the image's profile" if profile else "Colour: sRGB"
    return f"{text} · FOR THIS SCREEN ({screen})" if screen else text


def zoom_text(zoom: float, aspect: float = 1.0) -> str:
    """Device pixels per image pixel, and that pixels were interpolated (F54)."""
    return "Zoom 1:1" if zoom == aspect == 1 else f"Zoom {zoom:.2f} · interpolated"


def image_text(state: ViewState) -> str:
    """Which image of how many."""
    return f"Image {state.index + 1}/{state.count}" if state.count else ""


def position_text(plane: ImagePlane | None) -> str:
    """Where a plane lies along the axis it is most perpendicular to: 'H 45.5 mm'."""
    if plane is None:
        return ""
    normal = plane.normal
    axis = max(range(3), key=lambda n: abs(normal[n]))
    value = plane.position[axis]
    towards = ("L", "P", "H")[axis]
    return f"{towards if value >= 0 else opposite(towards)} {abs(value):.1f} mm"


def plane_text(plane: ImagePlane | None) -> str:
    """Name the plane: axial, coronal, sagittal, or oblique."""
    if plane is None:
        return ""
    first = of_direction(plane.normal)[:1]
    name = {"H": "axial", "F": "axial", "A": "coronal", "P": "coronal"}.get(first, "sagittal")
    largest = max(abs(v) for v in plane.normal)
    return name if largest > 0.98 else f"oblique {name}"


def turned_text(look: Presentation) -> str:
    """That an image does not stand as it was sent."""
    parts = ["FLIPPED"] if look.flip_horizontal else []
    if look.quarter_turns % 4:
        parts.append(f"TURNED {look.quarter_turns % 4 * 90}°")
    return " ".join(parts)


def mask_text(state: ViewState) -> str:
    """That the picture is a difference, of which mask and how that was moved."""
    mask, target = state.look.mask, state.target
    if mask is None or target is None or mask.frame not in target.frames:
        return ""
    text = f"SUBTRACTED · mask image {target.frames.index(mask.frame) + 1}"
    if mask.right or mask.down:
        text += f" · moved {mask.right:+.2f}, {mask.down:+.2f} pixels"
    return text.replace("-", "−")


def colours_text(look: Presentation, *, profiles: bool = False) -> str:
    """That colours stand for grey, and which; or that profiles are left out, where there are."""
    if look.colours_as_sent and profiles:
        return "COLOURS AS SENT"
    return f"PSEUDO-COLOUR {look.colour_map.name}" if look.colour_map is not None else ""


def state_text(state: ViewState) -> str:
    """Which presentation state the look is of, and where the look is no longer it (F21)."""
    applied, frame = state.applied, state.frame
    if applied is None or frame is None:
        return ""
    if not state.governed:
        return f"Not in presentation state {applied.label}"
    words = [f"Presentation state {applied.label}"]
    if size_is_unknown(applied, frame, state.screen_mm):
        words.append("not true size: the pitch of this screen is not known")
    elif size_is_unknown(applied, frame) and not state.screen_checked:
        words.append("true size, screen not checked")
    if state.changed_by_reader:
        words.append("CHANGED")
    return " · ".join(words)


def covers_text(look: Presentation, instance: Instance, frame: int) -> str:
    """Which of the image's overlays and shutter are not shown; empty when all are (F19, F20)."""
    parts = []
    if instance.overlays_on(frame) and not look.overlays:
        parts.append("Overlays off")
    if instance.shutter is not None and not look.shuttered:
        parts.append("Shutter off")
    if instance.format is not None and instance.format.padding and not look.padding:
        parts.append("Padding shown")
    return " · ".join(parts)


def description(state: ViewState, series: Series, plane: ImagePlane | None, *, grey: bool) -> str:
    """The accessible description of a pane: series, frame i of n, window, plane."""
    number = "" if series.number is None else f" {series.number}"
    parts = [
        f"Series{number} {series.description}".strip(),
        f"frame {state.index + 1} of {state.count}",
        _window_words(state, grey=grey, from_zero=series.modality in FROM_ZERO),
    ]
    if plane is not None:
        parts.append(f"{plane_text(plane)} plane")
    if state.applied is not None:
        parts.append(state_text(state))
    if state.look.mask is not None:
        parts.append(mask_text(state))
    if state.look.colour_map is not None:
        parts.append(colours_text(state.look))
    return ", ".join(parts)


def _window_words(state: ViewState, *, grey: bool, from_zero: bool = False) -> str:
    voi = state.look.voi
    if not grey:
        if state.look.colours_as_sent:
            return "colour as sent"
        return "colour for this screen" if state.screen_colours is not None else "colour"
    if voi is None:
        return "window 0 to nearly all counts" if from_zero else "window minimum to maximum"
    if isinstance(voi, VoiLut):
        return f"VOI LUT {voi.explanation}".strip()
    name = f" {voi.explanation}" if voi.explanation else ""
    return f"window{name} centre {voi.centre:g} width {voi.width:g}"
