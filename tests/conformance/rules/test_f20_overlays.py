"""F20: overlay planes lie where their origin says, drawn above the picture and never in it."""

import io
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.encaps import encapsulate

from tests.kit import codestreams, dicom_files
from tests.kit.pictures import windowed
from viewer.errors import UndecodableFrame
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline
from viewer.loading.overlays import overlay_bitmaps
from viewer.model.overlay_plane import OverlayBitmap, OverlayPlane
from viewer.model.study import Instance
from viewer.pixels.bitmaps import on_image, packed, unpacked
from viewer.render.compositor import RenderRequest
from viewer.render.graphics import (
    GRAPHICS_COLOUR,
    REGION_COLOUR,
    DrawnOverlay,
    laid_over,
    stencil,
)
from viewer.viewport.transform import PanePoint, PaneSize, PaneTransform

LITTLE, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"


@pytest.mark.parametrize(
    ("row", "column", "rows", "columns"),
    [(1, 1, 5, 7), (2, 3, 2, 2), (-1, 0, 4, 4), (4, 6, 10, 10), (-3, -3, 20, 20), (9, 9, 2, 2)],
)
def test_f20_origin_is_one_based_and_may_lie_outside(
    row: int, column: int, rows: int, columns: int
) -> None:
    plane = OverlayPlane(0x6000, rows, columns, row, column)
    bits = np.random.default_rng(5).random((rows, columns)) < 0.5
    expected = np.zeros((5, 7), dtype=np.bool_)
    for r in range(rows):
        for c in range(columns):
            image_row, image_column = row - 1 + r, column - 1 + c
            if 0 <= image_row < 5 and 0 <= image_column < 7:
                expected[image_row, image_column] = bits[r, c]
    assert np.array_equal(on_image(packed(plane, bits), 5, 7), expected)


def test_f20_bits_follow_each_other_without_gaps_lowest_first() -> None:
    plane = OverlayPlane(0x6000, 2, 3)
    bits = unpacked(OverlayBitmap(plane, bytes([0b00101001])))
    assert bits.astype(int).tolist() == [[1, 0, 0], [1, 0, 1]]


def test_f20_frames_of_a_plane_begin_at_their_image_frame() -> None:
    plane = OverlayPlane(0x6000, 2, 3, frames=2, first_frame=3)
    assert [plane.frame_on(frame) for frame in range(6)] == [None, None, None, 0, 1, None]
    assert OverlayPlane(0x6000, 2, 3).frame_on(17) == 0


def test_f20_too_few_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="bit for each"):
        OverlayBitmap(OverlayPlane(0x6000, 3, 3), b"\x00")


# -- as they lie in files --------------------------------------------------------------------------


def overlay_file(
    bits: NDArray[np.bool_],
    *,
    origin: tuple[int, int] | None = (1, 1),
    group: int = 0x6000,
    pixels: NDArray[Any] | None = None,
    syntax: str = LITTLE,
    **elements: Any,
) -> bytes:
    """A black image of 9 × 11 pixels with one overlay; ``elements`` by number override its own."""
    image = np.zeros((9, 11), "<u2") if pixels is None else pixels
    frames = bits.reshape(-1, *bits.shape[-2:])
    ds = dicom_files.dataset(Rows=image.shape[-2], Columns=image.shape[-1], PixelSpacing=[1, 1])
    if image.ndim == 3:
        ds.NumberOfFrames = len(image)
    ds.PixelData = image.astype(">u2" if syntax == BIG else "<u2").tobytes()
    data = np.packbits(frames.reshape(-1), bitorder="little").tobytes()
    data += b"\0" * (len(data) % 2)
    if syntax == BIG:
        data = np.frombuffer(data, "<u2").astype(">u2").tobytes()
    values: dict[int, tuple[str, Any]] = {
        0x10: ("US", bits.shape[-2]), 0x11: ("US", bits.shape[-1]), 0x40: ("CS", "G"),
        0x50: ("SS", None if origin is None else list(origin)), 0x100: ("US", 1),
        0x102: ("US", 0), 0x3000: ("OW", data),
    }  # fmt: skip
    values |= {int(key[1:], 16): value for key, value in elements.items()}
    for number, (vr, value) in values.items():
        if value is not None:
            ds.add_new(group << 16 | number, vr, value)
    return dicom_files.written(ds, syntax)


