"""The start-up self-test: known pictures through a real pane, read back from its window (F64).

What is covered: bytes, decoding, the table or the reconstruction, drawing, and the pane's painting
into its window's own store, in that window's format, on the device grid of that screen. What is
not: the way from there to the glass, that is the window system's own conversion, the graphics card
and the monitor. The window is never shown, so nothing flickers and no focus is taken.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QScreen
from PySide6.QtWidgets import QWidget

from viewer.calibration.display import DisplayProfile
from viewer.calibration.vectors import Levels, Vector, difference, driven, placed, vectors
from viewer.calibration.verdict import ScreenVerdict
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.loading.made_images import MadeImages, made_instance, made_set
from viewer.loading.pool import DecodePool
from viewer.model.study import Instance
from viewer.qt.screens import key_of
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.render.oblique_vector import oblique_levels, oblique_plane
from viewer.render.plane_picture import PlanePicture
from viewer.render.reslice import Reslicer
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.tools import ToolGroup, ToolId
from viewer.viewport.viewport import Viewport

_PANE = 161
_AT = (7, 5)
"""Where the pane stands in its window: odd, so that the device grid is tested too."""
_CACHE = 1 << 22


@dataclass(frozen=True, slots=True)
class _Scene:
    name: str
    rule: str
    widget: ViewportWidget
    begin: Callable[[], None]
    expect: Callable[[int, int], tuple[Levels, Levels]]


class SelfTest(QObject):
    """Tests one screen; ``finished`` comes once, later, on the GUI thread."""

    finished = Signal(object)
    """Carries the ScreenVerdict."""

    def __init__(self, executor: Executor, parent: QObject | None = None) -> None:
        """Draw on this executor, as the panes do."""
        super().__init__(parent)
        self._executor = executor
        self._window: QWidget | None = None
        self._pool: DecodePool | None = None
        self._cache: FrameCache | None = None
        self._scenes: list[_Scene] = []
        self._asked = False
        self._pictures = 0
        self._reasons: list[str] = []
        self._bits = 0
        self._screen = ""
        self._begun = 0.0

    def start(self, screen: QScreen, profile: DisplayProfile | None = None) -> None:
        """Begin with a screen; ``profile`` is what drives pictures on it."""
        self._begun = time.monotonic()
        self._screen = key_of(screen)
        window = QWidget()
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        window.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        window.setObjectName("selfTest")
        window.setScreen(screen)
        self._window = window
        made = vectors()
        instances = [
            made_instance(n, vector.stored, vector.photometric, vector.window)
            for n, vector in enumerate(made, start=1)
        ]
        pixels = {i.ref.sop: v.stored for i, v in zip(instances, made, strict=True)}
        self._pool = DecodePool(workers=1)  # native pixels: no process is started
        self._cache = FrameCache(MadeImages(pixels), self._pool, self._executor, _CACHE)
        self._cache.know(instances)
        scheduler = RenderScheduler(self._executor)
        viewport = Viewport()
        live = LivePicture(viewport, self._cache, scheduler, self._executor, "self-test")
        flat = _pane(viewport, live, window)
        viewport.know_screen(None, display=profile)
        table = profile.table if profile is not None else None
        self._scenes = [
            _flat_scene(vector, instance, flat, table)
            for vector, instance in zip(made, instances, strict=True)
        ]
        self._scenes.append(_oblique_scene(scheduler, window, profile))
        window.resize(_PANE + 2 * _AT[0], _PANE + 2 * _AT[1])
        window.setGeometry(window.rect().translated(screen.geometry().topLeft()))
        window.show()
        QTimer.singleShot(0, self, self._next)

    def close(self) -> None:
        """Let go of everything; nothing is told any more."""
        for widget in {id(scene.widget): scene.widget for scene in self._scenes}.values():
            widget.close_pane()
        self._scenes.clear()
        if self._pool is not None:
            self._pool.close()
        if self._window is not None:
            self._window.close()
            self._window.deleteLater()
        self._window = self._pool = self._cache = None

    def _next(self) -> None:
        if not self._scenes:
            return
        scene = self._scenes[0]
        self._asked = False
        scene.widget.raise_()
        scene.widget.picture.changed.connect(self._on_picture_changed)
        scene.begin()
        self._asked = True
        self._on_picture_changed()

    def _on_picture_changed(self) -> None:
        scene = self._scenes[0] if self._scenes else None
        picture = scene.widget.picture if scene is not None else None
        if scene is None or picture is None or not self._asked:
            return
        if picture.error is None and not picture.at_rest:
            return
        self._asked = False
        picture.changed.disconnect(self._on_picture_changed)
        why = picture.error.sentence if picture.error is not None else self._judge(scene)
        if why:
            words = QCoreApplication.translate("SelfTest", "Test picture “{0}” ({1}): {2}.")
            self._reasons.append(words.format(scene.name, scene.rule, why.rstrip(".")))
        self._pictures += 1
        QTimer.singleShot(0, self, self._go_on)

    def _go_on(self) -> None:
        if len(self._scenes) > 1:
            done = self._scenes.pop(0)
            if done.widget is not self._scenes[0].widget:
                done.widget.close_pane()
                done.widget.hide()
            self._next()
            return
        seconds = time.monotonic() - self._begun
        verdict = ScreenVerdict(
            self._screen, tuple(self._reasons), self._pictures, self._bits, seconds
        )
        self.close()
        self.finished.emit(verdict)

    def _judge(self, scene: _Scene) -> str:
        window = self._window
        if window is None:
            return ""
        scene.widget.repaint()
        image, self._bits = _store_of(window)
        if image is None:
            return QCoreApplication.translate("SelfTest", "the window could not be read back")
        rect = scene.widget.device_rect()
        low, high = scene.expect(rect.height(), rect.width())
        found = _rgb(image)[rect.y() : rect.y() + rect.height(), rect.x() : rect.x() + rect.width()]
        return difference(found, low, high)


def _pane(
    viewport: Viewport, picture: LivePicture | PlanePicture, window: QWidget
) -> ViewportWidget:
    widget = ViewportWidget(
        0,
        viewport,
        picture,
        ToolGroup({}, active=ToolId.SCROLL),
        compose=lambda _state: None,
        describe=lambda _state: "",
        tool_keys={},
        parent=window,
    )
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.setGeometry(*_AT, _PANE, _PANE)
    return widget


def _flat_scene(
    vector: Vector, instance: Instance, widget: ViewportWidget, table: Sequence[int] | None
) -> _Scene:
    def begin() -> None:
        viewport = widget.viewport
        viewport.show(made_set([instance]), {instance.ref.sop: instance})
        viewport.one_to_one()
        if vector.invert:
            viewport.invert()

    def expect(height: int, width: int) -> tuple[Levels, Levels]:
        levels = placed(driven(vector.levels, table), height, width)
        return levels, levels

    return _Scene(vector.name, vector.rule, widget, begin, expect)


def _oblique_scene(
    scheduler: RenderScheduler, window: QWidget, profile: DisplayProfile | None
) -> _Scene:
    viewport, volume = oblique_plane()
    viewport.know_screen(None, display=profile)
    table = profile.table if profile is not None else None
    picture = PlanePicture(viewport, scheduler, "self-test plane")
    widget = _pane(viewport, picture, window)

    def expect(height: int, width: int) -> tuple[Levels, Levels]:
        low, high = oblique_levels(viewport, height, width)
        return driven(low, table), driven(high, table)

    return _Scene("oblique plane", "F44", widget, lambda: picture.take(Reslicer(volume)), expect)


def _store_of(window: QWidget) -> tuple[QImage | None, int]:
    """What was painted into a window, as it lies in the window's own store; its bits a colour."""
    store = window.backingStore()
    device = store.paintDevice() if store is not None else None
    image = device if isinstance(device, QImage) else window.grab().toImage()
    if image.isNull():
        return None, 0
    return image, image.pixelFormat().redSize()


def _rgb(image: QImage) -> NDArray[np.uint8]:
    """Rows, columns and 3 colours of 8 bits."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    rows = lines[:, : 3 * plain.width()]
    return np.asarray(rows.reshape(plain.height(), plain.width(), 3).copy())
