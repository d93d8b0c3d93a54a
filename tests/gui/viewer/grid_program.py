"""Run as a process of its own under QT_SCALE_FACTOR: prints how many presented pixels are wrong."""

import sys
from typing import Any, cast

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from tests.gui.viewer.room import grabbed
from tests.kit.executors import StepExecutor
from tests.kit.viewer import arrays_of, cache_of, chest, set_of
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.tools import ToolGroup, ToolId
from viewer.viewport.viewport import Viewport


def main() -> None:
    """Show two panes at odd places and compare what the window shows with what was drawn."""
    app = QApplication(sys.argv)
    window, row, panes = QWidget(), QHBoxLayout(), []
    row.setContentsMargins(7, 5, 3, 1)
    row.setSpacing(3)
    study, executor = chest(3), StepExecutor()
    cache = cache_of(arrays_of(study), executor)
    series = study.series[0]
    cache.know(series.instances)
    tools = ToolGroup(cast(Any, {}), active=ToolId.SCROLL)
    for number in (1, 2):
        viewport = Viewport()
        picture = LivePicture(viewport, cache, RenderScheduler(executor), executor, number)
        pane = ViewportWidget(
            number,
            viewport,
            picture,
            tools,
            compose=lambda _state: None,
            describe=lambda _state: "",
            tool_keys={},
        )
        row.addWidget(pane)
        panes.append(pane)
        viewport.show(set_of(series), {i.ref.sop: i for i in series.instances})
    window.setLayout(row)
    window.resize(501, 333)
    window.show()
    window.setFocus()
    app.processEvents()
    executor.drain()
    app.processEvents()
    screen = grabbed(window)
    for pane in panes:
        rect, drawn = pane.device_rect(), pane.picture.pixels
        assert drawn is not None
        assert drawn.shape == (rect.height(), rect.width())
        origin = pane.mapTo(window, QPoint(0, 0)) * pane.devicePixelRatioF()
        assert 0 <= rect.x() - origin.x() <= 1
        found = screen[rect.y() : rect.y() + rect.height(), rect.x() : rect.x() + rect.width()]
        inner = (slice(3, -3), slice(3, -3))
        print(
            pane.devicePixelRatioF(),
            int((found[inner] != drawn[inner]).sum()),
            len(np.unique(drawn)),
        )
        pane.close_pane()


main()
