"""The QApplication: theme, text size, and the hooks that turn a fault into a sentence."""

import sys
import threading
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from viewer.loading.memory import share_freed
from viewer.qt.accessible import install_roles
from workstation.logs import Log
from workstation.paths import resources
from workstation.session.sentences import sentence_for as sentence_for

_ACCENT = "#4aa3df"


def make_application(arguments: list[str], *, text_percent: int = 100) -> QApplication:
    """Build the one QApplication, dark from its first paint; before any thread is started."""
    share_freed()
    app = QApplication(arguments)
    install_roles()
    app.setApplicationName("Lightbox")
    app.setApplicationDisplayName("Lightbox")
    app.setStyle("Fusion")
    app.setPalette(_dark_palette())
    font = app.font()
    font.setPixelSize(round(13 * text_percent / 100))
    app.setFont(font)
    app.setStyleSheet((resources() / "themes" / "dark.qss").read_text(encoding="utf-8"))
    return app


def _dark_palette() -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: "#1e1e1e",
        QPalette.ColorRole.WindowText: "#d8d8d8",
        QPalette.ColorRole.Base: "#141414",
        QPalette.ColorRole.AlternateBase: "#1f1f1f",
        QPalette.ColorRole.Text: "#ececec",
        QPalette.ColorRole.Button: "#3a3a3a",
        QPalette.ColorRole.ButtonText: "#ececec",
        QPalette.ColorRole.ToolTipBase: "#303030",
        QPalette.ColorRole.ToolTipText: "#f0f0f0",
        QPalette.ColorRole.PlaceholderText: "#8a8a8a",
        QPalette.ColorRole.Highlight: "#2f6f9f",
        QPalette.ColorRole.HighlightedText: "#ffffff",
        QPalette.ColorRole.Link: _ACCENT,
        QPalette.ColorRole.Accent: _ACCENT,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#777777"))
    return palette


class FaultHooks:
    """Catches what nobody caught: logged without data, told in one sentence, never a traceback."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """``tell`` must be safe to call from any thread."""
        self._tell = tell
        self._log = Log("faults")

    def install(self) -> None:
        """Set the hooks of Python and of Qt."""
        sys.excepthook = self._from_main
        threading.excepthook = self._from_thread
        sys.unraisablehook = self._unraisable
        qInstallMessageHandler(self._from_qt)

    def remove(self) -> None:
        """Put Python's and Qt's own hooks back."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        qInstallMessageHandler(None)

    def _report(self, error: BaseException) -> None:
        self._log.error("uncaught", error)
        self._tell(sentence_for(error))

    def _from_main(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self._report(error)

    def _from_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            self._report(args.exc_value)

    def _unraisable(self, args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            self._log.error("unraisable", args.exc_value)

    def _from_qt(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            return
        self._log.warning("qt", kind=kind, length=len(text))
