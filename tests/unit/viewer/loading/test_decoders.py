"""Frames come out as the header means them: bits, signs, colours, refusals (F1, F2, F4, F17)."""

import io
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.kit import codestreams, dicom_files
from viewer.errors import UndecodableFrame
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline

LITTLE, BIG, DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
IMPLICIT = "1.2.840.10008.1.2"
JPEG, LOSSLESS, JPEG_LS = (f"1.2.840.10008.1.2.4.{n}" for n in (50, 70, 80))
J2K, HTJ2K, RLE = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.5"


def _decoded(data: bytes, frame: int = 0) -> Decoded:
    instance = read_header(io.BytesIO(data), name="file").instance
    return decode_frame(cut_frame(outline(PlainBytes(data), where="file"), frame, instance))


def _decode(data: bytes, frame: int = 0) -> Any:
    return _decoded(data, frame).pixels


def _expected(raw: Any, stored: int, high: int, *, signed: bool) -> Any:
    """F1 literally: the stored bits below High Bit, then two's complement."""
    values = (raw.astype(np.int64) >> (high + 1 - stored)) & ((1 << stored) - 1)
    return (
        np.where(values >= 1 << (stored - 1), values - (1 << stored), values) if signed else values
    )


@pytest.mark.parametrize("syntax", [LITTLE, IMPLICIT, BIG, DEFLATED])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    ("allocated", "stored", "high"),
    [(8, 8, 7), (8, 5, 6), (16, 16, 15), (16, 12, 11), (16, 12, 15), (16, 1, 0), (32, 32, 31),
     (32, 20, 25)],
)  # fmt: skip
def test_native_bits(syntax: str, signed: bool, allocated: int, stored: int, high: int) -> None:
    order = ">" if syntax == BIG else "<"
    raw = np.random.default_rng(allocated + stored).integers(0, 1 << allocated, (4, 5), np.uint64)
    ds = dicom_files.dataset(
        BitsAllocated=allocated, BitsStored=stored, HighBit=high, PixelRepresentation=int(signed)
    )
    ds["PixelData"].VR = "OB" if allocated == 8 else "OW"
    ds.PixelData = raw.astype(f"{order}u{allocated // 8}").tobytes()
    frame = _decode(dicom_files.written(ds, syntax))
    assert frame.dtype == np.dtype(f"{'i' if signed else 'u'}{allocated // 8}")
    assert frame.flags.c_contiguous
    np.testing.assert_array_equal(frame, _expected(raw, stored, high, signed=signed))


@pytest.mark.parametrize("stored", [16, 12])
def test_a_native_frame_does_not_hold_its_object(stored: int) -> None:
    data = dicom_files.file(BitsStored=stored, HighBit=stored - 1)
    frame = _decode(data)
    assert not np.may_share_memory(frame, np.frombuffer(data, np.uint8))


def test_one_bit_frames_begin_inside_a_byte() -> None:
    bits = np.random.default_rng(1).integers(0, 2, (3, 3, 5), np.uint8)
    data = dicom_files.file(
        BitsAllocated=1, BitsStored=1, HighBit=0, Rows=3, Columns=5, NumberOfFrames=3,
        PixelData=np.packbits(bits.ravel(), bitorder="little").tobytes(),
    )  # fmt: skip
    for frame in range(3):
        np.testing.assert_array_equal(_decode(data, frame), bits[frame])


@pytest.mark.parametrize(
    ("keyword", "kind"), [("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")]
)
def test_float_pixels_pass(keyword: str, kind: str) -> None:
    values = np.linspace(-1.5, 1e6, 20).reshape(4, 5).astype(kind)
    ds = dicom_files.dataset(PixelData=None, BitsAllocated=8 * values.itemsize)
    for gone in ("BitsStored", "HighBit", "PixelRepresentation"):
        delattr(ds, gone)
    setattr(ds, keyword, values.tobytes())
    frame = _decode(dicom_files.written(ds))
    assert frame.dtype == values.dtype
    np.testing.assert_array_equal(frame, values)


def _colour(photometric: str, pixels: bytes, **values: Any) -> Dataset:
    return dicom_files.dataset(
        PhotometricInterpretation=photometric, SamplesPerPixel=3, PlanarConfiguration=0,
        BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=pixels, **values,
    )  # fmt: skip


RGB = np.random.default_rng(2).integers(0, 256, (4, 5, 3), np.uint8)


@pytest.mark.parametrize("planar", [0, 1])
def test_planes_of_colour_are_resolved(planar: int) -> None:
    pixels = np.moveaxis(RGB, -1, 0) if planar else RGB
    ds = _colour("RGB", pixels.tobytes())
    ds.PlanarConfiguration = planar
    np.testing.assert_array_equal(_decode(dicom_files.written(ds)), RGB)


