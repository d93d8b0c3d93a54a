"""Characters that deceive the eye are written out, wherever text from outside is kept or shown."""

import unicodedata

_KEPT_CONTROLS = "\n\t"
_JOINERS = "\u200c\u200d"
_LETTERS_THAT_JOIN = frozenset({"Lo", "Mn", "Mc"})
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str, *, lines: bool = True) -> str:
    """The text with control, bidi and unassigned characters written out as ``[U+202E]``.

    Line ends become ``\\n``; with ``lines=False`` line ends and tabs are written out as well.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = _KEPT_CONTROLS if lines else ""
    shown: list[str] = []
    before = ""
    for character in text:
        hidden = character not in kept and _deceives(character, before)
        shown.append(escape(character) if hidden else character)
        before = character
    return "".join(shown)


def escape(character: str) -> str:
    """One character written out: ``[U+202E]``."""
    return f"[U+{ord(character):04X}]"


def _deceives(character: str, before: str) -> bool:
    if character in _JOINERS and before:
        return unicodedata.category(before) not in _LETTERS_THAT_JOIN
    return unicodedata.category(character) in _HIDDEN
