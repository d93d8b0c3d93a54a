"""Values to measure with: from stored values alone, with their unit (F15, F51)."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from viewer.model.quantities import Readout, ReadoutKind, RealWorldMapping
from viewer.model.study import Instance
from viewer.pixels.pipeline import PixelPipeline

_SHOWN = {"[hnsf'U]": "HU", "1": "", "{no units}": "", "[arb'U]": "arb. unit"}
"""UCUM codes that a reader knows under another sign."""


class Measured(NamedTuple):
    """Values (rows, columns) in float64, their unit as shown, and their kind.

    Never-a-number where there is no value: padding, and what a mapping does not reach.
    """

    values: NDArray[np.float64]
    unit: str
    kind: ReadoutKind


def readouts(instance: Instance) -> tuple[Readout, ...]:
    """Every way to read values off a grey image, the default first, modality values last."""
    mapped = [
        Readout(ReadoutKind.REAL_WORLD, m.name, _SHOWN.get(m.unit, m.unit), m)
        for m in instance.real_world
    ]
    uptake = [
        Readout(ReadoutKind.SUV, scale.name, scale.unit, factor=scale.factor)
        for scale in (instance.suv.scales if instance.suv else ())
    ]
    plain = Readout(ReadoutKind.MODALITY, "Modality value", instance.modality_lut.unit)
    return _told_apart((*mapped, *uptake, plain))


def readout_named(instance: Instance, name: str) -> Readout:
    """The readout of that name, else the default."""
    offered = readouts(instance)
    return next((one for one in offered if one.name == name), offered[0])


def measured_values(
    frame: NDArray[Any], instance: Instance, mapping: Readout | None = None
) -> Measured:
    """Values of a grey frame through a readout of ``instance.at(frame number)``, else its default.

    ValueError where the instance is not grey.
    """
    chosen = mapping or readouts(instance)[0]
    pipeline = PixelPipeline.of(instance)
    if chosen.mapping is not None:
        values = _mapped(frame, chosen.mapping)
    else:
        values = pipeline.modality_values(frame)
        if chosen.factor != 1.0:
            values = values * chosen.factor
    return Measured(np.where(pipeline.is_padding(frame), np.nan, values), chosen.unit, chosen.kind)


def _told_apart(offered: tuple[Readout, ...]) -> tuple[Readout, ...]:
    """The same with a number behind a name that another has too."""
    names = [one.name for one in offered]
    return tuple(
        replace(one, name=f"{one.name} {names[: n + 1].count(one.name)}")
        if names.count(one.name) > 1
        else one
        for n, one in enumerate(offered)
    )


def _mapped(frame: NDArray[Any], mapping: RealWorldMapping) -> NDArray[np.float64]:
    stored = frame.astype(np.float64)
    inside = (stored >= mapping.first) & (stored <= mapping.last)
    if not mapping.entries:
        with np.errstate(over="ignore", invalid="ignore"):  # a hostile slope
            return np.where(inside, stored * mapping.slope + mapping.intercept, np.nan)
    table = np.asarray(mapping.entries, dtype=np.float64)
    at = np.where(inside, stored - mapping.first, 0.0)
    index = np.floor(at + 0.5).astype(np.int64)
    within = inside & (index < table.size)
    return np.where(within, table[np.minimum(index, table.size - 1)], np.nan)
