"""A slice of ``make fuzz``: mutations equal a second decoder, limits hold (R23, R26)."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fuzz import campaign, handmade, profiles
from tests.fuzz.__main__ import faults_of, through
from tests.fuzz.mutations import FAMILIES, mutate, mutated_file
from tests.fuzz.second_opinions import lacking
from viewer.loading.pool import DecodePool

CASES = 40
pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    one = DecodePool(1, seconds=5)
    yield one
    one.close()


@pytest.mark.skipif(bool(lacking()), reason="dcmtk is not installed")
@pytest.mark.parametrize("name", FAMILIES)
def test_what_decodes_is_what_another_decoder_gives(
    name: str, pool: DecodePool, tmp_path: Path
) -> None:
    tally = campaign.run(name, range(CASES), pool, tmp_path)
    assert tally.faults == []
    assert tally.counts["lost the decoder"] == 0
    assert tally.counts["equal"] >= len(FAMILIES[name].streams)
    assert tally.counts["refused"] > CASES // 2


@pytest.mark.parametrize("name", profiles.PROFILES)
def test_mutated_profiles_cost_a_sentence_or_nothing(name: str, pool: DecodePool) -> None:
    counts, faults = profiles.run(name, 8, pool)
    assert faults == []
    assert counts["lost the decoder"] == 0
    assert sum(counts.values()) == 8
    assert counts["converted"] + counts["refused by the library"] > 0, "some reach the library"


def test_a_case_can_be_made_again_by_its_number() -> None:
    assert mutated_file("jpeg", 7) == mutated_file("jpeg", 7)
    assert mutated_file("jpeg", 7) != mutated_file("jpeg", 9)
    assert mutate(b"\0" * 300, np.random.default_rng(1)) != b"\0" * 300


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("handmade")
    if shutil.disk_usage(folder).free < 4 << 30:
        pytest.skip("no room for a sparse file")
    made = handmade.written(folder)
    found, status = through(folder, render=False)
    assert status == 0
    assert len(found) == len(made)
    return {one["file"]: one for one in found}


def test_each_limit_refuses_quickly_and_in_little_memory(
    results: dict[str, dict[str, Any]],
) -> None:
    for name, one in results.items():
        for act in ("info", "decode"):
            assert list(faults_of(one[act], seconds=0.5, megabytes=300)) == [], (name, act)


@pytest.mark.parametrize("name", handmade.REFUSED_HEADER)
def test_what_breaks_a_header_limit_is_refused_by_name(
    results: dict[str, dict[str, Any]], name: str
) -> None:
    one = results[f"header, {name}.dcm"]
    assert (one["info"]["code"], one["decode"]["code"]) == (1, 1)


@pytest.mark.parametrize("name", handmade.REFUSED_FRAME)
def test_what_breaks_a_frame_limit_is_read_and_not_decoded(
    results: dict[str, dict[str, Any]], name: str
) -> None:
    one = results[f"frame, {name}.dcm"]
    assert one["info"]["code"] == 0
    assert one["decode"]["code"] == 1
    assert one["decode"]["said"].endswith(".\n")


def test_a_file_beyond_the_size_limit_is_refused(results: dict[str, dict[str, Any]]) -> None:
    one = results["beyond 2 GiB.dcm"]
    assert (one["info"]["code"], one["decode"]["code"]) == (1, 1)
    assert "GiB" in one["info"]["said"]
