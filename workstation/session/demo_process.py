"""Starts the demo platform as a process of its own and ends it; nothing of it is imported."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from workstation.errors import UserFacingError
from workstation.model.left_out import FolderNotes, LeftOut

_START_LIMIT_S = 60.0
_LEAST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class DemoPlatform:
    """What the demo platform said in its ready file."""

    fhir: str
    ca: Path
    client_id: str
    user: str
    pkcs12: Path
    signing_certificate: Path
    trust: Path
    passphrase: str
    folder: FolderNotes = field(default_factory=FolderNotes)


class DemoProcess:
    """The demo platform's process; ``stop`` ends it and waits."""

    def __init__(self, state: Path, data: Path | None, *, port: int = 0) -> None:
        """Start it; raises UserFacingError when the state folder cannot be written."""
        self._ready = state / "ready.json"
        try:
            state.mkdir(parents=True, exist_ok=True)
            self._ready.unlink(missing_ok=True)
            _try_to_write(state)
            self._log: IO[bytes] = (state / "platform.log").open("ab")
            self._said_before = self._log.tell()
        except OSError as error:
            raise UserFacingError(
                f"The demo's folder {state} cannot be written: {error.strerror}."
            ) from error
        command = [sys.executable, "-m", "workstation.demo"]
        command += ["--port", str(port), "--state", str(state), "--ready-file", str(self._ready)]
        command += ["--parent", str(os.getpid())]
        if data is not None:
            command += ["--data", str(data)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
                command, stdout=self._log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )
        except OSError as error:
            self._log.close()
            raise UserFacingError(
                f"The demo platform cannot be started: {error.strerror}."
            ) from error

    def wait_ready(self, waiting: Callable[[], None] = lambda: None) -> DemoPlatform:
        """Wait until it serves; raises UserFacingError when it ended or takes too long."""
        deadline = time.monotonic() + _START_LIMIT_S
        while not self._ready.exists():
            if self._process.poll() is not None:
                raise UserFacingError(f"The demo platform ended at once: {self._last_words()}")
            if time.monotonic() > deadline:
                self.stop()
                raise UserFacingError("The demo platform did not start within a minute.")
            waiting()
            time.sleep(0.05)
        return _told(self._ready)

    def stop(self) -> None:
        """End the process and wait for it."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    def _last_words(self) -> str:
        self._log.flush()
        with Path(self._log.name).open("rb") as log:
            log.seek(self._said_before)
            lines = log.read().decode("utf-8", "replace").splitlines()
        return lines[-1][:300] if lines else "it said nothing"


def _try_to_write(state: Path) -> None:
    """A full disk lets files be made and refuses their content: the platform could not say so."""
    trial = state / "trial"
    try:
        with trial.open("wb") as out:
            out.write(bytes(_LEAST_BYTES))
            out.flush()
            os.fsync(out.fileno())
    finally:
        trial.unlink(missing_ok=True)


def _told(ready: Path) -> DemoPlatform:
    try:
        told = json.loads(ready.read_text(encoding="utf-8"))
        return DemoPlatform(
            fhir=told["fhir"],
            ca=Path(told["ca"]),
            client_id=told["client_id"],
            user=told["user"],
            pkcs12=Path(told["pkcs12"]),
            signing_certificate=Path(told["signing_certificate"]),
            trust=Path(told["trust"]),
            passphrase=told["passphrase"],
            folder=_folder(told),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UserFacingError(
            f"What the demo platform says in {ready} cannot be understood."
        ) from error


def _folder(told: dict[str, Any]) -> FolderNotes:
    left_out = [LeftOut(str(f["name"]), str(f["reason"])) for f in told.get("left_out", ())]
    names = {str(sop): str(name) for sop, name in told.get("names", {}).items()}
    return FolderNotes(tuple(left_out), names)
