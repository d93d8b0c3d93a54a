"""Request bodies: read whole, bounded, and checked against Content-Length and Content-Digest."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import ClientDisconnect, Request

from workstation.demo.problems import Problem

_DIGEST = re.compile(r"\s*sha-256\s*=\s*:([A-Za-z0-9+/=]*):\s*")


async def read_body(request: Request, limit: int) -> bytes:
    """Give the whole body of at most ``limit`` bytes; raises Problem 400 or 413."""
    return b"".join([chunk async for chunk in checked_chunks(request, limit)])


async def checked_chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Give the body in pieces; the last step raises Problem 400 when it is not what was sent.

    A killed sender leaves a short body behind; Content-Digest (RFC 9530) is checked when sent.
    """
    declared = request.headers.get("content-length")
    if declared and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    digest, size = hashlib.sha256(), 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            digest.update(chunk)
            yield chunk
    except ClientDisconnect as error:
        raise Problem(400, "incomplete", "The body ended too early.") from error
    if declared and int(declared) != size:
        raise Problem(400, "incomplete", "The body is shorter than Content-Length says.")
    _check_digest(request.headers.get("content-digest"), digest.digest())


def content_digest(body: bytes) -> str:
    """Give the Content-Digest field of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def parse_json(body: bytes) -> Any:
    """Parse JSON strictly; raises Problem 400."""
    try:
        return json.loads(body, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "structure", "The body is not valid JSON.") from error


def _check_digest(field: str | None, actual: bytes) -> None:
    if field is None:
        return
    found = [m for part in field.split(",") if (m := _DIGEST.fullmatch(part))]
    if not found:
        return  # another algorithm: RFC 9530 lets a server ignore what it does not know
    try:
        wanted = base64.b64decode(found[0][1], validate=True)
    except binascii.Error as error:
        raise Problem(400, "value", "Content-Digest cannot be read.") from error
    if wanted != actual:
        raise Problem(400, "incomplete", "The body does not match its Content-Digest.")


def _too_large(limit: int) -> Problem:
    return Problem(413, "too-long", f"The body is larger than {limit} bytes.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
