"""Content-Digest (RFC 9530): whether bytes are those that left, in both directions (R12, R14)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

from workstation.errors import Unreachable

_FIELD = re.compile(r"\s*sha-256\s*=\s*:([A-Za-z0-9+/=]*):\s*")


def content_digest(body: bytes) -> str:
    """The field for a body that we send."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
    return f"sha-256=:{digest}:"


def check_digest(headers: Mapping[str, str], body: bytes, host: str) -> None:
    """Raise Unreachable when ``body`` is not what its sender digested; no or another digest: pass.

    ``headers``: any mapping that finds ``content-digest``.
    """
    for part in (headers.get("content-digest") or "").split(","):
        found = _FIELD.fullmatch(part)
        if found is not None and not hmac.compare_digest(
            _decoded(found[1]), hashlib.sha256(body).digest()
        ):
            raise Unreachable(f"What {host} sent was damaged on its way.")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