def read(data: bytes) -> Instance:
    return read_header(io.BytesIO(data), name="file").instance


def decode(data: bytes, frame: int, header: Instance) -> Decoded:
    found = outline(PlainBytes(data), where="file")
    return decode_frame(cut_frame(found, frame, header))


def drawn(data: bytes, frame: int = 0) -> NDArray[np.bool_]:
    """Which image pixels the picture shows in the overlay's colour, at one to one."""
    header = read(data)
    bitmaps = overlay_bitmaps(data, header, frame, decode)
    shutter, overlays = laid_over(header, bitmaps)
    assert header.format is not None
    pane = PaneSize(header.format.columns, header.format.rows)
    request = RenderRequest(
        decode(data, frame, header).pixels, header, replace(windowed(2048, 4096), zoom=1.0), pane,
        frame, shutter=shutter, overlays=overlays,
    )  # fmt: skip
    picture = request.compose(request.sample())
    if picture.ndim == 2:
        return np.zeros(picture.shape, dtype=np.bool_)
    painted: NDArray[np.bool_] = (picture == GRAPHICS_COLOUR).all(axis=2)
    grey = picture[~painted]
    assert (grey[:, 0] == grey[:, 1]).all()
    return painted


BITS = np.random.default_rng(20).random((5, 6)) < 0.5


@pytest.mark.parametrize("syntax", [LITTLE, BIG, "1.2.840.10008.1.2"])
def test_f20_bits_are_read_in_every_byte_order(syntax: str) -> None:
    expected = np.zeros((9, 11), dtype=np.bool_)
    expected[1:6, 2:8] = BITS
    assert np.array_equal(drawn(overlay_file(BITS, origin=(2, 3), syntax=syntax)), expected)


ORIGINS = [(1, 1), (2, 3), (-2, -3), (0, 0), (7, 9), (-4, 8), (10, 12)]


@pytest.mark.parametrize("origin", ORIGINS)
def test_f20_origins_equal_dcmtk(origin: tuple[int, int], tmp_path: Path) -> None:
    """Dcmtk draws the plane in white on a black image: what is white there is painted here."""
    file = tmp_path / "image.dcm"
    file.write_bytes(overlay_file(BITS, origin=origin))
    assert np.array_equal(drawn(file.read_bytes()), by_dcmtk(file) == 255)


def by_dcmtk(file: Path, program: str = "dcm2pnm", *options: str) -> NDArray[np.uint8]:
    """A frame with its overlays in white, as dcmtk draws it."""
    if shutil.which(program) is None:
        pytest.skip("dcmtk is not installed")
    out = file.parent / "picture.pgm"
    subprocess.run(
        [program, *(options or ("+Ww", "2048", "4096")), "+O", "0", "+Omr", "+Osf", "1", "+op",
         str(file), str(out)],
        check=True, capture_output=True, timeout=10,
    )  # fmt: skip
    return np.asarray(Image.open(out))


def test_f20_larger_than_the_image_equals_dcmtk(tmp_path: Path) -> None:
    file = tmp_path / "image.dcm"
    bits = np.random.default_rng(21).random((30, 40)) < 0.3
    file.write_bytes(overlay_file(bits, origin=(-7, -9)))
    assert np.array_equal(drawn(file.read_bytes()), by_dcmtk(file) == 255)


