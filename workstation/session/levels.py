"""How urgent a line at the bottom of the window is."""

from enum import StrEnum


class Level(StrEnum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
