"""The tool that shows what lies under the pointer larger, for as long as the button is held."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from viewer.model.annotation import Annotation
from viewer.model.presentation import CENTRED, Offset, Presentation
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.tools import Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PanePoint, PaneSize, PaneTransform
from viewer.viewport.viewport import MAX_ZOOM, Viewport

Show = Callable[[Viewport, PanePoint], None]
TIMES = 2.0
"""How much larger at least; an image that is shown reduced is shown at one to one."""


class Magnifying:
    """Follows the pointer with the magnifier."""

    preview: Annotation | None = None
    lasting = False

    def __init__(
        self, e: PointerEvent, viewport: Viewport, show: Show, hide: Callable[[], None]
    ) -> None:
        """Show it at once."""
        self._viewport = viewport
        self._show = show
        self._hide = hide
        self.move(e)

    def move(self, e: PointerEvent) -> None:
        """Show what is under the pointer."""
        self._show(self._viewport, e.at)

    def release(self, _e: PointerEvent) -> Sequence[AnnotationEdit]:
        """Take it away."""
        self._hide()
        return ()

    def cancel(self) -> None:
        """Take it away."""
        self._hide()


@dataclass(frozen=True, slots=True)
class MagnifyTool:
    """Hands places on to ``show``, and the end to ``hide``."""

    show: Show
    hide: Callable[[], None]
    id: ToolId = ToolId.MAGNIFY

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin where an image is."""
        if viewport.transform() is None:
            return None
        return Magnifying(e, viewport, self.show, self.hide)


def magnified(
    transform: PaneTransform, look: Presentation, at: PanePoint, side: int
) -> Presentation:
    """The look of a square of ``side`` device pixels whose middle shows what lies at ``at``."""
    zoom = min(max(transform.zoom * TIMES, 1.0), MAX_ZOOM)
    larger = replace(look, zoom=zoom, offset=CENTRED, area=None)
    square = PaneSize(side, side)
    bare = PaneTransform.of(transform.rows, transform.columns, transform.aspect, square, larger)
    place = bare.to_pane(transform.to_pixel(at))
    return replace(larger, offset=Offset(side / 2 - place.x, side / 2 - place.y))
