"""Two columns of icons, all tools or the few of a plain screen; one of them is shown."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolBar, QWidget

from viewer.qt.desk import Desk
from viewer.qt.tool_bar import make_tool_bar
from viewer.viewport.keymap import Command
from viewer.viewport.preferences import Preferences

_KEPT = "reading.plain"


class ToolBars(Desk):
    """Keys, menus and palette have every command on a plain screen too."""

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        """Begin as the reader left it."""
        super().__init__(parent)
        self._preferences = preferences
        self._plain = preferences.read(_KEPT) == "yes"
        self._bars: dict[bool, QToolBar] = {}

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"view.plain": self.toggle}

    def make(
        self,
        commands: Sequence[Command],
        actions: Mapping[str, QAction],
        menus: Mapping[str, QMenu],
        parent: QWidget,
    ) -> QWidget:
        """Build both bars in one widget."""
        holder = QWidget(parent)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for plain in (False, True):
            wanted = [c for c in commands if c.plain or not plain]
            bar = make_tool_bar(wanted, actions, menus, holder)
            self._bars[plain] = bar
            row.addWidget(bar)
        self._bars[True].setObjectName("viewer.tools.plain")
        self._show()
        return holder

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check the command on a plain screen."""
        actions["view.plain"].setChecked(self._plain)

    def toggle(self) -> None:
        """Show few tools, or all of them."""
        self._plain = not self._plain
        self._preferences.keep(_KEPT, "yes" if self._plain else "")
        self._show()
        self.changed.emit()
        words = self.tr("Plain screen: the usual tools; keys and menus still have all.")
        self.notice.emit(words if self._plain else self.tr("All tools are shown."))

    def _show(self) -> None:
        for plain, bar in self._bars.items():
            bar.setVisible(plain is self._plain)
