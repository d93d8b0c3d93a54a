"""FHIR ImagingStudy and Endpoint ↔ StudyOnPlatform."""

import re
from collections.abc import Iterable

from reporting.model.report import StudyIdentity
from workstation.errors import BadAnswer
from workstation.model.case import StudyOnPlatform
from workstation.platform.fhir_values import (
    DCM,
    Json,
    codes,
    count,
    identifier,
    node,
    nodes,
    own_name,
    text,
    uid,
)

_NOT_IMAGES = frozenset({"SR", "SEG", "KO", "PR", "DOC", "REG", "RWV", "AU", "PLAN"})
_STARTED = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?))?.*")


def study(resource: Json, endpoints: Iterable[Json], *, accession: str = "") -> StudyOnPlatform:
    """Give a study; BadAnswer when it has no UID. ``accession``: of the order, if it is ours."""
    found = study_uid(resource)
    if not found:
        raise BadAnswer(f"{own_name(resource)} names no Study Instance UID.")
    began = _STARTED.fullmatch(text(resource.get("started")))
    time = (began[2] or "") if began else ""
    own = identifier(resource, kind="ACSN")
    known = _modalities(resource)
    return StudyOnPlatform(
        identity=StudyIdentity(
            uid=found,
            accession=accession or text(own.get("value"), 64),
            date=began[1] if began else "",
            time=time if len(time) != 5 else f"{time}:00",
            description=text(resource.get("description"), 200) or _procedure(resource),
            modality=next(iter(_images(known)), known[0] if known else ""),
            body_part=_body_part(resource),
            fhir_reference=own_name(resource),
        ),
        dicomweb=_address(endpoints),
        instances=_total(resource, "numberOfInstances"),
        series=count(resource.get("numberOfSeries")) or len(nodes(resource.get("series"))),
        modalities=_images(known),
    )


def study_uid(resource: Json) -> str:
    """The Study Instance UID, '' when there is none."""
    return uid(identifier(resource, system="urn:dicom:uid").get("value"))


def _address(endpoints: Iterable[Json]) -> str:
    for endpoint in endpoints:
        kind = text(node(endpoint.get("connectionType")).get("code"))
        used = text(endpoint.get("status")) in {"active", "test"}
        if used and kind in {"dicom-wado-rs", "dicom-qido-rs"}:
            return text(endpoint.get("address")).rstrip("/")
    return ""


def _total(resource: Json, name: str) -> int:
    series = nodes(resource.get("series"))
    return count(resource.get(name)) or sum(count(s.get(name)) for s in series)


def _modalities(resource: Json) -> tuple[str, ...]:
    stated = [text(m.get("code"), 16) for m in nodes(resource.get("modality"))]
    stated += [text(node(s.get("modality")).get("code"), 16) for s in nodes(resource.get("series"))]
    return tuple(dict.fromkeys(m for m in stated if m))


def _images(modalities: Iterable[str]) -> tuple[str, ...]:
    return tuple(m for m in modalities if m not in _NOT_IMAGES)


def _body_part(resource: Json) -> str:
    for series in nodes(resource.get("series")):
        site = node(series.get("bodySite"))
        named = text(site.get("code")) if site.get("system") == DCM else text(site.get("display"))
        if named:
            return named.upper()[:64]
    return ""


def _procedure(resource: Json) -> str:
    for concept in nodes(resource.get("procedureCode")):
        displays = [display for _, _, display in codes(concept) if display]
        said = text(concept.get("text")) or (displays[0] if displays else "")
        if said:
            return said[:200]
    return ""
