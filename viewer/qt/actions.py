"""The actions of a reading area, one for each record of the key table."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import qtawesome
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from viewer.qt import colours
from viewer.viewport.keymap import Command, CommandKind
from viewer.viewport.tools import ToolId

_TOOL = "tool."
_CHECKABLE = frozenset(
    {
        "view.link",
        "view.link_place",
        "view.link_window",
        "view.reference_lines",
        "layout.tile",
        "mask.toggle",
        "cine.play",
        "fusion.open",
        "view.plain",
        "annotation.imported",
        "annotation.table",
        "key.mark",
        "key.only",
    }
)


PASSING = "passing"
"""Property of an action whose reason to be greyed passes by itself."""
_OPENERS = {"mpr": "mpr.open", "fusion": "fusion.open"}
"""What must be there before the other commands of a room can do anything."""


def make_actions(
    commands: Sequence[Command], acts: Mapping[str, Callable[[], None]], owner: QWidget
) -> dict[str, QAction]:
    """Build one action per command; keys act while the owner or a child of it has the focus.

    Raises KeyError when the table names a command that does not exist.
    """
    tools = QActionGroup(owner)
    made: dict[str, QAction] = {}
    for command in commands:
        action = QAction(owner.tr(command.title), owner)
        action.setObjectName(command.id)
        action.setToolTip(owner.tr(command.tooltip))
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setAutoRepeat(command.repeat)
        if command.icon:
            action.setIcon(_icon(command.icon))
        if command.kind is CommandKind.TOOL or command.id in _CHECKABLE:
            action.setCheckable(True)
        if command.kind is CommandKind.TOOL:
            tools.addAction(action)
        action.triggered.connect(_without_argument(acts[command.id]))
        owner.addAction(action)
        made[command.id] = action
    return made


def tells_refusal(
    event: QKeyEvent,
    actions: Iterable[QAction],
    notice: Callable[[str], object],
    informed: Callable[[str], object],
) -> bool:
    """Say why the command of a key is greyed; False where none is.

    What is of no use for long, as that there is nothing to undo, goes to ``informed``.
    """
    known = list(actions)
    words = _refusal_of(event, known)
    pressed = QKeySequence(event.keyCombination())
    passing = any(a.property(PASSING) for a in known if pressed in a.shortcuts())
    if words:
        (informed if passing else notice)(words)
    return bool(words)


def _refusal_of(event: QKeyEvent, actions: Iterable[QAction]) -> str:
    """Why the command of a key is greyed, by its tooltip; empty where none is."""
    pressed = QKeySequence(event.keyCombination())
    known = {action.objectName(): action for action in actions}
    for name, action in known.items():
        if not action.isEnabled() and pressed in action.shortcuts():
            opener = known.get(_OPENERS.get(name.split(".")[0], ""), action)
            if opener is action or not opener.isEnabled():
                return opener.toolTip()
            first = opener.shortcut().toString()
            return opener.tr("{0} needs {1} first ({2}).").format(
                action.text(), opener.text(), first
            )
    return ""


def tool_of(command: Command) -> ToolId:
    """The tool that a command of kind TOOL takes up."""
    return ToolId(command.id.removeprefix(_TOOL))


def tool_keys(commands: Sequence[Command]) -> dict[Qt.Key, ToolId]:
    """The plain keys of the tools, for holding them down."""
    keys: dict[Qt.Key, ToolId] = {}
    for command in commands:
        if command.kind is not CommandKind.TOOL:
            continue
        for name in command.keys:
            if len(name) == 1:
                keys[Qt.Key[f"Key_{name.upper()}"]] = tool_of(command)
    return keys


def _icon(name: str) -> QIcon:
    return qtawesome.icon(
        name,
        color=colours.ICON,
        color_active=colours.ICON_ACTIVE,
        color_disabled=colours.ICON_DISABLED,
    )


def _without_argument(act: Callable[[], None]) -> Callable[[bool], None]:
    def triggered(_checked: bool = False) -> None:
        act()

    return triggered
