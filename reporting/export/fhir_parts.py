"""The small pieces that FHIR resources of a report are put together from."""

import base64
import hashlib
from uuid import uuid4

from reporting.export.identifiers import SCHEMES, shown
from reporting.model.report import StudyIdentity
from viewer.model.measurement import Measurement
from viewer.model.refs import Code

Json = dict[str, object]
DERIVATION = "urn:uuid:1d0b4a9e-6a27-4f0b-9f2e-7f5f0a1c2e05"
"""What of its quantity a component is: mean, maximum."""
_ISO = "http://hl7.org/fhir/StructureDefinition/iso21090"
_COVERAGE = 2.0
"""An uncertainty is stated for k = 2, FHIR's is the standard deviation."""
_UCUM = "http://unitsofmeasure.org"
_SYSTEMS = {scheme: system for system, scheme in SCHEMES.items()}
_UNIT_WORDS = {
    "{pixels}": "pixels",
    "{pixels}2": "square pixels",
    "[hnsf'U]": "HU",
    "deg": "degree",
    "mm2": "mm²",
}


def coding(system: str, code: str, display: str) -> Json:
    """Give a Coding."""
    return without_empty({"system": system, "code": code, "display": display})


def concept(system: str, code: str, display: str) -> Json:
    """Give a CodeableConcept of one code."""
    return {"coding": [coding(system, code, display)]}


def coded(code: Code) -> Json:
    """Give one of our codes as a CodeableConcept."""
    return {"coding": [coding(_SYSTEMS.get(code.scheme, ""), code.value, code.meaning)]}


def attachment(kind: str, title: str, data: bytes, made: str, language: str) -> Json:
    """Give an attachment without its data; R4 defines the hash as SHA-1, so nobody relies on it."""
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    return {
        "contentType": kind,
        "language": language,
        "size": len(data),
        "hash": base64.b64encode(digest).decode("ascii"),
        "title": title,
        "creation": made,
    }


def data_of(data: bytes) -> Json:
    """Give what makes an attachment carry its data."""
    return {"data": base64.b64encode(data).decode("ascii")}


def without_empty(resource: Json) -> Json:
    """Leave out what has no value: FHIR forbids empty strings, lists and objects."""
    return {name: value for name, value in resource.items() if value not in ("", [], {})}


def references(reference: str, display: str = "") -> list[Json]:
    """Give a list of one reference, empty without one."""
    if not reference:
        return []
    return [without_empty({"reference": reference, "display": display})]


def study_reference(study: StudyIdentity) -> Json:
    """Give a study as a reference, by its UID as well."""
    identifier = {"system": "urn:dicom:uid", "value": f"urn:oid:{study.uid}"}
    return without_empty({"reference": study.fhir_reference, "identifier": identifier})


def quantity(measured: Measurement) -> Json:
    """Give a measured value with its UCUM unit, and how sure it is as a standard deviation."""
    code = str(measured.unit)
    unit = _UNIT_WORDS.get(code, code)
    made: Json = {"value": shown(measured.value), "unit": unit, "system": _UCUM, "code": code}
    if measured.plus_minus is not None:
        deviation = float(f"{measured.plus_minus / _COVERAGE:.4g}")
        made["extension"] = [
            {"url": f"{_ISO}-uncertainty", "valueDecimal": deviation},
            {"url": f"{_ISO}-uncertaintyType", "valueCode": "N"},
        ]
    return made


def component(measured: Measurement) -> Json:
    """Give a further number of an Observation; what of the quantity it is stands in words too."""
    code, of = coded(measured.name), measured.derivation
    if of is not None:
        code |= {"text": f"{measured.name.meaning}: {of.meaning}"}
    made: Json = {"code": code, "valueQuantity": quantity(measured)}
    if of is not None:
        made["extension"] = [{"url": DERIVATION, "valueCodeableConcept": coded(of)}]
    return made


def fresh_url() -> str:
    """Give a fullUrl that equals no identifier."""
    return f"urn:uuid:{uuid4()}"
