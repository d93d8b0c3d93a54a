"""Checks the digital signatures inside a DICOM object (PS3.15 annex C, PS3.3 C.12.1.1.3)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydicom.datadict import keyword_for_tag

from reporting.errors import NothingToVerify
from reporting.signing.certificate import der_size, describe, read_certificate
from reporting.signing.chain import judge
from reporting.signing.dicom_signature import (
    MAC_PARAMETERS,
    SIGNATURES,
    mac_bytes,
    may_be_signed,
)
from reporting.signing.mac_stream import EXPLICIT_LITTLE, BrokenStream, Element, split_file
from reporting.signing.verdict import Trust, Verdict

FORM = "DICOM object (PS3.15)"
_MAC_ID, _SYNTAX, _ALGORITHM, _SIGNED = 0x04000005, 0x04000010, 0x04000015, 0x04000020
_WHEN, _CERTIFICATE, _SIGNATURE = 0x04000105, 0x04000115, 0x04000120
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
}
_DATE_TIME = re.compile(r"(\d{14})(\.\d{1,6})?([+-]\d{4})?")
_Item = dict[int, Element]


class _Refused(ValueError):
    """The signature does not hold; ``str()`` says why."""


def verify_dicom(data: bytes, name: str, roots: Sequence[x509.Certificate]) -> tuple[Verdict, ...]:
    """Check every signature of the main data set; raises NothingToVerify when there is none."""
    try:
        syntax, elements = split_file(data)
    except BrokenStream as error:
        return (_broken(f"the file is damaged: {error}"),)
    if syntax != EXPLICIT_LITTLE:
        raise NothingToVerify(f"{name} is stored in a transfer syntax whose signature is not read.")
    held = {element.tag: element for element in elements}
    if SIGNATURES not in held:
        raise NothingToVerify(f"There is no signature in {name}.")
    items = held[SIGNATURES].items
    return tuple(_judged(_by_tag(item), held, roots) for item in items) or (
        _broken("the list of signatures is empty"),
    )


def _judged(item: _Item, held: _Item, roots: Sequence[x509.Certificate]) -> Verdict:
    try:
        certificate = _certificate(item)
    except ValueError:
        return _broken("the signature carries no readable certificate")
    signed_at = _moment(item)
    trust, why = judge(certificate, (), roots, at=signed_at)
    try:
        covered = _covered(item, held)
        _check(item, held, covered, certificate)
        reason = "the object is as it was signed"
        intact, covers = True, f"the whole object ({len(covered)} elements)"
    except _Refused as refused:
        reason, intact, covers = str(refused), False, ""
    return Verdict(
        FORM, describe(certificate), signed_at, intact, trust, covers, f"{reason}; {why}"
    )


def _parameters(item: _Item, held: _Item) -> _Item:
    wanted = item.get(_MAC_ID)
    for candidate in held[MAC_PARAMETERS].items if MAC_PARAMETERS in held else ():
        found = _by_tag(candidate)
        if wanted is not None and found.get(_MAC_ID) == wanted:
            return found
    raise _Refused("the signature does not say what it covers")


def _covered(item: _Item, held: _Item) -> list[Element]:
    """Give the signed elements; a signature that leaves any out does not count."""
    parameters = _parameters(item, held)
    if _text(parameters, _SYNTAX) != EXPLICIT_LITTLE:
        raise _Refused("the signature was made over a form of the object that is not read")
    listed = parameters[_SIGNED].value if _SIGNED in parameters else b""
    tags = [
        int.from_bytes(listed[at : at + 2], "little") << 16
        | int.from_bytes(listed[at + 2 : at + 4], "little")
        for at in range(0, len(listed), 4)
    ]
    if any(tag not in held for tag in tags):
        raise _Refused("an element that was signed is missing")
    left_out = [tag for tag in held if may_be_signed(tag) and tag not in tags]
    if left_out:
        names = ", ".join(keyword_for_tag(tag) or f"{tag:08X}" for tag in left_out[:5])
        raise _Refused(f"the object holds elements that were not signed: {names}")
    return [held[tag] for tag in tags]


def _check(item: _Item, held: _Item, covered: list[Element], certificate: x509.Certificate) -> None:
    algorithm = _HASHES.get(_text(_parameters(item, held), _ALGORITHM))
    if algorithm is None:
        raise _Refused("the signature rests on a hash that is not safe or not known")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise _Refused("the signature was not made with an RSA key")
    signature = item[_SIGNATURE].value if _SIGNATURE in item else b""
    try:
        key.verify(
            signature[: key.key_size // 8],
            mac_bytes(covered, item.values()),
            PKCS1v15(),
            algorithm,
        )
    except InvalidSignature:
        raise _Refused("the object was changed after it was signed") from None


def _certificate(item: _Item) -> x509.Certificate:
    padded = item[_CERTIFICATE].value if _CERTIFICATE in item else b""
    return read_certificate(padded[: der_size(padded)])


def _moment(item: _Item) -> datetime | None:
    found = _DATE_TIME.fullmatch(_text(item, _WHEN))
    if found is None:
        return None
    second, fraction, offset = found.groups()
    try:
        return datetime.strptime(
            f"{second}{fraction or '.0'}{offset or '+0000'}", "%Y%m%d%H%M%S.%f%z"
        )
    except ValueError:
        return None


def _by_tag(elements: Iterable[Element]) -> _Item:
    return {element.tag: element for element in elements}


def _text(item: _Item, tag: int) -> str:
    return item[tag].text if tag in item else ""


def _broken(reason: str) -> Verdict:
    return Verdict(FORM, None, None, intact=False, trust=Trust.UNCHECKED, covers="", reason=reason)
