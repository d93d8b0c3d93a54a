"""One certificate authority and clients that close after each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.certificates import Authority, authority
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.transport import Patience

QUICK = Patience(connect=1, read=0.5, total=3, pause=0)


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the clients trust."""
    return authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def client(ca: Authority) -> Iterator[Callable[..., HttpClient]]:
    """Make clients of a base address; keyword arguments go to HttpClient."""
    made: list[HttpClient] = []

    def make(base: str, path: Path | None = None, **more: object) -> HttpClient:
        settings = PlatformSettings(f"{base}/fhir", path or ca.path)
        arguments = {"patience": QUICK, **more}
        made.append(HttpClient(settings, **arguments))  # type: ignore[arg-type]  # by keyword
        return made[-1]

    yield make
    for http in made:
        http.close()
