"""F17: colour is what the standard's equations and the codestream say, never a window."""

import io
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import (
    _expand_segmented_lut,
    convert_color_space,
)

from tests.kit import codestreams, dicom_files, pydicom_oracle
from tests.kit.drawn import render_view
from tests.kit.pictures import COLOUR_STORED, SOFT_TISSUE, instance, windowed
from viewer.errors import HeaderError, UndecodableFrame
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline
from viewer.loading.palette import read_palette
from viewer.model.presentation import Presentation
from viewer.model.study import Instance, Photometric
from viewer.pixels.colour import rgb_of_ybr_full, rgb_of_ybr_partial
from viewer.viewport.transform import PaneSize

JPEG, J2K = (f"1.2.840.10008.1.2.4.{n}" for n in (50, 90))
LITTLE, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
SCENE = np.random.default_rng(17).integers(0, 256, (6, 8, 3), np.uint8)


def read(data: bytes) -> tuple[Instance, NDArray[Any]]:
    """The header and the first frame."""
    header = read_header(io.BytesIO(data), name="file").instance
    found = outline(PlainBytes(data), where="file")
    return header, decode_frame(cut_frame(found, 0, header)).pixels


def colour_file(pixels: bytes, photometric: str, syntax: str = LITTLE, **values: Any) -> bytes:
    fields = {
        "Rows": 6, "Columns": 8, "SamplesPerPixel": 3, "PhotometricInterpretation": photometric,
        "PlanarConfiguration": 0, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7,
    }  # fmt: skip
    ds = dicom_files.dataset(**{**fields, **values})
    ds.PixelData = pixels
    ds["PixelData"].VR = "OW" if fields["BitsAllocated"] == 16 else "OB"
    return dicom_files.written(ds, syntax)


def compressed(stream: bytes, photometric: str, syntax: str, **values: Any) -> bytes:
    return dicom_files.encoded(
        [stream], syntax, Rows=6, Columns=8, SamplesPerPixel=3, PlanarConfiguration=0,
        PhotometricInterpretation=photometric, BitsAllocated=8, BitsStored=8, HighBit=7, **values,
    )  # fmt: skip


def by_equation(y: int, cb: int, cr: int) -> list[int]:
    """The inverse of C.7.6.3.1.2 in fractions, rounded half up and clipped."""
    red = y + Fraction(1402, 1000) * (cr - 128)
    blue = y + Fraction(1772, 1000) * (cb - 128)
    green = (y - Fraction(299, 1000) * red - Fraction(114, 1000) * blue) / Fraction(587, 1000)
    return [min(max((v + Fraction(1, 2)).__floor__(), 0), 255) for v in (red, green, blue)]


GRID = list(product(range(0, 256, 15), repeat=3))
GRID_5832 = [(y, b, r) for y, b, r in product(np.linspace(0, 255, 18).astype(int), repeat=3)]


def test_f17_ybr_full_equals_the_equation_on_5832_colours() -> None:
    assert len(GRID_5832) == 5832
    ours = rgb_of_ybr_full(np.array([GRID_5832], dtype=np.uint8))[0]
    assert ours.tolist() == [by_equation(int(y), int(b), int(r)) for y, b, r in GRID_5832]


def test_f17_ybr_full_equals_pydicom_on_5832_colours() -> None:
    colours = np.array([GRID_5832], dtype=np.uint8)
    theirs = convert_color_space(colours, "YBR_FULL", "RGB")
    assert np.array_equal(rgb_of_ybr_full(colours), theirs)


def test_f17_rgb_to_ybr_and_back_is_within_one() -> None:
    rgb = np.array([GRID], dtype=np.uint8)
    back = rgb_of_ybr_full(convert_color_space(rgb, "RGB", "YBR_FULL"))
    assert np.abs(back.astype(int) - rgb).max() <= 1


