"""The loud mark of an image or document that names another patient than the case."""

import unicodedata
from typing import Protocol

from viewer.model.study import Patient

_DIGRAPHS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "ß": "ss", "œ": "oe"}
_MOST = 40
"""Letters of a name that fit into the mark."""


class Named(Protocol):
    """The patient of the open case, in the case's words."""

    @property
    def id(self) -> str:
        """Patient ID."""
        ...

    @property
    def name(self) -> str:
        """Family^Given^Middle."""
        ...

    @property
    def birth_date(self) -> str:
        """YYYY-MM-DD or empty."""
        ...


def patient_mark(case: Named, patient: Patient, thing: str) -> str:
    """Say what a header says against the case; empty where they agree or one of them is silent."""
    said, ours = patient.id.strip(), case.id.strip()
    if said and ours and said.casefold() != ours.casefold():
        return f"{thing} SAYS PATIENT ID {said}"
    born, known = _digits(patient.birth_date), _digits(case.birth_date)
    if born and known and born != known:
        return f"{thing} SAYS BORN {patient.birth_date}"
    if not same_person(patient.name, case.name):
        return f"{thing} SAYS NAME {patient.name[:_MOST]}"
    return ""


def same_person(one: str, other: str) -> bool:
    """Whether two names can be one person's: the family name and one of the given names agree.

    Case, accents, separators and titles do not count, an initial stands for its name, and what
    one of them leaves out or writes in another script does not contradict.
    """
    (family, given), (others, their_given) = _parts(one), _parts(other)
    if not _agree((family,), (others,), initials=False):
        return False
    return _agree(given, their_given, initials=True)


def _parts(name: str) -> tuple[str, tuple[str, ...]]:
    """The family name, and all given names; of several representations the first."""
    family, *rest = name.split("=")[0].split("^")
    given = " ".join(rest[:2]).replace("-", " ").replace(".", " ")
    return family, tuple(given.split())


def _agree(ours: tuple[str, ...], theirs: tuple[str, ...], *, initials: bool) -> bool:
    pairs = [(a, b) for a in _words(ours) for b in _words(theirs) if _latin(a) == _latin(b)]
    if not pairs:
        return True  # one is silent, or their scripts cannot be compared
    for a, b in pairs:
        short = initials and min(len(a), len(b)) == 1
        if a == b or (short and a[0] == b[0]):
            return True
    return False


def _words(names: tuple[str, ...]) -> list[str]:
    """Each name with its accents taken off and, where it has such letters, as two letters each."""
    found = []
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        spelled = "".join(_DIGRAPHS.get(c, c) for c in folded)
        found += [_plain(folded), _plain(spelled)]
    return [word for word in dict.fromkeys(found) if word]


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if c.isalnum())


def _latin(word: str) -> bool:
    return all("LATIN" in unicodedata.name(c, "") or c.isdigit() for c in word)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
