"""F21: graphics of a state in screen space, layer above layer."""

import io
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.kit.dicom_files import written
from tests.kit.presentation_states import area, drawn, graphic, item, layer, ramp_image, read, state
from viewer.loading.headers import read_header
from viewer.model.presentation_state import Justification
from viewer.model.refs import FrameRef
from viewer.model.shutter import Lab
from viewer.pixels.cielab import to_srgb
from viewer.viewport.graphics import Caption, Graphic, Stroke, graphics
from viewer.viewport.softcopy import look_of
from viewer.viewport.transform import PaneSize, PaneTransform

PANE = PaneSize(512, 512)


def drawn_by(ds: Dataset) -> tuple[Graphic, ...]:
    instance = read_header(io.BytesIO(written(ramp_image(8))), name="image").instance
    made = read(ds)
    frame = FrameRef(instance.ref.study, instance.ref.series, instance.ref.sop)
    look = look_of(made, frame, instance)
    transform = PaneTransform.of(64, 256, 1.0, PANE, look)
    return graphics(made, frame, transform)


def annotated(*graphics: Dataset, texts: Any = (), **values: Any) -> Dataset:
    facts: dict[str, Any] = {
        "GraphicLayerSequence": [layer()],
        "GraphicAnnotationSequence": [drawn(*graphics, texts=texts)],
        "DisplayedAreaSelectionSequence": [area((1, 1), (256, 64))],
    }
    return state(**{**facts, **values})


def one(ds: Dataset) -> Stroke:
    (stroke,) = drawn_by(ds)
    assert isinstance(stroke, Stroke)
    return stroke


def corners(stroke: Stroke) -> list[tuple[float, float]]:
    return [(round(p.x, 4), round(p.y, 4)) for p in stroke.points]


def test_f21_pixel_units_count_from_the_outer_edge_of_the_first_pixel() -> None:
    stroke = one(annotated(graphic("POLYLINE", 0, 0, 256, 64)))
    assert corners(stroke) == [(0, 192), (512, 320)]
    assert not stroke.closed


def test_f21_graphics_turn_with_the_image_and_display_units_do_not() -> None:
    ds = annotated(
        graphic("POINT", 0, 0),
        graphic("POINT", 0, 0, units="DISPLAY"),
        graphic("POINT", 1, 1, units="DISPLAY"),
        ImageRotation=90,
    )
    places = [corners(s)[0] for s in drawn_by(ds) if isinstance(s, Stroke)]
    assert places == [(320, 0), (192, 0), (320, 512)]


def test_f21_display_units_are_of_the_displayed_area() -> None:
    part = [area((65, 1), (128, 64))]
    ds = annotated(graphic("POINT", 0.5, 0, units="DISPLAY"), DisplayedAreaSelectionSequence=part)
    assert corners(one(ds)) == [(256, 0)]


def test_f21_circles_and_ellipses_go_through_their_points() -> None:
    circle = one(annotated(graphic("CIRCLE", 100, 30, 110, 30, GraphicFilled="Y")))
    assert circle.closed
    assert circle.filled
    assert max(p.x for p in circle.points) == pytest.approx(220)
    assert min(p.y for p in circle.points) == pytest.approx(192 + 40, abs=0.1)
    ellipse = one(annotated(graphic("ELLIPSE", 80, 30, 120, 30, 100, 20, 100, 40)))
    assert max(p.x for p in ellipse.points) == pytest.approx(240)
    assert max(p.y for p in ellipse.points) == pytest.approx(192 + 80)


def test_f21_curves_pass_every_point_and_close_where_they_begin() -> None:
    given = (10, 10, 50, 40, 90, 10, 10, 10)
    stroke = one(annotated(graphic("INTERPOLATED", *given)))
    assert stroke.closed
    for x, y in zip(given[::2], given[1::2], strict=True):
        assert (2 * x, 192 + 2 * y) in corners(stroke)
    assert len(stroke.points) > 12