def test_f17_ybr_partial_by_its_equation() -> None:
    """Black and white at 16 and 235, and the forward equation of C.7.6.3.1.2 turned round."""
    ends = np.array([[[16, 128, 128], [235, 128, 128]]], dtype=np.uint8)
    assert rgb_of_ybr_partial(ends).tolist() == [[[0, 0, 0], [255, 255, 255]]]
    rgb = np.array(GRID, dtype=np.float64)
    forward = np.array(
        [[0.2568, 0.5041, 0.0979], [-0.1482, -0.2910, 0.4392], [0.4392, -0.3678, -0.0714]]
    )
    ybr = np.floor(rgb @ forward.T + [16, 128, 128] + 0.5).astype(np.uint8)
    assert np.abs(rgb_of_ybr_partial(ybr[None])[0].astype(int) - rgb).max() <= 2


@pytest.mark.parametrize("syntax", [LITTLE, BIG])
@pytest.mark.parametrize("planar", [0, 1])
def test_f17_rgb_by_pixel_and_by_plane(planar: int, syntax: str) -> None:
    pixels = np.moveaxis(SCENE, -1, 0) if planar else SCENE
    data = colour_file(pixels.tobytes(), "RGB", syntax, PlanarConfiguration=planar)
    assert np.array_equal(read(data)[1], SCENE)


@pytest.mark.parametrize("planar", [0, 1])
def test_f17_native_ybr_full(planar: int) -> None:
    pixels = np.moveaxis(SCENE, -1, 0) if planar else SCENE
    data = colour_file(pixels.tobytes(), "YBR_FULL", PlanarConfiguration=planar)
    expected = [[by_equation(*map(int, p)) for p in row] for row in SCENE]
    assert read(data)[1].tolist() == expected


