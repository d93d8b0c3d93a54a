"""The reading workstation: worklist, case store, platform connection, session and main window."""

__version__ = "0.1.0"
