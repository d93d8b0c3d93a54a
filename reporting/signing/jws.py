"""The signature over the FHIR report: detached JWS, PS256, the certificates inside (x5c, sigT)."""

import base64
import json
from datetime import UTC, datetime

from reporting.signing.signer import Signer


def detached_jws(payload: bytes, signer: Signer, *, signed_at: datetime) -> str:
    """Sign ``payload``; give header..signature (RFC 7515 appendix F).

    The header is the shape FHIR R4 asks for in Signature.data: JOSE, x5c, sigT. It is put
    together here and not by a JOSE library because the key may be in a card.
    """
    header = {
        "alg": "PS256",
        "sigT": signed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "typ": "JOSE",
        "x5c": [base64.b64encode(der).decode("ascii") for der in signer.certificate_chain],
    }
    protected = _b64url(json.dumps(header, separators=(",", ":")).encode("ascii"))
    signature = signer.sign(f"{protected}.{_b64url(payload)}".encode("ascii"))
    return f"{protected}..{_b64url(signature)}"


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
