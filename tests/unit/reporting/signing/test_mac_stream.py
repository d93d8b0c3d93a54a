"""The bytes that a DICOM signature covers, and data sets that lie about their lengths."""

import io
import struct

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from reporting.signing.mac_stream import (
    BrokenStream,
    Element,
    elements_of,
    signed_bytes,
    split_file,
)

ITEM, ITEM_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0" + bytes(4)
SEQUENCE_END = b"\xfe\xff\xdd\xe0"
TEXT = b"\x40\x00\x60\xa1UT\0\0\x04\0\0\0abcd"
SHORT = b"\x08\x00\x00\x01SH\x02\x00A "
SEQUENCE = b"\x40\x00\x43\xa0SQ\0\0"


def size(count: int) -> bytes:
    return struct.pack("<I", count)


def test_lengths_of_values_stay_those_of_sequences_go() -> None:
    data = SEQUENCE + size(8 + len(SHORT)) + ITEM + size(len(SHORT)) + SHORT + TEXT
    wanted = SEQUENCE + ITEM + SHORT + SEQUENCE_END + TEXT
    assert signed_bytes(elements_of(data)) == wanted


def test_defined_and_undefined_lengths_are_signed_alike() -> None:
    defined = SEQUENCE + size(8 + len(SHORT)) + ITEM + size(len(SHORT)) + SHORT
    undefined = (
        SEQUENCE + b"\xff" * 4 + ITEM + b"\xff" * 4 + SHORT + ITEM_END + SEQUENCE_END + bytes(4)
    )
    assert signed_bytes(elements_of(defined)) == signed_bytes(elements_of(undefined))


def test_empty_sequences_and_items() -> None:
    assert signed_bytes(elements_of(SEQUENCE + size(0))) == SEQUENCE + SEQUENCE_END
    one = SEQUENCE + size(8) + ITEM + size(0)
    assert signed_bytes(elements_of(one)) == SEQUENCE + ITEM + SEQUENCE_END
    assert elements_of(b"") == ()


def test_reads_what_pydicom_writes() -> None:
    dataset = Dataset()
    dataset.PatientName = "DOE^JANE"
    item = Dataset()
    item.TextValue = "text"
    dataset.ContentSequence = [item, item]
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UID("1.2.3")
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.4")
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    syntax, elements = split_file(out.getvalue())
    assert syntax == ExplicitVRLittleEndian
    assert [element.tag for element in elements] == [0x00100010, 0x0040A730]
    assert elements[0].text == "DOE^JANE"
    assert [inner[0].value for inner in elements[1].items] == [b"text", b"text"]
    assert dcmread(io.BytesIO(out.getvalue())).PatientName == "DOE^JANE"


def test_another_transfer_syntax_is_named_and_not_read() -> None:
    meta = b"\x02\x00\x10\x00UI\x12\x00" + ImplicitVRLittleEndian.encode() + b"\0"
    assert split_file(bytes(128) + b"DICM" + meta + b"\xff\xff") == (ImplicitVRLittleEndian, ())


def deep(levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        data = SEQUENCE + size(len(data) + 8) + ITEM + size(len(data)) + data
    return data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (TEXT[:-1], "ends too early"),
        (TEXT[:6], "ends too early"),
        (b"\x40\x00\x60\xa1\0\0\0\0", "without a VR"),
        (b"\x40\x00\x60\xa1ut\0\0", "without a VR"),
        (b"\xe0\x7f\x10\x00OB\0\0" + b"\xff" * 4, "undefined length"),
        (SEQUENCE + size(8) + TEXT, "without items"),
        (SEQUENCE + size(8 + 4) + ITEM + size(4) + SHORT, "leaves its item"),
        (SEQUENCE + b"\xff" * 4 + ITEM + size(0), "ends too early"),
        (TEXT + TEXT, "out of order or twice"),
        (TEXT + SHORT, "out of order or twice"),
        (deep(40), "too deeply"),
    ],
)
def test_a_data_set_that_lies(data: bytes, reason: str) -> None:
    with pytest.raises(BrokenStream, match=reason):
        elements_of(data)


def test_a_file_without_the_dicom_mark() -> None:
    with pytest.raises(BrokenStream, match="prefix"):
        split_file(b"no file")


def test_text_of_an_element() -> None:
    assert Element(0x00080005, "CS", b"SHA256\0 ").text == "SHA256"
