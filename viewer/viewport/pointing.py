"""The tool that points at one place of the patient in every pane."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.model.annotation import Annotation
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.tools import Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

Point = Callable[[Viewport, PanePoint], None]


class Pointing:
    """Follows the pointer as long as the button is held; the point stays."""

    preview: Annotation | None = None
    lasting = False

    def __init__(self, e: PointerEvent, viewport: Viewport, point: Point) -> None:
        """Point at once."""
        self._viewport = viewport
        self._point = point
        self.move(e)

    def move(self, e: PointerEvent) -> None:
        """Point where the pointer is."""
        self._point(self._viewport, e.at)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End where the pointer is."""
        self.move(e)
        return ()

    def cancel(self) -> None:
        """Leave the point where it is."""


@dataclass(frozen=True, slots=True)
class PointTool:
    """Hands places on to ``point``."""

    point: Point
    id: ToolId = ToolId.POINT

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin to point."""
        return Pointing(e, viewport, self.point) if viewport.state.frame is not None else None
