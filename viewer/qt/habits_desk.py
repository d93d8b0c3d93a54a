"""Puts the reader's keys and mouse into force, shows them, and lets them be changed."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from viewer.qt.actions import tool_keys
from viewer.qt.cheat_sheet import CheatSheet
from viewer.qt.desk import Desk
from viewer.qt.habits_dialog import HabitsDialog
from viewer.qt.in_front import open_in_front
from viewer.viewport.habits import Habits, Profile, read_habits, write_habits
from viewer.viewport.keymap import Command
from viewer.viewport.preferences import Preferences
from viewer.viewport.tools import ToolGroup, ToolId

_KEPT = "reading.habits"
_FEW = 3
"""Images up to which the window, and not scrolling, is the first tool."""


class HabitsDesk(Desk):
    """Knows which keys and which mouse are in use."""

    def __init__(
        self,
        commands: Sequence[Command],
        profiles: Sequence[Profile],
        preferences: Preferences,
        tools: ToolGroup,
        parent: QWidget,
    ) -> None:
        """Take up what was kept."""
        super().__init__(parent)
        self._base = tuple(commands)
        self._profiles = tuple(profiles)
        self._preferences = preferences
        self._tools = tools
        self._parent = parent
        self._actions: Mapping[str, QAction] = {}
        self._habits = read_habits(preferences.read(_KEPT), profiles, commands)
        self.commands = self._habits.keymap(commands)
        """The key table in use."""
        self.tool_keys: dict[Qt.Key, ToolId] = tool_keys(self.commands)
        """The plain keys of the tools; the same table stays and changes."""
        tools.mouse = self._habits.mouse

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"keys.sheet": self.show_sheet, "keys.edit": self.edit}

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """Change the keys of these actions from now on."""
        self._actions = actions

    def first_tool(self, images: int) -> ToolId:
        """The tool that a case begins with."""
        chosen = self._habits.mouse.left
        if chosen is not None:
            return chosen
        return ToolId.WINDOW if 0 < images <= _FEW else ToolId.SCROLL

    def show_sheet(self) -> None:
        """Show all keys and the mouse."""
        sheet = CheatSheet(
            self._actions, self._habits.mouse, self._habits.profile.name, self._parent
        )
        self._open(sheet)

    def edit(self) -> None:
        """Let the reader choose and change."""
        dialog = HabitsDialog(
            self._base, self._profiles, self._habits, self._taken(), self.take, self._parent
        )
        self._open(dialog)

    def take(self, habits: Habits) -> None:
        """Put habits into force and keep them."""
        self._habits = habits
        self._preferences.keep(_KEPT, write_habits(habits))
        self.commands = habits.keymap(self._base)
        for command in self.commands:
            action = self._actions.get(command.id)
            if action is not None:
                action.setShortcuts([QKeySequence(key) for key in command.keys])
                action.setToolTip(command.tooltip)
        self.tool_keys.clear()
        self.tool_keys.update(tool_keys(self.commands))
        self._tools.mouse = habits.mouse
        self.changed.emit()

    def _taken(self) -> Mapping[str, str]:
        """Keys of the rest of the window."""
        own = {id(action) for action in self._actions.values()}
        others = [a for a in self._parent.window().findChildren(QAction) if id(a) not in own]
        return {
            key.toString(QKeySequence.SequenceFormat.PortableText): action.text()
            for action in others
            for key in action.shortcuts()
        }

    def _open(self, dialog: CheatSheet | HabitsDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_in_front(dialog, self._parent)
