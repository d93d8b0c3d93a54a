"""The pane of a volume in 3D; built when 3D is opened, gone with its processes when it is left."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.qt.composer import Composer
from viewer.qt.panes import Drawing
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.volume_picture import VolumePicture
from viewer.viewport.overlay import Overlay
from viewer.viewport.tools import LentTools
from viewer.viewport.viewport import ViewState
from viewer.viewport.volume_tools import arrow, volume_tools
from viewer.viewport.volume_view import VolumeState, VolumeViewport

_STANDS_MS = 180
"""So long after the last change a view stands, and is drawn whole."""


_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_TURN, _FAR_TURN = 5.0, 30.0
_NONE, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


class VolumeWidget(ViewportWidget):
    """A pane whose arrow keys turn what it shows, where images have a next one."""

    def event(self, event: QEvent) -> bool:
        """Keep arrow keys from being shortcuts of images."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and _arrow_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn by 5 degrees, with Shift by 30."""
        angles, viewport = _arrow_of(event), self.viewport
        if angles is not None and isinstance(viewport, VolumeViewport):
            arrow(*angles)(viewport)
        else:
            super().keyPressEvent(event)


def _arrow_of(event: QKeyEvent) -> tuple[float, float] | None:
    """Degrees by which a key turns; None for every other key."""
    keys = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    way = _ARROWS.get(Qt.Key(event.key()))
    if way is None or keys not in {_NONE, _SHIFT}:
        return None
    by = _FAR_TURN if keys == _SHIFT else _TURN
    return way[0] * by, way[1] * by


class VolumeBoard(QWidget):
    """One volume on the whole stage."""

    notice = Signal(str)
    tool_key = Signal(object, bool)

    def __init__(
        self,
        viewport: VolumeViewport,
        drawing: Drawing,
        composer: Composer,
        parent: QWidget | None = None,
    ) -> None:
        """Build the pane; nothing is drawn until ``picture`` is given the volume."""
        super().__init__(parent)
        self.viewport = viewport
        self._composer = composer
        self.picture = VolumePicture(viewport, drawing.scheduler)
        tools = volume_tools(lambda words: self.notice.emit(self.tr(words)))
        self.widget = VolumeWidget(
            1,
            viewport,
            self.picture,
            LentTools(drawing.tools, lambda _viewport: tools),
            compose=self._compose,
            describe=self._describe,
            tool_keys=drawing.tool_keys,
        )
        self.widget.error_title = self.tr("This volume cannot be shown in 3D.")
        self.widget.setAccessibleName(self.tr("3D view"))
        self.widget.setObjectName("volume")
        self.widget.setAcceptDrops(False)
        self.widget.tool_key.connect(self.tool_key)
        self.picture.troubled.connect(self._on_picture_troubled)
        self._stands = QTimer(self)
        self._stands.setSingleShot(True)
        self._stands.setInterval(_STANDS_MS)
        self._stands.timeout.connect(self._on_stands_timeout)
        self._seen = viewport.state
        viewport.changed.connect(self._on_viewport_changed)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.widget)

    def cancel_gesture(self) -> bool:
        """End a gesture as if it had not been; False when there was none."""
        return self.widget.cancel_gesture()

    def redraw(self) -> None:
        """Draw the overlay again, and describe the pane anew."""
        self.widget.tell_anew()

    def show_mode(self) -> None:
        """The pointer is a cross while a line is to be drawn."""
        drawn = self.viewport.state.cutting is not None
        self.widget.setCursor(Qt.CursorShape.CrossCursor if drawn else Qt.CursorShape.ArrowCursor)

    def close_board(self) -> None:
        """Stop asking for pictures, and end what draws them."""
        self._stands.stop()
        self.viewport.changed.disconnect(self._on_viewport_changed)
        self.widget.close_pane()

    def _compose(self, state: ViewState) -> Overlay | None:
        if not isinstance(state, VolumeState):
            return None
        return self._composer.of_volume(self.viewport, state)

    def _describe(self, state: ViewState) -> str:
        return self._composer.describe_volume(state) if isinstance(state, VolumeState) else ""

    # -- what happened ---------------------------------------------------------------------------

    def _on_viewport_changed(self, state: VolumeState) -> None:
        before, self._seen = self._seen, state
        if _moved(before, state):
            self._stands.start()
            self.viewport.hold(moving=True)
        elif state.cutting != before.cutting:
            self.show_mode()

    def _on_stands_timeout(self) -> None:
        if self.widget.gesture is not None and not self.viewport.state.line:
            self._stands.start()
        else:
            self.viewport.hold(moving=False)

    def _on_picture_troubled(self, sentence: str) -> None:
        self.notice.emit(self.tr("3D stays coarse. %1").replace("%1", sentence))


def _moved(one: VolumeState, other: VolumeState) -> bool:
    """Whether a view is being changed: its direction, its look, its place, its box."""
    return (one.camera, one.look, one.crop) != (other.camera, other.look, other.crop)
