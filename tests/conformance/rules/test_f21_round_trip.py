"""F21: what a pane shows is written as a presentation state and, read again, shows the same."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.kit.fusion import fusion_of
from tests.kit.judges import dciodvfy_complaints
from tests.kit.report_images import headers
from tests.kit.shown_states import (
    NAMING,
    image,
    looks,
    pane,
    picture,
    read_again,
    state_of,
    written,
)
from viewer.errors import HeaderError, UnsupportedSopClass
from viewer.formats.presentation_state_file import presentation_state_file
from viewer.loading.shutters import cielab
from viewer.model.geometry import Spacing
from viewer.model.overlay_plane import OverlayPlane
from viewer.model.presentation import (
    Area,
    ColourMap,
    ImageEdge,
    MaskLook,
    ModalityLut,
    Presentation,
    PresentationLut,
    Rescale,
    Window,
)
from viewer.model.presentation_state import SizeMode, StateKind
from viewer.model.refs import StudyUid
from viewer.model.shutter import Circle, Rectangle, Shutter, Vertex
from viewer.model.study import FrameFacts, Instance, Photometric, ProjectionGeometry
from viewer.pixels.bitmaps import packed
from viewer.viewport.transform import PanePoint, PaneSize
from viewer.viewport.true_size import show_true_size
from viewer.viewport.viewport import Viewport

LOOKS = looks()
PLAIN = image()
assert PLAIN.format is not None
IMAGES: dict[str, Instance] = {
    "plain": PLAIN,
    "monochrome 1": image(format=replace(PLAIN.format, photometric=Photometric.MONOCHROME1)),
    "oblong pixels": image(
        projection=ProjectionGeometry(imager_spacing=Spacing(0.35, 0.14)),
        modality_lut=Rescale(0.7, -24.5, "OD"),
    ),
    "modality table": image(
        modality_lut=ModalityLut(-2000, tuple(range(0, 64000, 8)), ""), pixel_aspect=(4, 3)
    ),
}


def drawn_again(before: Viewport, instances: list[Instance]) -> Viewport:
    after = pane(instances, size=before.state.pane)
    after.apply(read_again(written(state_of(before), instances)))
    after.go_to_index(before.state.index)
    return after


FEW = ("inverted", "minimum to maximum", "table", "turned by 3 and flipped")


@pytest.mark.parametrize(
    ("kind", "look"),
    [(kind, look) for kind in IMAGES for look in (LOOKS if kind == "plain" else FEW)],
)
def test_f21_every_look_comes_back_to_the_last_pixel(kind: str, look: str) -> None:
    instance = IMAGES[kind]
    before = pane([instance])
    LOOKS[look](before)
    after = drawn_again(before, [instance])
    assert after.state.governed
    # without a window, values that are no integers may fall on either side of half a level (F13)
    ties = (kind, look) == ("oblong pixels", "minimum to maximum")
    assert np.abs(picture(before) - picture(after).astype(int)).max() <= int(ties)
    if look == "enlarged and moved" and kind == "plain":
        assert len(np.unique(picture(before))) > 100
        assert not np.array_equal(picture(before), picture(pane([instance])))


def test_f21_a_file_says_what_was_meant_number_by_number() -> None:
    before = pane([PLAIN])
    LOOKS["turned by 1 and flipped"](before)
    before.set_window(1033.6180339887, 1701.25)
    meant = state_of(before)
    read = read_again(written(meant, [PLAIN]))
    assert read == meant
    assert read.voi[0].windows[0].centre == 1033.6180339887
    assert (read.rotation, read.flip) == (90, True)
    area, place = read.areas[0], before.transform()
    assert place is not None
    assert area.placing == (place.zoom, place.offset_x, place.offset_y)
    assert area.magnification == pytest.approx(place.zoom, rel=2**-24)


def test_f21_without_what_stands_beside_it_the_standard_area_is_near() -> None:
    """What another program sees, and what is left when it has changed the area."""
    before = pane([PLAIN])
    before.zoom_at(PanePoint(140.0, 120.0), 3.7)
    before.pan(9.3, -5.2)
    read = read_again(written(state_of(before), [PLAIN]))
    area = read.areas[0]
    assert min(area.left, area.top) >= 0
    after = pane([PLAIN])
    for changed in (
        replace(area, placing=None),
        replace(area, left=area.left + 1),
        replace(area, magnification=1.5),
        replace(area, fine=None),
        replace(area, placing=area.placing._replace(right=900.0) if area.placing else None),
    ):
        after.apply(replace(read, areas=(changed,)))
        assert after.state.look.area is not None
        assert after.state.look.zoom == changed.magnification
    places = [v.transform() for v in (before, after)]
    assert places[0] is not None
    assert places[1] is not None
    assert abs(places[0].offset_x - places[1].offset_x) <= 0.5 * places[0].zoom + 0.01
    assert abs(places[0].offset_y - places[1].offset_y) <= 0.5 * places[0].zoom + 0.01


def test_f21_the_standard_area_is_of_the_image_alone() -> None:
    """Programs that read corners without a sign would show nothing."""
    before = pane([PLAIN])
    LOOKS["enlarged and moved"](before)
    area = state_of(before).areas[0]
    assert area.fine is not None
    assert area.fine.left < 0
    assert area.left == 0
    before.pan(5000.0, 0.0)  # nothing of the image is left in the pane
    area = state_of(before).areas[0]
    assert (area.left, area.top, area.right, area.bottom) == (0, 0, 48, 64)
    after = drawn_again(before, [PLAIN])
    assert after.state.look.offset == before.state.look.offset


def test_f21_true_size_is_written_as_such_and_holds_on_another_screen() -> None:
    instance = image(projection=ProjectionGeometry(imager_spacing=Spacing(0.14, 0.14)))
    before = pane([instance], screen_mm=0.2)
    assert show_true_size(before) == ""
    read = read_again(written(state_of(before), [instance]))
    assert (read.areas[0].mode, read.areas[0].column_spacing) == (SizeMode.TRUE_SIZE, 0.14)
    after = pane([instance], screen_mm=0.2)
    after.apply(read)
    assert np.array_equal(picture(before), picture(after))
    other = pane([instance], screen_mm=0.1)
    other.apply(read)
    place = other.transform()
    assert place is not None
    assert place.zoom == pytest.approx(1.4)


def test_f21_a_breast_on_the_edge_of_its_pane_stays_there() -> None:
    look = Presentation(
        edge=ImageEdge.RIGHT, area=Area(-3.7, -11.3, 51.7, 75.3), flip_horizontal=True
    )
    before = pane([PLAIN], look)
    after = drawn_again(before, [PLAIN])
    assert np.array_equal(picture(before), picture(after))
    smaller = pane([PLAIN], look, size=PaneSize(200, 90))
    after.resize(PaneSize(200, 90))
    assert np.array_equal(picture(smaller), picture(after))


SHUTTERS = {
    "rectangle": Shutter(Rectangle(5, 40, 3, 50), p_value=20000),
    "circle": Shutter(circle=Circle(30, 22, 17), colour=cielab((32768, 36000, 25000))),
    "polygon": Shutter(polygon=(Vertex(3, 4), Vertex(60, 9), Vertex(31, 47))),
    "all": Shutter(
        Rectangle(-5, 44, 3, 70),
        Circle(30, 22, 25),
        (Vertex(3, 4), Vertex(60, 9), Vertex(31, 47)),
        p_value=65535,
    ),
}


@pytest.mark.parametrize("name", SHUTTERS)
def test_f21_shutters_come_back(name: str) -> None:
    instance = image(shutter=SHUTTERS[name])
    before = pane([instance])
    before.invert()
    LOOKS["enlarged and moved"](before)
    after = drawn_again(before, [instance])
    assert np.array_equal(picture(before), picture(after))
    before.toggle_shutter()
    shown = picture(before)
    again = drawn_again(before, [instance])
    assert np.array_equal(shown, picture(again))
    assert not np.array_equal(shown, picture(after))


def test_f21_overlays_and_a_bitmap_shutter_come_back() -> None:
    mark, hide = OverlayPlane(0x6000, 20, 21, 5, -3), OverlayPlane(0x6004, 64, 48, label="cover")
    bits = np.random.default_rng(4)
    bitmaps = [
        packed(plane, bits.integers(0, 2, (plane.rows, plane.columns)).astype(np.bool_))
        for plane in (mark, hide)
    ]
    instance = image(overlays=(mark, hide), shutter=Shutter(bitmap_group=0x6004, p_value=30000))
    others = [instance, image(1, overlays=(mark, hide), shutter=instance.shutter)]
    before = pane(others)
    meant = state_of(before, bitmaps=bitmaps)
    read = read_again(written(meant, others))
    assert [one.sop for one in read.references] == [instance.ref.sop]  # each has bits of its own
    after = pane(others)
    after.apply(read)
    assert np.array_equal(picture(before, bitmaps=bitmaps), picture(after, bitmaps=bitmaps))
    before.toggle_overlays()
    after.apply(read_again(written(state_of(before, bitmaps=bitmaps), others)))
    assert np.array_equal(picture(before, bitmaps=bitmaps), picture(after, bitmaps=bitmaps))


def test_f21_a_state_of_a_state_says_the_same() -> None:
    before = pane([PLAIN])
    table = PresentationLut(tuple(n * n for n in range(64)), 12, "square")
    LOOKS["turned by 3"](before)
    first = replace(state_of(before), presentation_lut=table)
    shown = pane([PLAIN])
    shown.apply(first)
    assert state_of(shown) == first
    shown.invert()
    shown.pan(11.0, 3.0)
    after = drawn_again(shown, [PLAIN])
    assert np.array_equal(picture(shown), picture(after))


def test_f21_each_image_keeps_its_window_until_the_reader_sets_one() -> None:
    stack = [image(n, windows=(Window(1000 + 50 * (n // 2), 900),)) for n in range(4)]
    stack.append(image(4, modality_lut=Rescale(2.0, 0.0, "")))
    before = pane(stack)
    before.zoom_at(PanePoint(20.0, 20.0), 2.0)
    read = read_again(written(state_of(before), stack))
    assert [one.sop for one in read.references] == [i.ref.sop for i in stack[:4]]
    after = pane(stack)
    after.apply(read)
    for index in range(4):
        before.go_to_index(index)
        after.go_to_index(index)
        assert np.array_equal(picture(before), picture(after))
    assert len(read.voi) == 2
    before.set_window(5, 700)
    assert [voi.scope for voi in state_of(before).voi] == [()]


def test_f21_frames_are_named_where_not_all_are_meant() -> None:
    seen = (Window(1000, 900),)
    facts = [FrameFacts(Rescale(slope, 0.0, ""), seen) for slope in (1.0, 2.0, 1.0)]
    multi = image(frames=3, per_frame=tuple(facts))
    read = read_again(written(state_of(pane([multi])), [multi]))
    assert read.references[0].frames == (0, 2)
    clip = "1.2.840.10008.5.1.4.1.1.12.1"  # a class that has several frames in highdicom's tables
    source = io.BytesIO(headers(SOPClassUID=clip))
    state = state_of(pane([multi]))
    assert presentation_state_file(state, {multi.ref.sop: multi}, source)
    whole = image(frames=3)
    assert read_again(written(state_of(pane([whole])), [whole])).references[0].frames == ()


def test_f21_colours_come_back_and_without_a_profile_are_plain() -> None:
    form = replace(
        PLAIN.format,
        photometric=Photometric.RGB,
        samples=3,
        bits_allocated=8,
        bits_stored=8,
        high_bit=7,
        signed=False,
    )  # type: ignore[type-var]
    instance = image(format=form, windows=())
    frame = np.random.default_rng(1).integers(0, 256, (64, 48, 3), dtype=np.uint8)
    before = pane([instance])
    LOOKS["turned by 1"](before)
    read = read_again(written(state_of(before), [instance]))
    assert read.kind is StateKind.COLOUR
    after = pane([instance])
    after.apply(read)
    assert np.array_equal(picture(before, frame), picture(after, frame))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour_map": ColourMap("hot", "Hot", bytes(768))}, "Colours that stand for grey"),
        ({"mask": MaskLook(None)}, "The subtraction of a mask"),  # type: ignore[arg-type]
        ({"padding": False}, "What lies where there is no pixel"),
    ],
)
def test_f21_what_no_state_can_say_is_refused(changes: dict[str, object], words: str) -> None:
    viewport = pane([PLAIN])
    viewport.look_like(replace(viewport.state.look, **changes))  # type: ignore[arg-type]
    with pytest.raises(UnsupportedSopClass, match=f"{words} cannot be kept"):
        state_of(viewport)


def test_f21_a_fused_pane_is_refused_and_not_saved_without_its_colours() -> None:
    viewport = pane([PLAIN])
    assert viewport.state.target is not None
    viewport.fuse(fusion_of(viewport.state.target))
    with pytest.raises(UnsupportedSopClass, match="laid over the image cannot be kept"):
        state_of(viewport)
    viewport.fuse(None)
    assert state_of(viewport).references


def test_f21_what_a_file_cannot_hold_is_refused_and_not_rounded() -> None:
    odd = image(modality_lut=Rescale(1 / 3, 0.0, ""))
    with pytest.raises(HeaderError, match="cannot hold its modality"):
        written(state_of(pane([odd])), [odd])
    other = replace(NAMING.ref, study=StudyUid("1.2.3"))
    with pytest.raises(HeaderError, match="another study"):
        written(replace(state_of(pane([PLAIN])), ref=other), [PLAIN])


@pytest.mark.parametrize("kind", ["plain", "modality table"])
def test_f21_dciodvfy_has_nothing_against_it(kind: str, tmp_path: Path) -> None:
    instance = replace(IMAGES[kind], shutter=SHUTTERS["all"])
    before = pane([instance])
    LOOKS["turned by 1 and flipped"](before)
    assert (
        dciodvfy_complaints(
            written(state_of(before), [instance]), tmp_path, "SoftcopyPresentationState"
        )
        == []
    )
