"""What a pane is to a screen reader: a picture or a document with a name, no nameless frame."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from viewer.qt.document_view import DocumentView
from viewer.qt.viewport_widget import ViewportWidget


def _picture(_key: str, thing: QObject) -> QAccessibleInterface | None:
    if isinstance(thing, ViewportWidget):
        return QAccessibleWidget(thing, QAccessible.Role.Graphic)
    if isinstance(thing, DocumentView):
        return QAccessibleWidget(thing, QAccessible.Role.Document)
    return None


def install_roles() -> None:
    """Tell Qt once in a process; it asks for every widget when a screen reader is there."""
    QAccessible.installFactory(_picture)
