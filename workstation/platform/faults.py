"""Faults of the network and of the platform as sentences that a reader understands."""

import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Set
from urllib.parse import urlsplit

import requests

from workstation.errors import (
    BadAnswer,
    PlatformError,
    Refused,
    SignInNeeded,
    Unreachable,
    WrongCertificate,
)
from workstation.platform.tls import WrongPin
from workstation.platform.transport import TooSlow

_BUSY = frozenset({408, 425, 429})
_NEVER = frozenset({501, 505})
"""5xx that say what the platform cannot do at all; the others pass."""
_PASSING = frozenset({"transient", "incomplete", "timeout", "throttled", "lock-error"})
"""Issue codes of FHIR by which a 400 is about this try: a body that was torn or damaged."""
_ASKS_WHO_WE_ARE = frozenset(
    {
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "TLSV1_ALERT_UNKNOWN_CA",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    }
)
"""Alerts by which a server refuses a client for its certificate or the lack of one."""


def host_of(url: str) -> str:
    """Host and port of an address: all of it that may be shown."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the platform"
    return f"{parts.hostname}{port}" if parts.hostname else "the platform"


def connection_fault(error: BaseException, url: str, *, sent: bool) -> PlatformError:
    """Say what kept us from an answer; ``sent``: the request had already left."""
    host = host_of(url)
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, WrongPin):
            return WrongCertificate(
                f"The key of {host} is none of those that the settings name (platform.pins). "
                "Nothing was sent. Ask who runs the platform whether its key has changed."
            )
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message or "not trusted"
            return WrongCertificate(
                f"The certificate of {host} could not be verified ({why}). Nothing was sent. "
                "Check the address and the certificate authority in the settings."
            )
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(
            cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
        ):
            if (cause.reason or "") in _ASKS_WHO_WE_ARE:
                return WrongCertificate(
                    f"{host} did not accept who we are. Nothing was taken. Check the client "
                    "certificate in the settings (platform.client_certificate)."
                )
            if sent:
                return Unreachable(f"The secure connection to {host} was damaged on its way.")
            return WrongCertificate(
                f"{host} does not speak TLS 1.2 or later. Nothing was sent. Check the address."
            )
    if any(isinstance(c, (requests.exceptions.InvalidURL, UnicodeError)) for c in causes):
        return BadAnswer(f"An address at {host} is not well formed.")
    return Unreachable(_unreachable(causes, host))


def _unreachable(causes: list[BaseException], host: str) -> str:
    for cause in causes:
        if isinstance(cause, TooSlow):
            return f"The connection to {host} is too slow ({cause.rate / 1000:.1f} kB/s)."
    if any(isinstance(c, requests.exceptions.ProxyError) for c in causes):
        return f"The proxy did not let us through to {host}."
    if any(isinstance(c, ConnectionRefusedError) for c in causes):
        return f"{host} cannot be reached: it does not answer at this address."
    if any(isinstance(c, socket.gaierror) for c in causes):
        return f"{host} cannot be reached: this name is not known in the network."
    if any(isinstance(c, (TimeoutError, requests.exceptions.Timeout)) for c in causes):
        return f"{host} did not answer in time."
    return f"The connection to {host} broke off."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Everything that requests and urllib3 have wrapped, outermost first."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        this = todo.pop(0)
        if not isinstance(this, BaseException) or id(this) in seen:
            continue
        seen.add(id(this))
        yield this
        todo += [this.__cause__, this.__context__, getattr(this, "reason", None), *this.args]


def refusal(
    status: int, headers: Mapping[str, str], body: bytes, url: str, *, what: str
) -> PlatformError:
    """Turn a status of 300 and above into the error it means; ``what`` we wanted: 'claim it'."""
    host = host_of(url)
    why = outcome_text(headers, body)
    told = f": {why}" if why else "."
    if status == 401:
        return SignInNeeded(f"{host} asks you to sign in again before it will {what}.")
    if _passes(status, headers, body):
        wait = _asked_to_wait(headers)
        return Unreachable(f"{host} could not {what} now ({status}){told}", wait_s=wait)
    if 300 <= status < 400:
        return BadAnswer(f"{host} sent us elsewhere when asked to {what}; we did not follow.")
    return Refused(f"{host} refused to {what} ({status}){told}", status=status)


def _passes(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the same request may go well later."""
    if status == 400:
        return bool(_PASSING & _issue_codes(headers, body))
    return status in _BUSY or (500 <= status < 600 and status not in _NEVER)


def _asked_to_wait(headers: Mapping[str, str]) -> float:
    """Seconds of a Retry-After; dates, which need two clocks to agree, are not followed."""
    text = headers.get("Retry-After", "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0


def outcome_text(headers: Mapping[str, str], body: bytes) -> str:
    """Sentences of a FHIR OperationOutcome or an OAuth error; '' for anything else."""
    found = _outcome(headers, body)
    if isinstance(found.get("error"), str):
        return plain(found.get("error_description") or found["error"])
    return outcome_of(found)


def _outcome(headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    if "json" not in headers.get("Content-Type", "").lower() or len(body) > 1 << 20:
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _issue_codes(headers: Mapping[str, str], body: bytes) -> Set[str]:
    issues = _outcome(headers, body).get("issue")
    found = (
        [i.get("code") for i in issues if isinstance(i, dict)] if isinstance(issues, list) else []
    )
    return {code for code in found if isinstance(code, str)}


def outcome_of(resource: Mapping[str, object]) -> str:
    """The reasons that an OperationOutcome gives, at most three."""
    issues = resource.get("issue")
    told: list[str] = []
    for issue in issues if isinstance(issues, list) else []:
        if isinstance(issue, dict):
            details = issue.get("details")
            text = details.get("text") if isinstance(details, dict) else None
            told.append(plain(text or issue.get("diagnostics") or issue.get("code")))
    return "; ".join([t for t in told if t][:3])


def plain(value: object, limit: int = 300) -> str:
    """Foreign text as one line without control characters or angle brackets."""
    if not isinstance(value, str):
        return ""
    line = re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069<>]+", " ", value).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
