"""The panes of one reading area shared out over several screens, and back onto one."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QScreen
from PySide6.QtWidgets import QApplication, QSplitter, QStackedWidget, QWidget

from viewer.qt.desk import Desk
from viewer.qt.grid import PaneGrid
from viewer.qt.image_window import ImageWindow
from viewer.qt.panes import Panes
from viewer.qt.screen_desk import ScreenDesk
from viewer.qt.viewport_widget import ViewportWidget


class ImageWindows(Desk):
    """Windows that show panes of the same case with the same tools, annotations and links.

    The first holds what stood in the reading area, tools and all; each further one takes its
    share of the columns of whatever grid is in front, of images or of planes.
    """

    rearranged = Signal()
    """Windows were opened or closed, or one stands on another screen."""
    closed = Signal(object)
    """The reader has closed one; carries the ImageWindow, which is still counted."""
    asked = Signal()
    """The reader wants images on the other screens."""
    left = Signal()
    """The reader wants one window."""

    def __init__(
        self, panes: Panes, stage: QStackedWidget, desk: QWidget, screens: ScreenDesk, area: QWidget
    ) -> None:
        """Spread the grids of ``stage``, which stands in ``desk``, which stands in ``area``."""
        super().__init__(area)
        self._panes, self._stage, self._desk, self._area = panes, stage, desk, area
        self.screens = screens
        """What is known of the screens."""
        self._grid: PaneGrid = panes.grid
        self._windows: list[ImageWindow] = []
        self._parts: list[QWidget] = []
        """Where the grid in front stands in the further windows."""
        self._home: tuple[QSplitter, int, list[int]] | None = None
        stage.currentChanged.connect(self._on_stage_changed)
        self.rearranged.connect(self.changed)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"screen.spread": self.asked.emit, "screen.gather": self.left.emit}

    @property
    def windows(self) -> tuple[ImageWindow, ...]:
        """The windows, the one with the tools first."""
        return tuple(self._windows)

    def open_on(
        self,
        screens: Sequence[QScreen],
        head: Callable[[], QWidget],
        more_keys: Iterable[QAction] = (),
    ) -> None:
        """Fill these screens with images; ``head`` makes the line about the patient for each.

        ``more_keys`` act in each window beside the commands of the images.
        """
        writer = self._writer()
        self._gather()
        further = [*more_keys]
        for number in range(1, len(screens) + 1):
            window = ImageWindow(number, head(), self._area)
            window.obey(further if number == 1 else [*self._desk.actions(), *further])
            window.closed.connect(self._on_window_closed)
            window.refused.connect(self.notice)
            window.informed.connect(self.informed)
            window.moved.connect(self.rearranged)
            self._windows.append(window)
        if self._windows:
            self._leave_home()
            self._spread()
        for window, screen in zip(self._windows, screens, strict=True):
            window.show_on(screen)
        self._take_focus(writer)
        self.rearranged.emit()

    def tell(self, text: str, level: str) -> None:
        """Show a notice in every window; empty: none."""
        for window in self._windows:
            window.tell(text, level)

    def gather(self) -> None:
        """Bring everything back into the reading area."""
        if self._windows:
            writer = self._writer()
            self._gather()
            self._take_focus(writer)
            self.rearranged.emit()

    # -- there and back --------------------------------------------------------------------------

    def _leave_home(self) -> None:
        home = self._desk.parentWidget()
        if isinstance(home, QSplitter):
            self._home = (home, home.indexOf(self._desk), home.sizes())
        self._windows[0].put(self._desk)
        self._desk.show()

    def _gather(self) -> None:
        self._unspread()
        windows, self._windows = self._windows, []
        if self._home is not None:
            splitter, index, sizes = self._home
            self._home = None
            splitter.insertWidget(index, self._desk)
            splitter.setStretchFactor(index, 1)
            splitter.setSizes(sizes)
            self._desk.show()
        for window in windows:
            window.hide()
            window.deleteLater()

    def _spread(self) -> None:
        """Share the grid in front out over the windows."""
        self._parts = [QWidget() for _ in self._windows[1:]]
        for window, part in zip(self._windows[1:], self._parts, strict=True):
            window.put(part)
        self._share(self._parts)

    def _unspread(self) -> None:
        self._share(())
        for window, part in zip(self._windows[1:], self._parts, strict=True):
            window.take_away(part)
            part.deleteLater()
        self._parts = []

    def _share(self, parts: Sequence[QWidget]) -> None:
        if self._grid is self._panes.grid:
            self._panes.spread_over(parts)
        else:
            self._grid.spread_over(parts)

    def _writer(self) -> QWidget | None:
        """What has the keys outside the images: whoever writes the report goes on writing."""
        focused = widget = QApplication.focusWidget()
        while widget is not None and widget is not self._area:
            widget = widget.parentWidget()
        return focused if widget is None else None

    def _take_focus(self, writer: QWidget | None) -> None:
        widget = writer or self._panes.active.widget
        widget.window().activateWindow()
        widget.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what happened ---------------------------------------------------------------------------

    def _on_stage_changed(self, _index: int) -> None:
        """Other panes are in front: those of a reconstruction, or the images again."""
        front = self._stage.currentWidget()
        if front is None:
            return
        for widget in front.findChildren(ViewportWidget):
            self.screens.watch(widget)
        grid = front if isinstance(front, PaneGrid) else front.findChild(PaneGrid)
        if not isinstance(grid, PaneGrid) or grid is self._grid:
            return
        if self._windows:
            self._unspread()
        self._grid = grid
        if self._windows:
            self._spread()

    def _on_window_closed(self) -> None:
        window = self.sender()
        if isinstance(window, ImageWindow) and window in self._windows:
            self.closed.emit(window)
