"""What stands above the image: corners, marks, ruler, shapes, and the words for them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.kit.viewer import (
    IDENTITY,
    NOW,
    chest,
    ct_instance,
    frame_of,
    pixel,
    projection_instance,
    series_of,
    shown,
    study_of,
)
from viewer.calibration.spacing import Scale, scale_of
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.colour import ColourProfile, ScreenColours
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.measurement import CalibrationKind
from viewer.model.presentation import Presentation, VoiFunction, VoiLut, Window
from viewer.model.study import Instance, ProjectionGeometry, Series, Study
from viewer.viewport.corners import Corner, LineRule, Role, load_corners
from viewer.viewport.overlay import Marks, Overlay, PaneContext, overlay, series_title
from viewer.viewport.review import Review
from viewer.viewport.ruler import ruler
from viewer.viewport.transform import PaneSize, PaneTransform
from viewer.viewport.viewport import Viewport
from viewer.viewport.words import (
    date_text,
    description,
    number_text,
    plane_text,
    position_text,
    time_text,
    turned_text,
    window_text,
    zoom_text,
)

MASKS = "1.2.840.10008.5.1.4.1.1.66.4"
RULES: tuple[LineRule, ...] = load_corners(Path(__file__).parents[4] / "resources/corners.toml")


def _overlay(
    viewport: Viewport, study: Study, marks: Marks | None = None, **context: Any
) -> Overlay:
    instance, transform = viewport.instance, viewport.transform()
    assert instance is not None
    assert transform is not None
    pane = PaneContext(IDENTITY, study, study.series[0], **context)
    return overlay(viewport.state, instance, transform, pane, RULES, marks or Marks())


def _texts(found: Overlay, role: Role | None = None) -> list[str]:
    lines = [line for corner in Corner for line in found.corners[corner]]
    return [line.text for line in lines if role is None or line.role is role]


def _study_of(instance: Instance) -> Study:
    return study_of(series_of([instance]))


def test_corners_of_a_ct() -> None:
    study = chest(7)
    viewport = shown(study)
    viewport.go_to_index(2)
    found = _overlay(viewport, study)
    assert [x.text for x in found.corners[Corner.TOP_LEFT]] == [
        "DOE^JANE",
        "4711",
        "1972-03-04 F 54 y",
    ]
    texts = _texts(found)
    for expected in (
        "CT chest",
        "2026-11-24 10:15",
        "ACC-1",
        "Image 3/7",
        "W 400 L 40 SOFT",
        "H 2.0 mm",
        "1 mm thick",
        "Series 3 Chest thin",
        "Zoom 10.00 · interpolated",
    ):
        assert expected in texts
    assert _texts(found, Role.WARNING) == []


def test_priors_and_currents_are_told_apart() -> None:
    study = chest()
    assert "CURRENT" in _texts(_overlay(shown(study), study, compared=True))
    prior = _overlay(shown(study), study, compared=True, prior=True)
    assert _texts(prior, Role.WARNING) == ["PRIOR 2026-11-24"]
    assert "CURRENT" not in _texts(prior)
    assert "Scroll linked" in _texts(
        _overlay(shown(study), study, review=Review(links="Scroll linked"))
    )


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"lossy": "JPEG 10:1"}, "LOSSY JPEG 10:1"),
        ({"sop_class": "1.2.840.10008.5.1.4.1.1.7.1"}, "Secondary capture"),
        ({"image_type": ("DERIVED", "SECONDARY")}, "Derived image"),
        ({"sop_class": MASKS}, "SEGMENTATION"),
        (
            {"sop_class": MASKS, "split_keys": {"Segment": "2 Liver"}},
            "SEGMENTATION · segment 2 Liver",
        ),
    ],
)
def test_marks_that_warn(changes: dict[str, Any], mark: str) -> None:
    study = chest(**changes)
    assert _texts(_overlay(shown(study), study), Role.WARNING) == [mark]


def test_header_text_and_first_warning_of_the_set_are_shown() -> None:
    study = chest(corner={"ImageComments": "SYNTHETIC", "SliceThickness": "thin"})
    viewport = shown(study)
    target = viewport.state.target
    assert target is not None
    viewport.grow(
        replace(target, warnings=("A slice is missing.",)),
        {i.ref.sop: i for i in study.series[0].instances},
    )
    texts = _texts(_overlay(viewport, study))
    assert "SYNTHETIC" in texts
    assert "A slice is missing." in texts
    assert "thin mm thick" in texts


def test_an_image_of_another_patient_says_so() -> None:
    study = chest()
    other = replace(study, patient=replace(study.patient, id="4712"))
    assert _texts(_overlay(shown(other), other), Role.WARNING) == ["IMAGE SAYS PATIENT ID 4712"]
    nameless = replace(study, patient=replace(study.patient, id=" "))
    assert _texts(_overlay(shown(nameless), nameless), Role.WARNING) == []


def test_a_flipped_projection_says_so_and_its_letters_change() -> None:
    study = _study_of(projection_instance("PA", laterality="R"))
    viewport = shown(study)
    before = _overlay(viewport, study)
    viewport.flip()
    viewport.turn(1)
    after = _overlay(viewport, study)
    assert (before.letters.left, before.letters.bottom) == ("R", "F")
    assert (after.letters.top, after.letters.left) == ("L", "F")
    assert "FLIPPED TURNED 90°" in _texts(after, Role.WARNING)
    assert "R PA" in _texts(after)


def _annotation(instance: Instance, name: str = "a") -> Annotation:
    return Annotation(
        AnnotationId(name),
        AnnotationKind.LENGTH,
        frame_of(instance),
        (pixel(10, 10), pixel(20, 10)),
        (),
        None,
        Provenance("Ito", NOW),
    )


def test_shapes_with_labels() -> None:
    study = chest(spacing=Spacing(0.5, 0.5))
    viewport = shown(study)
    instance, transform = viewport.instance, viewport.transform()
    assert instance is not None
    assert transform is not None
    held = _annotation(instance)
    moved = replace(held, pixels=(pixel(10, 10), pixel(30, 10)))
    (shape,) = _overlay(viewport, study, Marks([held], None, held.id)).shapes
    assert (shape.label, shape.selected, shape.drawing) == ("5.0 mm", True, False)
    assert shape.points[1] == transform.to_pane(pixel(20, 10))
    (shape,) = _overlay(viewport, study, Marks([held], moved)).shapes
    assert (shape.label, shape.selected, shape.drawing) == ("10.0 mm", False, True)
    elsewhere = _annotation(study.series[0].instances[1], "b")
    assert len(_overlay(viewport, study, Marks([held], elsewhere)).shapes) == 1


def _fitted(instance: Instance, pane: PaneSize, look: Presentation | None = None) -> PaneTransform:
    assert instance.format is not None
    return PaneTransform.of(
        instance.format.rows, instance.format.columns, 1.0, pane, look or Presentation()
    )


@pytest.mark.parametrize(
    ("zoom", "length", "label", "parts"),
    [
        (1.0, 200, "20 cm", 4),
        (2.0, 100, "10 cm", 10),
        (5.0, 50, "5 cm", 5),
        (40.0, 5, "5 mm", 5),
    ],
)
def test_the_ruler_is_a_round_length(zoom: float, length: float, label: str, parts: int) -> None:
    instance = ct_instance(spacing=Spacing(1, 1))
    transform = _fitted(instance, PaneSize(800, 1000), Presentation(zoom=zoom))
    found = ruler(scale_of(instance), transform)
    assert found is not None
    assert (found.millimetres, found.label, found.parts) == (length, label, parts)
    assert found.pixels == pytest.approx(length * zoom)
    assert found.pixels <= 300
    assert found.word == ""


def test_the_ruler_says_where_it_holds_and_is_absent_without_a_unit() -> None:
    pane = PaneSize(800, 1000)
    facts = ProjectionGeometry(imager_spacing=Spacing(0.2, 0.2))
    instance = projection_instance("PA", projection=facts)
    found = ruler(scale_of(instance), _fitted(instance, pane))
    assert found is not None
    assert found.word == "at detector"
    plain = projection_instance("PA")
    assert ruler(scale_of(plain), _fitted(plain, pane)) is None


def test_the_ruler_measures_the_axis_that_runs_down_the_pane() -> None:
    instance = ct_instance()
    scale = Scale(Spacing(1.0, 4.0), CalibrationKind.PATIENT, "", "")
    upright = ruler(scale, _fitted(instance, PaneSize(800, 1000), Presentation(zoom=2)))
    lying = ruler(
        scale, _fitted(instance, PaneSize(800, 1000), Presentation(zoom=2, quarter_turns=1))
    )
    assert upright is not None
    assert lying is not None
    assert upright.pixels / upright.millimetres == pytest.approx(2.0)
    assert lying.pixels / lying.millimetres == pytest.approx(0.5)


def test_words() -> None:
    assert date_text("20261124") == "2026-11-24"
    assert date_text("1997") == "1997"
    assert time_text("101500.00") == "10:15"
    assert time_text("") == ""
    assert [number_text(v) for v in (-600.0, 0.5, 1234.6, -0.0, 40)] == [
        "−600",
        "0.5",
        "1235",
        "0",
        "40",
    ]
    assert zoom_text(1.0) == "Zoom 1:1"
    assert zoom_text(1.0, 0.5) == "Zoom 1.00 · interpolated"
    assert turned_text(Presentation(quarter_turns=3)) == "TURNED 270°"


@pytest.mark.parametrize(
    ("look", "text", "words"),
    [
        (Presentation(), "Window: minimum to maximum", "window minimum to maximum"),
        (
            Presentation(Window(40, 400, "Brain"), invert=True),
            "W 400 L 40 Brain · inverted",
            "window Brain centre 40 width 400",
        ),
        (
            Presentation(Window(1, 2, "", VoiFunction.LINEAR_EXACT)),
            "W 2 L 1 linear exact",
            "window centre 1 width 2",
        ),
        (Presentation(VoiLut(0, (1,), 8, "HARD")), "VOI LUT HARD", "VOI LUT HARD"),
    ],
)
def test_window_words(look: Presentation, text: str, words: str) -> None:
    assert window_text(look, grey=True) == text
    assert window_text(look, grey=False) == "Colour: sRGB"
    study = chest(3)
    viewport = shown(study)
    viewport.look_like(look)
    said = description(viewport.state, study.series[0], viewport.plane, grey=True)
    assert said == f"Series 3 Chest thin, frame 1 of 3, {words}, axial plane"


def test_words_for_counts_without_a_window_and_for_colours_of_a_screen() -> None:
    study = chest(2, windows=(), modality="NM")
    counts = replace(study.series[0], modality="NM")
    viewport = shown(study)
    assert (
        window_text(Presentation(), grey=True, from_zero=True) == "Window: 0 to nearly all counts"
    )
    said = description(viewport.state, counts, None, grey=True)
    assert "window 0 to nearly all counts" in said
    viewport.know_colours(ScreenColours(ColourProfile(b""), "room 3.icc"))
    said = description(viewport.state, counts, None, grey=False)
    assert "colour for this screen" in said
    as_sent = replace(viewport.state, look=Presentation(colours_as_sent=True))
    assert "colour as sent" in description(as_sent, counts, None, grey=False)


def test_a_description_without_number_plane_or_grey() -> None:
    series = replace(chest(2).series[0], number=None)
    viewport = shown(study_of(series))
    said = description(viewport.state, series, None, grey=False)
    assert said == "Series Chest thin, frame 1 of 2, colour"
    assert series_title(series) == "Chest thin"


@pytest.mark.parametrize(
    ("row", "column", "name", "position"),
    [
        ((1, 0, 0), (0, 1, 0), "axial", "F 30.5 mm"),
        ((1, 0, 0), (0, 0, -1), "coronal", "P 20.0 mm"),
        ((0, 1, 0), (0, 0, -1), "sagittal", "R 10.0 mm"),
        ((1, 0, 0), (0, 0.8, 0.6), "oblique axial", "F 30.5 mm"),
    ],
)
def test_planes_have_names_and_places(
    row: tuple[float, ...], column: tuple[float, ...], name: str, position: str
) -> None:
    plane = ImagePlane(PointLps(-10, 20, -30.5), PointLps(*row), PointLps(*column), Spacing(1, 1))
    assert plane_text(plane) == name
    assert position_text(plane) == position
    assert (plane_text(None), position_text(None)) == ("", "")


def test_a_series_is_named_by_what_it_has() -> None:
    series = chest().series[0]
    nameless: Series = replace(series, description="", protocol="Thorax")
    assert series_title(nameless) == "Series 3 Thorax"
