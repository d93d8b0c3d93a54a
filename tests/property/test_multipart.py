"""However the network cuts an answer, the same parts come out."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.errors import BadAnswer, Unreachable
from workstation.platform.multipart import MultipartReader, Part, boundary_of, related

BOUNDARY = "b0undary-'x"
_NASTY = [b"\r\n", b"--", BOUNDARY.encode(), b"\r", b"\n", b"\r\n--", b"-", b"\r\n--b0", b"a"]
_WHOLE_MARK = b"\r\n--" + BOUNDARY.encode()

bodies = (
    st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(_NASTY), max_size=8).map(b"".join))
    # RFC 2046 §5.1.1: the boundary may not occur in a part
    .filter(lambda b: _WHOLE_MARK[2:] not in b)
)


def read(data: bytes, cuts: list[int]) -> list[Part]:
    reader = MultipartReader(BOUNDARY.encode())
    parts: list[Part] = []
    places = sorted({0, len(data), *(c % (len(data) + 1) for c in cuts)})
    for start, end in pairwise(places):
        parts += reader.feed(data[start:end])
    reader.finish()
    return parts


@given(
    st.lists(bodies, min_size=1, max_size=5),
    st.lists(st.integers(0, 10_000), max_size=40),
    st.booleans(),
    st.sampled_from([b"", b"preamble", b"\r\n"]),
)
def test_any_chunking_gives_the_same_parts(
    sent: list[bytes], cuts: list[int], singly: bool, preamble: bytes
) -> None:
    kind, data = related(sent, BOUNDARY, media_type="application/dicom")
    assert boundary_of(kind) == BOUNDARY.encode()
    if preamble:
        data = preamble + b"\r\n" + data
    data += b"epilogue that is to be ignored"
    got = read(data, list(range(len(data))) if singly else cuts)
    assert [p.data for p in got] == sent
    assert {p.headers["content-type"] for p in got} == {"application/dicom"}


@given(st.lists(bodies, min_size=1, max_size=4), st.data())
def test_answer_that_stops_early_keeps_whole_parts_and_says_so(
    sent: list[bytes], data: st.DataObject
) -> None:
    _, whole = related(sent, BOUNDARY, media_type="application/dicom")
    end = data.draw(st.integers(0, len(whole) - len(b"--\r\n") - 1))
    reader = MultipartReader(BOUNDARY.encode())
    got = [p.data for p in reader.feed(whole[:end])]
    assert got == sent[: len(got)]
    with pytest.raises(Unreachable):
        reader.finish()


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=20))
def test_garbage_is_never_worse_than_an_error(garbage: bytes, cuts: list[int]) -> None:
    data = b"--" + BOUNDARY.encode() + b"\r\n" + garbage
    try:
        read(data, cuts)
    except (BadAnswer, Unreachable):
        return
