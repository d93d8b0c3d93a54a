"""The main window: sign-in, worklist and reading page, and the menus made from their actions."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from workstation.qt.palette import CommandPalette
from workstation.qt.sign_in import SignInPage
from workstation.qt.status_bar import StatusBar
from workstation.qt.top_bar import TopBar
from workstation.session.desk import Level


class MainWindow(QMainWindow):
    """Holds the pages; what they do is wired by the composition root."""

    closing = Signal()

    def __init__(self, *, platform: str, demo: bool) -> None:
        """Show the sign-in page at once; the other pages come when they are needed."""
        super().__init__()
        self.setWindowTitle(self.tr("Lightbox"))
        self.resize(1600, 960)
        self.top = TopBar(demo=demo)
        self.sign_in = SignInPage(platform)
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.sign_in)
        self._worklist: QWidget | None = None
        self._reading: QWidget | None = None
        self._palette_actions: list[QAction] = []
        self._timers: list[QTimer] = []
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self._pages, 1)
        self.setCentralWidget(middle)

    def add_pages(self, worklist: QWidget, reading: QWidget) -> None:
        """Take in the pages that exist once the reader is signed in."""
        self._worklist = worklist
        self._reading = reading
        self._pages.addWidget(worklist)
        self._pages.addWidget(reading)

    def remove_pages(self) -> None:
        """Forget the pages, actions and timers of a session that has ended."""
        self.menuBar().clear()
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
        self._worklist = self._reading = None

    def build_menus(self, menus: dict[str, list[QAction]]) -> None:
        """One menu a room; every action is in the palette too."""
        self.menuBar().clear()
        self._palette_actions.clear()
        for title, actions in menus.items():
            menu = QMenu(title, self)
            for action in actions:
                menu.addAction(action)
                self._palette_actions.append(action)
            self.menuBar().addMenu(menu)
        for more in self.menuBar().findChildren(QToolButton):  # Qt's own, for a narrow window
            more.setAccessibleName(self.tr("More menus"))

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
        """Open the command palette."""
        palette = CommandPalette(self._palette_actions, self)
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
        self.top.show_reader(None)
        for timer in self._timers:  # nothing is asked, and no page reached by key, without a reader
            timer.stop()
        for action in self.actions():
            action.setEnabled(False)
        self._pages.setCurrentWidget(self.sign_in)
        self.menuBar().hide()

    def show_worklist(self) -> None:
        """Go to the worklist."""
        if self._worklist is not None:
            self.menuBar().show()
            self.top.show()
            self._pages.setCurrentWidget(self._worklist)
            self._worklist.setFocus()

    def show_reading(self) -> None:
        """Go to the reading page; the top line gives its room to the images."""
        if self._reading is not None:
            self.top.hide()
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

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the rest of the program finish what must not be lost."""
        self.closing.emit()
        event.accept()
