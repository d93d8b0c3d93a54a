"""Links between panes by command: scrolling by position, zoom and place, windows."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction

from viewer.qt.desk import Desk
from viewer.qt.panes import Panes
from viewer.viewport.viewport import Viewport


class LinkDesk(Desk):
    """The link commands of a reading area."""

    def __init__(self, panes: Panes, parent: QObject | None = None) -> None:
        """Link these panes."""
        super().__init__(parent)
        self._panes = panes

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {
            "view.link": self.toggle_scroll,
            "view.link_place": self.toggle_places,
            "view.link_window": self.toggle_windows,
        }

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check what is linked."""
        actions["view.link"].setChecked(self._is_any_linked())
        actions["view.link_place"].setChecked(self._panes.looks.places)
        actions["view.link_window"].setChecked(self._panes.looks.windows)

    def words(self, viewport: Viewport) -> str:
        """How a pane is tied to others, for its corner."""
        panes = self._panes
        if panes.tiles.holds(viewport):
            return _tr("Tiled")
        linked = panes.linkable()
        parts = [_tr("scroll")] if panes.links.linked(viewport, linked) else []
        if len(linked) > 1:
            parts += [_tr("zoom and pan")] if panes.looks.places else []
            parts += [_tr("window")] if panes.looks.windows else []
        words = ", ".join(parts)
        return _tr("{0} linked").format(words[:1].upper() + words[1:]) if words else ""

    def toggle_scroll(self) -> None:
        """Let panes of one orientation scroll together, or none."""
        panes = self._panes
        if self._is_any_linked():
            panes.links.unlink()
            self.informed.emit(self.tr("Scroll link is off."))
        else:
            panes.links.link(panes.linkable())
            linked = panes.links.linked(panes.active.viewport, panes.linkable())
            if linked:
                self.informed.emit(self.tr("Panes scroll together from where they stand now."))
            else:
                self.notice.emit(self.tr("No other pane shows the same orientation."))

    def toggle_places(self) -> None:
        """Zoom and pan panes together, a millimetre as long in each, or each for itself."""
        looks = self._panes.looks
        looks.places = not looks.places
        self._join()
        self.informed.emit(
            self.tr("Panes zoom and pan together, at the same scale in millimetres.")
            if looks.places
            else self.tr("Zoom and pan link is off.")
        )

    def toggle_windows(self) -> None:
        """Window panes together where their values compare, or each for itself."""
        looks = self._panes.looks
        looks.windows = not looks.windows
        self._join()
        self.informed.emit(
            self.tr("Panes whose values have one unit share their window.")
            if looks.windows
            else self.tr("Window link is off.")
        )

    def _join(self) -> None:
        self._panes.looks.join(self._panes.active.viewport, self._panes.linkable())

    def _is_any_linked(self) -> bool:
        linked = self._panes.linkable()
        return any(self._panes.links.linked(v, linked) for v in linked)


def _tr(text: str) -> str:
    return QCoreApplication.translate("LinkDesk", text)
