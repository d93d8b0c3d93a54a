"""Whether a window can open, told before Qt would end the process."""

import ctypes
import os
import socket
import sys

import pytest

from workstation.session import display
from workstation.session.display import has_display, window_problem

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is asked about")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())


def _lacks_library(_name: str) -> object:
    raise OSError("no such library")


def test_no_display() -> None:
    assert not has_display()
    assert "--scripted" in window_problem()


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_always_have_one(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert has_display()
    assert window_problem() == ""


def test_offscreen_needs_neither_server_nor_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen:configfile=x")
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.setattr(ctypes, "CDLL", _lacks_library)
    assert has_display()
    assert window_problem() == ""


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "far:0")
    assert window_problem() == ""
    monkeypatch.setattr(ctypes, "CDLL", _lacks_library)
    assert "libxcb-cursor0" in window_problem()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert window_problem() == ""


def test_a_display_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":64711")
    assert window_problem() == "the display :64711 (DISPLAY) does not answer."


def test_a_display_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    number = 20_000 + os.getpid() % 30_000
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen(1)
        monkeypatch.setenv("DISPLAY", f"unix:{number}.0")
        assert window_problem() == ""


def test_wayland_is_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_display()
    assert window_problem() == ""
    assert display._answers("other-host:0")
