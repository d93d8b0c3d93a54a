"""What the words of a report say about side, organ, unit and negation: plain functions on text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_CLAUSE = re.compile(r"\.(?!\d)|[;\n,]")
_SENTENCE = re.compile(r"\.(?!\d)|[;\n]")
_SIDE = re.compile(r"\b(left|right|bilateral|bilaterally|both)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(mm|cm)\b", re.IGNORECASE)
_UNIT_NEXT = re.compile(r"\s*(mm|cm|millimet(?:re|er)s?|centimet(?:re|er)s?)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:no|without|absence of|negative for|free of)\b", re.IGNORECASE)
_NEGATION_ENDS = re.compile(r"\b(?:but|except|other than|apart from|however)\b", re.IGNORECASE)
_PER_CM = 10.0
_BOTH = frozenset({"left", "right"})


@dataclass(frozen=True, slots=True)
class SidedWords:
    """A subject and the sides that a text gives it."""

    subject: str
    sides: frozenset[str]


def word_in(word: str, text: str) -> bool:
    """Whether the word, or its plain plural, stands in the text as a word of its own."""
    return _word(word).search(text) is not None


def sides_of(
    text: str, subjects: Sequence[str], abbreviations: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """Which sides the text gives each subject; ``abbreviations`` are written out first.

    In a clause with one side every subject has that side; with several, a subject belongs to the
    side that stands before it.
    """
    for short, long in abbreviations.items():
        text = re.sub(rf"\b{re.escape(short)}\b", long, text)
    found: dict[str, frozenset[str]] = {}
    for clause in _CLAUSE.split(text):
        for subject, sides in _sides_in(clause, subjects):
            found[subject] = found.get(subject, frozenset()) | sides
    return found


def sides_named(text: str) -> frozenset[str]:
    """All sides that stand in the text."""
    return frozenset(side for found in _SIDE.finditer(text) for side in _sides(found.group(1)))


def side_conflicts(
    findings: Mapping[str, frozenset[str]], impression: Mapping[str, frozenset[str]]
) -> tuple[SidedWords, ...]:
    """Subjects that the impression puts on a side on which the findings do not have them."""
    return tuple(
        SidedWords(subject, sides)
        for subject, sides in impression.items()
        if subject in findings and not sides <= findings[subject]
    )


def unit_next(text: str) -> str:
    """The unit of length that the text begins with, or nothing."""
    found = _UNIT_NEXT.match(text)
    return "" if found is None else found.group(1)


def ten_times(text: str, measured: Sequence[float]) -> tuple[str, ...]:
    """Lengths typed in the text that are ten times or a tenth of a measured one (mm)."""
    return tuple(
        words
        for words, value in _lengths(text)
        if not any(_same(value, number) for number in measured)
        and any(_same(value, n * _PER_CM) or _same(value, n / _PER_CM) for n in measured)
    )


def contradictions(text: str, nouns: Iterable[str], qualifiers: Sequence[str]) -> tuple[str, ...]:
    """Nouns that one sentence denies and another describes, on the same side where sides are said.

    A denial with a qualifier ('no new nodule', 'no change of the nodule') denies nothing.
    """
    parts = [_denied_and_said(sentence) for sentence in _SENTENCE.split(text)]
    return tuple(
        noun
        for noun in nouns
        if any(
            _meet(denied, said)
            for denied, _ in parts
            if _denies(noun, denied, qualifiers)
            for _, said in parts
            if word_in(noun, said)
        )
    )


def _lengths(text: str) -> Iterator[tuple[str, float]]:
    for match in _NUMBER.finditer(text):
        factor = _PER_CM if match.group(2).lower() == "cm" else 1.0
        yield match.group(0), float(match.group(1)) * factor


def _denied_and_said(sentence: str) -> tuple[str, str]:
    start = _NEGATION.search(sentence)
    if start is None:
        return "", sentence
    end = _NEGATION_ENDS.search(sentence, start.end())
    stop = len(sentence) if end is None else end.start()
    return sentence[start.end() : stop], f"{sentence[: start.start()]} {sentence[stop:]}"


def _denies(noun: str, denied: str, qualifiers: Sequence[str]) -> bool:
    return word_in(noun, denied) and not any(word_in(word, denied) for word in qualifiers)


def _meet(denied: str, said: str) -> bool:
    one, other = sides_named(denied), sides_named(said)
    return not one or not other or bool(one & other)


def _sides(word: str) -> frozenset[str]:
    word = word.lower()
    return frozenset({word}) if word in _BOTH else _BOTH


def _sides_in(clause: str, subjects: Sequence[str]) -> Iterator[tuple[str, frozenset[str]]]:
    marks = list(_SIDE.finditer(clause))
    starts = [mark.start() for mark in marks] if len(marks) > 1 else [0] * len(marks)
    for mark, (start, end) in zip(marks, pairwise([*starts, len(clause)]), strict=True):
        for subject in subjects:
            if word_in(subject, clause[start:end]):
                yield subject, _sides(mark.group(1))


def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(word)}(?:e?s)?\b", re.IGNORECASE)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= max(0.051, 0.01 * max(one, other))
