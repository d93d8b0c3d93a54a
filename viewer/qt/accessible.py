"""What a pane is to a screen reader: a picture or a document with a name, no nameless frame."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_ROLES = {
    "ViewportWidget": QAccessible.Role.Graphic,
    "DocumentView": QAccessible.Role.Document,
}
"""By name, so that the window can be shown before what draws images is loaded."""


def _picture(_key: str, thing: QObject) -> QAccessibleInterface | None:
    role = next((role for name, role in _ROLES.items() if thing.inherits(name)), None)
    if role is None or not isinstance(thing, QWidget):
        return None
    return QAccessibleWidget(thing, role)


def install_roles() -> None:
    """Tell Qt once in a process; it asks for every widget when a screen reader is there."""
    QAccessible.installFactory(_picture)
