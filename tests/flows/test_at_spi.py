"""The whole read in the real window, driven from outside from sign-in to receipt, then again.

The platform and the program are processes of their own; names, roles, actions and texts are those
that AT-SPI gives, keys and pointer are events of the X server, the browser is a plain client. After
a restart of both the report is there, and what others fetch of it is judged by others.
"""

import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pydicom
import pytest

from tests.flows.conftest import ROOT
from tests.kit.demo_cases import ct_slice
from tests.kit.demo_platform import DemoProcess, start_demo
from tests.kit.judges import (
    check_provenance,
    dciodvfy_complaints,
    dsrdump_words,
    openssl_complaints,
    pdfsig_complaints,
)
from tests.kit.sent_report import SentReport, fetch_back
from viewer.viewport.keymap import load_keymap
from workstation.settings import defaults, save

pytestmark = [pytest.mark.flow, pytest.mark.xvfb, pytest.mark.timeout(280)]

PYTHON = Path("/usr/bin/python3")
LAUNCHERS = (
    Path("/usr/libexec/at-spi-bus-launcher"),
    Path("/usr/lib/at-spi2-core/at-spi-bus-launcher"),
)
SECONDS = 130
SLICES = 12


@dataclass(frozen=True)
class Work:
    """Where it all happens: the platform's process, and a folder for everything that is kept."""

    folder: Path
    demo: DemoProcess

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"


@dataclass(frozen=True)
class Told:
    """What was heard before and after the restart, and the report that others then fetched."""

    read: dict[str, Any]
    again: dict[str, Any]
    sent: SentReport
    root: Path
    written: dict[str, bytes]
    """What the program left on the disk."""


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
    command += ["-noreset"]  # or it throws out who comes just when the last one leaves
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


