"""The main window: sign-in, worklist and reading page, and the menus made from their actions."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMenuBar,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workstation.qt.palette import CommandPalette
from workstation.qt.sign_in import SignInPage
from workstation.qt.status_bar import StatusBar
from workstation.qt.top_bar import TopBar
from workstation.qt.unlock_page import UnlockPage
from workstation.session.levels import Level


class MainWindow(QMainWindow):
    """Holds the pages; what they do is wired by the composition root."""

    closing = Signal()
    lock_asked = Signal()
    alone = Signal()
    """A page is shown beside which nothing of a patient may stand, in no other window either."""
    passphrase_asked = Signal()

    def __init__(self, *, platform: str, demo: bool) -> None:
        """Show the sign-in page at once; the other pages come when they are needed."""
        super().__init__()
        self.setWindowTitle(self.tr("Lightbox"))
        self.resize(1600, 960)
        self.top = TopBar(demo=demo)
        self._menus = QMenuBar()
        self._identity: QWidget | None = None
        self._may_close: Callable[[], bool] = lambda: True
        self.sign_in = SignInPage(platform)
        self.unlock = UnlockPage()
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.sign_in)
        self._pages.addWidget(self.unlock)
        self._worklist: QWidget | None = None
        self._reading: QWidget | None = None
        self._palette_actions: list[QAction] = []
        self._timers: list[QTimer] = []
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(self._pages, 1)
        self.setCentralWidget(middle)

    def add_pages(self, worklist: QWidget, reading: QWidget, identity: QWidget) -> None:
        """Take in the pages that exist once the reader is signed in.

        ``identity`` stands in the top line while reading.
        """
        self._worklist = worklist
        self._reading = reading
        self._identity = identity
        identity.hide()
        self._line.addWidget(identity, 1)
        self._pages.addWidget(worklist)
        self._pages.addWidget(reading)

    def remove_pages(self) -> None:
        """Forget the pages, actions and timers of a session that has ended."""
        self._menus.clear()
        self._palette_actions.clear()
        for action in self.actions():
            self.removeAction(action)
            action.deleteLater()
        for timer in self._timers:
            timer.stop()
            timer.deleteLater()
        self._timers.clear()
        for page in (self._worklist, self._reading):
            if page is not None:
                self._pages.removeWidget(page)
                page.deleteLater()
        if self._identity is not None:
            self._line.removeWidget(self._identity)
            self._identity.deleteLater()
        self._worklist = self._reading = self._identity = None
        self.status.forget()

    def build_menus(
        self,
        menus: Mapping[str, list[QAction]],
        under: Mapping[str, tuple[str, list[QAction]]],
    ) -> None:
        """One menu a room; ``under``: those at the end of another. All is in the palette too."""
        self._menus.clear()
        self._palette_actions.clear()
        built = {title: self._menu(title, actions) for title, actions in menus.items()}
        for title, (above, actions) in under.items():
            if built[above].actions()[-1].menu() is None:
                built[above].addSeparator()
            built[above].addMenu(self._menu(title, actions))
        for menu in built.values():
            self._menus.addMenu(menu)
        for more in self._menus.findChildren(QToolButton):  # Qt's own, for a narrow window
            more.setAccessibleName(self.tr("More menus"))

    def _menu(self, title: str, actions: list[QAction]) -> QMenu:
        menu = QMenu(title, self)
        for before, action in zip([actions[0], *actions], actions, strict=False):
            if _room(before) != _room(action):
                menu.addSeparator()
            menu.addAction(action)
            self._palette_actions.append(action)
        return menu

    def action(self, ident: str, text: str, keys: str, act: Callable[[], object]) -> QAction:
        """Make one action of the window."""
        action = QAction(text, self)
        action.setObjectName(ident)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _checked=False: act())
        self.addAction(action)
        return action

    def show_palette(self) -> None:
        """Open the command palette, above the window that has the keys."""
        front = QApplication.activeWindow()
        above = front if front is not None and not isinstance(front, QDialog) else self
        palette = CommandPalette(self._palette_actions, above)
        palette.finished.connect(palette.deleteLater)
        palette.open()

    def every(self, milliseconds: int, act: Callable[[], object]) -> None:
        """Call ``act`` again and again until the window closes."""
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.timeout.connect(lambda: act())
        timer.start()
        self._timers.append(timer)

    def show_sign_in(self) -> None:
        """Go to the sign-in page."""
        self._show_alone(self.sign_in)

    def show_unlock(self) -> None:
        """Go to the page that asks for the store's passphrase."""
        self._show_alone(self.unlock)

    def _show_alone(self, page: QWidget) -> None:
        """Go to a page in front of which nothing of a patient may stand."""
        for dialog in self.findChildren(QDialog):  # they name patients
            dialog.done(QDialog.DialogCode.Rejected)
        self.status.show_left_out(0)
        self.top.show_reader(None)
        for timer in self._timers:  # nothing is asked, and no page reached by key, without a reader
            timer.stop()
        for action in self.actions():
            action.setEnabled(False)
        self._pages.setCurrentWidget(page)
        self.alone.emit()
        self._menus.hide()
        self._show_line(self.top)

    def show_worklist(self) -> None:
        """Go to the worklist."""
        if self._worklist is not None:
            self._menus.show()
            self._show_line(self.top)
            self._pages.setCurrentWidget(self._worklist)
            self._worklist.setFocus()

    def show_reading(self) -> None:
        """Go to the reading page; the patient stands in the top line."""
        if self._reading is not None and self._identity is not None:
            self._show_line(self._identity)
            self._pages.setCurrentWidget(self._reading)

    def is_reading(self) -> bool:
        """Whether the reading page is in front."""
        return self._reading is not None and self._pages.currentWidget() is self._reading

    def reading_page(self) -> QWidget | None:
        """The reading page of the signed-in reader."""
        return self._reading

    def tell(self, level: Level, text: str) -> None:
        """Show one notice."""
        self.status.tell(level, text)

    def close_questions(self) -> None:
        """Close the dialogs that ask or tell about the case in front, which is being left."""
        for dialog in self.findChildren(QDialog):
            if dialog.isVisible() and dialog.isModal():
                dialog.done(QDialog.DialogCode.Rejected)

    def guard_close(self, may_close: Callable[[], bool]) -> None:
        """Close only when ``may_close()``, which tells the user why not."""
        self._may_close = may_close

    def menus(self) -> QMenuBar:
        """The menus, which share the top line, so that the images get its room."""
        return self._menus

    def _head(self) -> QFrame:
        head = QFrame()
        head.setObjectName("head")
        self._menus.setNativeMenuBar(False)
        self._line = QHBoxLayout(head)
        self._line.setContentsMargins(0, 0, 0, 1)
        self._line.setSpacing(0)
        self._line.addWidget(self._menus, 0, Qt.AlignmentFlag.AlignVCenter)
        self._line.addWidget(self.top, 1)
        return head

    def _show_line(self, wanted: QWidget) -> None:
        for line in (self.top, self._identity):
            if line is not None and line is not wanted:
                line.hide()  # before the other shows: both together would widen the window
        wanted.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the rest of the program finish what must not be lost."""
        if not self._may_close():
            event.ignore()
            return
        self.closing.emit()
        event.accept()


def _room(action: QAction) -> str:
    room, dot, _ = action.objectName().partition(".")
    return room if dot else ""
