"""One volume in three linked planes: where they stand, how thick, how they look. No Qt."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from psygnal import Signal

from viewer.loading.volume import Volume
from viewer.model.display_set import DisplaySet
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.presentation import CENTRED, Presentation
from viewer.model.presentation_state import PresentationState
from viewer.model.refs import FrameRef, SopUid
from viewer.model.sample_grid import Slab
from viewer.model.stacking import reading_direction
from viewer.model.study import Instance
from viewer.model.volume_geometry import Index, VolumeGeometry
from viewer.viewport.planes import (
    PLANES,
    Crosshair,
    Cut,
    PlaneName,
    reach,
    step_length,
    stepped,
    turned_back,
    voxel_at,
)
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport, ViewState

_STRAIGHT = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class PlaneState(ViewState):
    """Everything that is drawn in the pane of a plane is a function of this and of the volume."""

    name: PlaneName = PlaneName.AXIAL
    crosshair: Crosshair | None = None
    slab: Slab | None = None
    nearest: FrameRef | None = None
    """The image of the series that lies nearest to the middle of the plane."""
    steps: int = 0
    """How many steps of one voxel lead through the volume."""
    here: int = 0
    """How many slices of the volume are in memory; more of them is another picture."""
    filling: bool = False
    """Whether more slices are on their way, so that a coarse picture does for now."""
    late: int = 0
    """How many images of the series have come that are not in the volume."""
    moving: bool = False
    """Whether something is being dragged, so that a coarse picture does for now."""
    coarse: int = 1
    """How many device pixels along an edge share a sample in a finished picture."""
    words: str = ""
    """What this is where it is no plane but a view of the whole volume; empty for a plane."""

    @property
    def cut(self) -> Cut | None:
        """The plane as a picture."""
        return self.crosshair.cut(self.name) if self.crosshair else None

    @property
    def frame(self) -> FrameRef | None:
        """The nearest image, which says whose picture this is."""
        return self.nearest

    @property
    def count(self) -> int:
        """Steps through the volume."""
        return self.steps


class PlaneViewport(Viewport):
    """The pane of one plane: windowed, zoomed and panned like any other."""

    projects = False
    """Whether it always shows what lies behind each other as one, so that nothing is measured."""

    def __init__(self, name: PlaneName, reformat: "Reformat") -> None:
        """Show nothing until the reformat says where the plane is."""
        super().__init__()
        self.name = name
        self.reformat = reformat
        self._state: ViewState = PlaneState(name=name)

    @property
    def state(self) -> PlaneState:
        """The state as it is now."""
        return cast(PlaneState, self._state)

    @property
    def plane(self) -> ImagePlane | None:
        """Where the plane lies in the patient."""
        cut = self.state.cut
        return cut.plane if cut is not None else None

    def plane_of(self, frame: FrameRef) -> ImagePlane | None:
        """What is drawn here lies on the plane, whichever image is nearest."""
        return self.plane if frame == self.state.nearest else None

    @property
    def may_turn(self) -> bool:
        """A plane turns in the patient, never on the screen."""
        return False

    def put(self, **changes: object) -> None:
        """Take what the reformat says."""
        self._set(replace(self._state, **changes))  # type: ignore[arg-type]  # the fields' own types

    def begin(self, instances: Mapping[SopUid, Instance], look: Presentation) -> None:
        """Know the images and how they look at first."""
        self._know(instances)
        self._home = look
        self._as_sent = False
        self._set(replace(self._state, look=look, given=look))

    def know_more(self, instances: Mapping[SopUid, Instance]) -> None:
        """More images of the series are here."""
        self._know(instances)

    def scroll(self, steps: int) -> None:
        """Go on by so many voxels along the normal; the ends do not wrap."""
        self.reformat.step(self.name, steps)

    def go_to_index(self, index: int) -> None:
        """Go to a step, counted from the first."""
        self.reformat.step(self.name, index - self.state.index)

    def go_to(self, frame: FrameRef) -> bool:
        """Move the crosshair onto an image of the series; False where it has none such."""
        return self.reformat.go_to_frame(frame)

    def apply(self, state: PresentationState | None) -> None:
        """A presentation state is of single images."""

    def toggle_overlays(self) -> bool:
        """Overlays lie on single images, none on a plane through them."""
        return False

    def toggle_shutter(self) -> bool:
        """A shutter lies on single images."""
        return False

    def reset(self) -> None:
        """Return to the first window, zoom and directions; the crosshair stays where it is."""
        self.reformat.reset()

    def look_home(self) -> None:
        """Take the first look again."""
        self._set(replace(self._state, look=self._home))

    def transform_of(self, state: ViewState) -> PaneTransform | None:
        """Give the mapping between the plane's picture and the pane."""
        cut = state.cut if isinstance(state, PlaneState) else None
        if cut is None:
            return None
        return PaneTransform.of(cut.rows, cut.columns, 1.0, state.pane, state.look)

    def point_at(self, place: PanePoint) -> PointLps | None:
        """The point of the patient under a place of the pane, mm."""
        transform, plane = self.transform(), self.plane
        if transform is None or plane is None:
            return None
        return plane.to_lps(transform.to_pixel(place))


