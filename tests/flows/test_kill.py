"""``kill -9`` at any moment loses nothing that was acknowledged (R9–R12, R14, R16)."""

from pathlib import Path

import pytest

from tests.kit.kill_campaign import Campaign, has_strace
from tests.kit.kill_worker import ACK_FIRST, TWO_STEPS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
_RANDOM, _CALLS, _CONTROL = 30, 30, 15


def test_r9_r11_killed_at_random_moments(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    for round_ in range(_RANDOM):
        campaign.random_kill(round_)
        campaign.check()
        assert campaign.violations == []
    assert campaign.kills == _RANDOM
    assert campaign.acks > 3 * _RANDOM


@pytest.mark.skipif(not has_strace(), reason="strace is not installed")
def test_r12_killed_at_chosen_system_calls(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    for round_ in range(_CALLS):
        campaign.call_kill(round_)
        campaign.check()
        assert campaign.violations == []
    assert campaign.kills == _CALLS


@pytest.mark.parametrize("broken", [ACK_FIRST, TWO_STEPS])
def test_a_broken_promise_would_be_noticed(tmp_path: Path, broken: str) -> None:
    campaign = Campaign(tmp_path, broken=broken)
    for round_ in range(_CONTROL):
        campaign.random_kill(round_)
        campaign.check()
        if campaign.violations:
            return
    pytest.fail(f"{_CONTROL} rounds did not notice the worker that is broken by {broken}")
