"""Mutated colour profiles through the outline and the fenced colour library (F18, R21, R26)."""

from collections import Counter

import numpy as np

from tests.kit.icc import mutations, profile_of, table_profile
from viewer.errors import ViewerError
from viewer.loading.icc_outline import why_unusable
from viewer.loading.pool import DecodePool

PROFILES = {
    "matrix": profile_of((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), gamma=563 / 256),
    "curve": profile_of(
        (0.68, 0.32), (0.265, 0.69), (0.15, 0.06), response=np.linspace(0, 1, 256) ** 2.4
    ),
    "table": table_profile(),
}


def run(name: str, count: int, pool: DecodePool) -> tuple[Counter[str], list[str]]:
    """How so many mutations of a profile end, and each fault as a sentence with its number."""
    counts: Counter[str] = Counter()
    faults = []
    for number, profile in enumerate(mutations(PROFILES[name], count)):
        if why_unusable(profile):
            counts["refused by its outline"] += 1
            continue
        try:
            pool.colour_table(profile, b"")
            counts["converted"] += 1
        except ViewerError as error:
            lost = "crashed" in error.sentence or "more than" in error.sentence
            counts["lost the decoder" if lost else "refused by the library"] += 1
            if not error.sentence.endswith("."):
                faults.append(f"profile {name} {number}: no sentence: {error.sentence}")
    return counts, faults
