"""Commands on one viewport by their ids in the key table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

ZOOM_STEP = 1.25


def _zoom(viewport: Viewport, factor: float) -> None:
    pane = viewport.state.pane
    viewport.zoom_at(PanePoint(pane.width / 2, pane.height / 2), factor)


VIEW_COMMANDS: Mapping[str, Callable[[Viewport], None]] = MappingProxyType(
    {
        "view.fit": Viewport.fit,
        "view.one_to_one": Viewport.one_to_one,
        "view.invert": Viewport.invert,
        "view.zoom_in": lambda v: _zoom(v, ZOOM_STEP),
        "view.zoom_out": lambda v: _zoom(v, 1 / ZOOM_STEP),
        "frame.next": lambda v: v.scroll(1),
        "frame.previous": lambda v: v.scroll(-1),
        "frame.next_ten": lambda v: v.scroll(10),
        "frame.previous_ten": lambda v: v.scroll(-10),
        "frame.first": lambda v: v.go_to_index(0),
        "frame.last": lambda v: v.go_to_index(v.state.count - 1),
        "window.auto": lambda v: v.set_voi(None),
    }
)
"""What needs nothing but the viewport."""
