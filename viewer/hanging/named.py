"""Which images of a study of several modalities are asked for, by its description or order."""

import re
from collections.abc import Sequence

from viewer.hanging.images import CaseImages, Hung

_WORDS = {
    "CT": {"ct", "cta"},
    "MR": {"mr", "mri", "mra", "mrcp", "mrt"},
    "PT": {"pt", "pet"},
    "US": {"us", "ultrasound", "sonography"},
    "XA": {"xa", "dsa", "angiography"},
}
"""How descriptions name a modality, beside its own code."""


def named_for(images: CaseImages, shown: Sequence[Hung]) -> tuple[Sequence[Hung], str]:
    """Of several modalities the images that the study's description names, and why; else all.

    A modality is looked for first, in the description and then in the order, then a body part;
    localisers alone are never chosen for it.
    """
    if len({e.series.modality for e in shown}) < 2:
        return shown, ""
    described = _words(images.current.description)
    able = [e for e in shown if not is_localiser(images, e)]
    modality = [e for e in able if described & _modality_words(e.series.modality)]
    why = ", of the modality it names"
    if not modality and images.asked:
        modality = [e for e in able if e.series.modality == images.asked]
        why = ", of the modality of its order"
    part = [e for e in modality or able if _names(described, e.series.body_part)]
    if modality:
        unsaid = [e for e in modality if not e.series.body_part]
        return ([*part, *unsaid] if part else modality), why
    return (part, ", of the body part it names") if part else (shown, "")


def is_localiser(images: CaseImages, entry: Hung) -> bool:
    """Whether a display set is there to plan others on."""
    return "LOCALIZER" in images.instances[entry.target.frames[0].sop].image_type


def _modality_words(modality: str) -> frozenset[str]:
    return frozenset({modality.casefold()} | _WORDS.get(modality, set()))


def _names(described: frozenset[str], part: str) -> bool:
    words = _words(part)
    return bool(words) and words <= described


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text.casefold()))
