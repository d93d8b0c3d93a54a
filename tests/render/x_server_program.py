"""Run as a process of its own on an X server: shows one picture after another, each when asked."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from tests.kit.executors import AtOnce
from viewer.loading.frames import FrameCache
from viewer.loading.made_images import MadeImages, made_instance, made_set
from viewer.loading.pool import DecodePool
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.presentation import VoiFunction, Window
from viewer.model.study import Photometric
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.tools import ToolGroup, ToolId
from viewer.viewport.true_size import show_true_size, told_pitch
from viewer.viewport.viewport import Viewport

AT = (37, 23)
PANE = 301
SIDE = 200
SPACING = 0.4
"""Millimetres from pixel to pixel."""
APART = 60
"""Columns between the two lines of the ruler."""
ZOOM = 3.0
PLAIN = Window(40, 400)
EXACT = Window(0.5, 1, function=VoiFunction.LINEAR_EXACT)


def board() -> NDArray[np.int16]:
    """Black and white from pixel to pixel."""
    return np.asarray(np.indices((SIDE, SIDE)).sum(axis=0) % 2, np.int16)


def ramp() -> NDArray[np.int16]:
    """Every modality value of a window and beyond, none beside itself."""
    values = np.arange(SIDE * SIDE, dtype=np.int64) * 37 % 600 - 260
    return values.astype(np.int16).reshape(SIDE, SIDE)


def ruler() -> NDArray[np.int16]:
    """Two bright lines."""
    lines = np.zeros((SIDE, SIDE), np.int16)
    first = SIDE // 2 - APART // 2
    lines[:, [first, first + APART]] = 1
    return lines


def slope() -> NDArray[np.int16]:
    """A plane, which stays one however it is interpolated."""
    rows, columns = np.indices((SIDE, SIDE))
    return (2 * columns + rows - 260).astype(np.int16)


def enlarge(viewport: Viewport) -> None:
    """ZOOM device pixels for an image pixel."""
    viewport.look_like(replace(viewport.state.look, zoom=ZOOM))


def flip(viewport: Viewport) -> None:
    """Mirror left and right, one to one."""
    viewport.one_to_one()
    assert viewport.flip()


def invert(viewport: Viewport) -> None:
    """White becomes black, one to one."""
    viewport.one_to_one()
    viewport.invert()


def true_size(viewport: Viewport) -> None:
    """As large as it is."""
    assert show_true_size(viewport) == ""


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture."""

    name: str
    stored: NDArray[np.int16]
    window: Window
    look: Callable[[Viewport], None]


SCENES = (
    Scene("board", board(), EXACT, Viewport.one_to_one),
    Scene("window", ramp(), PLAIN, Viewport.one_to_one),
    Scene("inverted", ramp(), PLAIN, invert),
    Scene("flipped", ramp(), PLAIN, flip),
    Scene("enlarged", slope(), PLAIN, enlarge),
    Scene("ruler", ruler(), EXACT, true_size),
)


def main() -> None:
    """Show each, say where it is, and wait for a line before the next."""
    app = QApplication(sys.argv)
    window = QWidget()
    window.setGeometry(11, 13, PANE + 70, PANE + 50)
    flat = [
        replace(
            made_instance(n, scene.stored, Photometric.MONOCHROME2, scene.window),
            modality="CR",  # sections are not mirrored
        )
        for n, scene in enumerate(SCENES, 1)
    ]
    plane = ImagePlane(
        PointLps(0, 0, 0), PointLps(1, 0, 0), PointLps(0, 1, 0), Spacing(SPACING, SPACING)
    )
    ruled = made_instance(99, ruler(), Photometric.MONOCHROME2, EXACT, plane)
    images = [*flat[:-1], ruled]
    pixels = {i.ref.sop: scene.stored for i, scene in zip(images, SCENES, strict=True)}
    executor, pool = AtOnce(), DecodePool(workers=1)
    cache = FrameCache(MadeImages(pixels), pool, executor, 1 << 22)
    cache.know(images)
    viewport = Viewport()
    picture = LivePicture(viewport, cache, RenderScheduler(executor), executor, "pane")
    pane = ViewportWidget(
        1,
        viewport,
        picture,
        ToolGroup({}, active=ToolId.SCROLL),
        compose=lambda _state: None,
        describe=lambda _state: "",
        tool_keys={},
        parent=window,
    )
    pane.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    pane.setGeometry(*AT, PANE, PANE)
    window.show()
    screen = window.screen()
    pitch = told_pitch(screen.physicalSize().width(), screen.size().width())
    assert pitch is not None
    viewport.know_screen(pitch.mm)
    for image, scene in zip(images, SCENES, strict=True):
        viewport.show(made_set([image]), {image.ref.sop: image})
        scene.look(viewport)
        end = time.monotonic() + 5
        while not picture.at_rest and time.monotonic() < end:
            app.processEvents()
        for _ in range(5):
            app.processEvents()
            time.sleep(0.02)
        at = pane.mapToGlobal(QPoint(0, 0))
        grabbed = screen.grabWindow(0).toImage()
        told = {
            "name": scene.name,
            "at": [at.x(), at.y()],
            "depth": screen.depth(),
            "pitch": pitch.mm,
            "grabbed": [grabbed.pixelColor(at + QPoint(n, n)).red() for n in range(0, PANE, 7)],
        }
        print(json.dumps(told), flush=True)
        sys.stdin.readline()
    pane.close_pane()
    pool.close()


if __name__ == "__main__":
    main()
