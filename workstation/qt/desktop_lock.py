"""Hears from a Linux desktop that its screen is locked, or that the computer sleeps (R33)."""

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection

from workstation.logs import Log

_SAVERS = (
    ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
)
_LOGIN = "org.freedesktop.login1"
_STATE, _LOCK = SLOT("hear_state(bool)"), SLOT("hear_lock()")


class DesktopLock(QObject):
    """``left`` is told when nobody can see the screen; where there is no bus, never."""

    left = Signal()

    def listen(self) -> int:
        """Hear what the desktop tells; gives from how many places it may come."""
        heard = 0
        session = QDBusConnection.sessionBus()
        for path, interface in _SAVERS:
            heard += self._connected(session, ("", path, interface, "ActiveChanged"), _STATE)
        system = QDBusConnection.systemBus()
        manager = (_LOGIN, "/org/freedesktop/login1", f"{_LOGIN}.Manager", "PrepareForSleep")
        heard += self._connected(system, manager, _STATE)
        heard += self._connected(system, (_LOGIN, "", f"{_LOGIN}.Session", "Lock"), _LOCK)
        Log("desktop").info("listening", places=heard)
        return heard

    def _connected(
        self, bus: QDBusConnection, signal: tuple[str, str, str, str], slot: object
    ) -> bool:
        # WORKAROUND: the stub says bytes, PySide 6.11 takes only what its SLOT gives
        return bus.isConnected() and bus.connect(*signal, self, slot)  # type: ignore[call-overload]

    @Slot(bool)
    def hear_state(self, begins: bool) -> None:
        """The screen is locked, or sleep begins; their ends tell nothing."""
        if begins:
            self.left.emit()

    @Slot()
    def hear_lock(self) -> None:
        """The session is to be locked."""
        self.left.emit()
