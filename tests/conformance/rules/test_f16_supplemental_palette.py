"""F16: stored values from the palette's first upwards are coloured, lower ones stay grey."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.kit import dicom_files
from tests.kit.drawn import render_view
from tests.kit.grey_reference import level
from tests.kit.pictures import IDENTITY, instance, stored, windowed
from viewer.loading.headers import read_header
from viewer.model.colour import Palette, SupplementalPalette
from viewer.model.presentation import Presentation
from viewer.model.study import Instance
from viewer.viewport.transform import PaneSize

PALETTE = Palette(1000, bytes([255, 0, 0]), bytes([0, 255, 10]), bytes([0, 0, 200]))
FORM = stored(rows=2, columns=4, signed=False, bits_stored=12, high_bit=11)
FRAME = np.array([[0, 400, 800, 999], [1000, 1001, 1002, 4000]], dtype=np.uint16)
LOOK = replace(windowed(500, 1000), zoom=1.0)
COLOURED = instance(FORM, supplemental=SupplementalPalette(PALETTE))


def test_f16_four_grey_and_four_coloured_pixels_exactly() -> None:
    picture = render_view(FRAME, COLOURED, LOOK, PaneSize(4, 2))
    grey = [level(int(v), FORM, IDENTITY, LOOK, 8) for v in FRAME[0]]
    assert picture[0].tolist() == [[g, g, g] for g in grey]
    assert len(set(grey)) == 4
    assert picture[1].tolist() == [[255, 0, 0], [0, 255, 0], [0, 10, 200], [0, 10, 200]]


@pytest.mark.parametrize(
    "look", [windowed(100, 50), windowed(3000, 100), windowed(0, 10, invert=True)]
)
def test_f16_windows_and_polarity_reach_the_grey_part_only(look: Presentation) -> None:
    picture = render_view(FRAME, COLOURED, replace(look, zoom=1.0), PaneSize(4, 2))
    assert picture[1].tolist() == [[255, 0, 0], [0, 255, 0], [0, 10, 200], [0, 10, 200]]
    assert (picture[0, :, 0] == picture[0, :, 1]).all()
    assert (picture[0, :, 0] == picture[0, :, 2]).all()


@pytest.mark.parametrize("padding", [None, (0, 0)])
@pytest.mark.parametrize("size", [PaneSize(13, 7), PaneSize(3, 2), PaneSize(64, 32)])
def test_f16_numbers_of_colours_are_never_blended(
    size: PaneSize, padding: tuple[int, int] | None
) -> None:
    """Between grey and colour lies no third colour, whatever the zoom."""
    form = replace(FORM, padding=padding)
    picture = render_view(FRAME, replace(COLOURED, format=form), windowed(500, 1000), size)
    colours = {tuple(c) for c in picture.reshape(-1, 3).tolist() if len(set(c)) > 1}
    assert colours <= {(255, 0, 0), (0, 255, 0), (0, 10, 200)}


def test_f16_frames_that_are_not_coloured_stay_grey() -> None:
    mixed = replace(COLOURED, supplemental=SupplementalPalette(PALETTE, frozenset({1})))
    assert render_view(FRAME, mixed, LOOK, PaneSize(4, 2), index=0).ndim == 2
    assert render_view(FRAME, mixed, LOOK, PaneSize(4, 2), index=1).ndim == 3


def _read(ds: Dataset) -> Instance:
    return read_header(io.BytesIO(dicom_files.written(ds)), name="file").instance


def _with_palette(ds: Dataset) -> Dataset:
    for n in range(3):
        ds.add_new(0x00281101 + n, "US", [2, 1000, 16])
        ds.add_new(0x00281201 + n, "OW", np.array([0, 65535], "<u2").tobytes())
    return ds


def test_f16_pixel_presentation_of_the_object_and_of_each_frame() -> None:
    assert _read(_with_palette(dicom_files.dataset())).supplemental == SupplementalPalette(
        Palette(1000, b"\x00\xff", b"\x00\xff", b"\x00\xff")
    )
    plain = _with_palette(dicom_files.dataset(PixelPresentation="MONOCHROME"))
    assert _read(plain).supplemental is None
    groups = [dicom_files.frame_groups(n, 1, 0, 50) for n in range(3)]
    for item, kind in zip(groups, ("MONOCHROME", "COLOR", "MONOCHROME"), strict=True):
        item.MRImageFrameTypeSequence = Items([Dataset()])
        item.MRImageFrameTypeSequence[0].PixelPresentation = kind
    data = dicom_files.enhanced(groups, np.zeros((3, 4, 5)), PixelPresentation="MIXED")
    ds = _with_palette(pydicom.dcmread(io.BytesIO(data)))
    found = _read(ds).supplemental
    assert found is not None
    assert [found.colours(n) for n in range(3)] == [False, True, False]


def test_f16_a_broken_palette_leaves_a_grey_image_and_a_sentence() -> None:
    ds = _with_palette(dicom_files.dataset())
    del ds[0x00281203]
    header = _read(ds)
    assert header.supplemental is None
    assert any("supplemental colours are not used" in r for r in header.repairs)


def test_f16_real_enhanced_ct(shared_dicom: Path) -> None:
    """Perfusion colours above 1024, air below it grey; the colours are those of the palette."""
    file = shared_dicom / "enhanced" / "eCT_Supplemental.dcm"
    with file.open("rb") as data:
        header = read_header(data, name=file.name).instance.at(0)
    ds = pydicom.dcmread(file)
    frame = ds.pixel_array[0]
    look = replace(windowed(49, 102), zoom=1.0)
    picture = render_view(frame, header, look, PaneSize(512, 512))
    tables = [np.frombuffer(ds[0x00281201 + n].value, "<u2") >> 8 for n in range(3)]
    coloured = frame >= 1024
    assert 1000 < coloured.sum() < frame.size
    index = np.clip(frame.astype(int) - 1024, 0, 99)
    for n in range(3):
        assert np.array_equal(picture[coloured][:, n], tables[n][index[coloured]])
        assert not picture[~coloured][:, n].any(), "air is below the window of brain"
