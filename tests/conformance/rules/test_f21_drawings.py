"""F21: what a reader drew stands in a presentation state where it stood, and says what it said."""

import io
import math
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from tests.kit.annotations import annotation
from tests.kit.dicom_files import written as image_bytes
from tests.kit.judges import dciodvfy_complaints
from tests.kit.presentation_states import ramp_image
from tests.kit.shown_states import NAMING, image, pane, pixels_of, read_again, state_of, written
from viewer.formats.presentation_state_file import presentation_state_file
from viewer.loading.headers import read_header
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.presentation import Rescale
from viewer.model.presentation_state import (
    GraphicAnnotation,
    GraphicObject,
    GraphicType,
    Place,
    TextBox,
    TextObject,
    Units,
)
from viewer.model.refs import StudyUid
from viewer.model.study import Instance, ProjectionGeometry
from viewer.pixels.pipeline import PixelPipeline
from viewer.viewport.graphics import Caption, Stroke, graphics
from viewer.viewport.shapes import Read, shape_of
from viewer.viewport.state_drawing import drawn_annotation
from viewer.viewport.transform import PanePoint

ROUND = {AnnotationKind.CIRCLE, AnnotationKind.CIRCLE_3, AnnotationKind.ELLIPSE}
ON_IMAGES = [kind for kind in AnnotationKind if not kind.in_space]
SQUARE = image(projection=ProjectionGeometry(imager_spacing=Spacing(0.14, 0.14)))
OBLONG = image(projection=ProjectionGeometry(imager_spacing=Spacing(0.35, 0.14)))


def drawn_by_hand(kind: AnnotationKind, on: Instance) -> Annotation:
    record, shape = KINDS[kind], Ground(on).metric(0).shape
    places = [PixelPoint(10.25 + 7 * n, 12.5 + (n * n) % 23) for n in range(record.points)]
    if record.by_two:
        places = list(record.begin(PixelPoint(10.3, 11.7), PixelPoint(30.1, 25.9), shape))
    return annotation(kind, on, *places, text="words")


def part_of(held: Annotation, on: Instance) -> GraphicAnnotation:
    ground = Ground(on, pixels_of(on))
    return drawn_annotation(held, ground.metric(0, held.pixels), lambda a: read(a, ground), ())


def constant(said: Reading) -> Read:
    return lambda _annotation: said


def distance(points: np.ndarray, path: np.ndarray) -> float:
    """How far the farthest point lies from a line from corner to corner."""
    a, b = path[:-1], path[1:]
    way = b - a
    length = np.maximum((way**2).sum(1), 1e-12)
    part = np.clip(((points[:, None] - a) * way).sum(2) / length, 0, 1)
    return float(
        np.sqrt((((a + part[..., None] * way) - points[:, None]) ** 2).sum(2)).min(1).max()
    )


@pytest.mark.parametrize("kind", ON_IMAGES)
def test_f21_every_kind_stands_where_it_stood(kind: AnnotationKind) -> None:
    for on in (SQUARE, OBLONG):
        held, ground = drawn_by_hand(kind, on), Ground(on, pixels_of(on))
        viewport = pane([on])
        meant = state_of(viewport, [part_of(held, on)])
        again = read_again(written(meant, [on]))
        assert again.annotations == meant.annotations  # to the last bit of float32
        viewport.apply(again)
        place, frame = viewport.transform(), viewport.state.frame
        assert place is not None
        assert frame is not None
        shown = graphics(again, frame, place)
        said = read(held, ground)
        shape = shape_of(held, place, ground.metric(0, held.pixels), constant(said))
        strokes = [np.array(one.points) for one in shown if isinstance(one, Stroke)]
        for path in shape.paths:
            line = np.array(path)
            closed = [np.vstack([s, s[:1]]) for s in strokes if len(s) > 1]
            nearest = min(distance(line, one) for one in closed)
            assert nearest < (0.5 if kind in ROUND else 1e-3)
        (caption,) = [one for one in shown if isinstance(one, Caption)]
        first = shape.label.split("\n")[0].replace("−", "-").replace("⌀", "Ø")
        assert caption.text.split("\n")[0] == first
        assert caption.text


