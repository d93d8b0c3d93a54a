"""The reading workstation: worklist, case store, platform connection, session and main window."""
