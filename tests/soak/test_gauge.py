"""The gauge of the long read: it must see what grows and what is left over."""

import os
import threading
from dataclasses import replace
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import pytest

from tests.soak.cases import COUNT, SoakPlatform, made_cases
from tests.soak.gauge import Held, held, left_over, shared_segments, verdict

CALM = Held(500.0, 300.0, 14, 50, 3, 2, 250)


def test_nothing_is_said_of_what_stays() -> None:
    assert verdict([CALM, replace(CALM, rss=520.0)], [replace(CALM, rss=530.0), CALM]) == []
    assert left_over(CALM, CALM, set()) == []


@pytest.mark.parametrize(
    "grown",
    [{"rss": 526.0}, {"children_rss": 316.0}, {"threads": 15}, {"handles": 51}, {"widgets": 251}],
)
def test_what_grows_is_told(grown: dict[str, Any]) -> None:
    (words,) = verdict([CALM], [replace(CALM, **grown)])
    assert words.startswith(f"{next(iter(grown))} grew from")


def test_threads_handles_and_segments_are_counted() -> None:
    before, stop = held(), threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    reader, writer = os.pipe()
    segment = SharedMemory(create=True, size=1 << 16)
    try:
        names = shared_segments()
        told = left_over(before, held(), names)
        assert "1 threads are left over" in told
        assert any("handles are left over" in words for words in told)
        assert "1 segments are left over" in told
        assert any(segment.name.strip("/") in words for words in told)
    finally:
        stop.set()
        thread.join()
        os.close(reader)
        os.close(writer)
        segment.close()
        segment.unlink()


def test_every_case_has_images_of_its_own() -> None:
    cases = made_cases()
    assert len(cases) == COUNT
    uids = [case.uid(s, n) for case in cases.values() for s, _, n in case.uids()]
    assert len(set(uids)) == len(uids)
    platform = SoakPlatform()
    study = platform.cases["case-03"].study
    blobs = list(platform.fetch_instances(study, have=set(), stop=lambda: False))
    assert [blob.sop for blob in blobs] == [sop for _, sop in platform.instance_uids(study)]
    have = {blob.sop for blob in blobs[1:]}
    assert len(list(platform.fetch_instances(study, have=have, stop=lambda: False))) == 1
