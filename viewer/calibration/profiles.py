"""What was measured of each screen, as a text that is kept, and which of it drives pictures."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from viewer.calibration.display import DisplayProfile

BITS = 8
"""Bits of a picture's levels."""
STEPS = 1 << BITS
"""Entries of a table that drives pictures: one for each P-value of so many bits."""
_MOST = 64


def read_profiles(text: str) -> dict[str, DisplayProfile]:
    """What was measured, by screen; what cannot be read or would drive a screen wrongly is left
    out.
    """
    try:
        kept = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    read = {str(screen): _read(str(screen), told) for screen, told in list(kept.items())[:_MOST]}
    return {screen: profile for screen, profile in read.items() if profile is not None}


def write_profiles(profiles: Mapping[str, DisplayProfile]) -> str:
    """Profiles as a text that ``read_profiles`` reads."""
    told = {
        screen: {
            "bits": profile.bits,
            "mm_per_pixel": profile.mm_per_pixel,
            "table": list(profile.table) if profile.table is not None else None,
            "measured_at": profile.measured_at.isoformat() if profile.measured_at else None,
        }
        for screen, profile in profiles.items()
    }
    return json.dumps(told, sort_keys=True)


def in_force(profile: DisplayProfile) -> DisplayProfile:
    """The profile as pictures are driven by it: a table of another shape drives none."""
    table = profile.table
    if table is None or (profile.bits == BITS and len(table) == STEPS):
        return profile
    return replace(profile, table=None)


def _read(screen: str, told: object) -> DisplayProfile | None:
    if not isinstance(told, dict):
        return None
    bits, pitch = told.get("bits"), told.get("mm_per_pixel")
    table, moment = told.get("table"), told.get("measured_at")
    if type(bits) is not int or not (pitch is None or isinstance(pitch, int | float)):
        return None
    if table is not None and not _is_levels(table):
        return None
    try:
        measured = datetime.fromisoformat(moment) if isinstance(moment, str) else None
        levels = tuple(table) if table is not None else None
        return DisplayProfile(screen, bits, pitch, levels, measured)
    except ValueError:
        return None


def _is_levels(table: object) -> bool:
    return isinstance(table, list) and all(type(level) is int for level in table)
