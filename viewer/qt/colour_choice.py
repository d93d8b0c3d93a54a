"""Colour maps for the active grey image, by menu and by key."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from viewer.model.presentation import ColourMap
from viewer.qt.desk import Desk
from viewer.viewport.viewport import Viewport


class ColourChoice(Desk):
    """Sets the colour map of the active viewport."""

    def __init__(
        self,
        maps: Sequence[ColourMap],
        active: Callable[[], Viewport],
        parent: QObject | None = None,
    ) -> None:
        """Offer these maps."""
        super().__init__(parent)
        self._maps = tuple(maps)
        self._active = active

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"view.colour_map": self.step}

    def step(self) -> None:
        """Take the next map; after the last one grey again."""
        viewport = self._active()
        if not viewport.is_grey:
            self.notice.emit(self.tr("Only a grey image can be shown in other colours."))
            return
        order = (None, *self._maps)
        now = viewport.state.look.colour_map
        at = order.index(now) if now in order else 0
        viewport.paint_in(order[(at + 1) % len(order)])

    def fill(self, menu: QMenu) -> None:
        """Write the menu; what is in use is checked."""
        menu.clear()
        viewport = self._active()
        now = viewport.state.look.colour_map
        for choice in (None, *self._maps):
            action = menu.addAction(choice.name if choice else self.tr("Grey"))
            action.setCheckable(True)
            action.setChecked(choice == now)
            action.setEnabled(viewport.is_grey)
            action.triggered.connect(
                lambda _checked=False, wanted=choice: viewport.paint_in(wanted)
            )
