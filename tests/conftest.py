"""What holds for every test: no network beyond this machine, no leaked threads, offscreen Qt."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

_REAL_CONNECT = socket.socket.connect


def _local_connect(self: socket.socket, address: object) -> None:
    if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "localhost", "::1"}:
        raise AssertionError("a test tried to reach beyond this machine")
    _REAL_CONNECT(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _local_connect)


@pytest.fixture(autouse=True)
def _no_leaked_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 2
    while (left := _started_since(before)) and time.monotonic() < deadline:
        time.sleep(0.01)
    if left:
        pytest.fail(f"{request.node.nodeid} left threads running: {[t.name for t in left]}")


def _started_since(before: set[threading.Thread]) -> list[threading.Thread]:
    return [
        t
        for t in threading.enumerate()
        if t not in before and t.is_alive() and not t.name.startswith("Dummy")
    ]


@pytest.fixture(scope="session")
def shared_dicom() -> Path:
    """The folder of real DICOM files beside the project; tests that need it skip without it."""
    folder = Path(
        os.environ.get("LIGHTBOX_TEST_DICOM", Path(__file__).parents[2] / "shared/data/dicom")
    )
    if not folder.is_dir():
        pytest.skip("the folder of real DICOM files is not on this machine")
    return folder
