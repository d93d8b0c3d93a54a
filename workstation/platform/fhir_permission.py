"""Consent and licence: what keeps a case from being downloaded or officially reported (§3.1)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from workstation.model.case import Block
from workstation.platform.fhir_values import (
    V3,
    Json,
    codes,
    covers,
    node,
    nodes,
    reference,
    text,
)

_VALID_IN = (
    "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
)


def consent_blocks(
    consents: Sequence[Json], *, organization: str, base: str, now: datetime
) -> tuple[Block, ...]:
    """Give none when one consent allows the reader's organisation to treat now."""
    if not consents:
        return ()
    whys = [_why_not(c, organization, base, now) for c in consents]
    if "" in whys:
        return ()
    return (Block(stops_download=True, why=whys[0]),)


def _why_not(consent: Json, organization: str, base: str, now: datetime) -> str:
    provision = node(consent.get("provision"))
    status = text(consent.get("status"))
    if status != "active":
        return f"The patient's consent is not active ({status or 'no status'})."
    if provision.get("type", "permit") != "permit":
        return "The patient has refused consent."
    if not covers(provision.get("period"), now):
        return "The patient's consent has expired or has not begun yet."
    actors = [reference(node(a.get("reference")), base) for a in nodes(provision.get("actor"))]
    if actors and organization not in actors:
        return "The patient's consent does not cover your organisation."
    purposes = [
        (text(p.get("system")), text(p.get("code"))) for p in nodes(provision.get("purpose"))
    ]
    if purposes and (V3 + "ActReason", "TREAT") not in purposes:
        return "The patient's consent does not cover a diagnostic reading."
    return ""


def licence_blocks(practitioner: Json, location: Json, *, now: datetime) -> tuple[Block, ...]:
    """Give a block when the order's place is known and no active licence covers it."""
    place = node(location.get("address"))
    country, state = text(place.get("country")).upper(), text(place.get("state")).upper()
    if not country:
        return ()
    wanted = {country, f"{country}-{state}"} if state else {country}
    for qualification in nodes(practitioner.get("qualification")):
        if covers(qualification.get("period"), now) and wanted & set(_valid_in(qualification)):
            return ()
    where = f"{country}-{state}" if state else country
    return (
        Block(
            stops_download=False,
            why=f"You hold no active licence for {where}: only a consultative opinion can be "
            "signed.",
        ),
    )


def _valid_in(qualification: Json) -> Iterator[str]:
    for extension in nodes(qualification.get("extension")):
        if extension.get("url") != _VALID_IN:
            continue
        inner = nodes(extension.get("extension"))
        status = [text(e.get("valueCode")) for e in inner if e.get("url") == "status"]
        if status and status[0] != "active":
            continue
        for valid in inner:
            if valid.get("url") == "whereValid":
                for _, code, _ in codes(valid.get("valueCodeableConcept")):
                    yield code.upper()
