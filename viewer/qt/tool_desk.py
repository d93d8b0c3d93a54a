"""Takes tools up by command, by button and by holding a key, and gives panes their pointer."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from viewer.qt.desk import Desk
from viewer.viewport.tools import ToolGroup, ToolId

_PLACING = frozenset(
    {ToolId.POINT, ToolId.REGION, ToolId.MAGNIFY, *(tool for tool in ToolId if tool.kind)}
)
"""Tools whose pointer is a cross."""


class ToolDesk(Desk):
    """The tool commands of a reading area."""

    def __init__(
        self, tools: ToolGroup, widgets: Callable[[], Sequence[QWidget]], parent: QWidget
    ) -> None:
        """Take up tools of this group; ``widgets`` are all that show the pointer of a tool."""
        super().__init__(parent)
        self._tools, self._widgets = tools, widgets
        self._actions: Mapping[str, QAction] = {}

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {_id(tool): self._taking_up(tool) for tool in ToolId}

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """Follow the buttons from now on."""
        self._actions = actions
        for tool in ToolId:
            actions[_id(tool)].toggled.connect(self._when_toggled(tool))

    def take_up(self, tool: ToolId) -> None:
        """Let the left button do this."""
        self._tools.activate(tool)
        self.tell()

    def hold(self, tool: ToolId, down: bool) -> None:
        """The key of a tool went down or came up: the tool stands as long as it is held."""
        if down:
            self._tools.press_key(tool)
        else:
            self._tools.release_key()
        self.tell()

    def tell(self) -> None:
        """Check the tool in use and give every widget its pointer."""
        self._actions[_id(self._tools.active)].setChecked(True)
        placing = self._tools.active in _PLACING
        shape = Qt.CursorShape.CrossCursor if placing else Qt.CursorShape.ArrowCursor
        for widget in self._widgets():
            widget.setCursor(shape)

    def _taking_up(self, tool: ToolId) -> Callable[[], None]:
        return lambda: self.take_up(tool)

    def _when_toggled(self, tool: ToolId) -> Callable[[bool], None]:
        """A screen reader checks the button of a tool without pressing it."""

        def toggled(on: bool) -> None:
            if on and self._tools.active is not tool:
                self.take_up(tool)

        return toggled


def _id(tool: ToolId) -> str:
    return f"tool.{tool.value}"
