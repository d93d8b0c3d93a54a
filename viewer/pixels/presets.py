"""Window presets from resources: which fit an image, and which digit key calls each."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from viewer.model.presentation import VoiFunction, Window

DIGITS = range(3, 10)
"""Digit keys of presets; 0 is automatic, 1 and 2 are the header's windows."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One window by name; ``body_parts`` empty fits every part, ``key`` None has no digit."""

    name: str
    window: Window
    modality: str
    body_parts: tuple[str, ...] = ()
    key: int | None = None
    unit: str = ""
    """Unit that the values must have, e.g. 'SUV'; empty when the modality is enough."""


def load_presets(path: Path) -> tuple[Preset, ...]:
    """Read presets; ValueError says which entry is wrong and how."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["preset"]
    except (tomllib.TOMLDecodeError, KeyError) as fault:
        raise ValueError(f"{path.name} holds no list of presets: {fault}") from fault
    return tuple(_preset(entry, f"{path.name}, preset {n}") for n, entry in enumerate(entries, 1))


def presets_for(
    presets: Iterable[Preset],
    modality: str,
    body_part: str,
    unit: str = "",
    *,
    suv_factor: float | None = None,
) -> tuple[Preset, ...]:
    """Presets that fit an image, those of its body part first; no digit is given twice.

    An unknown body part gets all of the modality. ``suv_factor`` turns modality values into SUVbw:
    with it presets in SUV fit, as windows on the image's own modality values (F51).
    """
    part = body_part.strip().upper()
    fitting = [
        p
        for p in (_in_unit(p, unit, suv_factor) for p in presets)
        if p.modality == modality
        and (not p.unit or p.unit == unit)
        and (not part or not p.body_parts or _names(p, part))
    ]
    fitting.sort(key=lambda p: not (part and _names(p, part)))
    taken: set[int] = set()
    result = []
    for preset in fitting:
        free = preset.key is not None and preset.key not in taken
        result.append(preset if free else replace(preset, key=None))
        if preset.key is not None:
            taken.add(preset.key)
    return tuple(result)


def _in_unit(preset: Preset, unit: str, suv_factor: float | None) -> Preset:
    if preset.unit != "SUV" or not suv_factor:
        return preset
    window = preset.window
    scaled = replace(window, centre=window.centre / suv_factor, width=window.width / suv_factor)
    return replace(preset, window=scaled, unit=unit)


def _names(preset: Preset, part: str) -> bool:
    return any(name in part for name in preset.body_parts)  # CHESTABDPELVIS names three


def _preset(entry: dict[str, Any], where: str) -> Preset:
    try:
        preset = Preset(
            name=str(entry["name"]),
            window=Window(
                float(entry["centre"]),
                float(entry["width"]),
                str(entry["name"]),
                VoiFunction(entry.get("function", "LINEAR")),
            ),
            modality=str(entry["modality"]),
            body_parts=tuple(str(part) for part in entry.get("body_parts", ())),
            key=entry.get("key"),
            unit=str(entry.get("unit", "")),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ValueError(f"{where} is wrong: {fault}") from fault
    if preset.key is not None and preset.key not in DIGITS:
        raise ValueError(f"{where} is wrong: its key is not a digit from 3 to 9")
    return preset
