"""F55: loss is marked by header, by transfer syntax and by what the codestream itself is."""

import io
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from tests.kit import codestreams, dicom_files
from tests.kit.viewer import IDENTITY, chest, shown
from viewer.loading.headers import read_header
from viewer.model.study import Instance
from viewer.render.marks import marked
from viewer.viewport.overlay import PaneContext, corner_fields
from workstation.__main__ import main

GREY = (np.add.outer(np.arange(16), np.arange(24)) * 6).astype(np.uint8)
TREE = "1.2.840.10008.1.2.4."
LITTLE = "1.2.840.10008.1.2.1"


def read(stream: bytes, syntax: str, **values: Any) -> Instance:
    data = dicom_files.encoded(
        [stream], syntax, Rows=16, Columns=24, BitsAllocated=8, BitsStored=8, HighBit=7, **values
    )
    return read_header(io.BytesIO(data), name="file").instance


def jpeg_2000(*, reversible: bool) -> bytes:
    return bytes(
        imagecodecs.jpeg2k_encode(
            GREY, codecformat="j2k", reversible=reversible, level=0 if reversible else 40
        )
    )


def htj2k(*, reversible: bool) -> bytes:
    return bytes(imagecodecs.htj2k_encode(GREY, reversible=reversible))


def jpeg_ls(near: int) -> bytes:
    return bytes(imagecodecs.jpegls_encode(GREY, level=near))


