"""One pane: finished device pixels one to one on the screen's grid, the overlay above them."""

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QMoveEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.qt.device_grid import DeviceGrid, device_grid
from viewer.qt.image import image_of
from viewer.qt.overlay_painter import paint_message, paint_note, paint_overlay
from viewer.qt.pane_frame import paint_frame
from viewer.qt.stamps import Stamps
from viewer.render.live import LivePicture
from viewer.render.plane_picture import PlanePicture
from viewer.render.volume_picture import VolumePicture
from viewer.viewport.corners import Corner
from viewer.viewport.measuring import Path, path_of
from viewer.viewport.overlay import Overlay
from viewer.viewport.tools import Button, Gesture, PointerEvent, ToolGroup, ToolId, Wheel, WheelAct
from viewer.viewport.transform import PanePoint, PaneSize
from viewer.viewport.viewport import Viewport, ViewState

DISPLAY_SET_MIME = "application/x-lightbox-display-set"
_REST_MS = 120
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BUTTONS = {
    Qt.MouseButton.LeftButton: Button.LEFT,
    Qt.MouseButton.MiddleButton: Button.MIDDLE,
    Qt.MouseButton.RightButton: Button.RIGHT,
}


class ViewportWidget(QWidget):
    """Shows one viewport and turns Qt's events into pointer events."""

    activated = Signal()
    """The pane was pressed or got the focus."""
    edited = Signal(object)
    """An AnnotationEdit that a gesture made."""
    maximise_requested = Signal()
    menu_requested = Signal(QPoint)
    display_set_dropped = Signal(str)
    seen = Signal(object)
    """A FrameRef that stood fully drawn at rest."""
    thickened = Signal(int)
    """The wheel was turned with Alt, where that is asked for; eighths of a degree."""
    blended = Signal(int)
    """The wheel was turned with Ctrl and Shift over a fused picture; eighths of a degree."""
    tool_key = Signal(object, bool)
    """A tool's key went down (True) or up (False)."""

    def __init__(
        self,
        number: int,
        viewport: Viewport,
        picture: LivePicture | PlanePicture | VolumePicture,
        tools: ToolGroup,
        *,
        compose: Callable[[ViewState], Overlay | None],
        describe: Callable[[ViewState], str],
        tool_keys: dict[Qt.Key, ToolId],
        parent: QWidget | None = None,
    ) -> None:
        """Show ``viewport``; ``compose`` gives the overlay of a state, ``describe`` its words."""
        super().__init__(parent)
        self.viewport = viewport
        self.picture = picture
        self._tools = tools
        self._compose = compose
        self._describe = describe
        self._tool_keys = tool_keys
        self._wheel = Wheel()
        self.pointer: PanePoint | None = None
        """Where the pointer is, in device pixels of the pane."""
        self.empty_words = ""
        """Said where nothing hangs; empty: that a series can be dragged here."""
        self.error_title = ""
        """Said above an error; empty: which image cannot be shown."""
        self.takes_thickness = False
        """Whether the wheel with Alt makes a slab thicker and does not scroll."""
        self._gesture: Gesture | None = None
        self._gesture_button = Qt.MouseButton.NoButton
        self._pressed_at = QPointF()
        self.stamps = Stamps()  # panes may share them
        self._image: QImage | None = None
        self._painted: object = None
        self._active = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rest_timeout)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setMinimumSize(120, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Viewport %1").replace("%1", str(number)))
        self.setObjectName(f"viewport.{number}")
        picture.changed.connect(self._on_picture_changed)
        viewport.changed.connect(self._on_viewport_changed)
        self._on_viewport_changed(viewport.state)

    @property
    def gesture(self) -> Gesture | None:
        """The gesture that is going on."""
        return self._gesture

    def set_active(self, active: bool) -> None:
        """Mark the pane that keys and panels act on."""
        if active != self._active:
            self._active = active
            self.update()

    def cancel_gesture(self) -> bool:
        """End a gesture as if it had not been; False when there was none."""
        if self._gesture is None:
            return False
        self._gesture.cancel()
        self._gesture = None
        self.update()
        return True

    def close_pane(self) -> None:
        """Stop asking for frames and pictures."""
        self._rest.stop()
        self.picture.close()

    # -- the device grid -------------------------------------------------------------------------

    def device_rect(self) -> QRect:
        """The whole device pixels of the window that lie inside this widget."""
        return device_grid(self).rect

    def to_pane(self, position: QPointF) -> PanePoint:
        """A place of the widget in device pixels of the pane."""
        grid = device_grid(self)
        return PanePoint(
            position.x() * grid.ratio - grid.inset_x, position.y() * grid.ratio - grid.inset_y
        )

    def from_pane(self, place: PanePoint) -> QPointF:
        """A place of the pane in the widget's coordinates."""
        return self._area(device_grid(self)).point(place)

    def _area(self, grid: DeviceGrid) -> Area:
        return Area(grid.logical, grid.ratio, self.stamps)

    def _fit_pane(self) -> None:
        rect = self.device_rect()
        self.viewport.resize(PaneSize(rect.width(), rect.height()))

    # -- painting --------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Blit the last picture and draw the overlay that belongs to it."""
        with QPainter(self) as painter:  # ended whatever happens: else Qt ends the program
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        grid = device_grid(self)
        area, shown = self._area(grid), self.picture.shown
        if self._image is None or self._image.size() != self.size() * area.ratio:
            painter.fillRect(self.rect(), colours.IMAGE_BACKGROUND)  # else the picture covers all
        if self._image is not None and shown is not None:
            self._paint_picture(painter, grid)
            overlay = self._compose(shown)
            if overlay is not None:
                paint_overlay(painter, overlay, area)
        self._paint_state(painter, area)
        if self.hasFocus() or self._active:
            paint_frame(painter, self.rect(), 2 if self.hasFocus() else 1)

    def overlay_now(self, of: ViewState | None = None) -> Overlay | None:
        """What stands above the picture that is shown, or above another; None without one."""
        shown = of or self.picture.shown
        return None if shown is None else self._compose(shown)

    def _paint_picture(self, painter: QPainter, grid: DeviceGrid) -> None:
        if self._image is None:
            return
        if grid.ratio == 1:  # neither inset nor scaled
            painter.drawImage(0, 0, self._image)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setTransform(QTransform.fromScale(1 / grid.ratio, 1 / grid.ratio))
        painter.drawImage(QPointF(grid.inset_x, grid.inset_y), self._image)
        painter.restore()

    def _paint_state(self, painter: QPainter, area: Area) -> None:
        state, picture = self.viewport.state, self.picture
        if picture.error is not None:
            title = self.error_title or self.tr("Image %1 cannot be shown.")
            title = title.replace("%1", str(state.index + 1))
            paint_message(painter, [title, picture.error.sentence], area)
        elif state.target is None:
            words = self.empty_words or self.tr("Drag a series here")
            paint_message(painter, words.split("\n"), area)
        elif state.count == 0 or picture.waiting == "instance":
            paint_message(painter, [self.tr("There is no image to show here.")], area)
        elif picture.waiting == "frame" or (picture.waiting and picture.shown is None):
            decoding = picture.waiting == "frame"
            text = self.tr("Image %1 of %2 is being decoded…" if decoding else "Drawing…")
            if picture.preview:
                text = self.tr("Preview: image %1 of %2 is being decoded…")
            text = text.replace("%1", str(state.index + 1)).replace("%2", str(state.count))
            if picture.shown is None:
                paint_message(painter, [text], area)
            else:
                paint_note(painter, text, area)

    def _on_picture_changed(self) -> None:
        painted = self.picture.painted
        if painted is not self._painted:
            self._painted = painted  # holds what the image lies on
            self._image = None if painted is None else image_of(painted)
            self.update()
        elif not self._awaits_picture:
            self.update()
        if self.picture.at_rest:
            self._rest.start()

    def tell_anew(self) -> None:
        """Draw the overlay again and describe what is shown: something beside the image changed."""
        self.setAccessibleDescription(self._describe(self.viewport.state))
        self.update()

    @property
    def _awaits_picture(self) -> bool:
        """Whether what is on the screen stays as it is until the next picture is here."""
        picture = self.picture
        return picture.waiting == "picture" and picture.shown is not None and picture.error is None

    def _on_viewport_changed(self, state: ViewState) -> None:
        self.setAccessibleDescription(self._describe(state))
        if not self._awaits_picture:
            self.update()

    def _on_rest_timeout(self) -> None:
        shown = self.picture.shown
        at_rest = self.picture.at_rest and self.isVisible() and not self.window().isMinimized()
        plain = shown is not None and shown.fusion is None  # colours hide what lies under them
        if at_rest and plain and shown is not None and shown.frame is not None:
            self.seen.emit(shown.frame)

    # -- Qt events -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the viewport its device pixels."""
        super().resizeEvent(event)
        self._fit_pane()

    def moveEvent(self, event: QMoveEvent) -> None:
        """The device grid may cut differently at another place."""
        super().moveEvent(event)
        self._fit_pane()

    def showEvent(self, event: QShowEvent) -> None:
        """The place in the window is known now."""
        super().showEvent(event)
        self._fit_pane()

    def event(self, event: QEvent) -> bool:
        """Keep a tool's key from being a shortcut here, so that its release is seen too."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (self._tool_of(event) is not None or self._is_of_path(event))
        ):
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            return self._tell_notes(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._fit_pane()
        return super().event(event)

    def _tell_notes(self, event: QHelpEvent) -> bool:
        """Say what is known of the data, where the pointer rests on the corner that has room for
        its first sentence alone.
        """
        overlay = self.overlay_now()
        if overlay is None or not overlay.notes:
            return False
        lines = len(overlay.corners[Corner.BOTTOM_LEFT])
        height = QFontMetricsF(self.font()).lineSpacing() * (lines + 1)
        corner = QRectF(0, self.height() - height, self.width() / 2, height)
        if not corner.contains(QPointF(event.pos())):
            QToolTip.hideText()
            return False
        QToolTip.showText(event.globalPos(), "\n".join(overlay.notes), self)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A tool's key takes up the tool for as long as it is held."""
        tool = self._tool_of(event)
        if self._is_of_path(event):
            self._draw_on(event)
        elif tool is None:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.tool_key.emit(tool, True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Give a lent tool back."""
        tool = self._tool_of(event)
        if tool is None:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.tool_key.emit(tool, False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture; the second press of a click-click drawing belongs to the first."""
        self.activated.emit()
        button = _BUTTONS.get(event.button())
        if button is None or (self._gesture is not None and not self._gesture.lasting):
            return
        self._pressed_at = event.position()
        self._gesture_button = event.button()
        if self._gesture is None:
            self._gesture = self._tools.press(self._pointer(event, button), self.viewport)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self.pointer = self.to_pane(event.position())
        self.update()
        if self._gesture is None:
            return
        button = _BUTTONS.get(self._gesture_button, Button.LEFT)
        self._gesture.move(self._pointer(event, button))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture and hand over what it made."""
        if event.button() == Qt.MouseButton.RightButton and not self._dragged(event):
            self.menu_requested.emit(event.globalPosition().toPoint())
        if self._gesture is None or event.button() != self._gesture_button:
            return
        button = _BUTTONS.get(event.button(), Button.LEFT)
        gesture = self._gesture
        edits = gesture.release(self._pointer(event, button))
        if not gesture.lasting:
            self._gesture = None
        for edit in edits:
            self.edited.emit(edit)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Maximise the pane, or show all panes again."""
        path = path_of(self._gesture)
        if event.button() == Qt.MouseButton.LeftButton and path is not None:
            self._end_path(path)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.cancel_gesture()
            self.maximise_requested.emit()
        else:
            self.mousePressEvent(event)

    def _is_of_path(self, event: QKeyEvent) -> bool:
        """Whether a key ends a path that is being drawn, or takes its last point away."""
        keys = {*_ENDS, Qt.Key.Key_Backspace}
        return path_of(self._gesture) is not None and event.key() in keys

    def _draw_on(self, event: QKeyEvent) -> None:
        path = path_of(self._gesture)
        if path is not None and event.key() in _ENDS:
            self._end_path(path)
        elif path is not None and not path.back():
            self.cancel_gesture()
        self.update()

    def _end_path(self, gesture: Path) -> None:
        edits = gesture.end()
        if edits:
            self._gesture = None
        for edit in edits:
            self.edited.emit(edit)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll or zoom, as the mouse of the reader has it."""
        keys = event.modifiers()
        act = self._tools.mouse.wheel_act(
            ctrl=bool(keys & Qt.KeyboardModifier.ControlModifier),
            shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
        )
        turn = event.angleDelta()
        delta = turn.y() or turn.x()  # with Alt, Qt turns the wheel sideways
        if self.takes_thickness and keys & Qt.KeyboardModifier.AltModifier:
            self.thickened.emit(delta)
            event.accept()
            return
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if self.viewport.state.fusion is not None and keys & both == both:
            self.blended.emit(delta)
            event.accept()
            return
        self._wheel.turn(
            delta,
            self.to_pane(event.position()),
            self.viewport,
            zoom=act is WheelAct.ZOOM,
            fast=act is WheelAct.TEN,
        )
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key opens the menu; the right button does so on its own release."""
        if event.reason() != QContextMenuEvent.Reason.Mouse:
            self.menu_requested.emit(self.mapToGlobal(self.rect().center()))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer points at nothing here any more."""
        super().leaveEvent(event)
        self.pointer = None
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The pane with the focus is the active one."""
        super().focusInEvent(event)
        self.activated.emit()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame away."""
        super().focusOutEvent(event)
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take display sets only."""
        if event.mimeData().hasFormat(DISPLAY_SET_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the dropped display set."""
        dropped = event.mimeData().data(DISPLAY_SET_MIME)
        self.display_set_dropped.emit(bytes(dropped.data()).decode("utf-8", "replace"))
        event.acceptProposedAction()

    def _tool_of(self, event: QKeyEvent) -> ToolId | None:
        if event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return None
        return self._tool_keys.get(Qt.Key(event.key()))

    def _pointer(self, event: QMouseEvent, button: Button) -> PointerEvent:
        return PointerEvent(self.to_pane(event.position()), button, self.devicePixelRatioF())

    def _dragged(self, event: QMouseEvent) -> bool:
        way = event.position() - self._pressed_at
        return math.hypot(way.x(), way.y()) >= 3
