"""Changes to the path of a curved picture by key: its points chosen, nudged, more and less."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from viewer.errors import GeometryError
from viewer.viewport.curve_edits import Curves
from viewer.viewport.plane_shapes import PlaneShapes
from viewer.viewport.reformat import Reformat
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

_WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
Pointed = Callable[[], tuple[PanePoint, Viewport] | None]
"""Where the pointer is, and in which viewport."""


class CurveKeys:
    """What the keys of measurements do while a curved picture is shown."""

    def __init__(
        self,
        curves: Curves,
        shapes: PlaneShapes,
        reformat: Reformat,
        pointed: Pointed,
        say: Callable[[str], None],
        redraw: Callable[[], None],
    ) -> None:
        """Change the path of ``curves``; ``say`` tells the reader why not."""
        self._curves, self._shapes, self._reformat = curves, shapes, reformat
        self._pointed, self._say, self._redraw = pointed, say, redraw

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        nudges = {f"annotation.nudge_{side}": self._nudging(way) for side, way in _WAYS.items()}
        return nudges | {
            "annotation.next_point": self._choose_next,
            "annotation.add_point": self._add,
            "annotation.remove_point": self._remove,
            "annotation.delete": self._delete,
        }

    def _choose_next(self) -> None:
        self._curves.choose_next_point()
        self._redraw()

    def _add(self) -> None:
        found = self._pointed()
        if found is None:
            self._say(
                QCoreApplication.translate(
                    "CurveKeys", "Point at the place of the new point on the plane of the path."
                )
            )
        else:
            self._try(lambda: self._curves.add_point(*found))

    def _remove(self) -> None:
        self._try(self._curves.remove_point)

    def _delete(self) -> None:
        if self._curves.is_chosen:
            self._remove()
        elif not self._shapes.delete():
            self._say(
                QCoreApplication.translate(
                    "CurveKeys", "Click a measurement or a point of the path, then delete it."
                )
            )

    def _nudging(self, way: tuple[int, int]) -> Callable[[], None]:
        def nudge() -> None:
            bed = self._curves.bed
            if bed is not None:
                viewport = self._reformat.viewports[bed.name]
                self._try(lambda: self._curves.nudge(way, viewport))

        return nudge

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except GeometryError as error:
            self._say(error.sentence)
