"""Pointer and wheel become acts on a viewport: which tool, from which button, for how long."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from viewer.model.annotation import Annotation, AnnotationKind
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

DRAG_THRESHOLD = 3.0
"""Logical pixels a pointer must move before a press becomes a drag."""


class ToolId(StrEnum):
    """The tools a button can carry."""

    WINDOW = "window"
    SCROLL = "scroll"
    ZOOM = "zoom"
    PAN = "pan"
    LENGTH = "length"
    POINT = "point"
    REGION = "region"
    MAGNIFY = "magnify"
    BIDIRECTIONAL = "bidirectional"
    POLYLINE = "polyline"
    CURVE = "curve"
    ANGLE = "angle"
    LINES_ANGLE = "lines-angle"
    COBB = "cobb"
    PARALLEL = "parallel"
    HEART = "heart"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    CIRCLE = "circle"
    CIRCLE_3 = "circle-3"
    POLYGON = "polygon"
    FREEHAND = "freehand"
    PROBE = "probe"
    ARROW = "arrow"
    TEXT = "text"
    SPINE = "spine"
    CALIBRATION = "calibration"
    LIVEWIRE = "livewire"
    LINE_3D = "line-3d"
    ANGLE_3D = "angle-3d"
    SPHERE = "sphere"
    BOX = "box"
    ELLIPSOID = "ellipsoid"
    GROWN = "grown"

    @property
    def kind(self) -> AnnotationKind | None:
        """The kind of annotation that it draws; both bear one name."""
        try:
            return AnnotationKind(self.value)
        except ValueError:
            return None


class Button(StrEnum):
    """Buttons of the pointer."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class WheelAct(StrEnum):
    """What a turn of the wheel does."""

    SCROLL = "scroll"
    TEN = "ten"
    ZOOM = "zoom"


@dataclass(frozen=True, slots=True)
class Mouse:
    """What buttons and wheel carry; ``left`` None is chosen by the number of images."""

    left: ToolId | None = None
    middle: ToolId = ToolId.PAN
    right: ToolId = ToolId.ZOOM
    wheel: WheelAct = WheelAct.SCROLL
    ctrl_wheel: WheelAct = WheelAct.ZOOM
    shift_wheel: WheelAct = WheelAct.TEN

    def wheel_act(self, *, ctrl: bool, shift: bool) -> WheelAct:
        """What the wheel does while these keys are held."""
        if ctrl:
            return self.ctrl_wheel
        return self.shift_wheel if shift else self.wheel


@dataclass(frozen=True, slots=True)
class PointerEvent:
    """A pointer event in device pixels; ``scale`` is device pixels per logical pixel."""

    at: PanePoint
    button: Button = Button.LEFT
    scale: float = 1.0


class Gesture(Protocol):
    """What one press began."""

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer."""
        ...

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End it and give the edits it made."""
        ...

    def cancel(self) -> None:
        """End it as if it had not been."""
        ...

    @property
    def preview(self) -> Annotation | None:
        """An annotation to draw while the gesture lasts."""
        ...

    @property
    def lasting(self) -> bool:
        """Whether it goes on after the release of the button, until the next press."""
        ...


class Tool(Protocol):
    """Turns a press into a gesture."""

    @property
    def id(self) -> ToolId:
        """Which tool this is."""
        ...

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin a gesture, or None where the tool has nothing to act on."""
        ...


class ToolGroup:
    """The tools of a reading area: one is active, a held key lends another one."""

    def __init__(self, tools: Mapping[ToolId, Tool], *, active: ToolId) -> None:
        """Take the tools; the middle and the right button carry theirs whatever is active."""
        self._tools = dict(tools)
        self._active = active
        self._lent_from: ToolId | None = None
        self._used = False
        self.mouse = Mouse()
        """What the other buttons and the wheel carry."""

    def add(self, *tools: Tool) -> None:
        """Take in more tools."""
        self._tools |= {tool.id: tool for tool in tools}

    @property
    def active(self) -> ToolId:
        """The tool on the left button."""
        return self._active

    @property
    def tools(self) -> Mapping[ToolId, Tool]:
        """Every tool of the group."""
        return self._tools

    def activate(self, tool: ToolId) -> None:
        """Put a tool on the left button."""
        self._active = tool
        self._lent_from = None

    def press_key(self, tool: ToolId) -> None:
        """A tool's key went down: it is active, and only lent if it is used before key up."""
        if self._lent_from is None:
            self._lent_from = self._active
            self._used = False
            self._active = tool

    def release_key(self) -> None:
        """The key went up: a tool used meanwhile goes back, an unused one stays."""
        if self._lent_from is not None and self._used:
            self._active = self._lent_from
        self._lent_from = None

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin the gesture of the button that was pressed."""
        return self._tools[self.chosen(e)].press(e, viewport)

    def chosen(self, e: PointerEvent) -> ToolId:
        """Which tool the button that was pressed carries; from now on a lent one is used."""
        if e.button is Button.LEFT:
            self._used = True
        others = {Button.MIDDLE: self.mouse.middle, Button.RIGHT: self.mouse.right}
        return others.get(e.button, self._active)


class LentTools(ToolGroup):
    """The tools of other panes: whichever tool another group has on a button, theirs acts."""

    def __init__(
        self, group: ToolGroup, tools: Callable[[Viewport], Mapping[ToolId, Tool]]
    ) -> None:
        """Follow ``group``; ``tools`` gives those of a viewport."""
        super().__init__({}, active=group.active)
        self._group = group
        self._of = tools

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin the gesture of the button that was pressed."""
        tool = self._of(viewport).get(self._group.chosen(e))
        return tool.press(e, viewport) if tool is not None else None


class Wheel:
    """Wheel notches become frames or zoom; parts of a notch are saved up."""

    NOTCH = 120

    def __init__(self) -> None:
        """Start at rest."""
        self._rest = 0

    def turn(
        self,
        delta: int,
        at: PanePoint,
        viewport: Viewport,
        *,
        zoom: bool = False,
        fast: bool = False,
    ) -> None:
        """Act on eighths of a degree, positive away from the reader (the previous frame)."""
        if zoom:
            viewport.zoom_at(at, 1.2 ** (delta / self.NOTCH))
            return
        self._rest += delta
        steps = int(self._rest / self.NOTCH)
        self._rest -= steps * self.NOTCH
        if steps:
            viewport.scroll(-steps * (10 if fast else 1))
