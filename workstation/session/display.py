"""Whether a window can open here, asked before Qt is loaded, since Qt would abort the process."""

import ctypes
import os
import re
import socket
import sys

_LOCAL = re.compile(r"(?:unix)?:(\d{1,5})(?:\.\d+)?")


def has_display() -> bool:
    """Whether the system has a display to open a window on."""
    if sys.platform in ("win32", "darwin") or _offscreen():
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def window_problem() -> str:
    """Give a sentence about what keeps a window from opening, or an empty string."""
    if not has_display():
        return (
            "there is no display here (DISPLAY is not set). "
            "“lightbox demo --scripted” reads one case without a display."
        )
    display = os.environ.get("DISPLAY", "")
    if not sys.platform.startswith("linux") or _offscreen() or not display:
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):  # Qt may go there instead
        return ""
    if not _loads():
        return (
            "the system library libxcb-cursor is missing, so no window can open. "
            "Install it (Debian, Ubuntu: apt-get install libxcb-cursor0)."
        )
    return "" if _answers(display) else f"the display {display} (DISPLAY) does not answer."


def _offscreen() -> bool:
    return os.environ.get("QT_QPA_PLATFORM", "").startswith("offscreen")


def _loads() -> bool:
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return False
    return True


def _answers(display: str) -> bool:
    """Whether a display of this computer takes connections; of another one it is not asked."""
    local = _LOCAL.fullmatch(display)
    if local is None:
        return True
    place = f"/tmp/.X11-unix/X{local[1]}"  # noqa: S108 - where every X server of a system listens
    return any(_connects(address) for address in (f"\0{place}", place))


def _connects(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(2)
        try:
            trial.connect(address)
        except OSError:
            return False
    return True