def test_f17_native_ybr_full_422_shares_chrominance_between_two_pixels() -> None:
    luma, chroma = SCENE[:, :, 0], SCENE[:, ::2, 1:]
    pairs = np.concatenate([luma.reshape(6, 4, 2), chroma], axis=2)
    header, frame = read(colour_file(pairs.tobytes(), "YBR_FULL_422"))
    expected = [
        [by_equation(int(luma[r, c]), *map(int, chroma[r, c // 2])) for c in range(8)]
        for r in range(6)
    ]
    assert frame.tolist() == expected
    assert not header.repairs


def test_f17_samples_that_lie_otherwise_than_the_header_says_are_mended_and_told() -> None:
    header, frame = read(colour_file(SCENE.tobytes(), "YBR_FULL_422"))
    assert frame.tolist() == [[by_equation(*map(int, p)) for p in row] for row in SCENE]
    assert header.repairs == ("YBR_FULL_422 is stored with all samples.",)
    half = np.concatenate([SCENE[:, :, 0].reshape(6, 4, 2), SCENE[:, ::2, 1:]], axis=2)
    header, frame = read(colour_file(half.tobytes(), "YBR_FULL"))
    assert frame[0, 1].tolist() == by_equation(*map(int, (SCENE[0, 1, 0], *SCENE[0, 0, 1:])))
    assert "YBR_FULL_422" in header.repairs[0]


def test_f17_layouts_without_a_meaning_are_refused() -> None:
    with pytest.raises(HeaderError, match="even number of columns"):
        read(colour_file(bytes(6 * 7 * 2), "YBR_FULL_422", Columns=7))
    with pytest.raises(HeaderError, match="no order"):
        read(colour_file(bytes(6 * 8 * 3 // 2), "YBR_PARTIAL_420"))


@pytest.mark.parametrize(("allocated", "bits"), [(8, 5), (8, 7), (16, 10), (16, 12), (16, 16)])
def test_f17_rgb_of_other_bits_is_rounded_half_up_to_eight(allocated: int, bits: int) -> None:
    kind = np.uint8 if allocated == 8 else np.uint16
    deep = np.random.default_rng(3).integers(0, 1 << bits, (6, 8, 3), kind)
    data = colour_file(
        deep.tobytes(), "RGB", BitsAllocated=allocated, BitsStored=bits, HighBit=bits - 1
    )
    expected = np.floor(deep / ((1 << bits) - 1) * 255 + 0.5)
    assert np.array_equal(read(data)[1], expected)


# -- the codestream decides ------------------------------------------------------------------------

SMOOTH = np.dstack(
    [np.full((6, 8), 200, np.uint8), np.full((6, 8), 90, np.uint8), np.full((6, 8), 40, np.uint8)]
)


def _jpeg(marker: bytes) -> bytes:
    """SMOOTH as JPEG of components as they are, with markers of our choice before its tables."""
    plain = codestreams.jpeg(SMOOTH, "RGB")
    at = 2
    while plain[at + 1] in {0xE0, 0xEE}:  # APP0 and APP14 of the encoder
        at += 2 + int.from_bytes(plain[at + 2 : at + 4], "big")
    kept = plain[at:]
    frame = kept.index(b"\xff\xc0")
    scan = kept.index(b"\xff\xda")
    body = bytearray(kept)
    for n, component in enumerate((1, 2, 3)):
        body[frame + 10 + 3 * n] = component
        body[scan + 5 + 2 * n] = component
    return plain[:2] + marker + bytes(body)


ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
ADOBE_YCC = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01"
JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


@pytest.mark.parametrize(
    ("marker", "photometric", "ybr", "told"),
    [
        (ADOBE_RGB, "RGB", False, False),
        (ADOBE_RGB, "YBR_FULL_422", False, True),
        (ADOBE_YCC, "YBR_FULL_422", True, False),
        (ADOBE_YCC, "RGB", True, True),
        (JFIF, "YBR_FULL_422", True, False),
        (JFIF, "RGB", True, True),
        (b"", "RGB", False, False),
        (b"", "YBR_FULL", True, False),
    ],
)
def test_f17_markers_of_jpeg_decide_and_contradictions_are_told(
    marker: bytes, photometric: str, ybr: bool, told: bool
) -> None:
    header, frame = read(compressed(_jpeg(marker), photometric, JPEG))
    expected = by_equation(200, 90, 40) if ybr else [200, 90, 40]
    assert np.abs(frame.astype(int) - expected).max() <= 3
    assert any("JPEG data is" in sentence for sentence in header.repairs) == told


@pytest.mark.parametrize(
    ("mct", "photometric", "told"),
    [(True, "YBR_RCT", False), (True, "RGB", False), (False, "RGB", False),
     (False, "YBR_RCT", True), (True, "YBR_FULL", True)],
)  # fmt: skip
def test_f17_component_transformation_of_jpeg_2000_decides(
    mct: bool, photometric: str, told: bool
) -> None:
    stream = bytes(
        imagecodecs.jpeg2k_encode(SCENE, codecformat="j2k", reversible=True, level=0, mct=mct)
    )
    header, frame = read(compressed(stream, photometric, J2K))
    assert np.array_equal(frame, SCENE)
    assert any("JPEG 2000" in sentence for sentence in header.repairs) == told


def test_f17_untransformed_ybr_in_jpeg_2000_is_converted() -> None:
    stream = bytes(
        imagecodecs.jpeg2k_encode(SCENE, codecformat="j2k", reversible=True, level=0, mct=False)
    )
    _, frame = read(compressed(stream, "YBR_FULL", J2K))
    assert frame.tolist() == [[by_equation(*map(int, p)) for p in row] for row in SCENE]


# -- palettes --------------------------------------------------------------------------------------


def palette_file(
    indices: NDArray[Any],
    tables: list[NDArray[Any]],
    first: int = 0,
    bits: int = 8,
    syntax: str = LITTLE,
    **values: Any,
) -> bytes:
    ds = dicom_files.dataset(
        Rows=indices.shape[0], Columns=indices.shape[1], PhotometricInterpretation="PALETTE COLOR",
        BitsAllocated=8 * indices.itemsize, BitsStored=8 * indices.itemsize,
        HighBit=8 * indices.itemsize - 1, PixelRepresentation=int(indices.dtype.kind == "i"),
        **values,
    )  # fmt: skip
    for n, table in enumerate(tables):
        ds.add_new(0x00281101 + n, "US", [len(table) % 65536, first % 65536, bits])
        ds.add_new(0x00281201 + n, "OW", table.tobytes() + b"\0" * (table.nbytes % 2))
    ds.PixelData = indices.tobytes() + b"\0" * (indices.nbytes % 2)
    ds["PixelData"].VR = "OB" if indices.itemsize == 1 and syntax == LITTLE else "OW"
    return dicom_files.written(ds, syntax)


@pytest.mark.parametrize("kind", ["u1", "<u2"])
def test_f17_palette_entries_first_mapped_and_clamping(kind: str) -> None:
    rng = np.random.default_rng(2)
    scale = 257 if kind == "<u2" else 1
    tables = [(rng.integers(0, 256, 5) * scale).astype(kind) for _ in range(3)]
    tables[0][0] = 255 * scale
    indices = np.array([[0, 9, 10, 11], [12, 13, 14, 15], [200, 255, 10, 14]], dtype=np.uint8)
    data = palette_file(indices, tables, 10, 16 if kind == "<u2" else 8)
    expected = np.stack([t // scale for t in tables], axis=1)[
        np.clip(indices - 10.0, 0, 4).astype(int)
    ]
    assert np.array_equal(read(data)[1], expected)


def test_f17_palette_first_mapped_below_zero() -> None:
    tables = [np.arange(4, dtype=np.uint8) * n for n in (1, 2, 3)]
    indices = np.array([[-5, -3, -2], [-1, 0, 7]], dtype="<i2")
    frame = read(palette_file(indices, tables, -3))[1]
    assert frame[..., 0].tolist() == [[0, 0, 1], [2, 3, 3]]


def test_f17_dark_tables_keep_their_scale_by_the_brightest_table() -> None:
    tables = [np.array([0, 40], "<u2"), np.array([0, 65535], "<u2"), np.array([0, 0], "<u2")]
    frame = read(palette_file(np.array([[0, 1]], np.uint8), tables, bits=16))[1]
    assert frame.tolist() == [[[0, 0, 0], [0, 255, 0]]]


@pytest.mark.parametrize("bits", [8, 16])
def test_f17_segmented_palette_discrete_linear_indirect(bits: int) -> None:
    """Discrete, then linear, then both again by an indirect segment; rounded half up."""
    unit = 1 if bits == 8 else 256
    segments = [0, 2, 3 * unit, 7 * unit, 1, 4, 17 * unit]
    offset = [0, 0] if bits == 16 else [0, 0, 0, 0]
    words = [*segments, 2, 2, *offset, 0, 1, 9 * unit]
    data = np.array(words, "u1" if bits == 8 else "<u2").tobytes()
    ds = pydicom.Dataset()
    for n in range(3):
        ds.add_new(0x00281101 + n, "US", [13, 0, bits])
        ds.add_new(0x00281221 + n, "OW", data + b"\0" * (len(data) % 2))
    expected = [3, 7, 10, 12, 15, 17, 3, 7, 10, 12, 15, 17, 9]  # 9.5 and 14.5 go up
    palette = read_palette(_fields(ds), signed=False, where="file")
    top = [v >> (bits - 8) for v in _by_hand(unit)]
    assert list(palette.red) == top
    assert [v // unit for v in _by_hand(unit)][:2] == expected[:2]


def _by_hand(unit: int) -> list[int]:
    line = [
        (Fraction(7 * unit) + Fraction(10 * unit * i, 4) + Fraction(1, 2)).__floor__()
        for i in range(1, 5)
    ]
    return [3 * unit, 7 * unit, *line] * 2 + [9 * unit]


def _fields(ds: pydicom.Dataset) -> Any:
    whole = dicom_files.dataset()
    whole.update(ds)
    return outline(PlainBytes(dicom_files.written(whole)), where="file").fields


@pytest.mark.parametrize(
    "words",
    [[1, 4, 9], [0, 2, 3, 7, 2, 1, 4, 0], [0, 1, 5, 2, 1, 4, 0, 2, 1, 3, 0], [9, 9, 9], [0]],
)
def test_f17_segments_that_contradict_themselves_are_refused(words: list[int]) -> None:
    """A line without a beginning, a segment that points ahead or at an indirect one, junk."""
    ds = pydicom.Dataset()
    for n in range(3):
        ds.add_new(0x00281101 + n, "US", [8, 0, 16])
        ds.add_new(0x00281221 + n, "OW", np.array(words, "<u2").tobytes())
    with pytest.raises(UndecodableFrame, match="palette"):
        read_palette(_fields(ds), signed=False, where="file")


@pytest.mark.parametrize("name", ["spring", "summer", "fall", "winter"])
def test_f17_segmented_palettes_of_the_standard_equal_pydicom(name: str) -> None:
    file = Path(pydicom.__file__).parent / "data" / "palettes" / f"{name}.dcm"
    ds = pydicom.dcmread(file)
    theirs = [_expand_segmented_lut(tuple(ds[0x00281221 + n].value), "<B") for n in range(3)]
    fields = outline(PlainBytes(file.read_bytes()), where=name).fields
    palette = read_palette(fields, signed=False, where=name)
    for ours, other in zip((palette.red, palette.green, palette.blue), theirs, strict=True):
        assert np.abs(np.frombuffer(ours, np.uint8).astype(int) - other).max() <= 1
        assert len(ours) == 256


@pytest.mark.parametrize(
    "name",
    ["us/examples_palette.dcm", "us/OBXXXX1A_2frame.dcm", "us/gdcm-US-ALOKA-16.dcm",
     "transfer-syntaxes/testpattern/TestPattern_Palette.dcm",
     "transfer-syntaxes/testpattern/TestPattern_Palette_16.dcm",
     "lut-overlay-shutter/OT-PAL-8-face.dcm", "us/YBR_422.dcm", "us/YBR_FULL-RLE.dcm"],
)  # fmt: skip
def test_f17_real_colour_equals_pydicom(shared_dicom: Path, name: str) -> None:
    file = shared_dicom / name
    header, frame = read(file.read_bytes())
    assert header.format is not None
    theirs = pydicom_oracle.frames(pydicom_oracle.dataset(file), header.format, header.frames)[0]
    most = 1 if "ALOKA" in name else 0  # pydicom rounds lines of segments half to even
    assert np.abs(frame.astype(int) - theirs).max() <= most


# -- no window -------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", [SOFT_TISSUE, windowed(1, 2), Presentation(invert=True)])
def test_f17_no_window_ever_touches_colour(look: Presentation) -> None:
    form = replace(COLOUR_STORED, rows=6, columns=8)
    picture = render_view(SCENE, instance(form), replace(look, zoom=1.0), PaneSize(8, 6))
    assert np.array_equal(picture, SCENE)


def test_f17_rle_planes_equal_pydicom() -> None:
    file = Path(str(get_testdata_file("SC_rgb_rle_2frame.dcm")))
    header, frame = read(file.read_bytes())
    assert header.format is not None
    assert header.format.photometric is Photometric.RGB
    theirs = pydicom_oracle.frames(pydicom_oracle.dataset(file), header.format, 2)[0]
    assert np.array_equal(frame, theirs)


def test_f17_a_palette_that_is_missing_or_empty_is_told() -> None:
    tables = [np.arange(4, dtype=np.uint8)] * 3
    whole = palette_file(np.zeros((2, 3), np.uint8), tables)
    for tag, why in ((0x00281102, "missing from the header"), (0x00281202, "no entries")):
        ds = pydicom.dcmread(io.BytesIO(whole))
        del ds[tag]
        with pytest.raises(UndecodableFrame, match=why):
            read(dicom_files.written(ds))


def test_f17_palettes_in_big_endian_words() -> None:
    """Two entries of 8 bits in a word: the second comes first."""
    swapped = [np.array([20, 10, 40, 30], np.uint8) * n for n in (1, 2, 3)]
    indices = np.array([[1, 0, 3, 2]], np.uint8)  # pixels lie in words as well
    frame = read(palette_file(indices, swapped, syntax=BIG))[1]
    assert frame[0].tolist() == [[10, 20, 30], [20, 40, 60], [30, 60, 90], [40, 80, 120]]
