"""What a pane shows as a presentation state: the look of every image of the pane, as a value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from viewer.errors import UnsupportedSopClass
from viewer.formats.decimal_strings import as_decimal
from viewer.formats.sr_text import line
from viewer.model.presentation import (
    LutShape,
    ModalityLut,
    Presentation,
    PresentationLut,
    Rescale,
    VoiLut,
    Window,
)
from viewer.model.presentation_state import (
    GraphicAnnotation,
    GraphicLayer,
    ImageReference,
    LutTable,
    OverlayActivation,
    PresentationState,
    Scope,
    SoftcopyVoi,
    StateKind,
    TableStep,
)
from viewer.model.refs import FrameRef, InstanceRef, SopUid
from viewer.model.shutter import Shutter
from viewer.model.study import Instance, Photometric
from viewer.pixels.plain_srgb import PLAIN_SRGB
from viewer.viewport.shown_area import shown_area
from viewer.viewport.softcopy import voi_of
from viewer.viewport.state_drawing import OWN_LAYER, carried_graphics, common_scope
from viewer.viewport.viewport import Viewport, ViewState

OVERLAY_LAYER = "OVERLAYS"
_P = TypeVar("_P")


@dataclass(frozen=True, slots=True)
class Naming:
    """Who and what a new state is."""

    ref: InstanceRef
    label: str
    description: str
    creator: str
    created: str
    """YYYYMMDDHHMMSS."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """One frame of the pane and how it looks there."""

    frame: FrameRef
    state: ViewState
    drawn: Instance


def state_of_pane(
    viewport: Viewport,
    shutter: Shutter | None,
    own: Sequence[GraphicAnnotation],
    naming: Naming,
) -> PresentationState:
    """The presentation state of everything that the pane shows.

    It refers to each image of the pane that shares the shown image's modality step, polarity,
    shutter and turn, since a state has one of each; windows and areas go with their frames.
    ``shutter`` is what hides parts of the shown image, its bits read; ``own`` is what the reader
    drew. Raises UnsupportedSopClass, with the reason, for what no such state can say.
    """
    frame, drawn = viewport.state.frame, viewport.drawn
    if frame is None or drawn is None or drawn.format is None:
        raise UnsupportedSopClass("There is no image here.")
    lead = _Shown(frame, viewport.state, drawn)
    refuse_unsaid(lead.state, drawn)
    alike = _alike(viewport, lead)
    look, grey = lead.state.look, drawn.format.is_grey
    hiding = _hiding(shutter, drawn) if look.shuttered else None
    base = PresentationState(
        ref=naming.ref,
        kind=StateKind.GREY if grey else StateKind.COLOUR,
        label=naming.label,
        references=_scope(alike, [one.frame for one in alike]),
        areas=(),
        description=naming.description,
        creator=naming.creator,
        created=naming.created,
        rotation=-look.quarter_turns % 4 * 90 if look.flip_horizontal else look.quarter_turns * 90,
        flip=look.flip_horizontal,
        shutter=hiding,
        overlays=() if hiding is None or hiding.bitmap is None else (hiding.bitmap,),
    )
    areas = [(shown_area(viewport, one.state, one.drawn), one.frame) for one in alike]
    state = replace(base, areas=tuple(replace(a, scope=s) for a, s in _grouped(alike, areas)))
    state = _with_overlays(state, viewport, alike) if look.overlays else state
    if grey:
        state = _with_grey_steps(state, lead, alike)
    else:
        profile = None if look.colours_as_sent else drawn.colour_profile
        state = replace(state, profile=profile or PLAIN_SRGB)
    return _with_graphics(state, viewport, own)


def _hiding(shutter: Shutter | None, drawn: Instance) -> Shutter | None:
    """The shutter with its bits, as a state holds it."""
    if shutter is None or shutter.bitmap_group is None:
        return shutter
    if shutter.bitmap is None:
        raise UnsupportedSopClass("The shutter of the image is not read.", where=drawn.ref.sop)
    return replace(shutter, bitmap_group=None)


def refuse_unsaid(shown: ViewState, drawn: Instance) -> None:
    """Refuse a look that is made of what a grayscale or colour softcopy state has no words for."""
    stored, look = drawn.format, shown.look
    reasons = (
        (shown.fusion is not None, "A second series that is laid over the image"),
        (look.colour_map is not None, "Colours that stand for grey"),
        (look.mask is not None, "The subtraction of a mask"),
        (not look.padding, "What lies where there is no pixel"),
        (drawn.supplemental is not None, "The colours of a supplemental palette"),
        (stored is not None and stored.floating, "The look of floating point pixels"),
    )
    for found, what in reasons:
        if found:
            raise UnsupportedSopClass(
                f"{what} cannot be kept in a presentation state.", where=drawn.ref.sop
            )


def _alike(viewport: Viewport, lead: _Shown) -> list[_Shown]:
    """The frames of the pane that one state can be for, the shown one among them."""
    target, shutter = viewport.state.target, lead.drawn.shutter
    one_image = shutter is not None and shutter.bitmap_group is not None
    found = []
    for index, frame in enumerate(target.frames if target else ()):
        drawn = viewport.drawn_at(frame)
        if drawn is None or drawn.format is None or (one_image and frame != lead.frame):
            continue
        one = _Shown(frame, viewport.state_at(index), drawn)
        if frame == lead.frame or _common(one) == _common(lead):
            found.append(one)
    return found


def _common(one: _Shown) -> tuple[object, ...]:
    """What of a frame's look a state says once for all of them."""
    look, drawn, stored = one.state.look, one.drawn, one.drawn.format
    grey = stored is not None and stored.is_grey
    return (
        grey,
        look.modality or drawn.modality_lut if grey else drawn.colour_profile,
        _last_step(look, drawn) if grey else None,
        drawn.shutter,
        (look.quarter_turns, look.flip_horizontal),
        drawn.supplemental,
        one.state.governed,
    )


