"""What one does with several panes at once: play them, lay them out, link them, point in them."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from viewer.qt.cine_desk import CineDesk
from viewer.qt.cross_desk import CrossDesk
from viewer.qt.layout_desk import LayoutDesk
from viewer.qt.link_desk import LinkDesk
from viewer.qt.panes import Pane, Panes
from viewer.viewport.corners import TextLevel
from viewer.viewport.review import Review
from viewer.viewport.viewport import Viewport, ViewState


class ReviewDesk(QObject):
    """The review commands of a reading area, and what they make of each pane."""

    notice = Signal(str)
    changed = Signal()
    """The overlays must be drawn again and the actions asked for their state."""

    def __init__(self, panes: Panes, parent: QObject | None = None) -> None:
        """Act on these panes."""
        super().__init__(parent)
        self._panes = panes
        self.cine = CineDesk(lambda: panes.active.viewport, panes.tiles.holds, self)
        self.layouts = LayoutDesk(panes, self)
        self.links = LinkDesk(panes, self)
        self.cross = CrossDesk(panes, self)
        self._level = TextLevel.ALL
        for desk in (self.cine, self.layouts, self.links, self.cross):
            desk.notice.connect(self.notice)
        self.cine.changed.connect(self.changed)
        for pane in panes.all:
            self._watch(pane)
        panes.made.connect(self._watch)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        acts = self.cine.acts() | self.layouts.acts() | self.links.acts() | self.cross.acts()
        acts["view.texts"] = self._fewer_texts
        return {name: self._telling(act) for name, act in acts.items()}

    def tell(self, viewport: Viewport, state: ViewState) -> Review:
        """Give what stands in or on a pane besides its image."""
        return Review(
            playing=self.cine.words(viewport),
            links=self.links.words(viewport),
            line=self.cross.line_in(viewport, state),
            point=self.cross.mark_in(viewport, state),
            level=self._level,
        )

    def show_on(self, actions: dict[str, QAction]) -> None:
        """Check the actions whose state is on."""
        actions["cine.play"].setChecked(self.cine.is_playing(self._panes.active.viewport))
        actions["layout.tile"].setChecked(bool(self._panes.tiles.members))
        self.links.show_on(actions)
        self.cross.show_on(actions)

    def stop(self) -> None:
        """Let everything stand: the case is closed."""
        self.cine.stop_all()
        self.cross.drop_point()

    def _telling(self, act: Callable[[], None]) -> Callable[[], None]:
        """Whatever came of it, checked actions must say what is so."""

        def act_and_tell() -> None:
            act()
            self.changed.emit()

        return act_and_tell

    def _watch(self, pane: Pane) -> None:
        self.cine.watch(pane)
        pane.viewport.changed.connect(lambda _state: self._on_viewport_changed(pane))

    def _on_viewport_changed(self, pane: Pane) -> None:
        if pane is self._panes.active:
            self.cross.follow()

    def _fewer_texts(self) -> None:
        self._level = self._level.fewer
        words = {
            TextLevel.ALL: self.tr("All corner texts are shown."),
            TextLevel.FEW: self.tr("The most important corner texts are shown."),
            TextLevel.LEAST: self.tr("Only the patient and warnings are shown."),
        }
        self.notice.emit(words[self._level])
