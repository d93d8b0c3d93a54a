"""F57: text and markers above an image are never mirrored, in none of the eight positions."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.kit.viewer import (
    IDENTITY,
    NOW,
    frame_of,
    pixel,
    projection_instance,
    series_of,
    set_of,
    study_of,
)
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.qt import colours
from viewer.qt.area import Area
from viewer.qt.overlay_painter import paint_overlay
from viewer.viewport.corners import Corner, TextLine, load_corners
from viewer.viewport.letters import EdgeLetters
from viewer.viewport.overlay import Marks, Overlay, PaneContext, overlay
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import Viewport

CORNERS = load_corners(Path(__file__).parents[3] / "resources" / "corners.toml")
STATES = list(itertools.product(range(4), (False, True)))
PANE = PaneSize(520, 420)


def _viewport(turns: int, flip: bool) -> tuple[Viewport, Overlay]:
    instance = projection_instance("PA", laterality="R", patient_orientation=("L", "F"))
    series = series_of([instance])
    study = study_of(series)
    view = Viewport()
    view.resize(PANE)
    view.show(set_of(series), {instance.ref.sop: instance})
    if flip:
        view.flip()
    view.turn(turns)
    transform = view.transform()
    assert transform is not None
    context = PaneContext(IDENTITY, study, series)
    return view, overlay(view.state, instance, transform, context, CORNERS, Marks())


def _painted(made: Overlay) -> NDArray[np.uint8]:
    image = QImage(PANE.width, PANE.height, QImage.Format.Format_Grayscale8)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    paint_overlay(painter, made, Area(QRectF(0, 0, PANE.width, PANE.height), 1.0))
    painter.end()
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(PANE.height, -1)
    return lines[:, : PANE.width].copy()


def _without_marks(made: Overlay) -> Overlay:
    """Corners alone, and of them what does not say how the image stands."""
    kept: dict[Corner, tuple[TextLine, ...]] = {
        corner: tuple(
            line for line in lines if "FLIPPED" not in line.text and "TURNED" not in line.text
        )
        for corner, lines in made.corners.items()
        if corner is not Corner.BOTTOM_LEFT
    }
    return replace(made, corners=kept, letters=EdgeLetters(), ruler=None)


@pytest.mark.parametrize(("turns", "flip"), STATES)
def test_f57_the_same_glyphs_stand_in_every_position(turns: int, flip: bool, qtbot: QtBot) -> None:
    plain = _painted(_without_marks(_viewport(0, False)[1]))
    mask = _painted(_without_marks(_viewport(turns, flip)[1]))
    assert np.array_equal(mask, plain)
    assert plain.any()
    assert not np.array_equal(plain, plain[:, ::-1])  # a mirrored mask would be another one


@pytest.mark.parametrize(("turns", "flip"), STATES)
def test_f57_each_letter_is_the_unflipped_glyph_at_its_edge(
    turns: int, flip: bool, qtbot: QtBot
) -> None:
    """L and R change places; each is drawn as a reader writes it."""
    made = _viewport(turns, flip)[1]
    shown = made.letters
    for edge in ("left", "right", "top", "bottom"):
        word = getattr(shown, edge)
        there = replace(_bare(made), letters=replace(EdgeLetters(), **{edge: word}))
        glyph = _cropped(_painted(there))
        off, off_mirrored = _off(glyph, word), _off(glyph[:, ::-1], word)
        assert off < 10
        assert word == "H" or off < off_mirrored / 3  # which is its own mirror


def _off(glyph: NDArray[np.uint8], word: str) -> float:
    """Mean difference from the letter as Qt alone writes it, wherever between pixels it begins."""
    found = [np.inf]
    for right, down in itertools.product(np.arange(0, 1, 0.125), (0.0, 0.25, 0.5, 0.75)):
        usual = _written(word, float(right), down)
        if usual.shape == glyph.shape:
            found.append(float(np.abs(glyph.astype(int) - usual).mean()))
    return float(min(found))


def _written(word: str, right: float, down: float) -> NDArray[np.uint8]:
    image = QImage(60, 60, QImage.Format.Format_Grayscale8)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    font = QFont(painter.font())
    font.setBold(True)
    if font.pixelSize() > 0:
        font.setPixelSize(font.pixelSize() + 3)
    painter.setFont(font)
    painter.setPen(colours.IDENTITY)
    painter.drawText(QPointF(20 + right, 40 + down), word)
    painter.end()
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(60, -1)
    return _cropped(lines[:, :60].copy())


def _cropped(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _bare(made: Overlay) -> Overlay:
    return replace(made, corners={}, ruler=None, letters=EdgeLetters())


@pytest.mark.parametrize(("turns", "flip"), STATES)
def test_f57_what_does_not_stand_as_sent_says_so(turns: int, flip: bool) -> None:
    made = _viewport(turns, flip)[1]
    told = " ".join(line.text for lines in made.corners.values() for line in lines)
    assert ("FLIPPED" in told) is flip
    assert ("TURNED" in told) is bool(turns)


@pytest.mark.parametrize(("turns", "flip"), STATES)
def test_f57_the_label_of_a_length_reads_the_same_and_its_ends_go_with_the_image(
    turns: int, flip: bool, qtbot: QtBot
) -> None:
    view, _ = _viewport(turns, flip)
    instance = view.instance
    transform = view.transform()
    assert instance is not None
    assert transform is not None
    made = Annotation(
        AnnotationId("a"), AnnotationKind.LENGTH, frame_of(instance),
        (pixel(10, 12), pixel(30, 40)), (), None, Provenance("x", NOW),
    )  # fmt: skip
    study = study_of(series_of([instance]))
    context = PaneContext(IDENTITY, study, study.series[0])
    drawn = overlay(view.state, instance, transform, context, CORNERS, Marks((made,)))
    (shape,) = drawn.shapes
    assert shape.points == tuple(transform.to_pane(p) for p in made.pixels)