def test_f20_frames_of_a_plane_lie_on_theirs_only() -> None:
    planes = (
        np.random.default_rng(22).random((2, 5, 7)) < 0.5
    )  # 35 bits: frames begin inside a byte
    data = overlay_file(planes, pixels=np.zeros((4, 9, 11), "<u2"), x15=("IS", 2), x51=("US", 2))
    for frame in range(4):
        expected = np.zeros((9, 11), dtype=np.bool_)
        if frame in {1, 2}:
            expected[:5, :7] = planes[frame - 1]
        assert np.array_equal(drawn(data, frame), expected), frame


def test_f20_a_plane_without_frames_lies_on_all() -> None:
    data = overlay_file(BITS, pixels=np.zeros((3, 9, 11), "<u2"))
    assert all(drawn(data, frame).any() for frame in range(3))


EMBEDDED: dict[str, Any] = {
    "x100": ("US", 16),
    "x3000": ("OW", None),
    "x10": ("US", 9),
    "x11": ("US", 11),
}


def embedded(bit: int) -> tuple[bytes, NDArray[np.bool_], NDArray[Any]]:
    rng = np.random.default_rng(bit)
    values = rng.integers(0, 4096, (9, 11)).astype("<u2")
    bits = rng.random((9, 11)) < 0.4
    stored = (
        values | (bits.astype("<u2") << bit) | (rng.integers(0, 2, (9, 11)) << 13).astype("<u2")
    )
    data = overlay_file(bits, pixels=stored, x102=("US", bit), **EMBEDDED)
    return data, bits, values


@pytest.mark.parametrize("bit", [12, 14, 15])
def test_f20_planes_in_unused_bits_are_taken_out_before_these_are_masked(bit: int) -> None:
    data, bits, values = embedded(bit)
    header = read(data)
    assert header.overlays[0].embedded_bit == bit
    assert np.array_equal(drawn(data), bits)
    assert np.array_equal(decode(data, 0, header).pixels, values), "never in the values"


def test_f20_planes_in_unused_bits_equal_dcmtk(tmp_path: Path) -> None:
    file = tmp_path / "image.dcm"
    data, bits, _ = embedded(14)
    file.write_bytes(data)
    theirs = by_dcmtk(file, "dcm2pnm", "+Ww", "8000", "4096")  # all values of the image are black
    assert np.array_equal(theirs == 255, bits)


def test_f20_planes_in_unused_bits_of_rle_frames() -> None:
    _, bits, values = embedded(12)
    stored = values | (bits.astype("<u2") << 12)
    ds = pydicom.dcmread(io.BytesIO(overlay_file(bits, x102=("US", 12), **EMBEDDED)))
    ds.PixelData = encapsulate([codestreams.rle(stored)])
    data = dicom_files.written(ds, "1.2.840.10008.1.2.5")
    assert np.array_equal(drawn(data), bits)
    assert np.array_equal(decode(data, 0, read(data)).pixels, values)


def test_f20_regions_have_another_colour_than_graphics() -> None:
    data = overlay_file(BITS, x40=("CS", "R"))
    header = read(data)
    assert header.overlays[0].roi
    (overlay,) = laid_over(header, overlay_bitmaps(data, header, 0, decode))[1]
    assert overlay.colour == REGION_COLOUR != GRAPHICS_COLOUR


@pytest.mark.parametrize(
    "elements",
    [{"x10": ("US", None)}, {"x11": ("US", 0)}, {"x50": ("SS", [3])}, {"x15": ("IS", -2)},
     {"x100": ("US", 16), "x102": ("US", 16), "x3000": ("OW", None)}],
)  # fmt: skip
def test_f20_a_plane_described_wrongly_is_told(elements: dict[str, Any]) -> None:
    header = read(overlay_file(BITS, **elements))
    assert header.overlays == ()
    assert header.repairs == ("The overlay 6000 is described wrongly and not shown.",)


