"""What this computer's screens and graphics can do, as `lightbox doctor` tells it."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QLibraryInfo, QTimer, qVersion
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QScreen
from PySide6.QtWidgets import QApplication

from viewer.calibration.verdict import ScreenVerdict
from viewer.qt.self_test import SelfTest

_GL_RENDERER = 0x1F01
_GL_VERSION = 0x1F02
_MOST_MS = 120_000
"""The first test after an installation waits for the compiler."""
T = TypeVar("T")


class _AtOnce:
    """Runs work where it is asked for: here nothing else waits."""

    def run(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - handed on, as every executor does
            failed(error)
            return
        done(result)


def look_at_display() -> dict[str, object]:
    """Give Qt's version and platform, the screens, and OpenGL's renderer if there is one."""
    application = QGuiApplication.instance() or QApplication(["lightbox"])
    screens: list[dict[str, object]] = [
        {
            "name": screen.name(),
            "serial": screen.serialNumber(),
            "width": screen.size().width(),
            "height": screen.size().height(),
            "scale": screen.devicePixelRatio(),
            "depth": screen.depth(),
            "mm_per_pixel": _pitch(screen.physicalSize().width(), screen.size().width()),
            "self_test": _told(_tested(screen)),
        }
        for screen in QGuiApplication.screens()
    ]
    found: dict[str, object] = {
        "qt": qVersion(),
        "platform": QGuiApplication.platformName(),
        "debug": QLibraryInfo.isDebugBuild(),
        "screens": screens,
        "gl": _gl(),
    }
    del application
    return found


def failed_screens(display: Mapping[str, object]) -> list[str]:
    """A sentence for each screen on which a test picture came out wrong."""
    screens = display.get("screens")
    found = []
    for screen in screens if isinstance(screens, list) else []:
        test = screen["self_test"]
        if test["reasons"]:
            name = screen["name"] or "without a name"
            found.append(f"Screen {name} is NOT DIAGNOSTIC: {' '.join(test['reasons'])}")
    return found


def _pitch(millimetres: float, pixels: int) -> float | None:
    """Give what the screen says of itself; never trusted for measuring (F53)."""
    return round(millimetres / pixels, 4) if millimetres > 0 and pixels > 0 else None


def _tested(screen: QScreen) -> ScreenVerdict:
    """Draw the test pictures for a screen and read them back; nothing is to be seen of it (F64)."""
    found: list[ScreenVerdict] = []
    loop, test = QEventLoop(), SelfTest(_AtOnce())
    test.finished.connect(found.append)
    test.finished.connect(loop.quit)
    QTimer.singleShot(_MOST_MS, loop, loop.quit)
    test.start(screen)
    loop.exec()
    test.close()
    return found[0] if found else ScreenVerdict(screen.name(), ("It did not come to an end.",))


def _told(verdict: ScreenVerdict) -> dict[str, object]:
    return {
        "verdict": "passed, not calibrated" if verdict.passed else "NOT DIAGNOSTIC",
        "reasons": list(verdict.reasons),
        "pictures": verdict.pictures,
        "bits": verdict.bits,
        "seconds": round(verdict.seconds, 2),
    }


def _gl() -> dict[str, str] | None:
    context = QOpenGLContext()
    if not context.create():
        return None
    surface = QOffscreenSurface()
    surface.create()
    if not surface.isValid() or not context.makeCurrent(surface):
        return None
    functions = context.functions()
    told = {
        "renderer": str(functions.glGetString(_GL_RENDERER)),
        "version": str(functions.glGetString(_GL_VERSION)),
    }
    context.doneCurrent()
    return told
