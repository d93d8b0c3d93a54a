"""The displayed area of a pane as a presentation state says it (PS3.3 C.10.4)."""

import struct

from viewer.calibration.regions import common_scale
from viewer.calibration.spacing import pixel_sides
from viewer.errors import UnsupportedSopClass
from viewer.formats.decimal_strings import as_decimal
from viewer.model.presentation import Area
from viewer.model.presentation_state import DisplayedArea, Placing, SizeMode
from viewer.model.study import Instance
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport, ViewState
from viewer.viewport.whole_area import whole_area

_SAME = 1e-6


def shown_area(viewport: Viewport, state: ViewState, drawn: Instance) -> DisplayedArea:
    """What of a frame is displayed: fitted to the pane, at its true size, or enlarged.

    The standard knows whole pixels and ratios of 32 bits; what is finer stands beside it.
    """
    place, stored = viewport.transform_of(state), drawn.format
    if place is None or stored is None:
        raise UnsupportedSopClass("There is no image here.")
    sides, in_mm = _sides(state, drawn)
    if state.look.zoom is None:
        exact = state.look.area or Area(0.0, 0.0, float(stored.columns), float(stored.rows))
    else:
        exact = _visible(place)
    whole = whole_area(exact, stored.rows, stored.columns)
    true = None if state.look.zoom is None else _true_sides(state, drawn, place.zoom)
    mode = SizeMode.MAGNIFY if true is None else SizeMode.TRUE_SIZE
    if state.look.zoom is None:
        mode = SizeMode.SCALE_TO_FIT
    fitted = mode is SizeMode.SCALE_TO_FIT
    sides, in_mm = (sides, in_mm) if true is None else (true, True)
    return DisplayedArea(
        (),
        *whole,
        mode=mode,
        aspect=sides[0] / sides[1],
        column_spacing=sides[1] if in_mm else None,
        magnification=_single(place.zoom) if mode is SizeMode.MAGNIFY else None,
        sides=sides,
        placing=None if fitted else Placing(place.zoom, place.offset_x, place.offset_y),
        fine=exact if not fitted or exact != whole else None,
        edge=state.look.edge if fitted else None,
    )


def _sides(state: ViewState, drawn: Instance) -> tuple[tuple[float, float], bool]:
    """Height and width of a pixel as it is drawn, and whether in millimetres."""
    frame, applied = state.frame, state.applied
    area = applied.area_of(frame) if applied is not None and frame and state.governed else None
    if area is not None and area.sides is not None:
        return area.sides, area.column_spacing is not None
    (height, width), in_mm = pixel_sides(drawn, frame.frame if frame else 0)
    return (as_decimal(height), as_decimal(width)), in_mm


def _true_sides(state: ViewState, drawn: Instance, zoom: float) -> tuple[float, float] | None:
    """Height and width in mm of a pixel that is shown at its true size; None where it is not."""
    if state.frame is None or state.screen_mm is None:
        return None
    spacing = common_scale(drawn, state.frame.frame).spacing
    if spacing is None or abs(zoom * state.screen_mm / spacing.column - 1) > _SAME:
        return None
    return as_decimal(spacing.row), as_decimal(spacing.column)


def _visible(place: PaneTransform) -> Area:
    """What of the image, and around it, lies in the pane."""
    ends = (
        place.to_pixel(PanePoint(0.0, 0.0)),
        place.to_pixel(PanePoint(float(place.pane.width), float(place.pane.height))),
    )
    columns, rows = [p.column + 0.5 for p in ends], [p.row + 0.5 for p in ends]
    return Area(min(columns), min(rows), max(columns), max(rows))


def _single(number: float) -> float:
    """The nearest number of 32 bits."""
    (found,) = struct.unpack("<f", struct.pack("<f", number))
    return float(found)
