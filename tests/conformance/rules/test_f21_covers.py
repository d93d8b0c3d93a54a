"""F21: shutters and overlays of a state take the place of the images' own."""

import io
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.kit.dicom_files import written
from tests.kit.presentation_states import layer, ramp_image, read, state
from viewer.errors import HeaderError
from viewer.loading.headers import read_header
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.pixels.shutter_mask import shutter_mask
from viewer.viewport.softcopy import drawn_of


def with_overlay(
    ds: Dataset, group: int, *, active: str | None = None, cut: bool = False
) -> Dataset:
    """The data set with a plane of 8 × 16 bits whose left half is set."""
    bits = np.zeros((8, 16), np.uint8)
    bits[:, :8] = 1
    data = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    ds.add_new(group << 16 | 0x0010, "US", 8)
    ds.add_new(group << 16 | 0x0011, "US", 16)
    ds.add_new(group << 16 | 0x0040, "CS", "G")
    ds.add_new(group << 16 | 0x0050, "SS", [3, 5])
    ds.add_new(group << 16 | 0x0100, "US", 1)
    ds.add_new(group << 16 | 0x0102, "US", 0)
    ds.add_new(group << 16 | 0x3000, "OW", data[:4] if cut else data)
    if active is not None:
        ds.add_new(group << 16 | 0x1001, "CS", active)
    return ds


def read_image(ds: Dataset) -> Instance:
    return read_header(io.BytesIO(written(ds)), name="image").instance


def drawn(ds: Dataset, image: Instance) -> Instance:
    ref = image.ref
    return drawn_of(read(ds), FrameRef(ref.study, ref.series, ref.sop), image)


RECTANGLE: dict[str, Any] = {
    "ShutterShape": "RECTANGULAR",
    "ShutterLeftVerticalEdge": 10,
    "ShutterRightVerticalEdge": 100,
    "ShutterUpperHorizontalEdge": 5,
    "ShutterLowerHorizontalEdge": 50,
}


def test_f21_the_shutter_of_the_state_is_the_only_one() -> None:
    own = {**RECTANGLE, "ShutterLeftVerticalEdge": 90, "ShutterPresentationValue": 65535}
    image = read_image(ramp_image(8, **own))
    assert image.shutter is not None
    replaced = drawn(state(**RECTANGLE, ShutterPresentationValue=0x8000), image).shutter
    assert replaced is not None
    assert (replaced.rectangle, replaced.p_value) == ((10, 100, 5, 50), 0x8000)
    assert drawn(state(), image).shutter is None


def test_f21_a_bitmap_shutter_is_an_overlay_of_the_state() -> None:
    ds = with_overlay(state(ShutterShape="BITMAP", ShutterOverlayGroup=0x6002), 0x6002)
    found = drawn(ds, read_image(ramp_image(8))).shutter
    assert found is not None
    hidden = shutter_mask(found, 64, 256)
    assert np.argwhere(hidden).min(axis=0).tolist() == [2, 4]
    assert hidden.sum() == 64
    with pytest.raises(HeaderError, match="overlay that it does not hold"):
        read(state(ShutterShape="BITMAP", ShutterOverlayGroup=0x6002))


def test_f21_only_activated_overlays_of_the_image_are_drawn() -> None:
    image = read_image(with_overlay(with_overlay(ramp_image(8), 0x6000), 0x6004))
    assert [plane.group for plane in image.overlays] == [0x6000, 0x6004]
    assert drawn(state(), image).overlays == ()
    active = state(GraphicLayerSequence=[layer("O")])
    active.add_new(0x60041001, "CS", "O")
    assert [plane.group for plane in drawn(active, image).overlays] == [0x6004]


def test_f21_a_state_may_bring_its_own_overlay() -> None:
    made = read(with_overlay(state(GraphicLayerSequence=[layer("O")]), 0x6000, active="O"))
    assert [bitmap.plane.group for bitmap in made.overlays] == [0x6000]
    assert [(a.group, a.layer) for a in made.activations] == [(0x6000, "O")]
    own = read_image(with_overlay(ramp_image(8), 0x6000))
    assert (
        drawn(
            with_overlay(state(GraphicLayerSequence=[layer("O")]), 0x6000, active="O"), own
        ).overlays
        == ()
    )


@pytest.mark.parametrize(
    ("ds", "words"),
    [
        (state(ShutterShape="HEXAGONAL"), "shutter is described wrongly"),
        (state(ShutterShape="CIRCULAR"), "shutter is described wrongly"),
        (with_overlay(state(), 0x6000, active="NONE"), "does not define"),
        (with_overlay(state(), 0x6000, cut=True), "cut short"),
    ],
)
def test_f21_covers_that_are_wrong_refuse_the_state(ds: Dataset, words: str) -> None:
    with pytest.raises(HeaderError, match=words):
        read(ds)