def test_f21_round_shapes_are_circles_and_ellipses() -> None:
    def kinds(kind: AnnotationKind, on: Instance) -> list[GraphicType]:
        return [g.kind for g in part_of(drawn_by_hand(kind, on), on).graphics]

    assert kinds(AnnotationKind.CIRCLE, SQUARE) == [GraphicType.CIRCLE]
    assert kinds(AnnotationKind.CIRCLE, OBLONG) == [GraphicType.ELLIPSE]  # round on the screen
    assert kinds(AnnotationKind.ELLIPSE, SQUARE) == [GraphicType.ELLIPSE]
    ellipse = part_of(drawn_by_hand(AnnotationKind.ELLIPSE, OBLONG), OBLONG).graphics[0].points
    axes = [math.dist(ellipse[n], ellipse[n + 1]) for n in (0, 2)]
    assert axes[0] >= axes[1]  # the major axis first, in pixels
    leaning = annotation(
        AnnotationKind.ELLIPSE, OBLONG, (10, 10), (30, 20), (15.2, 18.1), (24.8, 11.9)
    )
    assert part_of(leaning, OBLONG).graphics[0].kind is GraphicType.POLYLINE


def test_f21_a_line_of_very_many_points_is_written_in_parts() -> None:
    turns = np.linspace(0, 40, 9001)
    places = [PixelPoint(24 + t / 2 * np.cos(t), 30 + t / 2 * np.sin(t)) for t in turns]
    held = annotation(AnnotationKind.CURVE, SQUARE, *places)
    parts = part_of(held, SQUARE).graphics
    assert [len(g.points) for g in parts] == [8000, 1002]
    assert all(a.points[-1] == b.points[0] for a, b in pairwise(parts))
    meant = state_of(pane([SQUARE]), [part_of(held, SQUARE)])
    assert read_again(written(meant, [SQUARE])).annotations == meant.annotations


def test_f21_what_a_state_draws_goes_on_into_the_next_one() -> None:
    """Also what it fixed to its displayed area, once the reader shows another one."""
    own = part_of(drawn_by_hand(AnnotationKind.LENGTH, SQUARE), SQUARE)
    fixed = GraphicAnnotation(
        (),
        "MEASUREMENTS",
        (GraphicObject(Units.DISPLAY, GraphicType.POLYLINE, (Place(0.25, 0.5), Place(0.75, 0.5))),),
        (TextObject("said", TextBox(Units.DISPLAY, Place(0.1, 0.1), Place(0.5, 0.2)), None),),
    )
    first = state_of(pane([SQUARE]), [own, fixed])
    viewport = pane([SQUARE])
    viewport.apply(first)
    assert state_of(viewport).annotations == first.annotations
    assert state_of(viewport, [own]).annotations == (fixed, own)  # drawn once, not twice
    viewport.zoom_at(PanePoint(140.0, 120.0), 3.0)
    viewport.pan(9.0, 4.0)
    second = state_of(viewport)
    assert second.annotations[0] == own
    assert second.annotations[1].graphics[0].units is Units.PIXEL
    assert [layer.name for layer in second.layers] == ["MEASUREMENTS"]
    place, frame = viewport.transform(), viewport.state.frame
    assert place is not None
    assert frame is not None
    shown = graphics(first, frame, place)
    viewport.apply(read_again(written(second, [SQUARE])))
    again = graphics(second, frame, place)
    for one, other in zip(shown, again, strict=True):
        if isinstance(one, Stroke) and isinstance(other, Stroke):
            assert np.allclose(one.points, other.points, atol=1e-3)
        elif isinstance(one, Caption) and isinstance(other, Caption):
            assert np.allclose(one.at, other.at, atol=1e-3)


def test_f21_hostile_words_are_written_as_words(tmp_path: Path) -> None:
    held = replace(drawn_by_hand(AnnotationKind.TEXT, SQUARE), text="a\\b\n\x00=^" + "山" * 2000)
    naming = replace(NAMING, description="x\\y" * 60, creator="O\\Neill=\n")
    meant = state_of(pane([SQUARE]), [part_of(held, SQUARE)], naming=naming)
    data = written(meant, [SQUARE])
    assert dciodvfy_complaints(data, tmp_path, "SoftcopyPresentationState") == []
    (text,) = read_again(data).annotations[0].texts
    assert len(text.text) <= 1024


