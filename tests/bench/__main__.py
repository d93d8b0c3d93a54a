"""``python -m tests.bench``: speed as ratios within one run, so that the machine cancels out."""

import sys

from tests.bench import drawing


def main() -> int:
    """Run every workload."""
    return drawing.main()


if __name__ == "__main__":
    sys.exit(main())
