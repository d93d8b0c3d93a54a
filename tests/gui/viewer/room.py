"""A reading area with a case in it, decoded and drawn when the test says so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.kit.executors import StepExecutor
from tests.kit.viewer import IDENTITY, NOW, NoBytes, arrays_of, cache_of, sets_of
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.frames import FrameCache
from viewer.loading.pages import PdfProcess
from viewer.measure.registry import Measured
from viewer.model.annotation import AnnotationId
from viewer.model.geometry import PixelPoint
from viewer.model.study import Study
from viewer.qt.reading_area import ReadingArea
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.preferences import Preferences
from viewer.viewport.viewport import Viewport

RESOURCES = Path(__file__).parents[3] / "resources"


@dataclass
class Room:
    """What a test acts on and what it hears."""

    area: ReadingArea
    executor: StepExecutor
    arrays: dict[Any, NDArray[Any]]
    measured: list[Measured] = field(default_factory=list)
    reported: list[Measured] = field(default_factory=list)
    numberless: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    informed: list[str] = field(default_factory=list)
    saved: list[tuple[Any, ...]] = field(default_factory=list)

    def open(self, current: Study, *priors: Study) -> None:
        self.area.open_case(current, priors, sets_of(current, *priors), IDENTITY)
        self.settle()

    def finding(self, annotation: AnnotationId) -> Measured | None:
        """What one annotation measures; None while its image or the annotation is not here."""
        return self.area._measuring.measure(annotation)

    def settle(self) -> None:
        self.executor.drain()

    def pane(self, number: int = 1) -> ViewportWidget:
        found = self.area.findChild(ViewportWidget, f"viewport.{number}")
        assert isinstance(found, ViewportWidget)
        return found

    def viewport(self, number: int = 1) -> Viewport:
        return self.pane(number).viewport

    def key(self, key: Qt.Key, number: int = 1, **more: Any) -> None:
        QTest.keyClick(self.pane(number), key, **more)
        self.settle()

    def at(self, column: float, row: float, number: int = 1) -> QPoint:
        """Where an image point is in the widget, rounded to a whole pixel."""
        pane = self.pane(number)
        transform = pane.viewport.transform()
        assert transform is not None
        return pane.from_pane(transform.to_pane(PixelPoint(column, row))).toPoint()

    def under(self, place: QPoint, number: int = 1) -> PixelPoint:
        pane = self.pane(number)
        transform = pane.viewport.transform()
        assert transform is not None
        return transform.to_pixel(pane.to_pane(QPointF(place)))

    def drag(
        self,
        start: QPoint,
        end: QPoint,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
        number: int = 1,
    ) -> None:
        pane = self.pane(number)
        QTest.mousePress(pane, button, pos=start)
        move(pane, (start + end) / 2, button)
        move(pane, end, button)
        QTest.mouseRelease(pane, button, pos=end)
        self.settle()


def move(pane: QWidget, to: QPoint, button: Qt.MouseButton) -> None:
    """QTest.mouseMove carries no buttons and is squeezed; send the event itself."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(to),
        QPointF(pane.mapToGlobal(to)),
        Qt.MouseButton.NoButton,
        button,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(pane, event)


def no_documents(executor: StepExecutor) -> DocumentShelf:
    """A shelf over a source whose instances are empty."""
    return DocumentShelf(NoBytes(), executor, PdfProcess())


def make_room(
    qtbot: QtBot,
    *studies: Study,
    arrays: dict[Any, NDArray[Any]] | None = None,
    cache: Callable[[StepExecutor], FrameCache] | None = None,
    preferences: Preferences | None = None,
    documents: Callable[[StepExecutor], DocumentShelf] | None = None,
) -> Room:
    """Show an area in an active window; nothing is open yet.

    Frames are prepared arrays, unless ``cache`` makes another source of them.
    """
    executor = StepExecutor()
    prepared = arrays_of(*studies) if arrays is None else arrays
    area = ReadingArea(
        cache=cache(executor) if cache else cache_of(prepared, executor),
        executor=executor,
        documents=documents(executor) if documents else no_documents(executor),
        resources=RESOURCES,
        author="Dr. Ito",
        now=lambda: NOW,
        preferences=preferences,
    )
    qtbot.addWidget(area, before_close_func=lambda _w: area.shut_down())
    room = Room(area, executor, prepared)
    area.measured.connect(room.measured.append)
    area.to_report.connect(room.reported.append)
    area.without_number.connect(room.numberless.append)
    area.notice.connect(room.notices.append)
    area.informed.connect(room.informed.append)
    area.annotations_changed.connect(room.saved.append)
    area.resize(1100, 700)
    with qtbot.waitExposed(area):
        area.show()
    area.activateWindow()
    qtbot.waitUntil(area.isActiveWindow)
    return room


def grabbed(widget: QWidget) -> NDArray[np.uint8]:
    """What is on the widget as grey levels (the red channel)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return lines[:, : image.width() * 3].reshape(image.height(), image.width(), 3)[..., 0].copy()
