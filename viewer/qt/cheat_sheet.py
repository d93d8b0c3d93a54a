"""All keys and the mouse on one sheet, written from the actions as they are."""

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from viewer.viewport.tools import Mouse, ToolId, WheelAct

_ROOMS = (
    ("Tools", ("tool",)),
    ("Look", ("view", "picture")),
    ("Images", ("frame", "series", "study", "key", "cine")),
    ("Windows", ("window",)),
    ("Panes", ("pane", "layout", "panel", "screen")),
    ("Planes", ("mpr",)),
    ("3D", ("volume",)),
    ("Fusion and subtraction", ("fusion", "petct", "mask")),
    ("Measurements", ("annotation",)),
    ("Help", ("keys",)),
)
_COLUMNS = 4
_ROOM = QSize(1560, 980)
"""What the sheet takes of a large screen: every line without scrolling."""


class CheatSheet(QDialog):
    """The sheet; it stays open beside the images."""

    def __init__(
        self,
        actions: Mapping[str, QAction],
        mouse: Mouse,
        profile: str,
        parent: QWidget | None = None,
    ) -> None:
        """Write it from the live actions."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys and mouse: {0}").format(profile))
        self.setAccessibleName(self.windowTitle())
        self.resize(_ROOM.boundedTo(self.screen().availableSize() * 0.95))
        text = QTextBrowser()
        text.setAccessibleName(self.tr("Keys and mouse"))
        text.setHtml(sheet_html(actions, mouse))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addWidget(text)
        whole.addWidget(close)


def sheet_html(actions: Mapping[str, QAction], mouse: Mouse) -> str:
    """The tables, room by room, in columns; no action is left out."""
    known = {room for _, rooms in _ROOMS for room in rooms}
    rest = tuple(sorted({name.split(".")[0] for name in actions} - known))
    blocks = [(_tr(title), _lines(actions, rooms)) for title, rooms in (*_ROOMS, ("Other", rest))]
    blocks.insert(1, (_tr("Mouse"), mouse_lines(mouse)))
    blocks = [block for block in blocks if block[1]]
    columns: list[list[str]] = [[] for _ in range(_COLUMNS)]
    heights = [0] * _COLUMNS
    for title, lines in sorted(blocks, key=lambda block: -len(block[1])):
        shortest = heights.index(min(heights))
        columns[shortest].append(_table(title, lines))
        heights[shortest] += len(lines) + 2
    cells = "".join(f'<td width="{100 // _COLUMNS}%">{"".join(column)}</td>' for column in columns)
    return f'<table width="100%" cellspacing="8"><tr>{cells}</tr></table>'


def mouse_lines(mouse: Mouse) -> list[tuple[str, str]]:
    """What buttons and wheel do."""
    left = _tr("Active tool")
    return [
        (_tr("Left"), left),
        (_tr("Middle"), tool_word(mouse.middle)),
        (_tr("Right, dragged"), tool_word(mouse.right)),
        (_tr("Right, clicked"), _tr("Menu")),
        (_tr("Double click"), _tr("One pane alone")),
        (_tr("Wheel"), wheel_word(mouse.wheel)),
        (_tr("Ctrl + wheel"), wheel_word(mouse.ctrl_wheel)),
        (_tr("Shift + wheel"), wheel_word(mouse.shift_wheel)),
        (_tr("Tool's key held"), _tr("Lends the tool")),
    ]


def tool_word(tool: ToolId | None) -> str:
    """A tool in a word; None is the choice by the number of images."""
    return _tr(tool.value.capitalize()) if tool is not None else _tr("By the number of images")


def wheel_word(act: WheelAct) -> str:
    """What the wheel does, in words."""
    return {
        WheelAct.SCROLL: _tr("Images"),
        WheelAct.TEN: _tr("Ten images a notch"),
        WheelAct.ZOOM: _tr("Zoom at the pointer"),
    }[act]


def _lines(actions: Mapping[str, QAction], rooms: tuple[str, ...]) -> list[tuple[str, str]]:
    found = [action for name, action in actions.items() if name.split(".")[0] in rooms]
    return [(_keys(action), action.text()) for action in found]


def _keys(action: QAction) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(key.toString(native) for key in action.shortcuts())


def _table(title: str, lines: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td width="42%"><b>{escape(key)}</b></td><td>{escape(words)}</td></tr>'
        for key, words in lines
    )
    return f'<h3>{escape(title)}</h3><table width="100%">{rows}</table>'


def _tr(text: str) -> str:
    return QCoreApplication.translate("CheatSheet", text)
