"""Whom we speak to: authorities, pinned keys, and how we show who we are (R32)."""

import base64
import binascii
import hashlib
import hmac
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workstation.errors import WrongCertificate


@dataclass(frozen=True, slots=True)
class Trust:
    """Which servers are trusted, and the certificate that we present to them."""

    ca: Path | None = None
    """Certificate authority file (PEM); None: those of this computer."""
    pins: frozenset[bytes] = frozenset()
    """SHA-256 of the public keys that a server may have (RFC 7469 §2.4); empty: any."""
    certificate: Path | None = None
    """Our own certificate (PEM), where the platform asks for one; with its chain."""
    key: Path | None = None
    """Its private key (PEM); None: it stands in the certificate's file."""


class WrongPin(ssl.SSLError):
    """The server's certificate is valid and its key is none of those pinned."""


class _Peer(Protocol):
    def getpeercert(self, binary_form: bool = ...) -> object: ...


def pins_of(text: str) -> frozenset[bytes]:
    """Read pins as ``sha256/<base64>`` or base64 alone, parted by spaces or commas.

    Raises WrongCertificate for what is none, and for a single one: on the day on which the
    platform changes its key, nobody could send a report any more.
    """
    words = text.replace(",", " ").split()
    pins = frozenset(_pin(word) for word in words)
    if len(pins) == 1:
        raise WrongCertificate(
            "platform.pins needs a second key as well, the one that the platform will use next; "
            "nothing was sent."
        )
    return pins


def _pin(word: str) -> bytes:
    try:
        pin = base64.b64decode(word.removeprefix("sha256/"), validate=True)
    except (binascii.Error, ValueError):
        pin = b""
    if len(pin) != hashlib.sha256().digest_size:
        raise WrongCertificate(
            f"platform.pins: {word[:60]} is not the base64 of a SHA-256; nothing was sent."
        )
    return pin


def tls_context(trust: Trust) -> ssl.SSLContext:
    """Trust only the CA file given, else the system's (or certifi's); TLS 1.2 or later.

    Raises WrongCertificate when a file cannot be used.
    """
    if trust.ca is None:
        context = ssl.create_default_context()
        if not _system_has_authorities():
            context.load_verify_locations(certifi.where())
    else:
        try:
            context = ssl.create_default_context(cafile=str(trust.ca))
        except (OSError, ssl.SSLError) as error:
            raise WrongCertificate(
                f"The certificate authority file {trust.ca} cannot be read; nothing was sent."
            ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # the default from Python 3.13 on; one platform is not trusted by one Python and refused by
    # another (RFC 5280: key identifiers, key usage of authorities)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    if trust.certificate is not None:
        _present(context, trust.certificate, trust.key)
    return context


def check_pin(sock: _Peer, pins: frozenset[bytes]) -> None:
    """Raise WrongPin unless the server's own key is one of ``pins``; none means no check."""
    if not pins:
        return
    shown = sock.getpeercert(binary_form=True)
    pin = spki_pin(shown) if isinstance(shown, bytes) else b""
    if not any(hmac.compare_digest(pin, known) for known in pins):
        raise WrongPin("the server's key is not pinned")


def spki_pin(certificate: bytes) -> bytes:
    """SHA-256 of a DER certificate's SubjectPublicKeyInfo (RFC 7469 §2.4)."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    return hashlib.sha256(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).digest()


def _present(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    try:
        # A key with a passphrase would make OpenSSL ask for it on a terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise WrongCertificate(
            f"The client certificate {certificate} cannot be used with its key: a PEM file with "
            "the matching key, without a passphrase, is needed; nothing was sent."
        ) from error


def _system_has_authorities() -> bool:
    places = ssl.get_default_verify_paths()
    return bool(places.cafile or places.capath)
