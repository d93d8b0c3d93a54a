"""The column of icons beside the panes; each says its key."""

from collections.abc import Mapping, Sequence

import qtawesome
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton, QWidget

from viewer.qt import colours
from viewer.viewport.keymap import Command

_ICON = 20


def make_tool_bar(
    commands: Sequence[Command],
    actions: Mapping[str, QAction],
    menus: Mapping[str, QMenu],
    parent: QWidget,
) -> QToolBar:
    """Build the bar from the table; groups are set apart, ``menus`` hang on buttons by their id."""
    bar = QToolBar(parent)
    bar.setObjectName("viewer.tools")
    bar.setAccessibleName(parent.tr("Image tools"))
    bar.setIconSize(QSize(_ICON, _ICON))
    bar.setMovable(False)
    bar.setOrientation(Qt.Orientation.Vertical)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    group = ""
    for command in commands:
        if not command.bar:
            continue
        if group and command.id.split(".")[0] != group:
            bar.addSeparator()
        group = command.id.split(".")[0]
        bar.addAction(actions[command.id])
        button = bar.widgetForAction(actions[command.id])
        if isinstance(button, QToolButton):
            _finish(button, command, actions[command.id], menus.get(command.id))
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    if isinstance(more, QToolButton):
        more.setAccessibleName(parent.tr("More image tools"))
        more.setToolTip(more.accessibleName())
        more.setIcon(qtawesome.icon("mdi6.chevron-double-down", color=colours.ICON))
    return bar


def _finish(button: QToolButton, command: Command, action: QAction, menu: QMenu | None) -> None:
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setAccessibleName(command.title)
    button.setAccessibleDescription(action.toolTip())
    action.changed.connect(lambda: button.setAccessibleDescription(action.toolTip()))
    if menu is not None:
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
