"""A window of images on another screen: who the patient is above, panes below."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QMoveEvent, QScreen
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from viewer.qt import colours
from viewer.qt.actions import tells_refusal


class ImageWindow(QWidget):
    """Shows a head and, below it, what it is given; its keys are those of the images."""

    closed = Signal()
    """The reader has closed it; it is hidden, what it shows is still in it."""
    informed = Signal(str)
    """The same, where that passes by itself."""
    refused = Signal(str)
    """Why the command of a key is greyed."""
    moved = Signal()
    """It stands on another screen, or reaches onto one more or one less."""

    def __init__(self, number: int, head: QWidget, parent: QWidget) -> None:
        """Be a window of its own that belongs to the window of ``parent``."""
        super().__init__(parent, Qt.WindowType.Window)
        self.head = head
        """The line that says whose images these are."""
        self._pages = QStackedWidget()
        self._keys: list[QAction] = []
        self._reached = 1
        """Screens on which it lies."""
        self._notice = QLabel()
        self._notice.setObjectName("notice")
        self._notice.setAccessibleName(self.tr("Notice"))
        self._notice.setContentsMargins(8, 1, 8, 1)
        self._notice.setMinimumHeight(self._notice.sizeHint().height())  # images never jump
        self._notice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        name = self.tr("Image window {0}").format(number)
        self.setWindowTitle(self.tr("Lightbox: images {0}").format(number))
        self.setAccessibleName(name)
        self.setObjectName(f"images.{number}")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)  # who writes goes on writing
        palette = self.palette()
        palette.setColor(self.backgroundRole(), colours.IMAGE_BACKGROUND)
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self._pages, 1)
        whole.addWidget(self._notice)

    def put(self, content: QWidget) -> None:
        """Show this."""
        if self._pages.indexOf(content) < 0:
            self._pages.addWidget(content)
        self._pages.setCurrentWidget(content)

    def take_away(self, content: QWidget) -> None:
        """Hold this no more."""
        self._pages.removeWidget(content)

    def tell(self, text: str, level: str) -> None:
        """Show the notice that the main window shows; empty: none."""
        self._notice.setText(text)
        self._notice.setToolTip(text)
        self._notice.setProperty("level", level)
        self._notice.style().unpolish(self._notice)
        self._notice.style().polish(self._notice)

    def obey(self, actions: Iterable[QAction]) -> None:
        """Let these act by their keys here too."""
        self._keys = list(actions)
        self.addActions(self._keys)

    def show_on(self, screen: QScreen) -> None:
        """Fill a screen."""
        self.setScreen(screen)
        self.setGeometry(screen.availableGeometry())
        self.showMaximized()  # which a display without a window manager does not do
        handle = self.windowHandle()
        if handle is not None:
            handle.screenChanged.connect(self._on_screen_changed)

    def moveEvent(self, event: QMoveEvent) -> None:
        """A window that begins to lie on two screens is right on one of them only."""
        super().moveEvent(event)
        siblings = self.screen().virtualSiblings()
        reached = sum(screen.geometry().intersects(self.geometry()) for screen in siblings)
        if reached != self._reached:
            self._reached = reached
            self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The key of a greyed command says why it is greyed."""
        if not tells_refusal(event, self._keys, self.refused.emit, self.informed.emit):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the panes back."""
        event.accept()
        self.closed.emit()

    def _on_screen_changed(self, _screen: object) -> None:
        self.moved.emit()