class Reformat:
    """Keeps three planes of one volume together; every change goes through here."""

    changed = Signal()
    """The crosshair or the slab is another."""

    def __init__(
        self,
        target: DisplaySet,
        instances: Mapping[SopUid, Instance],
        geometry: VolumeGeometry,
        look: Presentation,
        home: Crosshair | None = None,
    ) -> None:
        """Begin along the voxels, in the middle of the volume, or as ``home`` stands."""
        self.target = target
        self.geometry = geometry
        self._instances = instances
        self._here = self._late = 0
        self._fallback: tuple[float, float] | None = None
        self._filling = False
        self._moving = False
        self._sharing = False
        self.slab: Slab | None = None
        self.home = home or Crosshair.through(geometry)
        self._onward = _onward(self.home)
        self.crosshair = self.home
        self.viewports = {name: PlaneViewport(name, self) for name in PLANES}
        for viewport in self.viewports.values():
            viewport.begin(instances, look)
            viewport.changed.connect(self._on_viewport_changed)
        self._tell()

    @property
    def straight(self) -> bool:
        """Whether the planes stand along the voxels."""
        pairs = zip(self.crosshair.cuts, self.home.cuts, strict=True)
        return all(one.normal.dot(other.normal) >= _STRAIGHT for one, other in pairs)

    @property
    def is_filling(self) -> bool:
        """Whether more of the volume is on its way."""
        return self._filling

    def take(self, volume: Volume, extremes: tuple[float, float], *, filling: bool = False) -> None:
        """Know how much of the volume is here and between which modality values it lies.

        ``filling`` says that more of it is on its way.
        """
        self._here, self._fallback, self._filling = sum(volume.held), extremes, filling
        self._tell()

    def miss(self, late: int) -> None:
        """Know that so many images of the series have come that are not in the volume."""
        self._late = late
        self._tell()

    def renew(
        self,
        target: DisplaySet,
        instances: Mapping[SopUid, Instance],
        geometry: VolumeGeometry,
        home: Crosshair | None = None,
    ) -> None:
        """Go on in a volume that has more slices, at the same place and turned alike.

        What is drawn is that of before until ``take`` brings the volume.
        """
        straight = self.straight
        self.target, self.geometry, self._instances = target, geometry, instances
        self.home = home or Crosshair.through(geometry)
        self._onward = _onward(self.home)
        for viewport in self.viewports.values():
            viewport.know_more(instances)
        centre = voxel_at(geometry, self.crosshair.centre)
        self.crosshair = self.home.moved(centre) if straight else self.crosshair.within(geometry)
        self._tell()
        self.changed.emit()

    def go_to(self, point: PointLps) -> bool:
        """Move the crosshair to a point, onto its voxel while the planes stand along the voxels.

        False for a point outside the volume, which changes nothing.
        """
        if not self.holds(point):
            return False
        self._move(voxel_at(self.geometry, point) if self.straight else point)
        return True

    def go_to_frame(self, frame: FrameRef) -> bool:
        """Move the crosshair along the slices onto one of them; False where it is not here."""
        if frame not in self.target.frames:
            return False
        at = self.geometry.to_index(self.crosshair.centre)
        k = float(self.target.frames.index(frame))
        self._move(self.geometry.to_lps(Index(at.i, at.j, k)))
        return True

    def holds(self, point: PointLps) -> bool:
        """Whether a point lies in a voxel of the volume."""
        shape = (self.geometry.columns, self.geometry.rows, self.geometry.slices)
        index = self.geometry.to_index(point)
        return all(-0.5 <= at <= n - 0.5 for at, n in zip(index, shape, strict=True))

    def step(self, name: PlaneName, steps: int) -> None:
        """Move one plane on by so many voxels along its normal, in the order of reading (F40)."""
        self._move(stepped(self.geometry, self.crosshair.centre, self.onward(name), steps))

    def onward(self, name: PlaneName) -> PointLps:
        """The unit direction in which a plane is scrolled on: as its images would be read."""
        normal, sign = self.crosshair.cut(name).normal, self._onward[name]
        return normal if sign > 0 else turned_back(normal)

    def shift(self, crosshair: Crosshair, name: PlaneName, millimetres: float) -> None:
        """Move one plane of an earlier crosshair along its normal, within the volume."""
        normal = crosshair.cut(name).normal
        low, high = reach(self.geometry, normal)
        here = crosshair.centre.dot(normal)
        there = min(max(here + millimetres, low), high)
        point = crosshair.centre.plus(normal, there - here)
        if self.straight and self.holds(point):
            point = voxel_at(self.geometry, point)
        self._put(crosshair.moved(point))

    def turn(self, crosshair: Crosshair, name: PlaneName, angle: float) -> None:
        """Turn the other planes of an earlier crosshair about the normal of one, radians."""
        self._put(crosshair.turned(name, angle))

    def put(self, crosshair: Crosshair) -> None:
        """Take over a whole crosshair, e.g. to return to one."""
        self._put(crosshair)

    def straighten(self) -> None:
        """Set the planes along the voxels again, through the voxel at the crosshair."""
        centre = voxel_at(self.geometry, self.crosshair.centre)
        self._put(self.home.moved(centre))

    def reset(self) -> None:
        """Straighten, and give each plane its first look."""
        for viewport in self.viewports.values():
            viewport.look_home()
        self.straighten()

    def set_slab(self, slab: Slab | None) -> None:
        """Make all planes so thick; None is a single plane."""
        self.slab = slab
        self._tell()
        self.changed.emit()

    def hold(self, *, moving: bool) -> None:
        """Say whether something is being dragged."""
        if moving != self._moving:
            self._moving = moving
            self._tell()

    def voxel(self, name: PlaneName) -> float:
        """One voxel along the normal of a plane, mm."""
        return step_length(self.geometry, self.crosshair.cut(name).normal)

    def nearest(self) -> FrameRef:
        """The image of the series that lies nearest to the crosshair."""
        at = round(self.geometry.to_index(self.crosshair.centre).k)
        return self.target.frames[min(max(at, 0), self.geometry.slices - 1)]

    def pixel(self, name: PlaneName) -> PixelPoint:
        """Where the crosshair lies in the picture of a plane."""
        return self.crosshair.cut(name).plane.to_pixel(self.crosshair.centre)

    def _move(self, to: PointLps) -> None:
        self._put(self.crosshair.moved(to))

    def _put(self, crosshair: Crosshair) -> None:
        if crosshair != self.crosshair:
            self.crosshair = crosshair
            self._tell()
            self.changed.emit()

    def _tell(self) -> None:
        nearest = self.nearest()
        for name, viewport in self.viewports.items():
            index, steps = self._place(name)
            viewport.put(
                target=self.target,
                index=index,
                steps=steps,
                crosshair=self.crosshair,
                slab=self.slab,
                nearest=nearest,
                here=self._here,
                filling=self._filling,
                late=self._late,
                moving=self._moving,
                fallback=self._fallback,
            )

    def _place(self, name: PlaneName) -> tuple[int, int]:
        """Which step a plane stands on, and how many there are."""
        onward = self.onward(name)
        low, high = reach(self.geometry, onward)
        length = step_length(self.geometry, onward)
        along = onward.dot(self.geometry.normal)
        if abs(along) >= _STRAIGHT:
            k = round(self.geometry.to_index(self.crosshair.centre).k)
            last = self.geometry.slices - 1
            k = min(max(k, 0), last)
            return (k if along > 0 else last - k), last + 1
        steps = round((high - low) / length) + 1
        at = round((self.crosshair.centre.dot(onward) - low) / length)
        return min(max(at, 0), steps - 1), steps

    def _on_viewport_changed(self, state: ViewState) -> None:
        """All planes look through one window; zoom and place are each pane's own."""
        if self._sharing:
            return
        self._sharing = True
        try:
            for viewport in self.viewports.values():
                look = viewport.state.look
                if (look.voi, look.invert) != (state.look.voi, state.look.invert):
                    viewport.look_like(replace(look, voi=state.look.voi, invert=state.look.invert))
        finally:
            self._sharing = False


def _onward(home: Crosshair) -> dict[PlaneName, float]:
    """Of each plane whether it is scrolled on along its normal, 1, or against it, -1."""
    return {
        name: math.copysign(1.0, cut.normal.dot(reading_direction(cut.normal)))
        for name, cut in zip(PLANES, home.cuts, strict=True)
    }


def first_look(viewport: Viewport) -> Presentation:
    """How planes look at first: through the window of the image that they are made from."""
    look = viewport.state.look
    voi = look.voi
    if voi is None and viewport.holds_floor:
        voi = viewport.window()
    return Presentation(voi=voi, invert=look.invert, zoom=None, offset=CENTRED)
