"""What a desktop tells over D-Bus reaches the program; a desktop without a bus is none."""

import os
import shutil
import subprocess
import sys

import pytest

_PROGRAM = """
import subprocess, sys
from PySide6.QtCore import QCoreApplication, QTimer
from workstation.qt.desktop_lock import DesktopLock
app = QCoreApplication([])
lock = DesktopLock()
told = []
lock.left.connect(lambda: told.append(1))
print(lock.listen() > 0, flush=True)
def emit(active):
    subprocess.run(
        ["dbus-send", "--session", "--type=signal", "/org/freedesktop/ScreenSaver",
         "org.freedesktop.ScreenSaver.ActiveChanged", f"boolean:{active}"], check=True)
if "bus" in sys.argv:
    QTimer.singleShot(0, lambda: (emit("false"), emit("true")))
QTimer.singleShot(5000 if "bus" in sys.argv else 0, app.quit)
lock.left.connect(lambda: QTimer.singleShot(100, app.quit))
app.exec()
print(len(told), flush=True)
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="there is no D-Bus here")
def test_r33_a_locked_screen_is_told_once() -> None:
    command = ["dbus-run-session", "--", sys.executable, "-c", _PROGRAM, "bus"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "1"]


def test_no_bus_is_no_fault() -> None:
    environment = os.environ | {
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
        "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere",
    }
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "0"]
    assert done.stderr == ""
