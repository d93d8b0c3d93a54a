"""``python -m tests.kill``: the long kill campaign, random moments and chosen system calls.

``--random`` and ``--calls`` say how many rounds; the exit status is 1 when anything was lost.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.kit.kill_campaign import Campaign, has_strace


def main() -> int:
    """Run the campaign and print what it found."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill")
    parser.add_argument("--random", type=int, default=250)
    parser.add_argument("--calls", type=int, default=420)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    calls = given.calls if has_strace() else 0
    if given.calls and not calls:
        print("strace is not installed: no kills at chosen system calls")
    print(f"seed {given.seed}")
    lost = 0
    for name, rounds in (("random", given.random), ("calls", calls)):
        with tempfile.TemporaryDirectory() as folder:
            campaign = Campaign(Path(folder), seed=given.seed)
            for round_ in range(rounds):
                (campaign.random_kill if name == "random" else campaign.call_kill)(round_)
                campaign.check()
            print(
                f"{name}: {rounds} rounds, {campaign.kills} kills, {campaign.acks} acknowledged, "
                f"{len(campaign.violations)} violations"
            )
            for violation in campaign.violations:
                print(f"  {violation}")
            lost += len(campaign.violations)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
