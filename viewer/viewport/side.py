"""Where what is said of the side of an image contradicts itself: told aloud, never mended (F58)."""

import re
from functools import lru_cache
from itertools import pairwise

from viewer.model.study import Instance, Series, Study
from viewer.viewport.letters import of_direction, opposite

_WORDS = {
    "R": "right rt rmlo rcc rml rlm rechts rechter rechte rechtes droit droite derecho derecha "
    "destro destra",
    "L": "left lt lmlo lcc lml llm links linker linke linkes gauche izquierdo izquierda "
    "sinistro sinistra",
}
_SIDE_OF = {word: side for side, words in _WORDS.items() for word in words.split()}
_NOT_A_SIDE = re.compile(r"\b(rt|lt)[ _-]*(plan|dose|struct|sim|planning)|left[ _-]+over", re.I)
_NAMES = {"R": "right", "L": "left"}


def side_conflict(instance: Instance, frame: int, study: Study, series: Series) -> str:
    """One sentence on the first contradiction that is found; empty where there is none.

    Compared are the attributes of laterality with each other, the image's geometry with its
    Patient Orientation, and the laterality with the words of series, protocol and study.
    """
    own = _one_side(instance.at(frame).laterality)
    said = [(name, side) for name, text in instance.stated_sides if (side := _one_side(text))]
    for name, side in said:
        other = own or said[0][1]
        if side != other:
            first = "the image" if own else said[0][0]
            return f"{first} says {_NAMES[other]}, {name} says {_NAMES[side]}"
    letters = _orientation_conflict(instance, frame)
    if letters:
        return letters
    side = own or (said[0][1] if said else "")
    for where, text in (
        ("series", series.description),
        ("protocol", series.protocol),
        ("study", study.description),
    ):
        told = _told_side(text)
        if side and told and told != side:
            return f"the image says {_NAMES[side]}, the {where} text says {_NAMES[told]}"
        if told:
            break  # the nearer text counts: a study may name both knees by the first
    return ""


def _one_side(text: str) -> str:
    upper = text.strip().upper()
    return upper if upper in _NAMES else ""


@lru_cache(maxsize=64)
def _told_side(text: str) -> str:
    """The side that a text names; empty where it names none or both."""
    words = re.findall(r"[a-z]+", _NOT_A_SIDE.sub(" ", text).casefold())
    if len(words) == 1 and len(words[0]) == 2:
        return ""  # RT alone may as well be radiotherapy
    pairs = [a + b for a, b in pairwise(words)]  # R-MLO, L CC
    found = {_SIDE_OF[w] for w in (*words, *pairs) if w in _SIDE_OF}
    return found.pop() if len(found) == 1 else ""


def _orientation_conflict(instance: Instance, frame: int) -> str:
    """Where position and orientation point the other way than Patient Orientation says."""
    plane = instance.planes[frame] if frame < len(instance.planes) else None
    stated = instance.patient_orientation
    if plane is None or stated is None:
        return ""
    for axis, direction, text in (
        ("rows run", plane.row, stated[0]),
        ("columns run", plane.column, stated[1]),
    ):
        ours, theirs = of_direction(direction)[:1], text.strip().upper()[:1]
        if theirs and theirs in "LRPAHF" and ours == opposite(theirs):
            return f"its {axis} to {ours} by geometry, to {theirs} by Patient Orientation"
    return ""
