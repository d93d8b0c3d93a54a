"""One volume in 3D: from where it is looked at, what of it is seen, how it looks. No Qt, no VTK."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast

from psygnal import Signal

from viewer.loading.even_slices import EvenSlices
from viewer.loading.volume import Volume
from viewer.model.display_set import DisplaySet
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.presentation import CENTRED, Presentation, Window
from viewer.model.presentation_state import PresentationState
from viewer.model.refs import FrameRef, SopUid
from viewer.model.study import Instance
from viewer.model.volume_geometry import Index
from viewer.pixels.volume_presets import VolumePreset
from viewer.viewport.camera import SIDES, Camera
from viewer.viewport.carried_over import corners_from, edges, face_in
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport, ViewState

_ROOM = 1.15
"""Of the longest side of the volume is seen at first."""
_LEAST_BOX = 1.0
"""Voxels that a crop box leaves in each direction at least."""
_LEAST_CORNERS = 3
WHEEL_ZOOM = 1.15


class Cutting(StrEnum):
    """What a drawn line takes away."""

    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class CropBox:
    """The part of a volume that is seen, along its voxels: edges, -0.5 is that of the first."""

    low: Index
    high: Index

    def moved(self, axis: int, *, high: bool, to: float, whole: "CropBox") -> "CropBox":
        """Move one face, within the volume and never through the face opposite to it."""
        low_end, high_end = list(self.low), list(self.high)
        if high:
            high_end[axis] = min(max(to, low_end[axis] + _LEAST_BOX), whole.high[axis])
        else:
            low_end[axis] = max(min(to, high_end[axis] - _LEAST_BOX), whole.low[axis])
        return CropBox(Index(*low_end), Index(*high_end))


@dataclass(frozen=True, slots=True)
class Cut:
    """What a closed line covers along a view; ``corners`` are mm from the volume's middle."""

    camera: Camera
    corners: tuple[tuple[float, float], ...]
    inside: bool = True