@pytest.mark.skipif(shutil.which("dcmpschk") is None, reason="dcmtk is not on this machine")
def test_f21_dcmtk_has_nothing_against_any_kind(tmp_path: Path) -> None:
    on = image(modality_lut=Rescale(1.5, -1024, "HU"), projection=SQUARE.projection)
    parts = [part_of(drawn_by_hand(kind, on), on) for kind in ON_IMAGES]
    file = tmp_path / "s.dcm"
    file.write_bytes(written(state_of(pane([on]), parts), [on]))
    done = subprocess.run(["dcmpschk", str(file)], capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode("latin-1")
    assert "Test passed" in said, said


@pytest.mark.skipif(shutil.which("dcmp2pgm") is None, reason="dcmtk is not on this machine")
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("flip", [False, True])
def test_f21_dcmtk_draws_our_states_as_we_do(turns: int, flip: bool, tmp_path: Path) -> None:
    """Window, polarity, turn and flip; within one level, since dcmtk rounds down (F13)."""
    ds = ramp_image(12, Modality="CR", SOPClassUID="1.2.840.10008.5.1.4.1.1.1",
                    StudyInstanceUID="1.2.826.0.1")  # fmt: skip
    data = image_bytes(ds)
    instance = read_header(io.BytesIO(data), name="image").instance
    viewport = pane([instance])
    viewport.set_window(1800, 2311)
    viewport.turn(turns)
    if flip:
        viewport.flip()
        viewport.invert()
    study = StudyUid(instance.ref.study)
    naming = replace(NAMING, ref=replace(NAMING.ref, study=study))
    held = annotation(AnnotationKind.LENGTH, instance, (10, 12), (30, 40))
    meant = state_of(viewport, [part_of_plain(held, instance)], naming=naming)
    state = presentation_state_file(meant, {instance.ref.sop: instance}, io.BytesIO(data))
    files = [tmp_path / name for name in ("i.dcm", "s.dcm", "o.pgm")]
    files[0].write_bytes(data)
    files[1].write_bytes(state)
    command = ["dcmp2pgm", "-p", str(files[1]), str(files[0]), str(files[2])]
    subprocess.run(command, check=True, capture_output=True)
    with Image.open(files[2]) as picture:
        theirs = np.asarray(picture).astype(int)
    pixels = np.frombuffer(ds.PixelData, "<u2").reshape(64, 256)
    look = viewport.state.look
    ours = PixelPipeline.of(instance).p_values(pixels, look, bits=8).astype(int)
    ours = np.rot90(ours[:, ::-1] if look.flip_horizontal else ours, -look.quarter_turns)
    assert theirs.shape == ours.shape
    assert np.abs(ours - theirs).max() <= 1


def part_of_plain(held: Annotation, on: Instance) -> GraphicAnnotation:
    ground = Ground(on)
    return drawn_annotation(held, ground.metric(0, held.pixels), lambda a: read(a, ground), ())


@pytest.mark.parametrize(
    ("turns", "flip", "first", "second"),
    [
        (0, False, [1, 1], [48, 64]),
        (1, False, [1, 64], [48, 1]),  # clockwise: the lower left corner comes up
        (2, False, [48, 64], [1, 1]),
        (3, False, [48, 1], [1, 64]),
        (0, True, [48, 1], [1, 64]),
    ],
)
def test_f21_corners_are_named_as_they_lie_on_the_screen(
    turns: int, flip: bool, first: list[int], second: list[int]
) -> None:
    """PS3.3 C.10.4: upper left and lower right once the image is turned and flipped."""
    viewport = pane([SQUARE])
    viewport.turn(turns)
    if flip:
        viewport.flip()
    (area,) = dcmread(
        io.BytesIO(written(state_of(viewport), [SQUARE]))
    ).DisplayedAreaSelectionSequence
    assert area.DisplayedAreaTopLeftHandCorner == first
    assert area.DisplayedAreaBottomRightHandCorner == second
    place = viewport.transform()
    assert place is not None
    corner = place.to_pane(PixelPoint(first[0] - 1, first[1] - 1))
    other = place.to_pane(PixelPoint(second[0] - 1, second[1] - 1))
    assert corner.x < other.x
    assert corner.y < other.y
