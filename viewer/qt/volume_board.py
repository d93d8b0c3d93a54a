"""The pane of a volume in 3D; built when 3D is opened, gone with its processes when it is left."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.qt.composer import Composer
from viewer.qt.panes import Drawing
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.volume_picture import VolumePicture
from viewer.viewport.overlay import Overlay
from viewer.viewport.tools import LentTools
from viewer.viewport.viewport import ViewState
from viewer.viewport.volume_tools import volume_tools
from viewer.viewport.volume_view import VolumeState, VolumeViewport

_STANDS_MS = 180
"""So long after the last change a view stands, and is drawn whole."""


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
        self.widget = ViewportWidget(
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
