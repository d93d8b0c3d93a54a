"""Whether a window can open here, asked before Qt is loaded, since Qt would abort the process."""

import ctypes
import os
import sys


def has_display() -> bool:
    """Whether the system has a display to open a window on."""
    if sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("QT_QPA_PLATFORM", "").startswith("offscreen"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def window_problem() -> str:
    """Give a sentence about what keeps a window from opening, or an empty string."""
    if not has_display():
        return (
            "there is no display here (DISPLAY is not set). "
            "“lightbox demo --scripted” reads one case without a display."
        )
    if sys.platform.startswith("linux") and os.environ.get("DISPLAY") and not _loads():
        return (
            "the system library libxcb-cursor is missing, so no window can open. "
            "Install it (Debian, Ubuntu: apt-get install libxcb-cursor0)."
        )
    return ""


def _loads() -> bool:
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return bool(os.environ.get("WAYLAND_DISPLAY"))
    return True
