"""Tables from the colours of an image to those of a screen, made in a decoder process (F18)."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from psygnal import Signal

from viewer.errors import ViewerError
from viewer.loading.executor import Executor
from viewer.model.colour import ColourProfile
from viewer.pixels.colour_table import ColourTable
from viewer.pixels.plain_srgb import is_plain

MakeTable = Callable[[bytes, bytes], ColourTable]
_Key = tuple[ColourProfile | None, ColourProfile | None]


@dataclass(frozen=True, slots=True, eq=False)
class Conversion:
    """How colours reach the screen; without a table they go there as they are."""

    table: ColourTable | None = None
    problem: str = ""
    """Why a profile is not used, one sentence."""


PLAIN = Conversion()


class ColourTables:
    """The last few conversions, each of 48 MiB; every method runs on the GUI thread."""

    arrived = Signal()
    """A conversion that was asked for can now be had."""

    _MOST = 3

    def __init__(self, make: MakeTable, executor: Executor) -> None:
        """Let ``make`` work on the executor's threads."""
        self._make = make
        self._executor = executor
        self._made: OrderedDict[_Key, Conversion] = OrderedDict()
        self._begun: set[_Key] = set()

    def get(
        self, source: ColourProfile | None, screen: ColourProfile | None = None
    ) -> Conversion | None:
        """From the colours of an image to those of a screen; None stands for sRGB on both sides.

        None while it is made, which this call begins. Where the image's profile cannot be used,
        its colours are taken for sRGB and ``problem`` says so.
        """
        source = None if is_plain(source) else source
        if source is None and screen is None:
            return PLAIN
        key = (source, screen)
        made = self._made.get(key)
        if made is not None:
            self._made.move_to_end(key)
        elif key not in self._begun:
            self._begin(key)
        return made

    def problem(self, source: ColourProfile | None, screen: ColourProfile | None = None) -> str:
        """Why a profile is not used, as far as that is known; empty where it is."""
        made = self._made.get((None if is_plain(source) else source, screen))
        return made.problem if made is not None else ""

    def clear(self) -> None:
        """Forget everything: the case was closed."""
        self._made.clear()

    def _begin(self, key: _Key) -> None:
        self._begun.add(key)

        def done(made: Conversion) -> None:
            self._begun.discard(key)
            self._made[key] = made
            while len(self._made) > self._MOST:
                self._made.popitem(last=False)
            self.arrived.emit()

        def failed(error: Exception) -> None:
            done(Conversion(problem=f"The colours cannot be converted: {type(error).__name__}."))

        self._executor.run(lambda: conversion(self._make, *key), done, failed)


def conversion(
    make: MakeTable, source: ColourProfile | None, screen: ColourProfile | None
) -> Conversion:
    """Make the table, blocking; what cannot be used is left out and named."""
    source = None if is_plain(source) else source
    if source is None and screen is None:
        return PLAIN
    try:
        return Conversion(make(_data(source), _data(screen)))
    except ViewerError as error:
        why = error.sentence
    if source is not None:
        rest = conversion(make, None, screen)
        text = f"The colour profile is not used and sRGB is assumed: {why}"
        return Conversion(rest.table, f"{text} {rest.problem}".strip())
    return Conversion(problem=f"The profile of this screen is not used: {why}")


def _data(profile: ColourProfile | None) -> bytes:
    return b"" if profile is None else profile.data