@dataclass(frozen=True, slots=True)
class VolumeState(ViewState):
    """Everything that is drawn in 3D is a function of this and of the volume."""

    camera: Camera = SIDES["A"]
    preset: VolumePreset | None = None
    crop: CropBox | None = None
    cuts: tuple[Cut, ...] = ()
    here: int = 0
    """How many slices of the volume are in memory; more of them is another picture."""
    slices: int = 0
    filling: bool = False
    """Whether more slices are on their way."""
    late: int = 0
    """How many images of the series have come that are not in the volume."""
    moving: bool = False
    """Whether the view is being changed, so that a coarse picture does for now."""
    coarse: bool = False
    """Whether a finished picture is of fewer voxels or lines than there are."""
    thinned: bool = False
    """Whether even the whole picture is of means of voxels, because there are so many."""
    boxed: bool = False
    """Whether the crop box is shown with its handles."""
    cutting: Cutting | None = None
    """What the next drawn line takes away."""
    line: tuple[PanePoint, ...] = ()
    """The line that is being drawn."""

    @property
    def frame(self) -> FrameRef | None:
        """The middle image, which says whose volume this is."""
        if self.target is None or not self.target.frames:
            return None
        return self.target.frames[len(self.target.frames) // 2]

    @property
    def count(self) -> int:
        """A volume is one picture."""
        return 1 if self.target else 0

    def same_picture(self, other: "VolumeState") -> bool:
        """Whether the pixels of both are the same: lines and marks lie above them."""
        return _drawn(self) == _drawn(other)


class VolumeViewport(Viewport):
    """The pane of one volume: turned, zoomed, panned and windowed; crop and cuts can be undone."""

    stepped = Signal()
    """Something else can be undone or redone now."""

    def __init__(
        self,
        target: DisplaySet,
        instances: Mapping[SopUid, Instance],
        slices: EvenSlices,
        window: Window | None,
        presets: Sequence[VolumePreset],
    ) -> None:
        """Look from the front, through the first preset; ``window`` is that of the images."""
        super().__init__()
        self.presets = tuple(presets)
        self._images_window = window
        self._undo: list[tuple[CropBox | None, tuple[Cut, ...]]] = []
        self._redo: list[tuple[CropBox | None, tuple[Cut, ...]]] = []
        self._know(instances)
        self._place(slices)
        self._state: ViewState = VolumeState(target, slices=len(target.frames))
        self.take_preset(self.presets[0])

    @property
    def state(self) -> VolumeState:
        """The state as it is now."""
        return cast(VolumeState, self._state)

    @property
    def whole(self) -> CropBox:
        """The box around all voxels."""
        return CropBox(*edges(self.slices))

    @property
    def may_turn(self) -> bool:
        """A volume turns in space, never as a picture on the screen."""
        return False

    def put(self, **changes: object) -> None:
        """Change parts of the state."""
        self._set(replace(self._state, **changes))  # type: ignore[arg-type]  # the fields' own types

    # -- what is here ----------------------------------------------------------------------------

    def take(self, volume: Volume, extremes: tuple[float, float], *, filling: bool = False) -> None:
        """Know how much of the volume is here and between which modality values it lies."""
        self.put(here=sum(volume.held), fallback=extremes, filling=filling)

    def renew(
        self, target: DisplaySet, instances: Mapping[SopUid, Instance], slices: EvenSlices
    ) -> None:
        """Go on in a volume that has more slices; what was cropped and cut stays in the patient.

        What is drawn is that of before until the picture takes the volume.
        """
        before, centre = self.slices, self.centre
        self._know(instances)
        self._place(slices)

        def box_in(box: CropBox | None) -> CropBox | None:
            if box is None:
                return None
            low = face_in(box.low, before, slices, high=False)
            return CropBox(low, face_in(box.high, before, slices, high=True))

        def cuts_in(cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
            return tuple(
                replace(c, corners=corners_from(c.corners, c.camera, centre, self.centre))
                for c in cuts
            )

        for steps in (self._undo, self._redo):
            steps[:] = [(box_in(box), cuts_in(cuts)) for box, cuts in steps]
        self.put(
            target=target,
            slices=len(target.frames),
            crop=box_in(self.state.crop),
            cuts=cuts_in(self.state.cuts),
            line=(),
        )

    # -- the view --------------------------------------------------------------------------------

    def look_from(self, camera: Camera) -> None:
        """Look from there."""
        self.put(camera=camera)

    def take_preset(self, preset: VolumePreset) -> None:
        """Look through a preset, in the range it is given for."""
        voi = preset.window or self._images_window
        self.put(preset=preset, look=replace(self._state.look, voi=voi))

    def next_preset(self) -> VolumePreset:
        """Look through the next preset; after the last the first."""
        now = self.state.preset
        at = self.presets.index(now) if now in self.presets else -1
        preset = self.presets[(at + 1) % len(self.presets)]
        self.take_preset(preset)
        return preset

    def hold(self, *, moving: bool) -> None:
        """Say whether the view is being changed."""
        self.put(moving=moving)

    def scroll(self, steps: int) -> None:
        """The wheel enlarges or reduces: a volume has no next image."""
        pane = self._state.pane
        self.zoom_at(PanePoint(pane.width / 2, pane.height / 2), WHEEL_ZOOM**-steps)

    def go_to_index(self, index: int) -> None:
        """There is but one."""

    def go_to(self, frame: FrameRef) -> bool:
        """No image is shown here."""
        return False

    def apply(self, state: PresentationState | None) -> None:
        """A presentation state is of single images."""

    def toggle_overlays(self) -> bool:
        """Overlays lie on single images."""
        return False

    def toggle_shutter(self) -> bool:
        """A shutter lies on single images."""
        return False

    def reset(self) -> None:
        """Look from the front at the whole, through the preset as it is given."""
        self.put(camera=SIDES["A"], look=Presentation(zoom=None, offset=CENTRED))
        preset = self.state.preset
        if preset is not None:
            self.take_preset(preset)

    # -- crop and cuts ---------------------------------------------------------------------------

    def crop(self, box: CropBox | None, *, since: CropBox | None = None, done: bool = True) -> None:
        """Show only what lies in a box; ``since`` is what an undo returns to, once it is done."""
        self.put(crop=None if box == self.whole else box)
        if done and since != self.state.crop:
            self._remember((since, self.state.cuts))

    def cut(self, line: Sequence[PanePoint]) -> bool:
        """Take away what a closed line covers, or all else; False for a line around nothing."""
        state, transform = self.state, self.transform()
        if state.cutting is None or transform is None or len(line) < _LEAST_CORNERS:
            return False
        middle = (transform.columns - 1) / 2
        places = [transform.to_pixel(point) for point in line]
        corners = tuple((p.column - middle, p.row - middle) for p in places)
        if _area(corners) < min(self.slices.spacing) ** 2:
            return False
        self._remember((state.crop, state.cuts))
        cut = Cut(state.camera, corners, inside=state.cutting is Cutting.INSIDE)
        self.put(cuts=(*state.cuts, cut), line=())
        return True

    def restore(self) -> bool:
        """Show the whole volume again; False where nothing was taken away."""
        state = self.state
        if state.crop is None and not state.cuts:
            return False
        self._remember((state.crop, state.cuts))
        self.put(crop=None, cuts=())
        return True

    @property
    def can_undo(self) -> bool:
        """Whether there is a crop or cut to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether one was taken back."""
        return bool(self._redo)

    def undo(self) -> bool:
        """Take back the last crop or cut; False where there is none."""
        return self._swap(self._undo, self._redo)

    def redo(self) -> bool:
        """Crop or cut again; False where nothing was taken back."""
        return self._swap(self._redo, self._undo)

    def _remember(self, before: tuple[CropBox | None, tuple[Cut, ...]]) -> None:
        self._undo.append(before)
        self._redo.clear()
        self.stepped.emit()

    def _swap(
        self,
        come: list[tuple[CropBox | None, tuple[Cut, ...]]],
        go: list[tuple[CropBox | None, tuple[Cut, ...]]],
    ) -> bool:
        if not come:
            return False
        go.append((self.state.crop, self.state.cuts))
        crop, cuts = come.pop()
        self.put(crop=crop, cuts=cuts)
        self.stepped.emit()
        return True

    # -- where things are ------------------------------------------------------------------------

    def transform_of(self, state: ViewState) -> PaneTransform | None:
        """The mapping between a picture in mm, its middle the volume's, and the pane.

        Its zoom is device pixels per millimetre.
        """
        side = max(math.ceil(self._reach), 1)
        return PaneTransform.of(side, side, 1.0, state.pane, state.look)

    def project(self, point: PointLps, state: VolumeState | None = None) -> PanePoint:
        """Where a point of the patient is seen."""
        state = state or self.state
        transform = self.transform_of(state)
        if transform is None:
            return PanePoint(0.0, 0.0)
        away, middle = point - self.centre, (transform.columns - 1) / 2
        across, down = away.dot(state.camera.right), away.dot(state.camera.down)
        return transform.to_pane(PixelPoint(across + middle, down + middle))

    def focus(self, state: VolumeState) -> PointLps:
        """The point of the patient in the middle of the pane, as deep as the volume's middle."""
        transform = self.transform_of(state)
        if transform is None:
            return self.centre
        pane, middle = state.pane, (transform.columns - 1) / 2
        at = transform.to_pixel(PanePoint(pane.width / 2, pane.height / 2))
        across, down = at.column - middle, at.row - middle
        return self.centre.plus(state.camera.right, across).plus(state.camera.down, down)

    def _place(self, slices: EvenSlices) -> None:
        """Look at these slices: where their middle lies, and how far they reach, mm."""
        self.slices = slices
        self.centre = slices.to_lps(*((n - 1) / 2 for n in reversed(slices.shape)))
        self._reach = self._longest() * _ROOM

    def _longest(self) -> float:
        sides = [
            n * pitch
            for n, pitch in zip(reversed(self.slices.shape), self.slices.spacing, strict=True)
        ]
        return max(sides)


def _drawn(state: VolumeState) -> tuple[object, ...]:
    return (
        state.camera, state.preset, state.look.voi, state.look.zoom, state.look.offset,
        state.crop, state.cuts, state.here, state.filling, state.moving, state.pane,
        state.fallback,
    )  # fmt: skip


def _area(corners: Sequence[tuple[float, float]]) -> float:
    """Area inside a closed line, without its sign."""
    pairs = zip(corners, (*corners[1:], corners[0]), strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2
