"""Colour maps for grey images: a table of stops read from resources, checked at start."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.presentation import ColourMap


def load_colour_maps(path: Path) -> tuple[ColourMap, ...]:
    """Read the table; ValueError names the map that is wrong."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    maps = tuple(_map(entry) for entry in table.get("map", ()))
    if len({m.id for m in maps}) != len(maps):
        raise ValueError(f"{path.name}: an id stands twice")
    return maps


def coloured(levels: NDArray[np.uint8], colours: ColourMap) -> NDArray[np.uint8]:
    """P-values of 8 bits as RGB, one more axis of 3."""
    table = np.frombuffer(colours.entries, np.uint8).reshape(256, 3)
    return np.take(table, levels, axis=0)


def _map(entry: Mapping[str, Any]) -> ColourMap:
    try:
        stops = np.asarray(entry["stops"], np.float64)
        return ColourMap(str(entry["id"]), str(entry["name"]), _table(stops).tobytes())
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"colour maps: {error} in {entry.get('id', 'a map')}") from error


def _table(stops: NDArray[np.float64]) -> NDArray[np.uint8]:
    places, colours = stops[:, 0], stops[:, 1:]
    if places[0] != 0 or places[-1] != 255 or not (np.diff(places) > 0).all():
        raise ValueError("stops must rise from 0 to 255")
    if colours.shape[1] != 3 or not ((colours >= 0) & (colours <= 255)).all():
        raise ValueError("a stop needs three colours between 0 and 255")
    between = [np.interp(np.arange(256), places, colours[:, channel]) for channel in range(3)]
    return np.floor(np.stack(between, axis=1) + 0.5 + 1e-9).astype(np.uint8)
