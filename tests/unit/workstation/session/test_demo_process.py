"""The demo platform's process from outside: it says where it serves, or why it does not."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from workstation.errors import UserFacingError
from workstation.session import demo_process
from workstation.session.demo_process import DemoProcess

_READY = {
    "fhir": "https://127.0.0.1:1/fhir",
    "ca": "/x/ca.pem",
    "client_id": "lightbox",
    "user": "dr-ito",
    "pkcs12": "/x/ito.p12",
    "signing_certificate": "/x/ito.pem",
    "trust": "/x/trust.pem",
    "passphrase": "demo",
}


class _Stand:
    """Runs a script of the test in the place of the demo platform."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script = ""
        self.commands: list[Sequence[str]] = []
        self.started: list[subprocess.Popen[bytes]] = []
        popen = subprocess.Popen

        def start(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
            self.commands.append(command)
            ready = command[command.index("--ready-file") + 1]
            made = popen([sys.executable, "-c", self.script, ready], **options)
            self.started.append(made)
            return made

        monkeypatch.setattr(subprocess, "Popen", start)


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Stand]:
    made = _Stand(monkeypatch)
    yield made
    for process in made.started:
        assert process.poll() is not None, "a process was left running"


_SERVES = (
    "import json, pathlib, sys, time\n"
    "ready = pathlib.Path(sys.argv[1])\n"
    f"ready.with_suffix('.part').write_text({json.dumps(json.dumps(_READY))})\n"
    "ready.with_suffix('.part').rename(ready)\n"
    "time.sleep(60)\n"
)


def test_it_tells_what_the_ready_file_says_and_ends_when_asked(
    stand: _Stand, tmp_path: Path
) -> None:
    stand.script = _SERVES
    process = DemoProcess(tmp_path / "new" / "state", Path("/data"), port=7)
    told = process.wait_ready()
    assert told.fhir == "https://127.0.0.1:1/fhir"
    assert told.trust == Path("/x/trust.pem")
    command = list(stand.commands[0])
    assert command[1:3] == ["-m", "workstation.demo"]
    assert command[command.index("--port") + 1] == "7"
    assert command[command.index("--data") + 1] == "/data"
    process.stop()
    process.stop()
    assert stand.started[0].poll() is not None


def test_an_old_ready_file_is_not_believed(stand: _Stand, tmp_path: Path) -> None:
    (tmp_path / "ready.json").write_text(json.dumps(_READY))
    stand.script = "import sys; sys.exit('no port is free')"
    process = DemoProcess(tmp_path, None)
    with pytest.raises(UserFacingError, match="ended at once: no port is free"):
        process.wait_ready()
    process.stop()
    assert "--data" not in stand.commands[0]


def test_words_of_an_earlier_run_are_not_taken_for_this_one(stand: _Stand, tmp_path: Path) -> None:
    (tmp_path / "platform.log").write_text("something of yesterday\n")
    stand.script = "import sys; sys.exit(1)"
    process = DemoProcess(tmp_path, None)
    with pytest.raises(UserFacingError, match="it said nothing"):
        process.wait_ready()
    process.stop()


def test_one_that_never_serves_is_ended(
    stand: _Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_process, "_START_LIMIT_S", 0.1)
    stand.script = "import time; time.sleep(60)"
    waited: list[float] = []
    with pytest.raises(UserFacingError, match="did not start"):
        DemoProcess(tmp_path, None).wait_ready(lambda: waited.append(time.monotonic()))
    assert waited


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"fhir": 3, "ca": 4}'])
def test_a_ready_file_that_says_something_else_is_told(
    stand: _Stand, tmp_path: Path, text: str
) -> None:
    stand.script = (
        f"import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text({text!r}); time.sleep(60)"
    )
    process = DemoProcess(tmp_path, None)
    deadline = time.monotonic() + 5
    while not (tmp_path / "ready.json").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    with pytest.raises(UserFacingError, match="cannot be understood"):
        process.wait_ready()
    process.stop()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("")
    with pytest.raises(UserFacingError, match="cannot be written"):
        DemoProcess(tmp_path / "in-the-way", None)


def test_a_program_that_cannot_be_started_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(UserFacingError, match="cannot be started"):
        DemoProcess(tmp_path, None)
