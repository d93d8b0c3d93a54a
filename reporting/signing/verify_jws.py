"""Checks a detached JWS over the bytes it signs."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from reporting.errors import SignatureInvalid
from reporting.signing.certificate import describe, read_certificate
from reporting.signing.chain import judge
from reporting.signing.strict_json import read_object
from reporting.signing.verdict import Trust, Verdict

FORM = "FHIR report (JWS)"
_ALGORITHMS = ("PS256", "PS384", "PS512", "ES256", "ES384")
_DETACHED = re.compile(r"([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]+)")


class _Registry(jws.JWSRegistry):
    """Room for certificates in the header and for a whole report in the payload."""

    max_header_length = 1 << 17
    max_payload_length = 1 << 29


@dataclass(frozen=True, slots=True)
class Signature:
    """A detached JWS taken apart, nothing of it checked yet."""

    token: str
    algorithm: str
    certificate: x509.Certificate
    others: tuple[bytes, ...]
    signed_at: datetime | None

    def holds_for(self, payload: bytes) -> bool:
        """Whether the certificate's key signed exactly these bytes."""
        pem = self.certificate.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        kind = ECKey if self.algorithm.startswith("ES") else RSAKey
        try:
            key = kind.import_key(pem)
            jws.deserialize_compact(
                self.token,
                key,
                registry=_Registry(algorithms=_ALGORITHMS, strict_check_header=False),
                payload=payload,
            )
        except (JoseError, ValueError):
            return False
        return True

    def verdict(self, roots: Sequence[x509.Certificate], *, problem: str, covers: str) -> Verdict:
        """Judge the signer; ``problem`` says what does not hold, '' when all does."""
        trust, why = judge(self.certificate, self.others, roots, at=self.signed_at)
        return Verdict(
            form=FORM,
            signer=describe(self.certificate),
            signed_at=self.signed_at,
            intact=not problem,
            trust=trust,
            covers=covers,
            reason=f"{problem or 'the report is as it was signed'}; {why}",
        )


def take_apart(token: str) -> Signature:
    """Read the header of a detached JWS; raises SignatureInvalid."""
    found = _DETACHED.fullmatch(token)
    if found is None:
        raise SignatureInvalid("the signature is not a detached JWS")
    try:
        header = read_object(unpadded(found[1]))
        chain = _chain(header.get("x5c"))
        certificate = read_certificate(chain[0])
    except (ValueError, IndexError):
        raise SignatureInvalid("the signature carries no readable certificate") from None
    algorithm = str(header.get("alg"))
    return Signature(token, algorithm, certificate, chain[1:], _moment(header.get("sigT")))


def _chain(x5c: object) -> tuple[bytes, ...]:
    listed = x5c if isinstance(x5c, list) else []
    return tuple(base64.b64decode(str(item), validate=True) for item in listed)


def _moment(stated: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(stated))
    except ValueError:
        return None
    return found if found.tzinfo else None


def unpadded(text: str) -> bytes:
    """Decode base64url without padding; raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def broken(reason: str) -> Verdict:
    """A signature of which nothing can be read."""
    return Verdict(FORM, None, None, intact=False, trust=Trust.UNCHECKED, covers="", reason=reason)
