"""Panes that share a window by modality value, and zoom and place by millimetres (F59)."""

from collections.abc import Sequence
from dataclasses import replace

from viewer.calibration.regions import common_scale
from viewer.model.geometry import PixelPoint
from viewer.model.presentation import CENTRED, Offset, Presentation, Window
from viewer.model.study import Instance
from viewer.viewport.links import PARALLEL, same_space
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import MAX_ZOOM, MIN_ZOOM, Viewport


class LookLinks:
    """Hands changes of a look on to the other panes; nothing is linked until it is asked for."""

    def __init__(self) -> None:
        """Link nothing."""
        self.windows = False
        self.places = False
        self._following = False

    def follow(self, changed: Viewport, before: Presentation, panes: Sequence[Viewport]) -> None:
        """Hand on what differs from ``before`` in the look of ``changed``."""
        if self._following:
            return
        now = changed.state.look
        voi = self.windows and (now.voi != before.voi or now.invert != before.invert)
        place = self.places and _placing(now) != _placing(before)
        if voi or place:
            self._hand_on(changed, panes, voi=voi, place=place)

    def join(self, leader: Viewport, panes: Sequence[Viewport]) -> None:
        """Give the other panes at once what is linked."""
        self._hand_on(leader, panes, voi=self.windows, place=self.places)

    def _hand_on(
        self, leader: Viewport, panes: Sequence[Viewport], *, voi: bool, place: bool
    ) -> None:
        self._following = True
        try:
            for other in panes:
                if other is leader:
                    continue
                if voi:
                    _hand_window(leader, other)
                if place:
                    _hand_place(leader, other)
        finally:
            self._following = False


def value_ratio(one: Instance, other: Instance) -> float | None:
    """How many values of ``other`` mean one value of ``one``; None where they cannot be compared.

    Values compare where they have the same unit, uptake values where both have a SUV, and values
    without a unit (as of MR) within one series only.
    """
    if one.modality != other.modality or one.format is None or other.format is None:
        return None
    if ("LOCALIZER" in one.image_type) != ("LOCALIZER" in other.image_type):
        return None
    if not (one.format.is_grey and other.format.is_grey):
        return None
    if one.ref.series == other.ref.series:
        return 1.0
    uptake, others = _suv_factor(one), _suv_factor(other)
    if uptake is not None and others is not None:
        return uptake / others
    unit = one.modality_lut.unit
    return 1.0 if unit and unit not in {"US", "BQML"} and unit == other.modality_lut.unit else None


def _suv_factor(instance: Instance) -> float | None:
    scales = instance.suv.scales if instance.suv else ()
    return next((s.factor for s in scales if s.name == "SUVbw"), None)


def _hand_window(leader: Viewport, other: Viewport) -> None:
    one, two = leader.instance, other.instance
    ratio = value_ratio(one, two) if one is not None and two is not None else None
    if ratio is None:
        return
    look, voi = leader.state.look, leader.state.look.voi
    if isinstance(voi, Window) and ratio != 1:
        voi = replace(voi, centre=voi.centre * ratio, width=max(voi.width * ratio, 1.0))
    if other.state.look.voi != voi:
        other.set_voi(voi)
    if other.state.look.invert != look.invert:
        other.invert()


def _hand_place(leader: Viewport, other: Viewport) -> None:
    mine, theirs = leader.transform(), other.transform()
    if mine is None or theirs is None:
        return
    zoom = min(max(mine.zoom * _size_ratio(leader, other), MIN_ZOOM), MAX_ZOOM)
    look = replace(other.state.look, zoom=zoom, offset=CENTRED, area=None)
    bare = other.transform_of(replace(other.state, look=look))
    if bare is None:
        return
    wanted = _same_point(leader, mine, other)
    offset = Offset(mine.offset_x, mine.offset_y)
    edge = leader.state.look.edge
    if edge is not None and look.edge is not None:  # as far from its chest wall, mirrored
        way = 1 if edge is look.edge else -1
        offset = Offset(way * leader.state.look.offset.x, mine.offset_y)
    if wanted is not None:
        at = bare.to_pane(wanted)
        offset = Offset(bare.pane.width / 2 - at.x, bare.pane.height / 2 - at.y)
    other.look_like(replace(look, offset=offset))


def _size_ratio(leader: Viewport, other: Viewport) -> float:
    """What keeps a millimetre as long in both panes; 1 where millimetres are not comparable."""
    one, two = leader.instance, other.instance
    first, second = leader.state.frame, other.state.frame
    if one is None or two is None or first is None or second is None:
        return 1.0
    ours, others = common_scale(one, first.frame), common_scale(two, second.frame)
    if ours.spacing is None or others.spacing is None or ours.calibration is not others.calibration:
        return 1.0
    return others.spacing.column / ours.spacing.column


def _same_point(leader: Viewport, mine: PaneTransform, other: Viewport) -> PixelPoint | None:
    """Where what stands in the middle of the leader lies in the other's image, if that is known."""
    plane, target = leader.plane, other.plane
    if plane is None or target is None or not same_space(leader, other):
        return None
    if abs(plane.normal.dot(target.normal)) < PARALLEL:
        return None
    middle = mine.to_pixel(PanePoint(mine.pane.width / 2, mine.pane.height / 2))
    return target.to_pixel(plane.to_lps(middle))


def _placing(look: Presentation) -> tuple[object, ...]:
    return (look.zoom, look.offset, look.area)