def _last_step(look: Presentation, drawn: Instance) -> LutShape | PresentationLut:
    """Polarity as it is shown: the state's or the image's, turned by the reader."""
    stored = drawn.format
    last = look.presentation_lut
    if last is None:
        inverse = stored is not None and stored.photometric is Photometric.MONOCHROME1
        last = LutShape.INVERSE if inverse else LutShape.IDENTITY
    if not look.invert:
        return last
    if isinstance(last, PresentationLut):
        top = (1 << last.bits) - 1
        return replace(last, entries=tuple(top - min(entry, top) for entry in last.entries))
    return LutShape.IDENTITY if last is LutShape.INVERSE else LutShape.INVERSE


def _with_grey_steps(
    state: PresentationState, lead: _Shown, alike: Sequence[_Shown]
) -> PresentationState:
    looks = [(_voi(one), one.frame) for one in alike]
    step = lead.state.look.modality or lead.drawn.modality_lut
    made = replace(
        state,
        modality=step if isinstance(step, Rescale) else _table_step(step),
        presentation_lut=_last_step(lead.state.look, lead.drawn),
        voi=tuple(
            SoftcopyVoi(scope, (voi,), ())
            if isinstance(voi, LutTable)
            else SoftcopyVoi(scope, (), (voi,))
            for voi, scope in _grouped(alike, looks)
        ),
    )
    for one in alike:
        first = next(iter(voi_of(made, one.frame, one.drawn)), None)
        voi = one.state.look.voi
        if isinstance(first, VoiLut) and isinstance(voi, VoiLut) and first.first != voi.first:
            raise UnsupportedSopClass(
                "Where its VOI table begins cannot be kept in a presentation state.",
                where=one.drawn.ref.sop,
            )
    return made


def _voi(one: _Shown) -> LutTable | Window:
    """The window or table through which a frame is seen, in the numbers that a state can hold."""
    voi = one.state.look.voi
    if isinstance(voi, VoiLut):
        return LutTable(voi.first & 0xFFFF, voi.entries, voi.bits, line(voi.explanation))
    if voi is None:
        if one.state.fallback is None:
            raise UnsupportedSopClass("The image is not drawn yet.", where=one.drawn.ref.sop)
        low, high = one.state.fallback
        voi = Window((low + high + 1) / 2, max(high - low, 0.0) + 1, "Minimum to maximum")
    return replace(
        voi,
        centre=as_decimal(voi.centre),
        width=as_decimal(voi.width),
        explanation=line(voi.explanation),
    )


def _table_step(step: ModalityLut) -> TableStep:
    bits = 16 if max(step.entries) > 0xFF else 8
    return TableStep(LutTable(step.first & 0xFFFF, step.entries, bits), step.unit)


def _with_overlays(
    state: PresentationState, viewport: Viewport, alike: Sequence[_Shown]
) -> PresentationState:
    """Every overlay that is drawn on one of the frames is activated, on a layer of its own."""
    added = viewport.added_overlays()
    groups = {bitmap.plane.group for bitmap in added}
    for one in alike:
        groups |= {plane.group for plane in one.drawn.overlays_on(one.frame.frame)}
    groups -= {bitmap.plane.group for bitmap in state.overlays}
    return replace(
        state,
        overlays=(*state.overlays, *added),
        activations=tuple(OverlayActivation(group, OVERLAY_LAYER) for group in sorted(groups)),
        layers=(GraphicLayer(OVERLAY_LAYER, 1),) if groups else (),
    )


def _with_graphics(
    state: PresentationState, viewport: Viewport, own: Sequence[GraphicAnnotation]
) -> PresentationState:
    """What an applied state draws, then what the reader drew, above it."""
    before = viewport.state.applied if viewport.state.governed else None
    drawn = [
        replace(one, scope=scope)
        for one in own
        if (scope := common_scope(one.scope, state.references)) is not None
    ]
    carried = carried_graphics(viewport, before, state) if before is not None else ()
    kept = [one for one in carried if one not in drawn]  # what the same reader saved before
    used, taken = {one.layer for one in kept}, {OWN_LAYER, *(one.name for one in state.layers)}
    older = before.layers if before is not None else ()
    layers = [*state.layers, *(one for one in older if one.name in used - taken)]
    if drawn or OWN_LAYER in used:
        top = max((layer.order for layer in layers), default=0)
        layers.append(GraphicLayer(OWN_LAYER, top + 1, "Measurements"))
    return replace(state, layers=tuple(layers), annotations=(*kept, *drawn))


def _grouped(
    alike: Sequence[_Shown], parts: Iterable[tuple[_P, FrameRef]]
) -> list[tuple[_P, Scope]]:
    """Each different part once with the frames that it is for; one that is for all says none."""
    frames: dict[_P, list[FrameRef]] = {}
    for part, frame in parts:
        frames.setdefault(part, []).append(frame)
    if len(frames) == 1:
        return [(part, ()) for part in frames]
    return [(part, _scope(alike, of)) for part, of in frames.items()]


def _scope(alike: Sequence[_Shown], frames: Sequence[FrameRef]) -> Scope:
    """References to frames; an image of which all frames are meant is named whole."""
    counts = {one.frame.sop: one.drawn.frames for one in alike}
    held: dict[SopUid, list[int]] = {}
    for frame in frames:
        held.setdefault(frame.sop, []).append(frame.frame)
    return tuple(
        ImageReference(sop, () if len(set(own)) == counts[sop] else tuple(sorted(own)))
        for sop, own in held.items()
    )
