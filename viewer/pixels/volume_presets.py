"""How volumes look in 3D, from resources: which values are seen, in which colour, how dense."""

import itertools
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from viewer.model.presentation import Window

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LIGHT = ("ambient", "diffuse", "specular", "power")


class VolumeKind(StrEnum):
    """What is seen along each line through a volume."""

    SHADED = "shaded"
    """What is dense enough, with light falling on it."""
    BRIGHTEST = "brightest"
    """The largest value alone."""


@dataclass(frozen=True, slots=True)
class Tint:
    """What one modality value looks like; ``opacity`` is over one millimetre, colours 0 to 1."""

    value: float
    opacity: float
    red: float
    green: float
    blue: float


@dataclass(frozen=True, slots=True)
class Light:
    """How light falls on what is seen."""

    ambient: float = 0.2
    diffuse: float = 0.8
    specular: float = 0.2
    power: float = 15.0


@dataclass(frozen=True, slots=True)
class VolumePreset:
    """One look by name; ``unit`` empty fits where no other has the unit."""

    id: str
    name: str
    kind: VolumeKind
    tints: tuple[Tint, ...] = ()
    unit: str = ""
    light: Light = Light()
    given: Window | None = None
    """The window of what is brightest."""

    @property
    def window(self) -> Window | None:
        """The range that the look spans as it is given; None where the images' window says it."""
        if not self.tints:
            return self.given
        low, high = self.tints[0].value, self.tints[-1].value
        return Window((low + high) / 2, high - low, self.name)

    def seen_through(self, window: Window) -> tuple[Tint, ...]:
        """The look moved and stretched from its own range onto that of a window."""
        low, high = window.centre - window.width / 2, window.centre + window.width / 2
        own = self.window
        if own is None or not self.tints:
            return (Tint(low, 1.0, 0.0, 0.0, 0.0), Tint(high, 1.0, 1.0, 1.0, 1.0))
        stretch = window.width / own.width
        return tuple(
            Tint(
                window.centre + (tint.value - own.centre) * stretch,
                tint.opacity,
                tint.red,
                tint.green,
                tint.blue,
            )
            for tint in self.tints
        )


def load_volume_presets(path: Path) -> tuple[VolumePreset, ...]:
    """Read presets; ValueError says which entry is wrong and how."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["preset"]
    except (tomllib.TOMLDecodeError, KeyError) as fault:
        raise ValueError(f"{path.name} holds no list of presets: {fault}") from fault
    presets = tuple(
        _preset(entry, f"{path.name}, preset {n}") for n, entry in enumerate(entries, 1)
    )
    ids = [preset.id for preset in presets]
    twice = [one for one in ids if ids.count(one) > 1]
    if twice:
        raise ValueError(f"{path.name}: preset {twice[0]} stands twice")
    return presets


def volume_presets_for(presets: Iterable[VolumePreset], unit: str) -> tuple[VolumePreset, ...]:
    """Presets that fit values of a unit, in the table's order."""
    held = tuple(presets)
    own = tuple(preset for preset in held if preset.unit and preset.unit == unit)
    return own or tuple(preset for preset in held if not preset.unit)


def _preset(entry: Mapping[str, Any], where: str) -> VolumePreset:
    try:
        kind = VolumeKind(entry["kind"])
        tints = tuple(_tint(point) for point in entry.get("points", ()))
        light = Light(**{name: float(entry[name]) for name in _LIGHT if name in entry})
        preset = VolumePreset(
            str(entry["id"]),
            str(entry["name"]),
            kind,
            tints,
            str(entry.get("unit", "")),
            light,
            _given(entry),
        )
        _check(preset)
    except (KeyError, TypeError, ValueError) as fault:
        raise ValueError(f"{where} is wrong: {fault}") from fault
    unknown = set(entry) - {"id", "name", "unit", "kind", "points", "centre", "width", *_LIGHT}
    if unknown:
        raise ValueError(f"{where} is wrong: unknown entry {sorted(unknown)[0]}")
    return preset


def _given(entry: Mapping[str, Any]) -> Window | None:
    if "centre" not in entry and "width" not in entry:
        return None
    return Window(float(entry["centre"]), float(entry["width"]), str(entry["name"]))


def _tint(point: Mapping[str, Any]) -> Tint:
    colour = str(point["colour"])
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"{colour} is no colour such as #f4ead2")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return Tint(float(point["value"]), float(point["opacity"]), red, green, blue)


def _check(preset: VolumePreset) -> None:
    if preset.kind is VolumeKind.BRIGHTEST:
        if preset.tints:
            raise ValueError("the brightest values are seen through a window, not by points")
        if preset.given is not None and not preset.unit:
            raise ValueError("its window is in values of a unit, which it must name")
    elif preset.given is not None:
        raise ValueError("a shaded look is given by its points, not by a window")
    else:
        if not preset.unit:
            raise ValueError("its points are values of a unit, which it must name")
        _check_tints(preset.tints)
    _check_light(preset.light)


def _check_tints(tints: Sequence[Tint]) -> None:
    values = [tint.value for tint in tints]
    if len(values) < 2:
        raise ValueError("a shaded look needs at least two points")
    if not all(map(math.isfinite, values)) or any(a >= b for a, b in itertools.pairwise(values)):
        raise ValueError("the values of its points must rise")
    if not all(0 <= tint.opacity <= 1 for tint in tints):
        raise ValueError("an opacity lies between 0 and 1")
    if tints[0].opacity != 0:
        raise ValueError("the lowest value must be invisible, as what lies outside is")


def _check_light(light: Light) -> None:
    if not all(0 <= part <= 1 for part in (light.ambient, light.diffuse, light.specular)):
        raise ValueError("ambient, diffuse and specular light lie between 0 and 1")
    if not 1 <= light.power <= 100:
        raise ValueError("the power of the light lies between 1 and 100")