def test_ybr_full_follows_the_equation() -> None:
    y, blue, red = (RGB[..., i].astype(float) for i in range(3))
    expected = np.stack(
        [y + 1.402 * (red - 128), y - 0.344136 * (blue - 128) - 0.714136 * (red - 128),
         y + 1.772 * (blue - 128)], axis=-1,
    )  # fmt: skip
    expected = np.clip(np.floor(expected + 0.5), 0, 255)
    frame = _decode(dicom_files.written(_colour("YBR_FULL", RGB.tobytes())))
    assert frame.dtype == np.uint8
    np.testing.assert_array_equal(frame, expected)


def test_ybr_full_422_gives_both_pixels_of_a_pair_their_chroma() -> None:
    pixels = np.full((4, 2, 4), 128, np.uint8)
    pixels[..., 0], pixels[..., 1] = 50, 60
    ds = _colour("YBR_FULL_422", pixels.tobytes(), Columns=4)
    frame = _decode(dicom_files.written(ds))
    np.testing.assert_array_equal(frame[..., 0], [[50, 60, 50, 60]] * 4)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_clamps_and_keeps_the_high_byte(bits: int) -> None:
    entries = np.arange(4, dtype=np.uint16) * (0x1111 if bits == 16 else 0x11)
    ds = dicom_files.dataset(
        PhotometricInterpretation="PALETTE COLOR", BitsAllocated=8, BitsStored=8, HighBit=7,
        PixelData=bytes([0, 9, 10, 11, 12, 13, 200] + [10] * 13),
    )  # fmt: skip
    for i in range(3):
        ds.add_new(0x00281101 + i, "US", [4, 10, bits])
        table = entries.astype("<u2" if bits == 16 else "u1")
        ds.add_new(0x00281201 + i, "OW", table.tobytes())
    frame = _decode(dicom_files.written(ds))
    np.testing.assert_array_equal(frame[..., 0].ravel()[:7], [0, 0, 0, 0x11, 0x22, 0x33, 0x33])
    assert frame.shape == (4, 5, 3)


def test_a_segmented_palette_is_expanded() -> None:
    # discrete 2 entries, linear to 0x4000 in 2 steps, then both segments again (C.7.9.2)
    words = [0, 2, 0x0000, 0x2000, 1, 2, 0x4000, 2, 2, 0, 0]
    ds = dicom_files.dataset(
        PhotometricInterpretation="PALETTE COLOR", BitsAllocated=8, BitsStored=8, HighBit=7,
        PixelData=bytes([*range(8), *[0] * 12]),
    )  # fmt: skip
    for i in range(3):
        ds.add_new(0x00281101 + i, "US", [8, 0, 16])
        ds.add_new(0x00281221 + i, "OW", np.asarray(words, "<u2").tobytes())
    frame = _decode(dicom_files.written(ds))
    expected = [0x00, 0x20, 0x30, 0x40] * 2
    np.testing.assert_array_equal(frame[..., 2].ravel()[:8], expected)


GREY = np.random.default_rng(3).integers(0, 4096, (16, 24), np.uint16)
SIZE = {"Rows": 16, "Columns": 24}


def _streams() -> list[tuple[str, bytes]]:
    return [
        (JPEG_LS, codestreams.jpeg_ls(GREY)),
        (J2K, codestreams.jpeg_2000(GREY)),
        (J2K, codestreams.jpeg_2000(GREY, "jp2")),
        (HTJ2K, codestreams.htj2k(GREY)),
        (LOSSLESS, codestreams.jpeg_lossless(GREY, 12)),
        (RLE, codestreams.rle(GREY)),
    ]


@pytest.mark.parametrize(("syntax", "stream"), _streams())
def test_lossless_codecs_give_what_was_encoded(syntax: str, stream: bytes) -> None:
    frame = _decode(dicom_files.encoded([stream], syntax, **SIZE))
    assert frame.dtype == np.uint16
    np.testing.assert_array_equal(frame, GREY)


@pytest.mark.parametrize(("syntax", "stream"), _streams())
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_cut_codestream_is_never_filled(syntax: str, stream: bytes, part: float) -> None:
    data = dicom_files.encoded([stream[: int(len(stream) * part)]], syntax, **SIZE)
    if syntax != LOSSLESS:
        with pytest.raises(UndecodableFrame):
            _decode(data)
        return
    found = _decoded(data)
    ((begin, end),) = found.missing
    assert 16 * part - 4 <= begin < end == 16
    np.testing.assert_array_equal(found.pixels[:begin], GREY[:begin])
    assert not found.pixels[begin:].any()