def test_f21_layers_lie_above_each_other_in_their_order_and_colour() -> None:
    ds = state(
        DisplayedAreaSelectionSequence=[area((1, 1), (256, 64))],
        GraphicLayerSequence=[
            layer("HIGH", 7, GraphicLayerRecommendedDisplayGrayscaleValue=32768),
            layer("LOW", -1, GraphicLayerRecommendedDisplayCIELabValue=[34885, 53485, 50171]),
            layer("MIDDLE", 3),
        ],
        GraphicAnnotationSequence=[
            drawn(graphic("POINT", 1, 1), on="HIGH"),
            drawn(graphic("POINT", 2, 2), on="LOW"),
            drawn(graphic("POINT", 3, 3), on="MIDDLE"),
        ],
    )
    strokes = [s for s in drawn_by(ds) if isinstance(s, Stroke)]
    assert [corners(s)[0][0] for s in strokes] == [4, 6, 2]
    assert [s.colour for s in strokes[1:]] == [None, (128, 128, 128)]


@pytest.mark.parametrize(
    ("lab", "srgb"),
    [
        (Lab(0, 0, 0), (0, 0, 0)),
        (Lab(100, 0, 0), (255, 255, 255)),
        (Lab(53.585, 0, 0), (128, 128, 128)),
        (Lab(54.29, 80.81, 69.89), (255, 0, 0)),
        (Lab(87.82, -79.29, 80.99), (0, 255, 0)),
        (Lab(29.57, 68.30, -112.03), (0, 0, 255)),
    ],
)
def test_f21_layer_colours_are_those_of_cielab_under_d50(
    lab: Lab, srgb: tuple[int, int, int]
) -> None:
    assert all(abs(ours - theirs) <= 1 for ours, theirs in zip(to_srgb(lab), srgb, strict=True))


def text(**values: Any) -> Dataset:
    facts: dict[str, Any] = {
        "UnformattedTextValue": "note",
        "BoundingBoxAnnotationUnits": "PIXEL",
        "BoundingBoxTopLeftHandCorner": [100, 10],
        "BoundingBoxBottomRightHandCorner": [140, 20],
        "BoundingBoxTextHorizontalJustification": "CENTER",
    }
    return item(**{**facts, **values})


def captions(ds: Dataset) -> list[Caption]:
    return [one for one in drawn_by(ds) if isinstance(one, Caption)]


def test_f21_texts_begin_at_the_upper_left_of_their_box_also_when_flipped() -> None:
    (plain,) = captions(annotated(texts=[text()]))
    assert (round(plain.at.x), round(plain.at.y), round(plain.width)) == (200, 212, 80)
    assert plain.justification is Justification.CENTER
    (flipped,) = captions(annotated(texts=[text()], ImageHorizontalFlip="Y"))
    assert (round(flipped.at.x), round(flipped.width)) == (512 - 280, 80)


def test_f21_a_visible_anchor_gets_a_line_from_the_box() -> None:
    anchored = {"AnchorPointAnnotationUnits": "PIXEL", "AnchorPoint": [120, 40]}
    (seen,) = captions(annotated(texts=[text(AnchorPointVisibility="Y", **anchored)]))
    assert seen.leader is not None
    assert [(round(p.x), round(p.y)) for p in seen.leader] == [(240, 232), (240, 272)]
    (hidden,) = captions(annotated(texts=[text(AnchorPointVisibility="N", **anchored)]))
    assert hidden.leader is None


def test_f21_a_text_without_a_box_stands_at_its_anchor() -> None:
    alone = item(
        UnformattedTextValue="note",
        AnchorPointAnnotationUnits="DISPLAY",
        AnchorPoint=[0.5, 0.5],
        AnchorPointVisibility="Y",
    )
    (caption,) = captions(annotated(texts=[alone]))
    assert (caption.at, caption.width, caption.leader) == ((256, 256), 0, None)