@pytest.mark.parametrize(
    ("stream", "syntax", "stated", "mark", "told"),
    [
        (codestreams.jpeg(GREY), "50", None, "JPEG", False),
        (codestreams.jpeg(GREY), "50", "00", "JPEG", True),
        (codestreams.jpeg(GREY), "70", None, "JPEG", True),
        (codestreams.jpeg_lossless(GREY, 8), "70", None, "", False),
        (jpeg_ls(0), "80", None, "", False),
        (jpeg_ls(3), "80", None, "JPEG-LS", True),
        (jpeg_ls(3), "81", "01", "JPEG-LS", False),
        (jpeg_ls(0), "81", None, "JPEG-LS", False),
        (jpeg_2000(reversible=True), "90", None, "", False),
        (jpeg_2000(reversible=False), "90", None, "JPEG 2000", True),
        (jpeg_2000(reversible=False), "91", None, "JPEG 2000", False),
        (jpeg_2000(reversible=False), "91", "00", "JPEG 2000", True),
        (jpeg_2000(reversible=True), "91", "00", "", False),
        (jpeg_2000(reversible=True), "91", None, "JPEG 2000", False),
        (htj2k(reversible=True), "201", None, "", False),
        (htj2k(reversible=False), "201", None, "HTJ2K", True),
        (htj2k(reversible=False), "203", None, "HTJ2K", False),
        (htj2k(reversible=True), "203", "00", "", False),
    ],
)
def test_f55_codestreams_say_what_they_lost(
    stream: bytes, syntax: str, stated: str | None, mark: str, told: bool
) -> None:
    values = {} if stated is None else {"LossyImageCompression": stated}
    header = read(stream, TREE + syntax, **values)
    ratio = GREY.size / (len(stream) + len(stream) % 2)
    assert header.lossy == (f"{mark} about {ratio:.3g}:1" if mark else "")
    sentence = f"The header does not say so, but its {mark} data is lossy."
    assert header.repairs == ((sentence,) if told else ())


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        ({"LossyImageCompression": "01"}, "unknown method"),
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": [10.25],
          "LossyImageCompressionMethod": ["ISO_10918_1"]}, "JPEG 10.2:1"),
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": [4, 7.5],
          "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"]},
         "JPEG 4:1, JPEG 2000 7.5:1"),
        ({"LossyImageCompression": "00"}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_f55_ancestors_that_lost_are_told_of_native_pixels(
    values: dict[str, Any], mark: str
) -> None:
    data = dicom_files.file(**values)
    assert read_header(io.BytesIO(data), name="file").instance.lossy == mark


def test_f55_every_frame_of_many_counts_its_own_length() -> None:
    streams = [codestreams.jpeg(GREY), codestreams.jpeg(GREY[::-1].copy())]
    data = dicom_files.encoded(
        streams, TREE + "50", Rows=16, Columns=24, BitsAllocated=8, BitsStored=8, HighBit=7
    )
    found = read_header(io.BytesIO(data), name="file").instance
    length = len(streams[0]) + len(streams[0]) % 2
    assert found.lossy == f"JPEG about {GREY.size / length:.3g}:1"


def test_f55_the_mark_stands_in_the_corner_with_method_and_ratio() -> None:
    study = chest(1, lossy="JPEG 10:1")
    viewport = shown(study)
    transform = viewport.transform()
    assert transform is not None
    assert viewport.instance is not None
    fields = corner_fields(
        viewport.state, viewport.instance, transform,
        PaneContext(IDENTITY, study, study.series[0]),
    )  # fmt: skip
    assert fields["mark.lossy"] == "LOSSY JPEG 10:1"


@pytest.mark.parametrize(
    ("name", "method"),
    [("JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50", "JPEG"),
     ("JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51", "JPEG"),
     ("JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81", "JPEG-LS"),
     ("JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91", "JPEG 2000"),
     ("JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90", ""),
     ("RLELosslessTransferSyntax_1.2.840.10008.1.2.5", "")],
)  # fmt: skip
def test_f55_real_ct_in_several_syntaxes(shared_dicom: Path, name: str, method: str) -> None:
    (file,) = (shared_dicom / "transfer-syntaxes" / "ctimage").glob(f"CTImage.dcm_{name}*")
    with file.open("rb") as data:
        found = read_header(data, name=file.name).instance.lossy
    assert found.rpartition(" ")[0] == method


# -- pictures that leave the program ---------------------------------------------------------------


def rendered(tmp_path: Path, stream: bytes, syntax: str, *options: str) -> Image.Image:
    source, out = tmp_path / "image.dcm", tmp_path / "picture.png"
    source.write_bytes(
        dicom_files.encoded(
            [stream],
            syntax,
            Rows=16,
            Columns=24,
            BitsAllocated=8,
            BitsStored=8,
            HighBit=7,
            PixelSpacing=[1, 1],
        )
    )
    assert main(["render", str(source), "--out", str(out), *options]) == 0
    with Image.open(out) as picture:
        picture.load()
        return picture


def test_f55_a_rendered_picture_carries_the_mark(tmp_path: Path) -> None:
    stream = codestreams.jpeg(GREY)
    plain = rendered(tmp_path, codestreams.jpeg_lossless(GREY, 8), TREE + "70", "--size", "240x160")
    lossy = rendered(tmp_path, stream, TREE + "50", "--size", "240x160")
    ratio = f"{GREY.size / (len(stream) + len(stream) % 2):.3g}"
    assert lossy.info["Comment"] == f"LOSSY JPEG about {ratio}:1"
    assert "Comment" not in plain.info
    differing = np.argwhere(np.abs(np.asarray(lossy).astype(int) - np.asarray(plain)) > 40)
    assert differing.min(axis=0)[0] > 130, "the corner, not the image"
    assert len(differing) > 200


def test_f55_values_one_to_one_stay_as_they_are(tmp_path: Path) -> None:
    lossy = rendered(tmp_path, codestreams.jpeg(GREY), TREE + "50", "--no-voi")
    values = np.asarray(lossy).astype(float)
    expected = GREY.astype(float) * 255 / GREY.max()
    assert np.abs(values - expected).max() <= 4
    assert lossy.info["Comment"].startswith("LOSSY JPEG")


@pytest.mark.parametrize("shape", [(40, 300), (12, 40), (6, 20), (200, 300, 3)])
def test_f55_the_mark_fits_any_picture(shape: tuple[int, ...]) -> None:
    picture = np.full(shape, 100, np.uint8)
    told = marked(picture, "LOSSY JPEG 10:1")
    assert told.shape == shape
    assert (told != 100).any()
    assert marked(picture, "") is picture
    assert (picture == 100).all(), "a picture of its own"


def test_f55_the_mark_of_16_bits_is_as_bright_as_of_eight() -> None:
    deep = marked(np.zeros((40, 200), np.uint16), "LOSSY")
    flat = marked(np.zeros((40, 200), np.uint8), "LOSSY")
    assert np.abs(deep / 257 - flat).max() <= 1
