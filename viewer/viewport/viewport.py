"""What one pane shows and how: a frozen state, changed only here, told to whoever draws it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from psygnal import Signal

from viewer.calibration.display import DisplayProfile
from viewer.calibration.spacing import pixel_aspect
from viewer.model.colour import ScreenColours
from viewer.model.display_set import DisplaySet
from viewer.model.fusion import Fusion
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.overlay_plane import OverlayBitmap
from viewer.model.presentation import (
    CENTRED,
    ColourMap,
    Offset,
    Presentation,
    VoiFunction,
    VoiLut,
    Window,
)
from viewer.model.presentation_state import PresentationState
from viewer.model.refs import FrameRef, SopUid
from viewer.model.study import Instance
from viewer.pixels.pipeline import default_voi, stands_on_zero
from viewer.viewport.carried_look import carried_on
from viewer.viewport.frame_places import FramePlaces
from viewer.viewport.softcopy import drawn_of, governs, look_of, own_overlays
from viewer.viewport.transform import PanePoint, PaneSize, PaneTransform

MAX_ZOOM = 64.0
_SECTIONS = frozenset({"CT", "MR", "PT"})
"""Modalities of sections, which are not turned even where their place is not known."""
MIN_ZOOM = 1 / 32
NO_PANE = PaneSize(1, 1)


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything that is drawn in a pane is a function of this and of the frame's pixels."""

    target: DisplaySet | None = None
    index: int = 0
    look: Presentation = field(default_factory=Presentation)
    pane: PaneSize = NO_PANE
    fallback: tuple[float, float] | None = None
    """Smallest and largest modality value of the display set, for a look without VOI (F12)."""
    readout: str = ""
    """Name of the values that are read off the image (F15); '' is the image's default."""
    applied: PresentationState | None = None
    """The presentation state that the reader chose; it may refer to other frames only (F21)."""
    given: Presentation = field(default_factory=Presentation)
    """What the header, or the presentation state where it governs, gives this frame as its look."""
    governed: bool = False
    """Whether the presentation state says how this frame looks."""
    screen_mm: float | None = None
    """Pitch of a device pixel; None where it is not known."""
    screen_checked: bool = False
    """Whether that pitch was measured with a ruler."""
    display: DisplayProfile | None = None
    """What is known of the screen on which the pane stands; its table drives the picture."""
    fusion: Fusion | None = None
    """A second volume that is laid over the picture; None is the picture alone."""
    floor_held: bool | None = None
    """Whether a drag of the window leaves black at 0; None: as the kind of image has it."""

    screen_colours: ScreenColours | None = None
    """The profile of the screen that colours are shown through; None is sRGB."""

    @property
    def changed_by_reader(self) -> bool:
        """Whether a governed frame looks otherwise than its presentation state says."""
        return self.governed and self.look != self.given

    @property
    def frame(self) -> FrameRef | None:
        """The frame that is shown."""
        if self.target is None or not self.target.frames:
            return None
        return self.target.frames[self.index]

    @property
    def count(self) -> int:
        """Frames in the display set."""
        return len(self.target.frames) if self.target else 0


