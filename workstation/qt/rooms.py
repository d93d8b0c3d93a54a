"""Which menu each command stands in, by the room that its id begins with."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction

_GO_TO = ("frame", "cine", "series", "study", "key", "pane")
"""Rooms of commands that go somewhere else in the case."""
_LAYOUT = ("layout", "screen", "panel")
"""Rooms of commands that arrange panes and windows."""
_PLANES = ("mpr", "volume")
"""Rooms of commands that show a series in other planes, or in space."""
_FUSION = ("fusion", "petct")
"""Rooms of commands that lay one series over another."""
_ELSEWHERE = (*_GO_TO, *_LAYOUT, *_PLANES, *_FUSION, "tool", "mask", "window", "annotation", "keys")
"""Rooms of commands that have a menu of their own; the first menu of the images has all others."""

Menus = dict[str, list[QAction]]
Under = dict[str, tuple[str, list[QAction]]]


def menus_of(lightbox: list[QAction], images: list[QAction], report: list[QAction]) -> Menus:
    """The menus in their order, by title; in the first, the program's own come first."""
    return {
        _tr("Lightbox"): lightbox,
        _tr("Image"): _others(images, *_ELSEWHERE),
        _tr("Go to"): rooms(images, *_GO_TO),
        _tr("Windowing"): rooms(images, "window"),
        _tr("Planes"): rooms(images, *_PLANES),
        _tr("Measure"): rooms(images, "annotation"),
        _tr("Report"): report,
    }


def submenus_of(images: list[QAction]) -> Under:
    """Menus at the end of another: title to that other's title and the actions."""
    return {
        _tr("Tools"): (_tr("Image"), rooms(images, "tool")),
        _tr("Subtraction"): (_tr("Image"), rooms(images, "mask")),
        _tr("Layout"): (_tr("Go to"), rooms(images, *_LAYOUT)),
        _tr("Fusion"): (_tr("Planes"), rooms(images, *_FUSION)),
    }


def rooms(actions: list[QAction], *names: str) -> list[QAction]:
    """The actions whose ids begin with one of these words."""
    return [action for action in actions if action.objectName().split(".")[0] in names]


def _others(actions: list[QAction], *names: str) -> list[QAction]:
    """All other actions: no command of the images is without a menu and the palette."""
    taken = rooms(actions, *names)
    return [action for action in actions if action not in taken]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Menus", text)
