"""The block grows with the header, and what does not fit into the largest is read all the same."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import dicom_files
from tests.kit.datasets import Coding, told
from viewer.errors import HeaderError, ViewerError
from viewer.loading import block_walk
from viewer.loading.guard import FileBytes, Limits, PlainBytes
from viewer.loading.outline import Outline, load_compiled_walk, outline

CODING = Coding(False, True)


class OtherBytes(PlainBytes):
    """Bytes that the compiled walk does not take."""


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    load_compiled_walk()


@pytest.fixture(name="refused")
def _refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(block_walk, "_MODULE", "no.such.module")
    yield
    monkeypatch.undo()


def _text(tag: int, value: bytes) -> bytes:
    return CODING.head(tag, b"UT", len(value)) + value


def _told(found: Outline) -> object:
    return (
        found.transfer_syntax, found.little, dict(found.meta), told(found.fields), found.pixels,
        found.repairs, found.bulky,
    )  # fmt: skip


def _outlined(data: bytes, limits: Limits | None) -> object:
    try:
        return _told(outline(FileBytes(io.BytesIO(data)), where="x", limits=limits))
    except ViewerError as error:
        return str(error)


def _both(data: bytes, limits: Limits | None = None) -> tuple[object, object]:
    compiled = _outlined(data, limits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_walk, "_MODULE", "no.such.module")
        return compiled, _outlined(data, limits)


@pytest.mark.parametrize("length", [10, 40_000, 700_000])
def test_a_header_larger_than_the_first_block(length: int) -> None:
    file = dicom_files.file()
    at = file.index(b"\xe0\x7f\x10\x00OW")
    data = (
        file[:at] + b"".join(_text(0x00400000 + n, bytes(length)) for n in range(1, 4)) + file[at:]
    )
    compiled, reference = _both(data)
    assert compiled == reference
    found = outline(FileBytes(io.BytesIO(data)), where="x")
    assert found.pixels is not None
    assert found.fields.data(0x00400003) == bytes(length)


def test_pixels_behind_more_than_the_largest_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_walk, "_LARGEST_BLOCK", 64 * 1024)
    file = dicom_files.file()
    at = file.index(b"\xe0\x7f\x10\x00OW")
    data = file[:at] + _text(0x00400001, bytes(200_000)) + file[at:]
    limits = Limits(bulk_bytes=100_000)
    compiled, reference = _both(data, limits)
    assert compiled == reference
    assert outline(FileBytes(io.BytesIO(data)), where="x", limits=limits).pixels is not None


@pytest.mark.parametrize("bulk", [8, 99, 100, 101, 1000])
@pytest.mark.parametrize("elements", [3, 12, 13, 14, 200])
@pytest.mark.parametrize("ending", ["pixels", "nothing", "cut"])
def test_limits_hold_between_plain_elements(bulk: int, elements: int, ending: str) -> None:
    plain = [_text(0x00400000 + n, bytes(n)) for n in (1, 99, 100, 101, 102)]
    sequence = CODING.head(0x00400200, b"SQ", 8) + b"\xfe\xff\x00\xe0\0\0\0\0"
    pixels = CODING.head(0x7FE00010, b"OW", 4) + bytes(4)
    end = {"pixels": pixels, "nothing": b"", "cut": _text(0x00400300, bytes(9))[:-1]}[ending]
    start = dicom_files.file()[:132] + b"\x08\x00\x05\x00CS\0\0"
    data = start + b"".join([*plain, sequence, *plain, end])
    compiled, reference = _both(data, Limits(bulk_bytes=bulk, elements=elements))
    assert compiled == reference


def test_more_elements_than_the_table_has_rows() -> None:
    data = b"".join(_text(0x00400000 + n, b"value") for n in range(1, 3000))
    compiled, reference = _both(dicom_files.file()[:132] + b"\x08\x00\x05\x00CS\0\0" + data)
    assert compiled == reference


def test_endless_meta_information_is_refused() -> None:
    data = bytes(128) + b"DICM" + b"\x02\x00\x10\x00UI\0\0" * 60
    with pytest.raises(HeaderError, match="more than 50 elements"):
        outline(PlainBytes(data), where="x", limits=Limits(elements=50))


@pytest.mark.usefixtures("refused")
def test_endless_meta_information_is_refused_by_the_reference_too() -> None:
    data = bytes(128) + b"DICM" + b"\x02\x00\x10\x00UI\0\0" * 60
    with pytest.raises(HeaderError, match="more than 50 elements"):
        outline(PlainBytes(data), where="x", limits=Limits(elements=50))


def test_real_files_outline_alike(shared_dicom: Path) -> None:
    files = sorted(p for p in shared_dicom.rglob("*") if p.is_file())
    for path in files[:: max(len(files) // 150, 1)]:
        if path.stat().st_size > 4_000_000:
            continue
        compiled, reference = _both(path.read_bytes())
        assert compiled == reference, path