def _drive(work: Work, display: str, runtime: str, steps: str) -> dict[str, Any]:
    """Run the program once, driven from outside; gives what was heard."""
    launcher = next(path for path in LAUNCHERS if path.exists())
    heard = work.folder / f"{steps}.json"
    driver = Path(__file__).parent / "at_spi_driver.py"
    command = ["dbus-run-session", "--", str(PYTHON), str(driver), steps]
    command += ["--bus-launcher", str(launcher), "--heard", str(heard)]
    command += ["--passphrase", work.demo.ready["passphrase"], "--"]
    command += [sys.executable, "-m", "workstation", "--settings", str(work.settings)]
    with (work.folder / "told").open("w+") as told:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(work, display, runtime),
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
        try:
            process.wait(SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
    told_words = (work.folder / "told").read_text()
    assert process.returncode == 0, told_words[-3000:]
    assert "Traceback" not in told_words
    result: dict[str, Any] = json.loads(heard.read_text())
    return result


def _environment(work: "Work", display: str, runtime: str) -> dict[str, str]:
    ready = work.demo.ready
    browser = shlex.join([sys.executable, "-m", "tests.kit.browser", work.demo.ca, ready["user"]])
    environment = os.environ | {
        "BROWSER": f"{browser} %s &",
        "DISPLAY": display,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",  # this desktop keeps no secret
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "XDG_DATA_HOME": str(work.folder / "home"),
        "XDG_RUNTIME_DIR": runtime,
    }
    environment.pop("WAYLAND_DISPLAY", None)
    return environment


def _settings(work: "Work") -> None:
    ready = work.demo.ready
    chosen = defaults().having(
        {
            "platform.fhir": ready["fhir"],
            "platform.ca": work.demo.ca,
            "platform.client_id": ready["client_id"],
            "platform.poll_seconds": 3,
            "signing.pkcs12": ready["pkcs12"],
            "signing.certificate": ready["signing_certificate"],
            "signing.trust": ready["trust"],
        }
    )
    save(chosen, work.settings)


def _restarted(work: "Work") -> "Work":
    """End the platform and start it again where it was, on what it kept."""
    work.demo.stop()
    port = urlsplit(work.demo.ready["fhir"]).port
    return replace(work, demo=start_demo(work.folder, "--unseeded", "--port", str(port)))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Sign in, read, sign, send; restart program and platform; look, and fetch the report back."""
    if missing := _missing():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("at_spi")
    _write_cases(folder / "data")
    work = Work(folder, start_demo(folder, "--data", str(folder / "data")))
    try:
        _settings(work)
        with _screen() as display, tempfile.TemporaryDirectory(prefix="lightbox-") as runtime:
            read = _drive(work, display, runtime, "read")
            work = _restarted(work)
            again = _drive(work, display, runtime, "again")
        sent = fetch_back(work.demo, read["receipt"])
        written = _written(folder / "home")
        return Told(read, again, sent, folder / "state" / "identity" / "ca.pem", written)
    finally:
        work.demo.stop()


@pytest.fixture(scope="module")
def heard(told: Told) -> dict[str, Any]:
    """What was heard from the sign-in page to the receipt."""
    return told.read


@pytest.fixture(scope="module")
def sent(told: Told) -> SentReport:
    """The report as the restarted platform gives it to others."""
    return told.sent


def _written(home: Path) -> dict[str, bytes]:
    """Every file that the program left."""
    return {str(f.relative_to(home)): f.read_bytes() for f in home.rglob("*") if f.is_file()}


@pytest.mark.parametrize(
    "words", ["Müller", "MÜLLER", "Solid nodule", "Growing nodule", "words that only tests know"]
)
@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le", "latin-1"])
def test_r1_r4_no_patient_no_text_no_passphrase_lies_in_clear(
    told: Told, words: str, coding: str
) -> None:
    assert any(name.endswith("lightbox.db") for name in told.written)
    assert sum("images" in name for name in told.written) >= 1
    assert [name for name, data in told.written.items() if words.encode(coding) in data] == []


def test_r24_no_name_on_disk_tells_anything(told: Told) -> None:
    known = {"keys.json", "keys.copy.json", "tries.json", "lightbox.db", "lightbox.log"}
    known |= {"preferences.json", "settings.toml"}
    names = {Path(name).name for name in told.written} - known
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names), names


def test_r1_no_record_is_dicom(told: Told) -> None:
    assert [name for name, data in told.written.items() if data[128:132] == b"DICM"] == []


def test_the_sign_in_page_comes_first(heard: dict[str, Any]) -> None:
    assert heard["worklist before"] is False


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
    titles = {title for title in titles if not title.startswith("Window: preset")}
    titles |= {"Window: Soft tissue", "Window: Bone", "Window: Lung"}
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


def test_keys_and_pointer_work_in_the_real_window(heard: dict[str, Any]) -> None:
    assert f"frame 2 of {SLICES}" in heard["keys"]
    assert "centre 400 width 2000" in heard["keys"]
    assert re.fullmatch(r"\d+\.\d mm · Series 1, image 2", heard["drawn"])


def test_the_images_get_seven_tenths_of_the_window(heard: dict[str, Any]) -> None:
    width, height = heard["image"]
    assert width * height >= 0.7 * 1920 * 1080


def test_after_a_restart_the_window_has_the_report_under_sent(told: Told) -> None:
    again = told.again
    assert again["worklist before"] is False  # signed out again
    assert len(again["open"]) == len(again["sent"]) == 1
    assert again["sent"][0].startswith(told.read["patient"])
    assert again["state"] == "Sent"
    assert again["outbox"] == "0 to send"
    assert again["status"] == 0
    assert again["nameless"] == []


def test_the_platform_holds_what_the_window_showed(heard: dict[str, Any], sent: SentReport) -> None:
    assert sent.report["status"] == "final"
    assert sent.report["conclusion"] == heard["impression"]
    assert sent.differing == ()
    assert heard["sha256"] in {sha256(sent.signed).hexdigest(), sha256(sent.pdf).hexdigest()}


def test_pdfsig_accepts_the_pdf(sent: SentReport, tmp_path: Path) -> None:
    assert pdfsig_complaints(sent.pdf, tmp_path) == []


def test_openssl_accepts_the_pdf(told: Told, tmp_path: Path) -> None:
    assert openssl_complaints(told.sent.pdf, told.root, tmp_path) == ""


def test_another_jws_library_accepts_the_provenance(sent: SentReport) -> None:
    check_provenance(sent)


def test_dciodvfy_accepts_the_structured_reports(sent: SentReport, tmp_path: Path) -> None:
    assert len(sent.structured) == 2
    assert [dciodvfy_complaints(data, tmp_path) for data in sent.structured] == [[], []]


def test_dsrdump_reads_the_structured_reports(
    heard: dict[str, Any], sent: SentReport, tmp_path: Path
) -> None:
    report, measurements = (dsrdump_words(data, tmp_path) for data in sent.structured)
    assert heard["impression"][:20] in report
    assert '"35' in measurements


def test_nobody_hears_the_passphrase(heard: dict[str, Any]) -> None:
    assert len(heard["passphrase"]) == len("demo")
    assert "demo" not in heard["passphrase"]


def test_whatever_can_be_used_has_a_name(heard: dict[str, Any]) -> None:
    assert heard["nameless"] == []
