"""F3: two independent decoders agree on every transfer syntax; lossy JPEG within its few levels.

dcmtk decodes what it can; ffmpeg's own JPEG 2000 and JPEG-LS stand beside OpenJPEG and CharLS,
which most other programs wrap; where none is left, the array that another encoder was given.
"""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit import codestreams, dicom_files, ffmpeg_oracle
from viewer.loading import codecs, jpeg
from viewer.loading.codestream import bare_codestream, jpeg2000_facts, jpeg_facts
from viewer.loading.decoders import DECODERS, decode_frame
from viewer.loading.encoded import EncodedFrame, cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline
from viewer.model.study import Instance

_TREE = "1.2.840.10008.1.2"
DCMTK = {".1": "dcmconv", ".2": "dcmconv", "": "dcmconv", ".1.99": "dcmconv", ".5": "dcmdrle",
         ".4.50": "dcmdjpeg", ".4.51": "dcmdjpeg", ".4.53": "dcmdjpeg", ".4.55": "dcmdjpeg",
         ".4.57": "dcmdjpeg", ".4.70": "dcmdjpeg", ".4.80": "dcmdjpls",
         ".4.81": "dcmdjpls"}  # fmt: skip
UNREAD_BY_DCMTK = {"SC_rgb_jpeg.dcm"}
"""Its fragments are malformed: dcmtk stops reading inside them, pydicom agrees (test_decoding)."""
LOSSY_DCT = {".4.50", ".4.51", ".4.53", ".4.55"}

needs_dcmtk = pytest.mark.skipif(shutil.which("dcmdjpeg") is None, reason="dcmtk is missing")
needs_ffmpeg = pytest.mark.skipif(not ffmpeg_oracle.INSTALLED, reason="ffmpeg is missing")


def _cut(file: Path) -> tuple[Instance, EncodedFrame]:
    data = file.read_bytes()
    instance = read_header(io.BytesIO(data), name=file.name).instance
    return instance, cut_frame(outline(PlainBytes(data), where=file.name), 0, instance)


def _number(instance: Instance) -> str:
    return instance.transfer_syntax.removeprefix(_TREE)


def _files(shared: Path) -> list[Path]:
    """Every file with pixels that can be shown; a note of JPEG 2000 in JP2 form among them."""
    found = []
    for file in sorted(f for f in (shared / "transfer-syntaxes").rglob("*") if f.is_file()):
        with file.open("rb") as data:
            if read_header(data, name=file.name).instance.format is not None:
                found.append(file)
    return found


@needs_dcmtk
@pytest.mark.timeout(60)
@pytest.mark.slow
def test_f03_dcmtk_decodes_the_same(shared_dicom: Path, tmp_path: Path) -> None:
    seen: set[str] = set()
    for file in _files(shared_dicom):
        instance, frame = _cut(file)
        number = _number(instance)
        if number not in DCMTK or file.name in UNREAD_BY_DCMTK:
            continue
        out = tmp_path / "native.dcm"
        words = ["+te"] if DCMTK[number] == "dcmconv" else []
        subprocess.run([DCMTK[number], *words, file, out], check=True, capture_output=True)
        theirs = decode_frame(_cut(out)[1]).pixels.astype(np.int64)
        ours = decode_frame(frame).pixels
        allowed = 0 if number not in LOSSY_DCT else 1 if ours.ndim == 2 else 3
        assert np.abs(ours - theirs).max() <= allowed, file.name
        seen.add(number)
    assert seen == DCMTK.keys()


@needs_ffmpeg
@pytest.mark.timeout(60)
@pytest.mark.slow
def test_f03_ffmpeg_decodes_wavelets_and_jpeg_ls_the_same(
    shared_dicom: Path, tmp_path: Path
) -> None:
    seen: set[str] = set()
    for file in _files(shared_dicom):
        instance, frame = _cut(file)
        number = _number(instance)
        if number not in {".4.80", ".4.81", ".4.90", ".4.91"} or frame.stored.samples > 1:
            continue
        _agrees_with_ffmpeg(frame, number, tmp_path, file.name)
        seen.add(number)
    assert seen == {".4.80", ".4.81", ".4.90", ".4.91"}


def _agrees_with_ffmpeg(frame: EncodedFrame, number: str, folder: Path, name: str) -> None:
    stream = bare_codestream(frame.coded, where=name)
    wavelet = number in {".4.90", ".4.91"}
    facts = jpeg2000_facts(stream, where=name) if wavelet else jpeg_facts(stream, where=name)
    theirs = ffmpeg_oracle.samples(stream, ".j2k" if wavelet else ".jls", facts.precision, folder)
    assert theirs is not None, name
    if facts.signed:
        theirs = theirs - (1 << (facts.precision - 1))
    ours = decode_frame(frame).pixels.astype(np.int64)
    bits = (1 << min(frame.stored.bits_stored, facts.precision)) - 1
    apart = (ours - theirs) & bits
    allowed = 1 if facts.reversible is False else 0
    assert np.minimum(apart, bits + 1 - apart).max() <= allowed, name


def _picture(bits: int, seed: int = 3) -> NDArray[Any]:
    y, x = np.mgrid[:96, :80]
    noise = np.random.default_rng(seed).integers(0, 1 << max(bits - 4, 1), x.shape)
    grey = (np.sin(x / 17) + np.cos(y / 11) + 2) / 4 * ((1 << bits) - 1) * 0.9 + noise
    picture: NDArray[Any] = np.clip(grey, 0, (1 << bits) - 1)
    return picture.astype(np.uint8 if bits <= 8 else np.uint16)


