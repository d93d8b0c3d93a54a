"""Shapes of known size in the images of ClearCanvas, drawn by the pointer in the window itself."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.contract.measure.test_clearcanvas import CIRCLE, DRAWN, SQUARE, TRIANGLES, box
from tests.kit.real_area import RealArea, real_area
from viewer.measure.registry import Measured
from viewer.model.geometry import PixelPoint
from viewer.model.measurement import Unit
from viewer.model.refs import FrameRef
from viewer.model.study import Instance

Place = tuple[float, float]
FOLDER = "measurement-roi-clearcanvas"
SIMPLE = (
    ("tool.rectangle", SQUARE, 10000, 255.0, 0.0),
    ("tool.rectangle", SQUARE, 10000, 128.3, 73.98),
    ("tool.rectangle", SQUARE, 10000, 127.9, 52.05),
    ("tool.ellipse", (36, 100, 215, 190), 12652.76, 255.0, 0.0),
    ("tool.ellipse", CIRCLE, 17671.46, 255.0, 0.0),
    ("tool.circle", CIRCLE, 17671.46, 169.122, 59.527),
)
LOOKS = ((), ("view.turn", "view.flip"), ("view.zoom_in", "view.turn"))
"""What is done to the view before it is drawn: the numbers do not know."""


@pytest.fixture
def room(qtbot: QtBot, shared_dicom: Path) -> Iterator[RealArea]:
    where = shared_dicom / FOLDER
    if not where.is_dir():
        pytest.skip("the shared images are not here")
    files = [*sorted(where.glob("simple*.dcm")), *sorted(where.glob("aspect*.dcm"))]
    made = real_area(files, size=(1100, 900))
    yield made
    made.area.shut_down()
    made.area.deleteLater()


def _send(room: RealArea, what: QEvent.Type, at: QPointF, *, held: bool) -> None:
    """At a place between device pixels, which no call of QTest gives."""
    pane, none, left = room.pane(), Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    button = none if what is QEvent.Type.MouseMove else left
    event = QMouseEvent(what, at, pane.mapToGlobal(at), button, left if held else none,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(pane, event)


def at(room: RealArea, corner: Place) -> QPointF:
    """Where a place is in the pane; the pictures count from the corner of the first pixel."""
    transform = room.pane().viewport.transform()
    assert transform is not None
    return room.pane().from_pane(transform.to_pane(PixelPoint(corner[0] - 0.5, corner[1] - 0.5)))


def drag(room: RealArea, *places: Place) -> None:
    first, *others = (at(room, place) for place in places)
    _send(room, QEvent.Type.MouseButtonPress, first, held=True)
    for place in others:
        _send(room, QEvent.Type.MouseMove, (first + place) / 2, held=True)
        _send(room, QEvent.Type.MouseMove, place, held=True)
    _send(room, QEvent.Type.MouseButtonRelease, others[-1], held=False)
    room.settle()


def click(room: RealArea, places: Sequence[Place]) -> None:
    for place in (at(room, one) for one in places):
        _send(room, QEvent.Type.MouseMove, place, held=False)
        _send(room, QEvent.Type.MouseButtonPress, place, held=True)
        _send(room, QEvent.Type.MouseButtonRelease, place, held=False)
    room.settle()


def found(room: RealArea) -> tuple[dict[str, float], Measured]:
    """The numbers of the last annotation by key, as the report is told them."""
    one = room.area.annotations()[-1]
    made = room.area._measuring.measure(one.id)
    assert made is not None
    return {m.id.partition("/")[2]: m.value for m in (made.measurement, *made.others)}, made


def show(room: RealArea, number: int, image: Instance) -> None:
    """Go to an image and look at it in one way or another."""
    ref = image.ref
    room.area.go_to(FrameRef(ref.study, ref.series, ref.sop, 0))
    room.do("view.reset", *LOOKS[number % len(LOOKS)])


def images_of(room: RealArea, study: int) -> list[Instance]:
    room.open(study)
    return [i for series in room.studies[study].series for i in series.instances]


def test_squares_and_ellipses_drawn_by_hand_in_every_view(room: RealArea) -> None:
    images = images_of(room, 0)
    for number, (image, truth) in enumerate(zip(images, SIMPLE, strict=True)):
        if number in {1, 4}:
            continue  # as their neighbours
        tool, (left, top, right, bottom), area, mean, deviation = truth
        show(room, number, image)
        room.do(tool)
        if tool == "tool.circle":
            drag(room, ((left + right) / 2, (top + bottom) / 2), (right, (top + bottom) / 2))
        else:
            drag(room, (left, top), (right, bottom))
        values, made = found(room)
        assert values[""] == pytest.approx(area, rel=1e-5)
        assert made.measurement.unit is Unit.PIXEL_2
        assert values["mean"] == pytest.approx(mean, abs=DRAWN)
        assert values["deviation"] == pytest.approx(deviation, abs=DRAWN)
        assert values["pixels"] == pytest.approx(area, rel=0.002)
    show(room, 1, images[0])
    room.do("annotation.next", "annotation.delete", "tool.length")
    a, _, c, _ = box(*SQUARE)
    drag(room, a, c)
    assert found(room)[1].label == "141.4 px"


def test_triangles_of_every_pixel_shape_drawn_by_hand(room: RealArea) -> None:
    """Pixel Spacing is told, but of no modality for which it is true in the patient."""
    areas = {"1": 17300, "wide": 23095.5, "narrow": 23100}
    images = images_of(room, 1)
    for number in (2, 7, 9):
        image, shape = images[number], ("1", "wide", "narrow")[number // 4]
        show(room, number, image)
        room.do("tool.polygon")
        click(room, [*TRIANGLES[shape], TRIANGLES[shape][0]])
        values, made = found(room)
        assert values[""] == pytest.approx(areas[shape], rel=1e-6)
        assert made.measurement.unit is Unit.PIXEL_2
        assert values["mean"] == pytest.approx(254.5, abs=1.0)
        room.do("annotation.delete")  # else its corners are taken hold of
        top, left, right = TRIANGLES[shape]
        room.do("tool.angle")
        click(room, [left, top, right])
        assert found(room)[0][""] == pytest.approx(60, abs=0.15)
