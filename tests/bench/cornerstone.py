"""cornerstone3D's CPU mode in a headless browser, as a peer: the same frames at the same size.

The page lies built in ``build/cornerstone`` (``make bench-peer``; another folder: ``BENCH_PEER``).
"""

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench.table import say

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 90.0
"""Seconds that the browser may take for everything."""
_PAGE = Path(__file__).parent / "cornerstone_page" / "page.html"


class _Server(ThreadingHTTPServer):
    """Gives the page what it shows and takes what it measured."""

    def __init__(self, files: dict[str, tuple[str, bytes]]) -> None:
        """Listen on this machine alone."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.told: dict[str, Any] = {}
        self.heard = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Give a file, or say that there is none."""
        kind, body = self.server.files.get(self.path, ("", b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Take what was measured."""
        self.server.told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        self.server.heard.set()

    def log_message(self, *_words: object) -> None:
        """Say nothing of single requests."""


def missing() -> str:
    """Why the peer cannot be measured here; empty where it can."""
    if _browser() is None:
        return "no Chromium is installed"
    if not _bundle().is_file():
        return f"{_bundle()} is not there (make bench-peer)"
    return ""


def measure(frames: Sequence[NDArray[np.uint16]], side: int, window: tuple[float, float],
            intercept: float) -> dict[str, Any]:  # fmt: skip
    """Scroll through the frames, then move the window; lists of ms, empty where it cannot be run.

    ``window`` is centre and width in modality values, ``side`` the pane's in device pixels.
    """
    why = missing()
    if why:
        say(f"cornerstone3D is left out: {why}.")
        return {}
    rows, columns = frames[0].shape
    settings = {"rows": rows, "columns": columns, "side": side, "steps": len(frames) - 1,
                "centre": window[0], "width": window[1], "intercept": intercept}  # fmt: skip
    files = {
        "/": ("text/html", _PAGE.read_bytes()),
        "/page.js": ("text/javascript", _bundle().read_bytes()),
        "/settings": ("application/json", json.dumps(settings).encode()),
    } | {f"/frame/{n}": ("application/octet-stream", f.tobytes()) for n, f in enumerate(frames)}
    told = _ran(files, side)
    if "error" in told or not told:
        say(f"cornerstone3D is left out: {told.get('error', 'the browser said nothing')}")
        return {}
    return told


def _ran(files: dict[str, tuple[str, bytes]], side: int) -> dict[str, Any]:
    server = _Server(files)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            str(_browser()), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--hide-scrollbars", f"--user-data-dir={profile}", "--force-device-scale-factor=1",
            f"--window-size={side + 50},{side + 200}",
            f"http://127.0.0.1:{server.server_address[1]}/",
        ]  # fmt: skip
        quiet = subprocess.DEVNULL
        browser = subprocess.Popen(command, stdout=quiet, stderr=quiet)
        server.heard.wait(_PATIENCE)
        browser.terminate()
        browser.wait()
    server.shutdown()
    serving.join()
    server.server_close()
    return server.told


def _browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def _bundle() -> Path:
    return Path(os.environ.get("BENCH_PEER", "build/cornerstone")) / "built" / "page.js"
