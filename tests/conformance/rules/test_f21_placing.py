"""F21: displayed areas, turns and flips of a state, and the frames that it is for."""

import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from tests.kit.dicom_files import dataset, written
from tests.kit.presentation_states import area, item, ramp_image, read, reference, state
from viewer.loading.headers import read_header
from viewer.model.display_set import DisplaySet, DisplaySetId, Kind
from viewer.model.geometry import PixelPoint
from viewer.model.presentation import Area, LutShape, Window
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.viewport.softcopy import look_of
from viewer.viewport.transform import PaneSize, PaneTransform
from viewer.viewport.viewport import Viewport
from viewer.viewport.words import state_text
from workstation.__main__ import main

PANE = PaneSize(400, 200)


def image(**values: Any) -> Instance:
    return read_header(io.BytesIO(written(ramp_image(8, **values))), name="image").instance


def frame_of(instance: Instance, frame: int = 0) -> FrameRef:
    ref = instance.ref
    return FrameRef(ref.study, ref.series, ref.sop, frame)


def placed(ds: Dataset, instance: Instance, pitch: float | None = None) -> PaneTransform:
    look = look_of(read(ds), frame_of(instance), instance, pitch)
    assert instance.format is not None
    return PaneTransform.of(instance.format.rows, instance.format.columns, 1.0, PANE, look)


def edge(transform: PaneTransform, column: float, row: float) -> tuple[float, float]:
    """Where a place counted from the outer edge of the first pixel lies in the pane."""
    at = transform.to_pane(PixelPoint(column - 0.5, row - 0.5))
    return round(at.x, 6), round(at.y, 6)


def test_f21_an_area_is_fitted_and_centred() -> None:
    wide = state(DisplayedAreaSelectionSequence=[area((11, 21), (50, 40))])
    transform = placed(wide, image())
    assert transform.zoom == 10
    assert edge(transform, 10, 20) == (0, 0)
    assert edge(transform, 50, 40) == (400, 200)


def test_f21_an_area_may_reach_beyond_the_image() -> None:
    beyond = state(DisplayedAreaSelectionSequence=[area((-127, -31), (384, 96))])
    transform = placed(beyond, image())
    assert edge(transform, -128, -32) == (0, 50)
    assert edge(transform, 384, 96) == (400, 150)


def test_f21_aspect_of_the_state_counts() -> None:
    tall = area((1, 1), (40, 20), PresentationPixelAspectRatio=[2, 1])
    transform = placed(state(DisplayedAreaSelectionSequence=[tall]), image())
    assert transform.aspect == 2
    assert edge(transform, 0, 0) == (100, 0)
    assert edge(transform, 40, 20) == (300, 200)


def test_f21_magnify_is_display_pixels_for_each_image_pixel() -> None:
    large = area((1, 1), (9, 9), "MAGNIFY", PresentationPixelMagnificationRatio=3)
    assert placed(state(DisplayedAreaSelectionSequence=[large]), image()).zoom == 3


def test_f21_true_size_needs_the_pitch_of_the_screen() -> None:
    true = state(
        DisplayedAreaSelectionSequence=[
            area((1, 1), (40, 20), "TRUE SIZE", PresentationPixelSpacing=[0.5, 0.5])
        ]
    )
    assert placed(true, image(), 0.25).zoom == 2
    assert placed(true, image()).zoom == 10
    viewport = shown(image())
    viewport.apply(read(true))
    assert "pitch of this screen is not known" in state_text(viewport.state)
    viewport.know_screen(0.25)
    viewport.apply(read(true))
    assert "pitch" not in state_text(viewport.state)


