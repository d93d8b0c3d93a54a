"""Whether case and images name the same patient; when they do not, nothing is signed (R35)."""

import unicodedata

from reporting.model.report import Person
from viewer.model.study import Patient


def mismatch(person: Person, patient: Patient) -> str:
    """Give a sentence naming what differs between case and image header, or an empty string.

    Empty values on one side do not contradict. Names are compared by family name without case
    and accents, since sites write given names, titles and separators differently.
    """
    pairs = (
        ("patient ID", person.id.strip().casefold(), patient.id.strip().casefold()),
        ("birth date", _digits(person.birth_date), _digits(patient.birth_date)),
        ("family name", _family(person.name), _family(patient.name)),
        ("sex", person.sex.strip().upper()[:1], patient.sex.strip().upper()[:1]),
    )
    differing = [what for what, ours, theirs in pairs if ours and theirs and ours != theirs]
    if not differing:
        return ""
    return (
        "The images do not belong to the patient of this case: "
        f"{' and '.join(differing)} differ. Reading is possible, signing is not; "
        "tell the platform."
    )


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _family(name: str) -> str:
    family = name.split("=")[0].split("^")[0]
    plain = unicodedata.normalize("NFKD", family)
    return "".join(c for c in plain if c.isalnum()).casefold()