def test_f20_a_plane_that_is_cut_short_is_told() -> None:
    data = overlay_file(BITS, x10=("US", 500), x11=("US", 500))
    with pytest.raises(UndecodableFrame, match="6000 is cut short: 4 of 31250 bytes"):
        overlay_bitmaps(data, read(data), 0, decode)


# -- on the screen ---------------------------------------------------------------------------------


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("zoom", [1.0, 2.5, 0.37])
def test_f20_planes_follow_the_image_at_every_zoom_flip_and_turn(
    zoom: float, turns: int, flip: bool
) -> None:
    """Each device pixel asked by itself: the bit under its centre, or any in it when reduced."""
    rng = np.random.default_rng(7)
    bits = rng.random((20, 16)) < 0.15
    bitmap = packed(OverlayPlane(0x6000, 20, 16, -3, 5), bits)
    place = PaneTransform(30, 24, 1.25, PaneSize(40, 44), zoom, 3.3, -2.1, turns, flip)
    found = np.zeros((44, 40), dtype=np.bool_)
    laid = stencil(DrawnOverlay(bitmap, (1, 2, 3)), place)
    height, width = laid.mask.shape
    found[laid.top : laid.top + height, laid.left : laid.left + width] = laid.mask
    expected = np.zeros_like(found)
    for y in range(44):
        for x in range(40):
            expected[y, x] = _bit_at(place, x, y, bits, zoom)
    assert np.array_equal(found, expected)
    assert expected.any()


def _bit_at(place: PaneTransform, x: int, y: int, bits: NDArray[np.bool_], zoom: float) -> bool:
    centre = place.to_pixel(PanePoint(x + 0.5, y + 0.5))
    row, column = centre.row + 4, centre.column - 4  # the plane begins at row -3, column 5
    tall, wide = max(1 / (zoom * 1.25), 0), 1 / zoom
    rows = [math.floor(row + 0.5)] if tall <= 1 else _inside(row, tall)
    columns = [math.floor(column + 0.5)] if wide <= 1 else _inside(column, wide)
    return any(bits[r, c] for r in rows for c in columns if 0 <= r < 20 and 0 <= c < 16)


def _inside(at: float, size: float) -> list[int]:
    return list(range(math.ceil(at - size / 2), math.ceil(at + size / 2)))


def test_f20_hidden_planes_leave_the_picture_as_it_is() -> None:
    data = overlay_file(BITS, pixels=np.arange(99, dtype="<u2").reshape(9, 11) * 40)
    header = read(data)
    frame = decode(data, 0, header).pixels
    overlays = laid_over(header, overlay_bitmaps(data, header, 0, decode))[1]
    look = replace(windowed(2048, 4096), zoom=1.0)
    hidden = RenderRequest(
        frame, header, replace(look, overlays=False), PaneSize(11, 9), overlays=overlays
    )
    plain = RenderRequest(frame, header, look, PaneSize(11, 9))
    assert np.array_equal(hidden.compose(hidden.sample()), plain.compose(plain.sample()))
    assert not plain.same_place(hidden)


# -- real objects ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "program"),
    [("mg/OutOfBoundsOverlay.dcm", "dcmj2pnm"),
     ("lut-overlay-shutter/MR-SIEMENS-DICOM-WithOverlays.dcm", "dcm2pnm")],
)  # fmt: skip
def test_f20_real_overlays_equal_dcmtk(
    shared_dicom: Path, tmp_path: Path, name: str, program: str
) -> None:
    file = tmp_path / "image.dcm"
    file.write_bytes((shared_dicom / name).read_bytes())
    theirs = by_dcmtk(file, program, "+Ww", "60000", "2") == 255  # the whole image is black
    data = file.read_bytes()
    header = read(data)
    assert header.format is not None
    ours = np.zeros(theirs.shape, dtype=np.bool_)
    for bitmap in overlay_bitmaps(data, header, 0, decode):
        ours |= on_image(bitmap, *theirs.shape)
    assert ours.any()
    assert np.array_equal(ours, theirs)
