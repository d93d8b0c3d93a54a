"""JSON that can be read in one way only."""

import pytest

from reporting.signing.strict_json import BadJson, objects, read_object


def test_reads_an_object_with_or_without_a_byte_order_mark() -> None:
    assert read_object(b'{"a":[1,{"b":null}]}') == {"a": [1, {"b": None}]}
    assert read_object(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"7",
        b"{",
        b'{"a":1,"a":2}',
        b'{"x":{"a":1,"a":1}}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":"\xff"}',
        b'{"a":' + b"[" * 100_000,
    ],
)
def test_refuses_anything_else(data: bytes) -> None:
    with pytest.raises(BadJson):
        read_object(data)


def test_takes_the_objects_out_of_a_list() -> None:
    assert objects([{"a": 1}, 2, [], {}]) == [{"a": 1}, {}]
    assert objects({"a": 1}) == []
    assert objects(None) == []
