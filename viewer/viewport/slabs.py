"""The slabs a reader steps through: modes by command, thickness in round millimetres."""

from viewer.model.sample_grid import Slab, SlabMode

THICKNESSES = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
"""What notches of the wheel step through, mm; below the first lies the single plane."""
USUAL = 10.0
_MODES = (None, SlabMode.MAXIMUM, SlabMode.MINIMUM, SlabMode.MEAN)


def next_mode(slab: Slab | None, thickness: float) -> Slab | None:
    """From a single plane to maximum, minimum, mean and back; ``thickness`` for the first slab."""
    at = _MODES.index(slab.mode if slab else None)
    mode = _MODES[(at + 1) % len(_MODES)]
    return None if mode is None else Slab(slab.thickness if slab else thickness, mode)


def thicker(slab: Slab | None, notches: int, mode: SlabMode) -> Slab | None:
    """Thicker by notches, thinner where they are negative; ``mode`` for the first slab."""
    if slab is None:
        at = -1
    else:
        at = max((n for n, t in enumerate(THICKNESSES) if t <= slab.thickness), default=0)
    at = min(at + notches, len(THICKNESSES) - 1)
    return None if at < 0 else Slab(THICKNESSES[at], slab.mode if slab else mode)