def turned_by_text(rotation: int, *, flip: bool) -> Any:
    """The image turned clockwise, then flipped (C.10.6), as an index picture."""
    index = np.arange(64 * 256).reshape(64, 256)
    picture = np.rot90(index, -rotation // 90)
    return picture[:, ::-1] if flip else picture


@pytest.mark.parametrize(
    ("rotation", "flip"), list(itertools.product((0, 90, 180, 270), (False, True)))
)
def test_f21_turns_before_it_flips(rotation: int, flip: bool, tmp_path: Path) -> None:
    instance = image()
    ds = state(ImageRotation=rotation, ImageHorizontalFlip="Y" if flip else "N")
    expected = turned_by_text(rotation, flip=flip)
    transform = placed(ds, instance)
    for row, column in ((0, 0), (0, 255), (63, 0), (63, 255), (10, 20)):
        at = np.argwhere(expected == row * 256 + column)[0]
        pane = transform.to_pane(PixelPoint(column, row))
        centre = transform.to_pane(PixelPoint(127.5, 31.5))
        rows, columns = expected.shape
        assert (pane.x - centre.x) / transform.zoom == pytest.approx(at[1] - (columns - 1) / 2)
        assert (pane.y - centre.y) / transform.zoom == pytest.approx(at[0] - (rows - 1) / 2)


@pytest.mark.parametrize(("rotation", "flip"), [(90, False), (90, True), (270, True)])
def test_f21_the_command_turns_the_picture(rotation: int, flip: bool, tmp_path: Path) -> None:
    image_file, state_file, out = (tmp_path / name for name in ("i.dcm", "s.dcm", "o.png"))
    picture = ramp_image(8)
    image_file.write_bytes(written(picture))
    state_file.write_bytes(
        written(state(ImageRotation=rotation, ImageHorizontalFlip="Y" if flip else "N"))
    )
    words = ["render", str(image_file), "--presentation-state", str(state_file)]
    assert main([*words, "--out", str(out)]) == 0
    pixels = np.frombuffer(picture.PixelData, np.uint8).reshape(64, 256)
    turned = np.rot90(pixels, -rotation // 90)
    with Image.open(out) as got:
        assert np.array_equal(np.asarray(got), turned[:, ::-1] if flip else turned)


# -- only what it refers to -----------------------------------------------------------------------


def cine() -> Instance:
    ds = dataset(
        NumberOfFrames=3,
        PixelData=np.arange(60, dtype="<u2").tobytes(),
        WindowCenter=5,
        WindowWidth=9,
    )
    return read_header(io.BytesIO(written(ds)), name="cine").instance


def shown(instance: Instance) -> Viewport:
    frames = tuple(frame_of(instance, n) for n in range(instance.frames))
    viewport = Viewport()
    viewport.resize(PANE)
    target = DisplaySet(DisplaySetId("s"), instance.ref.series, Kind.STACK, frames, "set")
    viewport.show(target, {instance.ref.sop: instance})
    return viewport


def second_frame_only(**values: Any) -> Dataset:
    return state(
        images=[reference(frames=[2])],
        SoftcopyVOILUTSequence=[item(WindowCenter=100, WindowWidth=50)],
        PresentationLUTShape="INVERSE",
        DisplayedAreaSelectionSequence=[area((1, 1), (2, 2))],
        **values,
    )


def test_f21_a_state_for_frame_two_leaves_the_others_alone() -> None:
    viewport = shown(cine())
    own = viewport.state.look
    viewport.apply(read(second_frame_only()))
    assert viewport.state.look == own
    assert state_text(viewport.state) == "Not in presentation state STATE"
    viewport.go_to_index(1)
    governed, words = viewport.state.look, state_text(viewport.state)
    assert words == "Presentation state STATE"
    assert governed.voi == Window(100, 50)
    assert governed.presentation_lut is LutShape.INVERSE
    assert governed.area == Area(0, 0, 2, 2)
    viewport.go_to_index(2)
    assert viewport.state.look == own


def test_f21_none_is_the_images_own_look_again() -> None:
    viewport = shown(cine())
    viewport.go_to_index(1)
    own = viewport.state.look
    viewport.apply(read(second_frame_only()))
    assert viewport.state.look != own
    viewport.apply(None)
    assert viewport.state.look == own
    assert state_text(viewport.state) == ""


def test_f21_the_readers_window_is_marked_and_a_reset_takes_it_back() -> None:
    viewport = shown(cine())
    viewport.apply(read(second_frame_only()))
    viewport.go_to_index(1)
    given = viewport.state.look
    viewport.set_window(60, 10)
    assert viewport.state.look.presentation_lut is LutShape.INVERSE
    assert state_text(viewport.state).endswith("CHANGED")
    viewport.reset()
    assert viewport.state.look == given
    assert not viewport.state.changed_by_reader


def test_f21_zoom_and_pan_start_from_the_area() -> None:
    viewport = shown(image())
    viewport.apply(read(state(DisplayedAreaSelectionSequence=[area((11, 21), (50, 40))])))
    transform = viewport.transform()
    assert transform is not None
    before = edge(transform, 10, 20)
    viewport.pan(7, 5)
    panned = viewport.transform()
    assert panned is not None
    assert panned.zoom == transform.zoom
    assert edge(panned, 10, 20) == (before[0] + 7, before[1] + 5)
    viewport.fit()
    fitted = viewport.transform()
    assert fitted is not None
    assert edge(fitted, 0, 0) == (0, 50)


def test_f21_measured_values_stay_the_images_own() -> None:
    instance = image(RescaleSlope=2, RescaleIntercept=-10)
    viewport = shown(instance)
    viewport.apply(read(state(RescaleSlope=5, RescaleIntercept=0, RescaleType="US")))
    assert viewport.instance is not None
    assert viewport.instance.modality_lut == instance.modality_lut
    assert viewport.drawn is not None
    assert viewport.drawn.modality_lut != instance.modality_lut


def test_f21_another_series_in_the_pane_forgets_the_state() -> None:
    viewport = shown(cine())
    viewport.apply(read(second_frame_only()))
    other = image()
    frames = (frame_of(other),)
    viewport.show(
        DisplaySet(DisplaySetId("t"), other.ref.series, Kind.STACK, frames, "other"),
        {other.ref.sop: other},
    )
    assert viewport.state.applied is None
