"""What a presentation state lays over images: its shutter and the overlays that it activates."""

from dataclasses import replace

from viewer.loading import tags
from viewer.loading.fields import Fields, swapped_words
from viewer.loading.overlays import overlay_planes
from viewer.loading.shutters import read_shutter
from viewer.loading.state_parts import Refused
from viewer.model.overlay_plane import OverlayBitmap, OverlayPlane
from viewer.model.presentation_state import OverlayActivation, PresentationState
from viewer.model.shutter import Shutter

_ACTIVATION = 0x1001


def with_covers(state: PresentationState, fields: Fields) -> PresentationState:
    """The state with its shutter and overlays (C.7.6.11, C.7.6.15, C.9.2, C.11.7)."""
    overlays = _overlays(fields)
    return replace(
        state,
        shutter=_shutter(fields, overlays),
        overlays=overlays,
        activations=tuple(
            OverlayActivation(group, layer)
            for group in tags.OVERLAY_GROUPS
            if (layer := fields.text(group << 16 | _ACTIVATION))
        ),
    )


def _overlays(fields: Fields) -> tuple[OverlayBitmap, ...]:
    repairs: list[str] = []
    planes = overlay_planes(fields, 1, repairs)
    if repairs:
        raise Refused("one of its overlays is described wrongly.")
    return tuple(_bitmap(fields, plane) for plane in planes)


def _bitmap(fields: Fields, plane: OverlayPlane) -> OverlayBitmap:
    if plane.frames is not None or plane.embedded_bit is not None:
        raise Refused("one of its overlays has several frames or lies in pixels that it lacks.")
    data = fields.data(plane.group << 16 | tags.OVERLAY_DATA)
    size = -(-plane.rows * plane.columns // 8)
    if len(data) < size:
        raise Refused("one of its overlays is cut short.")
    if not fields.little:
        data = swapped_words(data)
    return OverlayBitmap(plane, data[:size])


def _shutter(fields: Fields, overlays: tuple[OverlayBitmap, ...]) -> Shutter | None:
    repairs: list[str] = []
    shutter = read_shutter(fields, repairs)
    if repairs:
        raise Refused("its shutter is described wrongly.")
    if shutter is None or shutter.bitmap_group is None:
        return shutter
    held = next((o for o in overlays if o.plane.group == shutter.bitmap_group), None)
    if held is None:
        raise Refused("its shutter is an overlay that it does not hold.")
    return replace(shutter, bitmap=held, bitmap_group=None)
