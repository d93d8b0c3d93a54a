"""The pane of a volume seen from all sides: which view it shows, and the crosshair in it. No Qt."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from psygnal import Signal

from viewer.model.annotation import Annotation
from viewer.model.display_set import DisplaySet
from viewer.model.geometry import PointLps
from viewer.model.presentation import Presentation
from viewer.model.refs import FrameRef, SopUid
from viewer.model.study import Instance
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.cross_lines import CrossLine
from viewer.viewport.planes import Axes, Crosshair, Cut, PlaneName, turned_back
from viewer.viewport.reformat import PlaneViewport, Reformat
from viewer.viewport.tools import DRAG_THRESHOLD, Button, Gesture, PointerEvent, Tool, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

_PER_VIEW = 8.0
"""Logical pixels of a drag that turn by one view."""


class Views(Protocol):
    """A volume seen from all sides, as far as it was computed."""

    @property
    def views(self) -> int:
        """Views of a whole turn."""
        ...

    @property
    def made(self) -> int:
        """How many views are here."""
        ...

    def cut(self, number: int) -> Cut:
        """Where a view stands in the patient."""
        ...

    def directions(self, number: int) -> tuple[PointLps, PointLps]:
        """Unit vectors of a view: to the right on the screen, and away from the reader."""
        ...

    def strongest(self, point: PointLps, number: int) -> tuple[PointLps, float] | None:
        """Where the sample lies that a view shows at a point, and its modality value."""
        ...


class TurningViewport(PlaneViewport):
    """The pane of the views: scrolled it turns, without an end; windowed and zoomed like any."""

    projects = True
    turned = Signal()
    """The reader has turned it by hand."""

    def __init__(self, reformat: Reformat) -> None:
        """Show nothing until there are views; ``reformat`` is of the same volume."""
        super().__init__(PlaneName.CORONAL, reformat)
        self.views: Views | None = None
        self._centre = reformat.crosshair.centre

    def know(
        self, target: DisplaySet, instances: Mapping[SopUid, Instance], look: Presentation
    ) -> None:
        """Know the images and how they look at first."""
        self.begin(instances, look)
        self.put(target=target, nearest=target.frames[len(target.frames) // 2], steps=1)

    def renew(self, target: DisplaySet, instances: Mapping[SopUid, Instance]) -> None:
        """Know more images; their views follow with ``take``."""
        self._know(instances)
        self.put(target=target, nearest=target.frames[len(target.frames) // 2])

    def take(self, views: Views | None, here: int, extremes: tuple[float, float]) -> None:
        """Show these views from now on; ``here`` slices of the volume are in them."""
        self.views = views
        self.put(here=here, fallback=extremes)
        self.show_view(self.state.index)

    def mark(self, centre: PointLps) -> None:
        """Draw the crosshair through this point."""
        self._centre = centre
        self.show_view(self.state.index)

    def show_view(self, number: int) -> None:
        """Show one view; the one after the last is the first."""
        views = self.views
        if views is None:
            self.put(crosshair=None, words="")
            return
        number %= views.views
        self.put(
            index=number,
            steps=views.views,
            crosshair=_crosshair(views, number, self._centre),
            words=turning_text(views, number),
        )

    def scroll(self, steps: int) -> None:
        """Turn on by so many views."""
        self.go_to_index(self.state.index + steps)

    def go_to_index(self, index: int) -> None:
        """Turn to a view, counted on over the end."""
        self.turned.emit()
        self.show_view(index)

    def go_to(self, frame: FrameRef) -> bool:
        """No view is of one image."""
        return frame == self.state.nearest

    def reset(self) -> None:
        """Return to the first look, from the front."""
        self.look_home()
        self.go_to_index(0)

    def strongest_at(self, place: PanePoint) -> tuple[PointLps, float] | None:
        """Where the sample lies that is seen at a place of the pane, and its modality value."""
        point = self.point_at(place)
        if self.views is None or point is None:
            return None
        return self.views.strongest(point, self.state.index)


@dataclass(frozen=True, slots=True)
class TurnTool:
    """On a turning volume: a click goes to what is seen there, a drag turns or does as a tool."""

    id: ToolId
    go: Callable[[PointLps], bool]
    refuse: Callable[[str], None]
    tool: Tool | None = None
    """What a drag does; None is to turn."""

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Stand still, and begin."""
        if not isinstance(viewport, TurningViewport):
            return None
        viewport.turned.emit()
        drag = self.tool.press(e, viewport) if self.tool else Turn(e, viewport)
        if e.button is not Button.LEFT:
            return drag
        return ClickOrDrag(e, viewport, drag, self)