class Viewport:
    """State of one pane, without Qt."""

    changed = Signal(object)
    """Carries the new ViewState."""

    def __init__(self) -> None:
        """Start empty."""
        self._state = ViewState()
        self._home = Presentation()
        self._instances: Mapping[SopUid, Instance] = {}
        self._as_sent = True
        self._places: FramePlaces | None = None
        """Where the frames lie, once somebody has asked."""
        self._at: tuple[FrameRef, Instance] | None = None
        self._made: tuple[FrameRef, PresentationState, Instance, Instance] | None = None
        """The last instance into which a presentation state was put, so that it stays the same."""

    @property
    def home(self) -> Presentation:
        """The look that a reset returns to."""
        return self._home

    @property
    def state(self) -> ViewState:
        """The state as it is now."""
        return self._state

    @property
    def instance(self) -> Instance | None:
        """The instance of the shown frame, with that frame's own pixel meaning (F14)."""
        frame = self._state.frame
        return self.instance_of(frame) if frame else None

    @property
    def plane(self) -> ImagePlane | None:
        """The plane of the shown frame."""
        frame = self._state.frame
        return self.plane_of(frame) if frame else None

    def plane_of(self, frame: FrameRef) -> ImagePlane | None:
        """The plane of any frame of the display set."""
        instance = self._instances.get(frame.sop)
        if instance is None or frame.frame >= len(instance.planes):
            return None
        return instance.planes[frame.frame]

    def nearest(self, point: PointLps, along: PointLps) -> int | None:
        """The first of the frames that lie nearest to a point along a direction (a unit vector)."""
        if self._places is None:
            frames = self._state.target.frames if self._state.target else ()
            self._places = FramePlaces([self.plane_of(frame) for frame in frames])
        return self._places.nearest(point, along)

    @property
    def drawn(self) -> Instance | None:
        """The instance of the shown frame as it is drawn, a presentation state put in."""
        frame = self._state.frame
        return self.drawn_at(frame) if frame else None

    def drawn_at(self, frame: FrameRef) -> Instance | None:
        """The instance of any frame of the display set as it is drawn."""
        instance, state = self.instance_of(frame), self._state.applied
        if instance is None or state is None or not governs(state, frame, instance):
            return instance
        made = self._made
        if made is None or made[:2] != (frame, state) or made[2] is not instance:
            made = (frame, state, instance, drawn_of(state, frame, instance))
            self._made = made
        return made[3]

    def added_overlays(self) -> tuple[OverlayBitmap, ...]:
        """Planes that a presentation state lays over the shown frame."""
        state = self._state
        return own_overlays(state.applied) if state.governed and state.applied else ()

    def show(
        self,
        target: DisplaySet | None,
        instances: Mapping[SopUid, Instance],
        look: Presentation | None = None,
        *,
        index: int = 0,
    ) -> None:
        """Hang a display set; ``look`` is also what a reset returns to.

        A look without VOI leaves each frame its own, as no look does.

        One that is not looked at as images has no instance here, so that nothing is drawn on it.
        Without one, each frame has its own first window or VOI LUT until the reader sets another.
        """
        self._know(instances if target is None or target.has_images else {})
        self._home = look or Presentation()
        self._as_sent = look is None or look.voi is None
        last = max(len(target.frames) - 1, 0) if target else 0
        state = ViewState(
            target,
            min(max(index, 0), last),
            self._home,
            self._state.pane,
            screen_mm=self._state.screen_mm,
            screen_checked=self._state.screen_checked,
            display=self._state.display,
            screen_colours=self._state.screen_colours,
        )
        self._set(self._sent(state, anew=True))

    def grow(self, target: DisplaySet, instances: Mapping[SopUid, Instance]) -> None:
        """Take the same display set with more frames; the shown frame stays."""
        frame = self._state.frame
        self._know(instances if target.has_images else {})
        index = target.frames.index(frame) if frame in target.frames else 0
        self._set(self._sent(replace(self._state, target=target, index=index)))

    def resize(self, pane: PaneSize) -> None:
        """Tell how many device pixels there are."""
        self._set(replace(self._state, pane=pane))

    def know_screen(
        self,
        mm_per_pixel: float | None,
        *,
        checked: bool = False,
        display: DisplayProfile | None = None,
    ) -> None:
        """Take the pitch of the screen's device pixels, whether a ruler was laid on it, and what
        was measured of it.
        """
        self._set(
            replace(self._state, screen_mm=mm_per_pixel, screen_checked=checked, display=display)
        )

    def know_colours(self, colours: ScreenColours | None) -> None:
        """Take the profile of the screen, which colours are then converted to (F18)."""
        self._set(replace(self._state, screen_colours=colours))

    def apply(self, state: PresentationState | None) -> None:
        """Look as a presentation state says where it governs; None is the images' own look."""
        self._as_sent = True
        self._set(self._sent(replace(self._state, applied=state), anew=True))

    def fuse(self, fusion: Fusion | None) -> None:
        """Lay a second volume over the picture, or take it away; until something else is shown."""
        self._set(replace(self._state, fusion=fusion))

    def extend_range(self, low: float, high: float) -> None:
        """Widen the range that a look without VOI maps to black and white."""
        known = self._state.fallback
        if known is not None:
            low, high = min(low, known[0]), max(high, known[1])
        self._set(replace(self._state, fallback=(low, high)))

    def state_at(self, index: int) -> ViewState:
        """The state as it would be with another frame of the display set shown."""
        return self._sent(replace(self._state, index=index))

    def scroll(self, steps: int) -> None:
        """Step through the frames; the ends do not wrap."""
        self.go_to_index(self._state.index + steps)

    def go_to_index(self, index: int) -> None:
        """Show the frame at a place in display order, clamped to the ends."""
        if self._state.count:
            index = min(max(index, 0), self._state.count - 1)
            self._set(self._sent(replace(self._state, index=index)))

    def go_to(self, frame: FrameRef) -> bool:
        """Show a frame; False when the display set does not hold it."""
        target = self._state.target
        if target is None or frame not in target.frames:
            return False
        self.go_to_index(target.frames.index(frame))
        return True

    def set_voi(self, voi: Window | VoiLut | None) -> None:
        """Look through another window or VOI LUT; None is minimum to maximum."""
        self._as_sent = False
        self._look(voi=voi)

    def read_as(self, readout: str) -> None:
        """Read values off the image in another way, by its name; '' is the image's default."""
        self._set(replace(self._state, readout=readout))

    def window(self) -> Window | None:
        """Give the window in use, or the linear window nearest to the look; None when unknown."""
        voi = self._state.look.voi
        if isinstance(voi, Window):
            return voi
        if isinstance(voi, VoiLut):
            width = max(len(voi.entries), 1)
            return Window(voi.first + width / 2, width)
        if self._state.fallback is None:
            return None
        low, high = self._state.fallback
        if self.holds_floor and high > low:
            return Window((low + high) / 2, high - low, "", VoiFunction.LINEAR_EXACT)
        return Window((low + high + 1) / 2, max(high - low + 1, 1))

    def set_window(self, centre: float, width: float) -> None:
        """Set the window by numbers; the function of the current window stays."""
        current = self.window()
        function = current.function if current else VoiFunction.LINEAR
        least = 1.0 if function is VoiFunction.LINEAR else 1e-6
        self.set_voi(Window(centre, max(width, least), "", function))

    @property
    def holds_floor(self) -> bool:
        """Whether a drag of the window leaves black at 0 (IHE BIR 4.16.4.2.2.5.4)."""
        instance, held = self.instance, self._state.floor_held
        return instance is not None and (stands_on_zero(instance) if held is None else held)

    def toggle_floor(self) -> bool:
        """Let drags of the window leave black at 0, or not; False where there is no window."""
        if not self.is_grey:
            return False
        self._set(replace(self._state, floor_held=not self.holds_floor))
        return True

    def invert(self) -> None:
        """Turn black into white and back."""
        self._look(invert=not self._state.look.invert)

    def paint_in(self, colours: ColourMap | None) -> None:
        """Show a grey image in colours that stand for its grey; None is grey again."""
        if self.is_grey:
            self._look(colour_map=colours)

    def toggle_overlays(self) -> bool:
        """Hide overlay planes or show them again; False where the image has none (F20)."""
        instance, frame = self.drawn, self._state.frame
        if instance is None or frame is None:
            return False
        if not instance.overlays_on(frame.frame) and not self.added_overlays():
            return False
        self._look(overlays=not self._state.look.overlays)
        return True

    def toggle_shutter(self) -> bool:
        """Show what a shutter hides or hide it again; False where there is none (F19)."""
        if self.drawn is None or self.drawn.shutter is None:
            return False
        self._look(shuttered=not self._state.look.shuttered)
        return True

    def toggle_padding(self) -> bool:
        """Show what lies where there is no pixel, or leave it black; False without any (F11)."""
        drawn = self.drawn
        if drawn is None or drawn.format is None or drawn.format.padding is None:
            return False
        if not drawn.format.is_grey:
            return False
        self._look(padding=not self._state.look.padding)
        return True

    def toggle_colours(self) -> bool:
        """Show colours as sent or by the profiles of image and screen; False without one (F18)."""
        drawn = self.drawn
        if drawn is None or drawn.format is None or drawn.format.is_grey:
            return False
        if drawn.colour_profile is None and self._state.screen_colours is None:
            return False
        self._look(colours_as_sent=not self._state.look.colours_as_sent)
        return True

    @property
    def is_grey(self) -> bool:
        """Whether windows and inversion apply (F17)."""
        instance = self.instance
        return instance is not None and instance.format is not None and instance.format.is_grey

    @property
    def may_turn(self) -> bool:
        """Whether turning and flipping is allowed: projections only (IHE BIR 4.16.4.2.2.5.2)."""
        instance = self.instance
        section = instance is not None and instance.modality in _SECTIONS
        return instance is not None and self.plane is None and not section

    def turn(self, quarter_turns: int) -> bool:
        """Turn clockwise by quarters; False where that is not allowed."""
        if not self.may_turn:
            return False
        self._look(quarter_turns=(self._state.look.quarter_turns + quarter_turns) % 4)
        return True

    def flip(self) -> bool:
        """Mirror left and right as seen on the screen; False where that is not allowed."""
        if not self.may_turn:
            return False
        look = self._state.look
        turns = look.quarter_turns + (2 if look.quarter_turns % 2 else 0)
        self._look(flip_horizontal=not look.flip_horizontal, quarter_turns=turns % 4)
        return True

    def fit(self) -> None:
        """Show the whole image."""
        self._look(zoom=None, offset=CENTRED, area=None)

    def one_to_one(self) -> None:
        """One image pixel on one device pixel (F53)."""
        self._look(zoom=1.0, offset=CENTRED, area=None)

    def zoom_at(self, point: PanePoint, factor: float, *, of: Presentation | None = None) -> None:
        """Change the zoom of a look (the current one); what lies under ``point`` stays there."""
        look = of or self._state.look
        before = self._transform(look)
        if before is None:
            return
        zoom = min(max(before.zoom * factor, MIN_ZOOM), MAX_ZOOM)
        look = replace(look, zoom=zoom)
        after = self._transform(look)
        if after is not None:
            moved = after.to_pane(before.to_pixel(point))
            offset = Offset(look.offset.x + point.x - moved.x, look.offset.y + point.y - moved.y)
            self.look_like(replace(look, offset=offset))

    def pan(self, dx: float, dy: float, *, of: Presentation | None = None) -> None:
        """Move the image of a look (the current one) by device pixels; its size stays."""
        look = of or self._state.look
        transform = self._transform(look)
        if transform is not None:
            offset = Offset(look.offset.x + dx, look.offset.y + dy)
            self.look_like(replace(look, zoom=transform.zoom, offset=offset))

    def look_like(self, look: Presentation) -> None:
        """Take over a whole look, e.g. to return to one."""
        self._set(replace(self._state, look=look))

    def reset(self) -> None:
        """Return to the first look; the frame stays (IHE BIR item 15)."""
        self._as_sent = True
        self._set(self._sent(self._state, anew=True))

    def transform(self) -> PaneTransform | None:
        """Give the mapping between the image and the pane; None while nothing is shown."""
        return self.transform_of(self._state)

    def transform_of(self, state: ViewState) -> PaneTransform | None:
        """Give the mapping for an earlier state of this viewport."""
        frame = state.frame
        instance = self.instance_of(frame) if frame else None
        if frame is None or instance is None or instance.format is None:
            return None
        return PaneTransform.of(
            instance.format.rows,
            instance.format.columns,
            pixel_aspect(instance, frame.frame),
            state.pane,
            state.look,
        )

    def instance_of(self, frame: FrameRef) -> Instance | None:
        """The instance that holds a frame of the display set, as it is for that frame."""
        if self._at is None or self._at[0] != frame:
            instance = self._instances.get(frame.sop)
            if instance is None:
                return None
            self._at = (frame, instance.at(frame.frame))
        return self._at[1]

    def _know(self, instances: Mapping[SopUid, Instance]) -> None:
        self._instances = instances
        self._at = None
        self._places = None

    def _sent(self, state: ViewState, *, anew: bool = False) -> ViewState:
        """Give the state with what the frame is given, as far as the reader has set nothing else.

        The VOI follows the frame until the reader sets one (F8), polarity and modality step always
        do, zoom and place only where another presentation state or none governs.
        """
        frame = state.frame
        instance = self.instance_of(frame) if frame else None
        if frame is None or instance is None:
            return replace(state, look=self._home, given=self._home) if anew else state
        given, governed = self._home, False
        if state.applied is not None and governs(state.applied, frame, instance):
            given, governed = look_of(state.applied, frame, instance, state.screen_mm), True
        elif given.voi is None:
            given = given.with_voi(default_voi(instance))
        look = given
        if not anew:
            look = carried_on(state.look, state.given, given, voi=self._as_sent)
        same_values = given.modality == state.given.modality
        return replace(
            state,
            look=look,
            given=given,
            governed=governed,
            fallback=state.fallback if same_values else None,
        )

    def _transform(self, look: Presentation) -> PaneTransform | None:
        return self.transform_of(replace(self._state, look=look))

    def _look(self, **changes: object) -> None:
        apply: Callable[..., Presentation] = replace
        self._set(replace(self._state, look=apply(self._state.look, **changes)))

    def _set(self, state: ViewState) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit(state)
