"""How a presentation state looks on one frame: its steps with this image's numbers put in (F21)."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.overlay_plane import OverlayBitmap
from viewer.model.presentation import (
    Area,
    ModalityLut,
    Offset,
    Presentation,
    Rescale,
    VoiLut,
    Window,
)
from viewer.model.presentation_state import (
    DisplayedArea,
    LutTable,
    PresentationState,
    SizeMode,
    StateKind,
)
from viewer.model.refs import FrameRef
from viewer.model.study import Instance, StoredFormat
from viewer.viewport.transform import PanePoint, PaneSize, PaneTransform
from viewer.viewport.whole_area import whole_area

Range = tuple[float, float]
_SAME_ZOOM = 1e-6
_ONE_PIXEL = 1.01
"""How far the middle of an area may lie from that of the pane: the grid of 1:1 rounds (F53)."""
_ANY_PANE = PaneSize(512, 512)


def governs(state: PresentationState | None, frame: FrameRef, instance: Instance) -> bool:
    """Whether a state says how this frame looks: it refers to it and is for its kind of pixels."""
    if state is None or instance.format is None:
        return False
    return state.governs(frame, grey=instance.format.is_grey)


def look_of(
    state: PresentationState,
    frame: FrameRef,
    instance: Instance,
    mm_per_pixel: float | None = None,
) -> Presentation:
    """The whole look of a frame that the state governs.

    ``mm_per_pixel`` is the screen's pitch; without it an area of true size is fitted to the pane.
    """
    choices = voi_of(state, frame, instance)
    area = state.area_of(frame)
    turns = state.rotation // 90
    grey = state.kind is StateKind.GREY and instance.format is not None
    look = Presentation(
        voi=choices[0] if choices else None,
        zoom=None if area is None else _zoom(area, mm_per_pixel),
        # The state turns before it flips (C.10.6), a look flips before it turns.
        quarter_turns=-turns % 4 if state.flip else turns,
        flip_horizontal=state.flip,
        modality=_modality(state, instance.format) if grey and instance.format else None,
        presentation_lut=state.presentation_lut if grey else None,
        area=None if area is None else Area(area.left, area.top, area.right, area.bottom),
        aspect=None if area is None else area.aspect,
    )
    return look if area is None else _placed(look, area, instance)


def _placed(look: Presentation, area: DisplayedArea, instance: Instance) -> Presentation:
    """The look as finely placed as Lightbox wrote it, where that is what the standard's own
    elements say as well as they can: another program may have changed those.
    """
    stored, fine, placing = instance.format, area.fine, area.placing
    plain = Area(area.left, area.top, area.right, area.bottom)
    if stored is None or fine is None or whole_area(fine, stored.rows, stored.columns) != plain:
        return look if look.zoom is not None else replace(look, edge=area.edge)
    if look.zoom is None:
        return replace(look, area=fine, edge=area.edge)
    if placing is None or abs(placing.zoom - look.zoom) > _SAME_ZOOM * look.zoom:
        return look
    exact = replace(look, zoom=placing.zoom, offset=Offset(placing.right, placing.down), area=None)
    place = PaneTransform.of(stored.rows, stored.columns, area.aspect, _ANY_PANE, exact)
    middle = place.to_pixel(PanePoint(_ANY_PANE.width / 2, _ANY_PANE.height / 2))
    across = middle.column + 0.5 - (fine.left + fine.right) / 2
    down = middle.row + 0.5 - (fine.top + fine.bottom) / 2
    return exact if max(abs(across), abs(down)) <= _ONE_PIXEL else look


def voi_of(
    state: PresentationState, frame: FrameRef, instance: Instance
) -> tuple[VoiLut | Window, ...]:
    """What the state offers as VOI step, its default first; empty where it is no grey window.

    Without a VOI step the whole range of modality values is shown (C.11.8: an identity).
    """
    stored = instance.format
    if state.kind is not StateKind.GREY or stored is None or stored.floating:
        return ()
    low, high = _modality_range(state, stored)
    voi = state.voi_of(frame)
    if voi is None:
        return (Window((low + high + 1) / 2, high - low + 1, "Full range"),)
    tables = (
        VoiLut(table.first_for(low, high), table.entries, table.bits, table.explanation)
        for table in voi.tables
    )
    return (*tables, *voi.windows)


def drawn_of(state: PresentationState | None, frame: FrameRef, instance: Instance) -> Instance:
    """The instance with what a state that governs the frame puts in place of its own."""
    if state is None or instance.format is None:
        return instance
    choices, grey = voi_of(state, frame, instance), state.kind is StateKind.GREY
    own = {bitmap.plane.group for bitmap in state.overlays}
    active = {activation.group for activation in state.activations} - own
    return replace(
        instance,
        windows=tuple(choice for choice in choices if isinstance(choice, Window)),
        voi_luts=tuple(choice for choice in choices if isinstance(choice, VoiLut)),
        modality_lut=_modality(state, instance.format) if grey else instance.modality_lut,
        shutter=state.shutter,
        colour_profile=state.profile or instance.colour_profile,
        overlays=tuple(plane for plane in instance.overlays if plane.group in active),
        supplemental=None if grey else instance.supplemental,
    )


def own_overlays(state: PresentationState) -> tuple[OverlayBitmap, ...]:
    """The planes that the state itself holds and that are drawn."""
    active = {activation.group for activation in state.activations}
    return tuple(bitmap for bitmap in state.overlays if bitmap.plane.group in active)


def turned(picture: NDArray[Any], look: Presentation) -> NDArray[Any]:
    """A picture of the whole image, (rows, columns) or RGB, flipped and turned as a look says."""
    if look.flip_horizontal:
        picture = picture[:, ::-1]
    return np.ascontiguousarray(np.rot90(picture, -look.quarter_turns))


def size_is_unknown(
    state: PresentationState, frame: FrameRef, mm_per_pixel: float | None = None
) -> bool:
    """Whether the state asks for the true size and the screen's pitch is not known."""
    area = state.area_of(frame)
    return area is not None and area.mode is SizeMode.TRUE_SIZE and mm_per_pixel is None


def _zoom(area: DisplayedArea, mm_per_pixel: float | None) -> float | None:
    """Device pixels for each image column; None fits the area to the pane (C.10.4)."""
    if area.mode is SizeMode.MAGNIFY:
        return area.magnification
    if area.mode is SizeMode.TRUE_SIZE and mm_per_pixel and area.column_spacing:
        return area.column_spacing / mm_per_pixel
    return None


def _modality(state: PresentationState, stored: StoredFormat) -> Rescale | ModalityLut:
    step = state.modality
    if isinstance(step, Rescale):
        return step
    return ModalityLut(step.table.first_for(*stored.stored_range), step.table.entries, step.unit)


def _modality_range(state: PresentationState, stored: StoredFormat) -> Range:
    """Lowest and highest value that the modality step can give."""
    step = state.modality
    if isinstance(step, Rescale):
        ends = [step.slope * value + step.intercept for value in stored.stored_range]
        return min(ends), max(ends)
    return 0.0, float(_top(step.table))


def _top(table: LutTable) -> int:
    return (1 << table.bits) - 1