class Turn:
    """A drag to the side that turns the volume with it."""

    preview: Annotation | None = None
    lasting = False

    def __init__(self, e: PointerEvent, viewport: TurningViewport) -> None:
        """Begin at the shown view."""
        self._viewport, self._start, self._from = viewport, e.at, viewport.state.index

    def move(self, e: PointerEvent) -> None:
        """Turn by where the pointer is: what is in front goes with it."""
        steps = round((self._start.x - e.at.x) / (_PER_VIEW * e.scale))
        if (self._from + steps) % max(self._viewport.state.count, 1) != self._viewport.state.index:
            self._viewport.go_to_index(self._from + steps)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End where the pointer is."""
        self.move(e)
        return ()

    def cancel(self) -> None:
        """Show the view from before."""
        self._viewport.go_to_index(self._from)


class ClickOrDrag:
    """A drag, or where the pointer did not move a click on what is seen there."""

    def __init__(
        self, e: PointerEvent, viewport: TurningViewport, drag: Gesture | None, tool: TurnTool
    ) -> None:
        """Begin; a click is on the view that is shown now."""
        self._start, self._viewport, self._drag, self._tool = e.at, viewport, drag, tool
        self._moved = False

    @property
    def preview(self) -> Annotation | None:
        """What the drag draws."""
        return self._drag.preview if self._drag else None

    @property
    def lasting(self) -> bool:
        """It is over with the release."""
        return False

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer once it is past the threshold."""
        far = math.hypot(e.at.x - self._start.x, e.at.y - self._start.y)
        self._moved = self._moved or far >= DRAG_THRESHOLD * e.scale
        if self._moved and self._drag is not None:
            self._drag.move(e)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End; without a drag go to where the strongest lies."""
        self.move(e)
        if self._moved:
            return self._drag.release(e) if self._drag else ()
        if self._drag is not None:
            self._drag.cancel()
        found = self._viewport.strongest_at(self._start)
        if found is None:
            self._tool.refuse("There is nothing in this place of the volume.")
        elif not self._tool.go(found[0]):
            self._tool.refuse("This place lies outside the other volume.")
        return ()

    def cancel(self) -> None:
        """Leave everything as it was."""
        if self._drag is not None:
            self._drag.cancel()


@dataclass(frozen=True, slots=True)
class NotOnViews:
    """In place of a tool that measures: it says why not here."""

    id: ToolId
    refuse: Callable[[str], None]

    def press(self, _e: PointerEvent, _viewport: Viewport) -> Gesture | None:
        """Say so."""
        self.refuse("Nothing is measured on a projection: its depth is lost.")
        return None


def turning_text(views: Views, number: int) -> str:
    """What is shown: from which side, and how many views there are as yet."""
    degrees = 360 * number / views.views
    text = f"MIP turned {degrees:.0f}° · largest value of each ray"
    return text if views.made == views.views else f"{text} · {views.made} OF {views.views} VIEWS"


def lines_in_view(lines: Sequence[CrossLine]) -> tuple[CrossLine, ...]:
    """The crosshair of a view: nothing there can be turned, and only heights have a name."""
    return tuple(
        replace(line, grips=(), faces=(), word=line.word if line.of is PlaneName.AXIAL else "")
        for line in lines
    )


def _crosshair(views: Views, number: int, centre: PointLps) -> Crosshair:
    """The view and two planes through a point that are seen edge on in it."""
    cut = views.cut(number)
    right, through = views.directions(number)
    level = replace(cut, middle=centre, right=right, down=through)
    side = replace(cut, middle=centre, right=through, down=cut.down)
    axes = Axes(right, through, turned_back(cut.down))
    return Crosshair(centre, axes, (level, cut, side))
