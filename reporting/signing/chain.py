"""Whether a signer's certificate leads to a root that the caller trusts, at the time of signing."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto.x509 import Certificate  # type: ignore[import-untyped]  # brings no types
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from reporting.errors import ReportingError
from reporting.signing.certificate import purpose_problem, read_certificate, time_problem
from reporting.signing.verdict import Trust

_MOST_CERTIFICATES = 16


def load_roots(files: Sequence[Path]) -> tuple[x509.Certificate, ...]:
    """Read trusted roots from PEM files; raises ReportingError naming the file."""
    found: list[x509.Certificate] = []
    for file in files:
        try:
            found.extend(x509.load_pem_x509_certificates(file.read_bytes()))
        except OSError as error:
            raise ReportingError(f"{file.name} cannot be read: {error.strerror}.") from None
        except ValueError:
            raise ReportingError(f"{file.name} holds no certificate.") from None
    return tuple(found)


def judge(
    certificate: x509.Certificate,
    others: Sequence[bytes],
    roots: Sequence[x509.Certificate],
    *,
    at: datetime | None,
) -> tuple[Trust, str]:
    """Say whether the certificate can be trusted, and why.

    ``others`` are DER certificates that came with the signature. Validity is judged at ``at``, the
    time of signing that the signer states, since nothing else is known of it. Revocation is not
    checked: nothing is fetched from a network.
    """
    moment = at or datetime.now(UTC)
    problem = purpose_problem(certificate) or time_problem(certificate, moment)
    if problem:
        return Trust.UNTRUSTED, f"the signer's certificate {problem}"
    if not roots:
        return Trust.UNCHECKED, "the signer's chain was not checked against a trusted root"
    context = ValidationContext(
        trust_roots=list(_converted(root.public_bytes(Encoding.DER) for root in roots)),
        other_certs=list(_converted(_readable(others))),
        moment=moment,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    (leaf,) = _converted([certificate.public_bytes(Encoding.DER)])
    validator = CertificateValidator(leaf, validation_context=context)
    try:
        asyncio.run(validator.async_validate_path())
    except (PathError, ValidationError, ValueError):
        return Trust.UNTRUSTED, "the signer's certificate does not lead to a trusted root"
    return Trust.TRUSTED, "the signer's certificate leads to a trusted root"


def _converted(ders: Iterable[bytes]) -> Iterator[Certificate]:
    for der in ders:
        yield from load_certs_from_pemder_data(der)


def _readable(others: Sequence[bytes]) -> list[bytes]:
    """Leave out what is no certificate: it can only help to build a chain, never to break one."""
    found = []
    for der in others[:_MOST_CERTIFICATES]:
        try:
            read_certificate(der)
        except ValueError:
            continue
        found.append(der)
    return found
