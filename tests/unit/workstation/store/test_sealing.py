"""Records open as what they were sealed, and no nonce of a key is ever given twice (R3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.store.sealing import OVERHEAD, Counter, DamagedRecord, SeriesSeal
from workstation.store.secret import Secret


class Disk:
    """What a power cut leaves of the reservations: those that were committed."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.next = 0

    def reserve(self) -> tuple[int, int]:
        self.next += self.block
        return self.next - self.block, self.next


def _seal(key: bytes = b"k" * 32) -> SeriesSeal:
    return SeriesSeal(Secret(key), Counter(0, 0, Disk(8).reserve))


def _record(seal: SeriesSeal, content: bytes, about: bytes) -> bytearray:
    return bytearray(b"".join(bytes(piece) for piece in seal.seal(content, about)))


@given(
    st.integers(1, 5),
    st.lists(st.sampled_from(["take", "power cut", "second run"]), max_size=60),
)
def test_r3_no_nonce_comes_twice(block: int, events: list[str]) -> None:
    disk = Disk(block)
    counters = [Counter(0, 0, disk.reserve)]
    taken: list[bytes] = []
    for number, event in enumerate(events):
        if event == "take":
            taken.append(counters[number % len(counters)].take())
        elif event == "power cut":
            counters = [Counter(0, 0, disk.reserve)]
        else:
            counters.append(Counter(0, 0, disk.reserve))
    assert len(set(taken)) == len(taken)
    assert all(len(nonce) == 12 for nonce in taken)


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_a_record_opens_as_what_it_was_sealed(content: bytes, about: bytes) -> None:
    seal = _seal()
    record = _record(seal, content, about)
    assert len(record) == len(content) + OVERHEAD
    assert seal.open_bytes(memoryview(record), about) == content
    assert bytes(seal.open(memoryview(record), about)) == content


@given(st.binary(min_size=1, max_size=60), st.data())
def test_r3_whatever_is_changed_is_refused(content: bytes, data: st.DataObject) -> None:
    seal = _seal()
    record = _record(seal, content, b"about")
    at = data.draw(st.integers(0, len(record) - 1))
    record[at] ^= 1 << data.draw(st.integers(0, 7))
    for changed in (record, record[:at], b""):
        for act in (seal.open, seal.open_bytes):
            with pytest.raises(DamagedRecord):
                act(memoryview(changed), b"about")


def test_r3_other_words_or_another_key_open_nothing() -> None:
    record = memoryview(_record(_seal(), b"content", b"about"))
    for seal, about in ((_seal(), b"other"), (_seal(b"x" * 32), b"about")):
        with pytest.raises(DamagedRecord):
            seal.open(record, about)