@pytest.mark.parametrize(("syntax", "stream"), _streams())
def test_dimensions_must_be_those_of_the_header(syntax: str, stream: bytes) -> None:
    with pytest.raises(UndecodableFrame):
        _decode(dicom_files.encoded([stream], syntax, Rows=16, Columns=25))


def test_the_header_decides_the_sign_of_a_codestream() -> None:
    signed = (GREY.astype(np.int16) << 4) >> 4
    stream = codestreams.jpeg_2000(GREY)
    frame = _decode(dicom_files.encoded([stream], J2K, PixelRepresentation=1, **SIZE))
    np.testing.assert_array_equal(frame, signed)


def test_eight_bit_codestreams_in_sixteen_bits() -> None:
    grey = (GREY & 255).astype(np.uint8)
    frame = _decode(dicom_files.encoded([codestreams.jpeg_ls(grey)], JPEG_LS, **SIZE))
    assert frame.dtype == np.uint16
    np.testing.assert_array_equal(frame, grey)


def _adobe(stream: bytes, transform: int) -> bytes:
    return stream[:2] + b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0" + bytes([transform]) + stream[2:]


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422"])
def test_the_codestream_decides_its_colour_space(photometric: str) -> None:
    flat = np.empty((16, 24, 3), np.uint8)
    flat[:] = (200, 100, 50)
    ycc = codestreams.jpeg(flat)
    ds = {"PhotometricInterpretation": photometric, "SamplesPerPixel": 3, "PlanarConfiguration": 0,
          "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, **SIZE}  # fmt: skip
    frame = _decode(dicom_files.encoded([ycc], JPEG, **ds))
    assert np.abs(frame.astype(int) - (200, 100, 50)).max() <= 2
    plain = codestreams.jpeg(flat, "RGB")
    frame = _decode(dicom_files.encoded([_adobe(plain, 0)], JPEG, **ds))
    assert np.abs(frame.astype(int) - (200, 100, 50)).max() <= 2


def test_colour_of_a_colour_jpeg_without_any_marker_is_the_header_s() -> None:
    flat = np.empty((16, 24, 3), np.uint8)
    flat[:] = (200, 100, 50)
    stream = codestreams.jpeg(flat, "YCBCR")
    jfif = stream.find(b"\xff\xe0")
    bare = stream[:jfif] + stream[jfif + 18 :] if jfif == 2 else stream
    values = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "BitsAllocated": 8, "BitsStored": 8,
              "HighBit": 7, **SIZE}  # fmt: skip
    frame = _decode(dicom_files.encoded([bare], JPEG, PhotometricInterpretation="RGB", **values))
    assert np.abs(frame.astype(int) - (200, 100, 50)).max() <= 2


@pytest.mark.parametrize(
    ("values", "syntax", "sentence"),
    [
        ({"PixelData": bytes(8)}, LITTLE, "32 bytes are missing"),
        ({"PixelData": b""}, LITTLE, "40 bytes are missing"),
        ({"PixelData": None}, LITTLE, "no pixel data"),
        ({"BitsAllocated": 64, "BitsStored": 64, "HighBit": 63, "PixelData": bytes(160)}, LITTLE,
         "64 bits"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, LITTLE, "palette is missing"),
    ],
)  # fmt: skip
def test_refusals_say_why(values: dict[str, Any], syntax: str, sentence: str) -> None:
    with pytest.raises(UndecodableFrame, match=sentence) as caught:
        _decode(dicom_files.file(syntax=syntax, **values))
    assert caught.value.where == "1.2.826.0.1.1.1"


def test_a_transfer_syntax_that_nobody_knows() -> None:
    with pytest.raises(UndecodableFrame, match=r"1\.2\.840\.10008\.1\.2\.4\.102"):
        _decode(dicom_files.encoded([b"\0\0\0\1"], "1.2.840.10008.1.2.4.102"))


def test_a_frame_that_is_not_there() -> None:
    with pytest.raises(UndecodableFrame, match="no frame 2 among 1"):
        _decode(dicom_files.file(), 1)


def test_a_transfer_syntax_that_does_not_fit_the_pixel_data_is_told() -> None:
    packed = dicom_files.encoded([codestreams.rle(GREY)], RLE, **SIZE)
    packed = packed.replace(RLE.encode(), b"1.2.840.10008.1.2.1")
    with pytest.raises(UndecodableFrame, match="in fragments, but the transfer syntax"):
        _decode(packed)
