"""The screens of this computer by what they are known again by; no QScreen is ever kept."""

from PySide6.QtGui import QGuiApplication, QScreen

from viewer.calibration.screen_identity import ScreenIdentity, screen_keys


def screens_by_key() -> dict[str, QScreen]:
    """Every attached screen, the primary one first."""
    screens = QGuiApplication.screens()
    keys = screen_keys([_identity(screen) for screen in screens])
    return dict(zip(keys, screens, strict=True))


def key_of(screen: QScreen) -> str:
    """What a screen is known again by."""
    found = (key for key, other in screens_by_key().items() if is_same(other, screen))
    return next(found, _identity(screen).key)


def is_same(screen: QScreen, other: QScreen) -> bool:
    """Whether both are one; names alone do not tell, and no QScreen lasts."""
    return (screen.name(), screen.geometry()) == (other.name(), other.geometry())


def is_beside(screen: QScreen, other: QScreen) -> bool:
    """Whether windows can reach from one to the other: both are of one desktop."""
    return any(is_same(other, sibling) for sibling in screen.virtualSiblings())


def _identity(screen: QScreen) -> ScreenIdentity:
    size = screen.geometry().size() * screen.devicePixelRatio()
    return ScreenIdentity(
        screen.manufacturer(),
        screen.model(),
        screen.serialNumber(),
        screen.name(),
        size.width(),
        size.height(),
    )
