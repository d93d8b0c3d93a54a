"""Measurements as a table for other programs: every number with its unit on a line of its own."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from viewer.errors import GeometryError
from viewer.measure.lacking import lacks_values
from viewer.measure.registry import KINDS, Ground, Reading, read
from viewer.model.annotation import Annotation
from viewer.model.measurement import Measurement
from viewer.model.study import Study

_COLUMNS = (
    "study_date", "study", "image", "finding", "target", "name", "kind", "quantity", "derivation",
    "value", "unit", "calibration", "uncertainty_k2", "author", "made_at", "note",
)  # fmt: skip
_IDENTITY = (
    "patient_name", "patient_id", "birth_date", "accession", "study_uid", "series_uid", "sop_uid",
    "frame",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Begin a formula in spreadsheets, the full-width ones too."""
_NOT_HERE = "The image of this measurement is not here."
_NO_PIXELS = "The pixel values are not here: show the image once, then export again."


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """An annotation with what it is measured on; None for what is not here of it."""

    annotation: Annotation
    ground: Ground | None
    study: Study | None
    image: str
    """Where it is, for a reader: 'Series 3, image 142'."""


def as_csv(listed: Iterable[Listed], *, identity: bool) -> str:
    """The table as RFC 4180 text, values unrounded in UCUM units; ``identity`` names the patient.

    Text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((*_COLUMNS, *(_IDENTITY if identity else ())))
    for one in listed:
        who = _identity(one) if identity else ()
        for line in _lines(one):
            writer.writerow((*line, *who))
    return text.getvalue()


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" \n").startswith(_FORMULA) else text


def _lines(one: Listed) -> Iterator[tuple[str, ...]]:
    held, study = one.annotation, one.study
    before = (
        study.date if study else "",
        plain(study.description) if study else "",
        plain(one.image),
        plain(held.finding),
        "yes" if held.target else "",
        plain(held.text),
        KINDS[held.kind].title,
    )
    found = _reading(one)
    after = (plain(held.made_by.author), held.made_by.made_at.isoformat(), " ".join(found.notes))
    for number in found.measurements or (None,):
        yield (*before, *_number(number), *after)


def _reading(one: Listed) -> Reading:
    if one.ground is None:
        return Reading((), (), (_NOT_HERE,), "")
    try:
        found = read(one.annotation, one.ground, uncertain=True)
    except GeometryError as error:
        return Reading((), (), (error.sentence,), "")
    if lacks_values(one.annotation, one.ground):
        return Reading(found.measurements, found.lines, (*found.notes, _NO_PIXELS), found.reason)
    return found


def _number(one: Measurement | None) -> tuple[str, ...]:
    if one is None:
        return ("",) * 6
    return (
        plain(one.name.meaning),
        plain(one.derivation.meaning) if one.derivation else "",
        repr(float(one.value)),
        plain(str(one.unit)),
        one.calibration.value,
        "" if one.plus_minus is None else repr(float(one.plus_minus)),
    )


def _identity(one: Listed) -> tuple[str, ...]:
    on, study = one.annotation.on, one.study
    patient = study.patient if study else None
    return (
        plain(patient.name) if patient else "",
        plain(patient.id) if patient else "",
        plain(patient.birth_date) if patient else "",
        plain(study.accession) if study else "",
        plain(on.study),
        plain(on.series),
        plain(on.sop),
        str(on.frame + 1),
    )
