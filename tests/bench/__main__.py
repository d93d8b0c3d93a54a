"""``python -m tests.bench [W1 W2 W3 W4 W5 window W7 W8 measure]``: speed as ratios within one run.

Each line names a peer, a limit and the goal of performance.md; the machine cancels out.
"""

import sys
from collections.abc import Callable

from tests.bench import (
    decode,
    drawing,
    index,
    measuring,
    openings,
    reading,
    reslicing,
    starting,
    volumes,
)

WORKLOADS: dict[str, Callable[[], object]] = {
    "W1": openings.main,
    "W2": index.main,
    "W3": decode.main,
    "W4": drawing.main,
    "W5": reslicing.main,
    "window": reading.main,
    "W7": starting.main,
    "W8": volumes.main,
    "measure": measuring.main,
}


def main(wanted: list[str]) -> int:
    """Run the workloads that are wanted, or all."""
    unknown = set(wanted) - set(WORKLOADS)
    if unknown:
        sys.stderr.write(f"There is no workload {', '.join(sorted(unknown))}.\n")
        return 2
    for name, run in WORKLOADS.items():
        if not wanted or name in wanted:
            run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
