"""Decoded frames equal those of pydicom, file by file; where they do not, the reason stands here.

F1, F2, F3, F17. Lossless: no difference at all. Lossy JPEG: at most 1 level (2 after colour
conversion), since decoders round the inverse cosine transform differently.
"""

import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from tests.kit import pydicom_oracle
from viewer.errors import HeaderError, NotDicom, UndecodableFrame
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import read_header
from viewer.loading.outline import outline
from viewer.model.presentation import Rescale
from viewer.model.study import Instance

WHEEL = Path(pydicom.__file__).parent / "data" / "test_files"

REFUSED = {
    "JPEG2000-embedded-sequence-delimiter.dcm": "the first fragment holds a foreign header; "
    "pydicom and GDCM refuse it too",
}
"""Files with pixels that must not be shown."""

ONLY_OURS = {
    "JPEG-lossy.dcm": "12-bit JPEG: no plug-in of pydicom that may be installed here reads it",
    "JPGExtended.dcm": "12-bit JPEG, as above",
    "SC_rgb_jpeg_gdcm.dcm": "JPEG lossless: pydicom needs a GPL plug-in",
    "MR_truncated.dcm": "62 bytes are missing (F4); its other rows are shown, pydicom refuses it",
    "badVR.dcm": "Number of Frames is '1A', which pydicom cannot read; one frame is there",
}
"""Files that pydicom cannot decode with what is installed; others check them below."""


def _frames(file: Path) -> tuple[Instance, list[Any]]:
    data = file.read_bytes()
    instance = read_header(io.BytesIO(data), name=file.name).instance
    found = outline(PlainBytes(data), where=file.name)
    return instance, [
        decode_frame(cut_frame(found, i, instance)).pixels for i in range(instance.frames)
    ]


def _with_pixels(files: Sequence[Path]) -> list[Path]:
    found = []
    for file in files:
        try:
            with file.open("rb") as data:
                instance = read_header(data, name=file.name).instance
        except (HeaderError, NotDicom):
            continue
        if instance.format is not None and "no pixel data" not in " ".join(instance.repairs):
            found.append(file)
    return found


IMAGES = _with_pixels(sorted(WHEEL.glob("*.dcm")))


def test_the_wheel_has_what_these_tests_think() -> None:
    names = {file.name for file in IMAGES}
    assert len(names) > 55
    assert names >= REFUSED.keys() | ONLY_OURS.keys()


@pytest.mark.parametrize("file", IMAGES, ids=lambda f: f.name)
def test_pydicom_s_own_files(file: Path) -> None:
    if file.name in REFUSED:
        with pytest.raises(UndecodableFrame):
            _frames(file)
        return
    _agrees(file, only_ours=file.name in ONLY_OURS)


def _agrees(file: Path, *, only_ours: bool) -> None:
    instance, ours = _frames(file)
    assert instance.format is not None
    ds = pydicom_oracle.dataset(file)
    if only_ours:
        with pytest.raises((RuntimeError, ValueError, NotImplementedError)):
            pydicom_oracle.frames(ds, instance.format, instance.frames)
        return
    theirs = pydicom_oracle.frames(ds, instance.format, instance.frames)
    assert len(ours) == len(theirs)
    jpeg = instance.transfer_syntax in {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"}
    allowed = 0 if not jpeg else 1 if instance.format.is_grey else 2
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.shape == other.shape
        assert np.abs(mine.astype(np.float64) - other).max() <= allowed


def _shared(folder: Path) -> list[Path]:
    return _with_pixels(sorted(f for f in folder.rglob("*") if f.is_file()))


@pytest.mark.parametrize(
    "part",
    ["bits-and-floats", "lut-overlay-shutter", "transfer-syntaxes/color-sc",
     "transfer-syntaxes/htj2k-jls", "transfer-syntaxes/testpattern", "transfer-syntaxes/edge",
     "enhanced", "us", "nm-pt"],
)  # fmt: skip
def test_the_shared_files(shared_dicom: Path, part: str) -> None:
    compared = 0
    for file in _shared(shared_dicom / part):
        instance, _ = _frames(file)
        assert instance.format is not None
        try:
            theirs = pydicom_oracle.frames(
                pydicom_oracle.dataset(file), instance.format, instance.frames
            )
        except (RuntimeError, ValueError, NotImplementedError, AttributeError):
            continue  # JPEG lossless and 12 bits: pydicom has no plug-in for them here
        compared += len(theirs)
        _agrees(file, only_ours=False)
    assert compared


LOSSY = {".4.50": 2.0, ".4.51": 18.0, ".4.53": 18.0, ".4.55": 18.0, ".4.81": 1.0, ".4.91": 5.0}
"""Largest error of each lossy file of the set, in steps of its own rescale slope."""


def test_one_ct_in_every_transfer_syntax(shared_dicom: Path) -> None:
    files = _shared(shared_dicom / "transfer-syntaxes" / "ctimage")
    values: dict[str, Any] = {}
    slopes: dict[str, float] = {}
    for file in files:
        instance, (frame,) = _frames(file)
        number = instance.transfer_syntax.removeprefix("1.2.840.10008.1.2")
        step = instance.modality_lut
        assert isinstance(step, Rescale)
        values[number] = frame.astype(np.float64) * step.slope + step.intercept
        slopes[number] = step.slope
    assert len(values) == 15
    for number, found in values.items():
        worst = np.abs(found - values[".1"]).max() / slopes[number]
        assert worst <= LOSSY.get(number, 0), number


@pytest.mark.skipif(shutil.which("dcmdjpeg") is None, reason="dcmtk is not installed")
def test_dcmtk_agrees_where_pydicom_has_no_decoder(tmp_path: Path) -> None:
    compared = 0
    for name in ONLY_OURS.keys() - {"badVR.dcm", "MR_truncated.dcm"}:
        out = tmp_path / name
        subprocess.run(["dcmdjpeg", "+cn", WHEEL / name, out], check=True, capture_output=True)
        instance, ours = _frames(WHEEL / name)
        assert instance.format is not None
        theirs = pydicom_oracle.frames(pydicom_oracle.dataset(out), instance.format, 1)
        lossless = instance.transfer_syntax.endswith(".70")
        assert np.abs(ours[0].astype(int) - theirs[0]).max() <= (0 if lossless else 1), name
        compared += 1
    assert compared == 3
