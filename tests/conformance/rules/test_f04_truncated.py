"""F4: pixel data cut short is shown as far as it goes, hatched below, and not measured there."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydicom.encaps import encapsulate

from tests.kit import codestreams, dicom_files
from viewer.errors import UndecodableFrame
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline

ROWS, COLUMNS = 64, 48
_Y, _X = np.mgrid[:ROWS, :COLUMNS]
SMOOTH = (
    1000 + 12 * _X + 9 * _Y + np.random.default_rng(4).integers(0, 40, (ROWS, COLUMNS))
).astype(np.uint16)
SIZE: dict[str, Any] = {"Rows": ROWS, "Columns": COLUMNS}
ROW_BYTES = 2 * COLUMNS
_TREE = "1.2.840.10008.1.2.4."


def _decoded(data: bytes) -> Decoded:
    instance = read_header(io.BytesIO(data), name="file").instance
    return decode_frame(cut_frame(outline(PlainBytes(data), where="file"), 0, instance))


def _native(syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    order = ">" if syntax.endswith(".2.2") else "<"
    ds = dicom_files.dataset(PixelData=SMOOTH.astype(f"{order}u2").tobytes(), **SIZE)
    ds["PixelData"].VR = "OW"
    return dicom_files.written(ds, syntax)


@pytest.mark.parametrize(
    "syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"]
)
@pytest.mark.parametrize(
    ("gone", "rows"),
    [(1, ROWS - 1), (ROW_BYTES, ROWS - 1), (ROWS * ROW_BYTES // 2, ROWS // 2)],
    ids=["1-byte", "1-row", "half"],
)
def test_f04_native_rows_that_are_gone_are_named(syntax: str, gone: int, rows: int) -> None:
    found = _decoded(_native(syntax)[:-gone])
    assert found.missing == ((rows, ROWS),)
    np.testing.assert_array_equal(found.pixels[:rows], SMOOTH[:rows])
    assert not found.pixels[rows:].any()
    assert found.notes == (f"There is no data for rows {rows + 1} to {ROWS} of this frame.",)


def test_f04_a_frame_without_one_whole_row_is_refused() -> None:
    with pytest.raises(UndecodableFrame, match="cut short"):
        _decoded(_native()[: -(ROWS * ROW_BYTES - 40)])


def test_f04_planes_that_follow_each_other_lose_a_row_with_the_last_of_them() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (3, ROWS, COLUMNS), np.uint8)
    data = dicom_files.file(
        PixelData=rgb.tobytes(), SamplesPerPixel=3, PhotometricInterpretation="RGB",
        PlanarConfiguration=1, BitsAllocated=8, BitsStored=8, HighBit=7, **SIZE,
    )  # fmt: skip
    found = _decoded(data[: -3 * COLUMNS])
    assert found.missing == ((ROWS - 3, ROWS),)
    np.testing.assert_array_equal(found.pixels[: ROWS - 3], np.moveaxis(rgb, 0, -1)[: ROWS - 3])
    with pytest.raises(UndecodableFrame):
        _decoded(data[: -ROWS * COLUMNS])


def _jpeg() -> bytes:
    return codestreams.jpeg((SMOOTH >> 4).astype(np.uint8))


def _colour_jpeg() -> bytes:
    grey = (SMOOTH >> 4).astype(np.uint8)
    return codestreams.jpeg(np.stack([grey, grey // 2, 255 - grey], axis=-1))


_EIGHT = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
_COLOUR = {**_EIGHT, "SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422",
           "PlanarConfiguration": 0}  # fmt: skip

CODED: dict[str, tuple[str, Callable[[], bytes], dict[str, Any]]] = {
    "jpeg": (_TREE + "50", _jpeg, _EIGHT),
    "jpeg-colour": (_TREE + "50", _colour_jpeg, _COLOUR),
    "jpeg-lossless": (_TREE + "70", lambda: codestreams.jpeg_lossless(SMOOTH, 12), {}),
    "jpeg-ls": (
        _TREE + "80",
        lambda: codestreams.jpeg_ls(SMOOTH),
        {"BitsStored": 16, "HighBit": 15},
    ),
    "rle": ("1.2.840.10008.1.2.5", lambda: codestreams.rle(SMOOTH), {}),
    "jpeg-2000": (
        _TREE + "90",
        lambda: codestreams.jpeg_2000(SMOOTH),
        {"BitsStored": 16, "HighBit": 15},
    ),
    "htj2k": (_TREE + "201", lambda: codestreams.htj2k(SMOOTH), {"BitsStored": 16, "HighBit": 15}),
}


@pytest.mark.parametrize("name", CODED)
def test_f04_no_codestream_is_filled_up_wherever_it_is_cut(name: str) -> None:
    """Cut at every seventh byte: what is shown is what the whole codestream shows."""
    syntax, make, values = CODED[name]
    stream = make()
    whole = _decoded(dicom_files.encoded([stream], syntax, **values, **SIZE))
    assert whole.missing == ()
    shown = 0
    for end in [*range(40, len(stream) - 2, 7), len(stream) - 2]:
        data = dicom_files.encoded([stream], syntax, **values, **SIZE)
        place = data.index(stream) + end
        try:
            found = _decoded(data[:place])
        except UndecodableFrame as error:
            assert error.sentence.endswith(".")  # noqa: PT017  most of them are refused
            continue
        rows = found.missing[0][0] if found.missing else ROWS
        assert rows < ROWS or end >= len(stream) - 3, end
        np.testing.assert_array_equal(found.pixels[:rows], whole.pixels[:rows])
        assert not found.pixels[rows:].any()
        shown += rows > 0
    assert shown > 10 if name not in {"jpeg-ls", "jpeg-2000", "htj2k"} else shown == 0


@pytest.mark.parametrize("table", [False, True], ids=["no table", "table"])
def test_f04_more_codestreams_than_frames_are_refused_as_none_is_certain(table: bool) -> None:
    """A picture at another frame's position, with its rescale, would lie; fewer are shown (F14)."""
    streams = [codestreams.jpeg_ls(np.full((8, 8), number, np.uint16)) for number in range(3)]
    ds = dicom_files.dataset(Rows=8, Columns=8, NumberOfFrames=2)
    ds.PixelData = encapsulate(streams, has_bot=table)
    data = dicom_files.written(ds, "1.2.840.10008.1.2.4.80")
    instance = read_header(io.BytesIO(data), name="file").instance
    for frame in (0, 1):
        with pytest.raises(UndecodableFrame, match="3 codestreams and the header counts 2 frames"):
            cut_frame(outline(PlainBytes(data), where="file"), frame, instance)
