"""The whole read from outside, through names, roles, actions and texts that AT-SPI gives."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
import pytest

from tests.flows.conftest import ROOT
from tests.kit.demo_cases import ct_slice
from viewer.viewport.keymap import load_keymap

pytestmark = [pytest.mark.flow, pytest.mark.xvfb, pytest.mark.timeout(150)]

PYTHON = Path("/usr/bin/python3")
LAUNCHERS = (
    Path("/usr/libexec/at-spi-bus-launcher"),
    Path("/usr/lib/at-spi2-core/at-spi-bus-launcher"),
)
SECONDS = 130
SLICES = 12


def _missing() -> str:
    for program in ("Xvfb", "dbus-run-session"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if not any(launcher.exists() for launcher in LAUNCHERS):
        return "at-spi2-core is not installed"
    asked = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    if (
        not PYTHON.exists()
        or subprocess.run([str(PYTHON), "-c", asked], capture_output=True, check=False).returncode
    ):
        return "python3-gi and gir1.2-atspi-2.0 are not installed"
    return ""


def _write_cases(folder: Path) -> None:
    """Two small CT studies of two invented patients."""
    folder.mkdir()
    for number, name in enumerate(("Müller^Ana", "Berg^Ola"), 1):
        study = f"2.25.{number}001"
        for index in range(1, SLICES + 1):
            data = ct_slice(index, study=study, series=f"{study}.1", side=64)
            image = pydicom.dcmread(io.BytesIO(data))
            image.PatientName, image.PatientID = name, f"P-{number}"
            image.AccessionNumber = f"A-{number}"
            image.save_as(folder / f"{number}-{index}.dcm")


@contextmanager
def _screen() -> Iterator[str]:
    """An X server of our own; gives its display."""
    told, tell = os.pipe()
    command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[tell], stderr=subprocess.DEVNULL)
    os.close(tell)
    try:
        with os.fdopen(told) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


def _drive(folder: Path, display: str, runtime: str) -> tuple[int, str]:
    environment = os.environ | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "XDG_RUNTIME_DIR": runtime,
    }
    environment.pop("WAYLAND_DISPLAY", None)
    launcher = next(path for path in LAUNCHERS if path.exists())
    command = [
        "dbus-run-session",
        "--",
        str(PYTHON),
        str(Path(__file__).parent / "at_spi_driver.py"),
    ]
    command += ["--bus-launcher", str(launcher), "--passphrase", "demo"]
    command += ["--heard", str(folder / "heard.json"), "--"]
    command += [sys.executable, "-m", "workstation", "demo"]
    command += ["--data", str(folder / "data"), "--state", str(folder / "state")]
    with (folder / "told").open("w+") as told:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=told, stderr=told, start_new_session=True
        )
        try:
            process.wait(SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
    return process.returncode, (folder / "told").read_text()


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a screen reader heard from worklist to receipt."""
    if missing := _missing():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("at_spi")
    _write_cases(folder / "data")
    with _screen() as display, tempfile.TemporaryDirectory(prefix="lightbox-") as runtime:
        status, told = _drive(folder, display, runtime)
    assert status == 0, told[-3000:]
    assert "Traceback" not in told
    result: dict[str, Any] = json.loads((folder / "heard.json").read_text())
    return result


def test_a_case_is_chosen_and_opened(heard: dict[str, Any]) -> None:
    assert heard["columns"][:4] == ["Due", "Priority", "Patient", "Study"]
    assert heard["patient"] in {"Müller, Ana", "Berg, Ola"}
    assert heard["opened"].startswith("Series 1 Axial, frame ")


def test_frame_and_window_change_by_menu(heard: dict[str, Any]) -> None:
    assert f"frame {SLICES} of {SLICES}" in heard["last"]
    assert heard["next"] == (
        f"Series 1 Axial, frame 2 of {SLICES}, window centre 40 width 400, axial plane"
    )
    assert "window minimum to maximum" in heard["auto"]
    assert heard["own"] == heard["next"]


def test_every_command_can_be_pressed(heard: dict[str, Any]) -> None:
    titles = {command.title for command in load_keymap(ROOT / "resources" / "keymap.toml")}
    titles |= {"Worklist", "Fetch the worklist", "Sign out", "Preview report", "Sign and send"}
    assert titles - set(heard["pressable"]) == set()


def test_a_length_by_numbers_stands_in_the_report(heard: dict[str, Any]) -> None:
    assert heard["measurement"] == "35.0 mm · Series 1, image 2"  # 30 by 40 pixels of 0.7 mm
    assert "\N{OBJECT REPLACEMENT CHARACTER}" in heard["findings"]
    assert heard["findings"].endswith("Solid nodule in the right upper lobe.")
    assert heard["impression"] == "Growing nodule; follow-up advised."


def test_the_report_is_signed_and_its_receipt_heard(heard: dict[str, Any]) -> None:
    assert heard["receipt"].startswith("DiagnosticReport/")
    assert heard["check"] == "read back and equal to what was signed"
    assert heard["receipt"] in heard["notice"]
    assert heard["outbox"] == "0 to send"
    assert heard["status"] == 0


def test_nobody_hears_the_passphrase(heard: dict[str, Any]) -> None:
    assert len(heard["passphrase"]) == len("demo")
    assert "demo" not in heard["passphrase"]


def test_whatever_can_be_used_has_a_name(heard: dict[str, Any]) -> None:
    assert heard["nameless"] == []
