"""What every desk of a reading area offers, so that one more of them costs its line in a list."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from viewer.hanging.images import CaseImages


class Desk(QObject):
    """One group of commands and what they act on; a desk overrides what it has a use for."""

    notice = Signal(str)
    """A sentence for the reader."""
    informed = Signal(str)
    """What the reader has just set, in words; of no use for long."""
    changed = Signal()
    """The overlays must be drawn again and the actions asked for their state."""

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {}

    def know(self, _images: CaseImages | None, /) -> None:
        """Take what is here of the case; None ends everything of it."""

    def attach(self, _actions: Mapping[str, QAction], /) -> None:
        """Take the actions once they are made."""

    def show_on(self, _actions: Mapping[str, QAction], /) -> None:
        """Check what is on, disable what cannot be, with the reason."""

    def stop(self) -> None:
        """Let everything stand: the case is about to be closed."""

    def close_desk(self) -> None:
        """Nothing is shown any more."""


class DeskGroup(Desk):
    """Several desks as one, in the order in which they were taken."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin with none."""
        super().__init__(parent)
        self._members: list[Desk] = []

    def take(self, *desks: Desk) -> None:
        """Hand on what these desks say."""
        for desk in desks:
            self._members.append(desk)
            desk.notice.connect(self.notice)
            desk.informed.connect(self.informed)
            desk.changed.connect(self.changed)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command of all desks does; ValueError where two desks want the same one."""
        acts: dict[str, Callable[[], None]] = {}
        for desk in self._members:
            own = desk.acts()
            if twice := acts.keys() & own.keys():
                raise ValueError(f"two desks for {sorted(twice)}")
            acts |= own
        return acts

    def know(self, images: CaseImages | None, /) -> None:
        """Tell every desk what is here of the case."""
        for desk in self._members:
            desk.know(images)

    def attach(self, actions: Mapping[str, QAction], /) -> None:
        """Hand the actions to every desk."""
        for desk in self._members:
            desk.attach(actions)

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Let every desk show what is on."""
        for desk in self._members:
            desk.show_on(actions)

    def stop(self) -> None:
        """Let everything stand."""
        for desk in self._members:
            desk.stop()

    def close_desk(self) -> None:
        """Close every desk."""
        for desk in self._members:
            desk.close_desk()
