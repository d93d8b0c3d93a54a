"""One signed-in connection to the platform, made and ended as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reporting.model.report import Reader
from workstation.errors import UserFacingError
from workstation.platform.auth import Session, sign_in
from workstation.platform.demo_sign_in import answer_as
from workstation.platform.fhir_platform import FhirPlatform
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.tls import pins_of
from workstation.settings import Settings


@dataclass(frozen=True, slots=True)
class Connection:
    """HTTP session, sign-in session and the client made of both."""

    http: HttpClient
    session: Session
    platform: FhirPlatform
    reader: Reader

    def sign_out(self) -> None:
        """Revoke on the platform; the connection is of no use afterwards."""
        try:
            self.session.revoke()
        finally:
            self.http.close()


def connect(
    settings: Settings,
    demo_user: str,
    open_browser: Callable[[str], object],
    stop: Callable[[], bool],
) -> Connection:
    """Sign in and ask who the reader is; blocks until done, cancelled or refused.

    Raises UserFacingError and what ``sign_in`` raises.
    """
    wanted = platform_settings(settings)
    http = HttpClient(wanted)
    try:
        browser = answer_as(demo_user, http) if demo_user else open_browser
        session = sign_in(http, wanted, lambda url: (browser(url), None)[1], stop=stop)
        platform = FhirPlatform(http, wanted, session)
        return Connection(http, session, platform, platform.reader())
    except BaseException:
        http.close()
        raise


def platform_settings(settings: Settings) -> PlatformSettings:
    """Give the platform's part of the settings; raises UserFacingError when it cannot be used."""
    fhir = settings.text("platform.fhir")
    if not fhir.startswith("https://"):
        raise UserFacingError(
            "platform.fhir in the settings must be an address that begins with https://."
        )
    proxy = settings.text("platform.proxy")
    if proxy and not proxy.startswith(("http://", "https://")):
        raise UserFacingError("platform.proxy in the settings must begin with http:// or https://.")
    return PlatformSettings(
        fhir=fhir,
        ca=_existing(settings, "platform.ca", "certificate authority file"),
        client_id=settings.text("platform.client_id"),
        proxy=proxy or None,
        pins=pins_of(settings.text("platform.pins")),
        certificate=_existing(settings, "platform.client_certificate", "client certificate"),
        key=_existing(settings, "platform.client_key", "client certificate's key"),
    )


def _existing(settings: Settings, key: str, name: str) -> Path | None:
    file = settings.file(key)
    if file is not None and not file.is_file():
        raise UserFacingError(f"The {name} {file} does not exist.")
    return file
