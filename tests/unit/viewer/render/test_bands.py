"""Several threads draw one picture: every row once, no fault lost, nobody left waiting."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from viewer.render.bands import BAND, Bands, Overtaken


def test_alone_every_row_is_done_once() -> None:
    done = np.zeros(100, np.int64)

    def act(first: int, end: int) -> None:
        done[first:end] += 1

    bands = Bands()
    bands.over(100, act)
    assert (done == 1).all()
    bands.help()  # too late: there is nothing left, and it does not wait
    bands.over(100, act)
    assert (done == 2).all()


def test_a_helper_takes_its_share() -> None:
    bands, both = Bands(), threading.Barrier(2, timeout=5)
    by: set[int] = set()

    def act(_first: int, _end: int) -> None:
        both.wait()  # passes only while two threads are at it
        by.add(threading.get_ident())

    with ThreadPoolExecutor(1) as pool:
        helping = pool.submit(bands.help)
        bands.over(2 * BAND, act)
        helping.result(timeout=5)
    assert len(by) == 2


def test_a_helper_that_finds_nothing_goes() -> None:
    Bands().help()


def test_a_fault_of_a_helper_is_raised_by_the_picture() -> None:
    bands, begun = Bands(), threading.Event()
    own = threading.get_ident()

    def act(_first: int, _end: int) -> None:
        if threading.get_ident() == own:
            begun.wait(5)
        else:
            begun.set()
            raise MemoryError("no room")

    with ThreadPoolExecutor(1) as pool:
        helping = pool.submit(bands.help)
        with pytest.raises(MemoryError):
            bands.over(2 * BAND, act)
        helping.result(timeout=5)


def test_given_up_no_further_band_is_begun() -> None:
    bands, done = Bands(), list[int]()

    def act(first: int, _end: int) -> None:
        done.append(first)
        bands.stop()

    with pytest.raises(Overtaken):
        bands.over(10 * BAND, act)
    assert done == [0]
    bands.help()
    with pytest.raises(Overtaken):
        bands.over(BAND, act)