def _decoded(stream: bytes, number: str, bits: int, **values: Any) -> NDArray[Any]:
    allocated = 8 if bits <= 8 else 16
    data = dicom_files.encoded(
        [stream], _TREE + number, Rows=96, Columns=80, BitsAllocated=allocated, BitsStored=bits,
        HighBit=bits - 1, **values,
    )  # fmt: skip
    instance = read_header(io.BytesIO(data), name="file").instance
    found = decode_frame(cut_frame(outline(PlainBytes(data), where="file"), 0, instance))
    return found.pixels


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_f03_what_openjph_encodes_openjpeg_decodes(bits: int) -> None:
    """Two implementations of HTJ2K, one at each end."""
    picture = _picture(bits)
    np.testing.assert_array_equal(codecs.jpeg_2000(codestreams.htj2k(picture)), picture)
    np.testing.assert_array_equal(_decoded(codestreams.htj2k(picture), ".4.201", bits), picture)


@needs_ffmpeg
@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("kind", [".j2k", ".jls"])
def test_f03_ffmpeg_reads_what_is_lossless_here(bits: int, kind: str, tmp_path: Path) -> None:
    picture = _picture(bits)
    make = codestreams.jpeg_2000 if kind == ".j2k" else codestreams.jpeg_ls
    number = ".4.90" if kind == ".j2k" else ".4.80"
    stream = make(picture)
    depth = 8 if bits == 8 else 16
    theirs = ffmpeg_oracle.samples(stream, kind, depth, tmp_path)
    assert theirs is not None
    np.testing.assert_array_equal(theirs, picture)
    np.testing.assert_array_equal(_decoded(stream, number, bits), picture)


@pytest.mark.parametrize("bits", range(2, 17))
def test_f03_lossless_jpeg_of_every_depth_equals_libjpeg(bits: int) -> None:
    """Decoded here (F4 needs every bit of it checked), encoded and decoded by others."""
    picture = _picture(bits).astype(np.uint16)
    stream = codestreams.jpeg_lossless_of(picture, bits, 1)
    if bits >= 8:
        stream = codestreams.jpeg_lossless(picture, bits)
    ours, rows = jpeg.decode(stream, None)
    assert rows == 96
    np.testing.assert_array_equal(ours, picture)
    np.testing.assert_array_equal(imagecodecs.jpeg8_decode(stream), picture)


@pytest.mark.parametrize("predictor", range(1, 8))
@pytest.mark.parametrize("restarts", [0, 3])
def test_f03_every_predictor_of_lossless_jpeg_equals_libjpeg(predictor: int, restarts: int) -> None:
    picture = _picture(12)
    stream = codestreams.jpeg_lossless_of(picture, 12, predictor, restart_rows=restarts)
    ours, _ = jpeg.decode(stream, None)
    np.testing.assert_array_equal(ours, picture)
    np.testing.assert_array_equal(imagecodecs.jpeg8_decode(stream), picture)


@needs_dcmtk
@pytest.mark.parametrize("predictor", [1, 4, 6])
def test_f03_dcmtk_encodes_lossless_jpeg_that_decodes_to_its_source(
    predictor: int, tmp_path: Path
) -> None:
    picture = _picture(12)
    native, coded = tmp_path / "native.dcm", tmp_path / "coded.dcm"
    native.write_bytes(dicom_files.file(PixelData=picture.tobytes(), Rows=96, Columns=80))
    mode = ["+e1"] if predictor == 1 else ["+el", "+sv", str(predictor)]
    subprocess.run(["dcmcjpeg", *mode, native, coded], check=True, capture_output=True)
    instance, frame = _cut(coded)
    assert instance.transfer_syntax.endswith((".57", ".70"))
    np.testing.assert_array_equal(decode_frame(frame).pixels, picture)


def test_f03_lossy_jpeg_of_one_encoder_within_a_level_of_two_decoders() -> None:
    picture = _picture(8)
    stream = codestreams.jpeg(picture)
    found = _decoded(stream, ".4.50", 8)
    assert np.abs(found.astype(int) - imagecodecs.jpeg8_decode(stream)).max() == 0
    assert np.abs(found.astype(int) - picture).max() <= 24


def test_f03_the_chosen_decoders_are_recorded() -> None:
    """Another decoder would change pixels of lossy images: this table is that decision."""
    from viewer.loading.codec_report import CHOSEN

    assert CHOSEN.keys() == DECODERS.keys()


@pytest.mark.parametrize("signed", [False, True])
def test_f03_what_overshoots_the_stored_bits_is_white_and_not_black(signed: bool) -> None:
    """A lossy wavelet of 16 bits over 12 stored ones: its error goes past the largest value."""
    size = 64
    sharp = np.zeros((size, size), np.int16)
    sharp[::3, ::2] = 4095
    if signed:
        sharp -= 2048
    pixels = sharp if signed else sharp.astype(np.uint16)
    stream = imagecodecs.jpeg2k_encode(
        pixels, level=38, codecformat="j2k", reversible=False, mct=False
    )
    coded = np.asarray(imagecodecs.jpeg2k_decode(stream)).astype(int)
    low, high = (-2048, 2047) if signed else (0, 4095)
    assert coded.max() > high or coded.min() < low
    data = dicom_files.encoded(
        [bytes(stream)], "1.2.840.10008.1.2.4.91", Rows=size, Columns=size,
        BitsStored=12, HighBit=11, PixelRepresentation=int(signed),
    )  # fmt: skip
    instance = read_header(io.BytesIO(data), name="file").instance
    found = decode_frame(cut_frame(outline(PlainBytes(data), where="file"), 0, instance))
    np.testing.assert_array_equal(found.pixels, np.clip(coded, low, high))
