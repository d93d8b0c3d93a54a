"""Whatever bytes come in, the loader answers with an instance or with a sentence (R23, R25)."""

import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import codestreams, dicom_files
from viewer.errors import ViewerError
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import PlainBytes
from viewer.loading.headers import assemble, read_header
from viewer.loading.outline import outline

GREY = np.arange(20, dtype=np.uint16).reshape(4, 5)
SEEDS = (
    dicom_files.file(1),
    dicom_files.file(2, syntax="1.2.840.10008.1.2"),
    dicom_files.file(3, syntax="1.2.840.10008.1.2.2"),
    dicom_files.file(4, syntax="1.2.840.10008.1.2.1.99"),
    dicom_files.nested(3),
    dicom_files.enhanced(
        [dicom_files.frame_groups(z, 1, 0, 5) for z in range(3)], np.ones((3, 4, 5))
    ),
    dicom_files.encoded([codestreams.rle(GREY)] * 2, "1.2.840.10008.1.2.5"),
)  # fmt: skip

_BYTES = st.binary(min_size=1, max_size=6) | st.sampled_from(
    [b"\xff\xff\xff\xff", b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0", b"1e999", b"SQ"]
)
_EDITS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 30), _BYTES), max_size=6)


def _is_read_or_refused(data: bytes) -> None:
    refusal = ""
    try:
        read = read_header(io.BytesIO(data), name="file")
        assert len(assemble([read])) == 1
        encoded = cut_frame(outline(PlainBytes(data), where="file"), 0, read.instance)
        if encoded.native:
            frame = decode_frame(encoded).pixels
            assert frame.shape[:2] == (encoded.stored.rows, encoded.stored.columns)
    except ViewerError as error:
        refusal = error.sentence
    assert not refusal or refusal.endswith(".")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), _EDITS)
def test_edited_files_are_read_or_refused(seed: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    data = bytearray(seed)
    for place, cut, new in edits:
        at = place % max(len(data), 1)
        data[at : at + cut] = new
    _is_read_or_refused(bytes(data))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600), st.booleans())
def test_arbitrary_bytes(data: bytes, preamble: bool) -> None:
    whole = bytes(128) + b"DICM" + data if preamble else data
    _is_read_or_refused(whole)
