"""What a reader has chosen and wants to find again: a seam, since the viewer keeps nothing."""

from typing import Protocol


class Preferences(Protocol):
    """Short texts by name, kept over restarts."""

    def read(self, name: str) -> str:
        """The text that was kept; empty where there is none."""
        ...

    def keep(self, name: str, text: str) -> None:
        """Keep a text in place of the one before."""
        ...


class Forgetful:
    """Preferences that last as long as the program."""

    def __init__(self) -> None:
        """Begin with none."""
        self._texts: dict[str, str] = {}

    def read(self, name: str) -> str:
        """The text that was kept; empty where there is none."""
        return self._texts.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Keep a text in place of the one before."""
        self._texts[name] = text
