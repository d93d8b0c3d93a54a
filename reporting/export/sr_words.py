"""Codes and text as DICOM structured reports want them."""

from highdicom.sr import (
    CodedConcept,
    LanguageOfContentItemAndDescendants,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
)

from reporting.export.identifiers import SCHEMES
from reporting.model.report import ReportContext
from viewer.model.measurement import Ucum, Unit
from viewer.model.refs import Code

_LANGUAGES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian"}
_LONG_STRING = 64
_UNITS: dict[str, CodedConcept] = {
    Unit.MILLIMETRE: CodedConcept("mm", "UCUM", "millimeter"),
    Unit.MILLIMETRE_2: CodedConcept("mm2", "UCUM", "square millimeter"),
    Unit.MILLILITRE: CodedConcept("ml", "UCUM", "milliliter"),
    Unit.DEGREE: CodedConcept("deg", "UCUM", "degree"),
    Unit.HOUNSFIELD: CodedConcept("[hnsf'U]", "UCUM", "Hounsfield unit"),
    Unit.SUV_BW: CodedConcept("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight"),
    Unit.SUV_LBM: CodedConcept("{SUVlbm}g/ml", "UCUM", "Standardized Uptake Value lean body mass"),
    Unit.SUV_BSA: CodedConcept(
        "{SUVbsa}cm2/ml", "UCUM", "Standardized Uptake Value body surface area"
    ),
    Unit.ONE: CodedConcept("1", "UCUM", "no units"),
    Unit.PIXEL: CodedConcept("{pixels}", "UCUM", "pixels"),
    Unit.PIXEL_2: CodedConcept("{pixels}2", "UCUM", "square pixels"),
}


def concept(code: Code) -> CodedConcept:
    """Give one of our codes as a coded entry."""
    return CodedConcept(code.value, code.scheme, long_string(code.meaning))


def unit(of: Unit | Ucum) -> CodedConcept:
    """Give a unit as a UCUM code."""
    known = _UNITS.get(of)
    return known or CodedConcept(of, "UCUM", long_string(of))


def procedure_reported(context: ReportContext) -> CodedConcept:
    """Give what was done, as ordered; imaging in general where the order's code is of no use."""
    system, value, display = context.order.procedure_code
    scheme = SCHEMES.get(system)
    if scheme and value:
        return CodedConcept(value, scheme, long_string(display or value))
    return CodedConcept("363679005", "SCT", "Imaging")


def language_of(tag: str) -> LanguageOfContentItemAndDescendants:
    """Say in which language the report is written (TID 1204); ``tag`` as in RFC 5646."""
    meaning = _LANGUAGES.get(tag.partition("-")[0], tag)
    return LanguageOfContentItemAndDescendants(CodedConcept(tag, "RFC5646", meaning))


def observer(context: ReportContext) -> ObserverContext:
    """Say who reads (TID 1002, 1003)."""
    return ObserverContext(
        observer_type=CodedConcept("121006", "DCM", "Person"),
        observer_identifying_attributes=PersonObserverIdentifyingAttributes(
            name=person(context.reader.name),
            organization_name=clean(context.reader.organization) or None,
        ),
    )


def long_string(text: str) -> str:
    """Text as LO takes it: one line of at most 64 characters, no backslash (PS3.5 6.2)."""
    one_line = " ".join(clean(text).split()).replace("\\", "/")
    return one_line[:_LONG_STRING].strip()


def person(name: str) -> str:
    """A name as PN takes it; one of a single part ends in '^', to say that it is meant so."""
    told = long_string(name)
    return told if "^" in told else f"{told[: _LONG_STRING - 1]}^"


def clean(text: str) -> str:
    """Text as UT takes it: lines end in CR LF, no other control characters (PS3.5 6.1.3)."""
    lines = text.strip().splitlines()
    return "\r\n".join("".join(c for c in line if c.isprintable() or c == "\t") for line in lines)
