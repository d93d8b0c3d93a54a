"""A header is read again from what was read of it, exactly, or not at all."""

import io
from pathlib import Path

import pytest

from tests.kit import dicom_files
from viewer.errors import ViewerError
from viewer.loading import block_walk
from viewer.loading.header_bytes import BeyondNoted, NotedBytes, ReplayedBytes
from viewer.loading.headers import HeaderRead, header_of
from viewer.loading.outline import load_compiled_walk

J2K = "1.2.840.10008.1.2.4.90"


@pytest.fixture(params=["compiled", "reference"])
def _walk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    load_compiled_walk()
    if request.param == "reference":
        monkeypatch.setattr(block_walk, "_MODULE", "no.such.module")


def _noted(data: bytes) -> tuple[HeaderRead, bytes]:
    notes = NotedBytes(io.BytesIO(data))
    read = header_of(notes, name="x")
    assert read.length is not None
    return read, notes.noted(read.length)


@pytest.mark.usefixtures("_walk")
@pytest.mark.parametrize(
    "data",
    [
        dicom_files.file(),
        dicom_files.encoded([b"\xff\x4f\xff\x51" + bytes(50_000)], J2K),
        dicom_files.file(PatientComments="x" * 9000, PixelData=bytes(100_000)),
    ],
)
def test_the_same_header_without_the_file(data: bytes) -> None:
    read, noted = _noted(data)
    assert len(noted) < len(data) + 200
    assert header_of(ReplayedBytes(noted), name="x") == read


def test_pixels_are_not_kept() -> None:
    data = dicom_files.file(PixelData=bytes(200_000))
    assert len(_noted(data)[1]) < 2000


def test_what_was_not_read_is_not_made_up() -> None:
    _, noted = _noted(dicom_files.file(PixelData=bytes(200_000)))
    replayed = ReplayedBytes(noted)
    with pytest.raises(BeyondNoted):
        replayed.read_at(100_000, 10)
    assert replayed.read_at(10**9, 10) == b""


def test_a_large_header_is_not_kept() -> None:
    notes = NotedBytes(io.BytesIO(dicom_files.file()))
    header_of(notes, name="x")
    assert notes.noted(5_000_000) == b""


@pytest.mark.usefixtures("_walk")
def test_real_headers_again(shared_dicom: Path) -> None:
    files = sorted(p for p in shared_dicom.rglob("*") if p.is_file())
    for path in [p for p in files if p.stat().st_size < 1_000_000][::12]:
        notes = NotedBytes(io.BytesIO(path.read_bytes()))
        try:
            read = header_of(notes, name="x")
        except ViewerError:
            continue
        if read.length is not None and (noted := notes.noted(read.length)):
            assert header_of(ReplayedBytes(noted), name="x") == read, path
