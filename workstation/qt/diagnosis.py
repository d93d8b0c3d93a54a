"""What this computer's screens and graphics can do, as `lightbox doctor` tells it."""

from PySide6.QtCore import QLibraryInfo, qVersion
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

_GL_RENDERER = 0x1F01
_GL_VERSION = 0x1F02


def look_at_display() -> dict[str, object]:
    """Give Qt's version and platform, the screens, and OpenGL's renderer if there is one."""
    application = QGuiApplication.instance() or QGuiApplication(["lightbox"])
    screens = [
        {
            "name": screen.name(),
            "serial": screen.serialNumber(),
            "width": screen.size().width(),
            "height": screen.size().height(),
            "scale": screen.devicePixelRatio(),
            "depth": screen.depth(),
            "mm_per_pixel": _pitch(screen.physicalSize().width(), screen.size().width()),
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


def _pitch(millimetres: float, pixels: int) -> float | None:
    """Give what the screen says of itself; never trusted for measuring (F53)."""
    return round(millimetres / pixels, 4) if millimetres > 0 and pixels > 0 else None


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
